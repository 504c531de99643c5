"""The places where an organisation works."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Organisation, Site, validate_ods_code
from audit.services import record


class SiteRefusedError(ValueError):
    """The site cannot be as asked; ``field`` names the field, the text says why."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@transaction.atomic
def save_site(
    organisation: Organisation,
    *,
    name: str,
    type: str,
    by: Any,
    at: datetime,
    ods_code: str = "",
    cqc_id: str = "",
    opened_on: date | None = None,
    closed_on: date | None = None,
    site: Site | None = None,
) -> Site:
    """Add a site, or change one. Nothing different does nothing.

    Raises:
        SiteRefusedError: the name is taken, the code malformed, or it closes before it opens.
    """
    ods_code = ods_code.strip().upper()
    values = {
        "name": " ".join(name.split()),
        "type": type,
        "ods_code": ods_code,
        "cqc_id": cqc_id.strip(),
        "opened_on": opened_on,
        "closed_on": closed_on,
    }
    others = Site.objects.select_for_update().filter(organisation=organisation, name__iexact=values["name"])
    if (others.exclude(pk=site.pk) if site else others).exists():
        raise SiteRefusedError("name", f"There is already a site called {values['name']}.")
    _require_code(ods_code)
    if opened_on and closed_on and closed_on < opened_on:
        raise SiteRefusedError("closed_on", "The last day must not be before the first.")
    if site is not None and all(getattr(site, field) == value for field, value in values.items()):
        return site
    is_new = site is None
    site = site or Site(organisation=organisation)
    for field, value in values.items():
        setattr(site, field, value)
    site.save()
    event = "accounts.site_added" if is_new else "accounts.site_changed"
    record(event, organisation=organisation, by=by, target=site, summary={"site": f"site:{site.pk}"}, at=at)
    return site


def _require_code(ods_code: str) -> None:
    if not ods_code:
        return
    try:
        validate_ods_code(ods_code)
    except ValidationError as error:
        raise SiteRefusedError("ods_code", error.messages[0]) from error
