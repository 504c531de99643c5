"""A place in the CMS for the courses that an organisation writes for itself."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.models import Organisation
from accounts.services import editors_group
from audit.services import record
from content.editors import give_files, give_place
from courses.models import CourseIndexPage, OwnCoursesPage


class NoPlaceError(RuntimeError):
    """There is nowhere to put an organisation's courses yet: the content that ships was not loaded."""


@transaction.atomic
def open_place(organisation: Organisation, *, by: Any, at: datetime) -> OwnCoursesPage:
    """Make the place of an organisation's own courses, which only its editors see. A second call returns it.

    Raises:
        NoPlaceError: the courses that ship were not loaded.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    known = OwnCoursesPage.objects.filter(organisation=organisation).first()
    if known is not None:
        return known
    index = CourseIndexPage.objects.first()
    if index is None:
        raise NoPlaceError("The courses that ship were not loaded yet. Ask whoever runs Tenfold to load them.")
    page: OwnCoursesPage = index.add_child(
        instance=OwnCoursesPage(organisation=organisation, title=organisation.name, slug=organisation.ods_code.lower())
    )
    editors = editors_group(organisation)
    give_place(editors, page)
    give_files(editors, name=organisation.name)
    record("courses.place_opened", organisation=organisation, by=by, target=page, at=at)
    return page
