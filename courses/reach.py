"""What somebody in the CMS may name at all, asked before Wagtail's own views (docs/adr/0044).

Wagtail looks a thing up and then asks whether its user may change it, so that what others write can be told from what is not
there, and some of its views name what they refuse. Here a number out of reach is the number of nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextvars import ContextVar
from functools import wraps
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from taggit.models import TaggedItem
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Page, Site, Task, TaskState, UploadedFile
from wagtail.permissions import policy_registry

from content.models import SecondReaderTask
from courses.models import OwnCoursesPage

Parts = Mapping[str, Any]
Reach = Callable[[HttpRequest, Parts], QuerySet[Any]]
View = Callable[..., HttpResponse]
_ON_FILES = ["add", "change", "delete", "choose"]
_TAGS_SHOWN = 10


def pages_within_reach(request: HttpRequest, found: Any = None) -> Any:
    """The pages, or those of them that were found, without what other organisations write for themselves."""
    pages = Page.objects.all() if found is None else found
    for place in OwnCoursesPage.objects.exclude(organisation=request.access.organisation):  # type: ignore[attr-defined]
        pages = pages.not_descendant_of(place, inclusive=True)
    return pages


def files_within_reach(request: HttpRequest, kind: type[Model]) -> QuerySet[Any]:
    """The pictures, or the files, that somebody may use."""
    policy = policy_registry.get_by_type(kind)
    found: QuerySet[Any] = policy.instances_user_has_any_permission_for(request.user, _ON_FILES)
    return found


def _pages(request: HttpRequest, _parts: Parts) -> QuerySet[Any]:
    pages: QuerySet[Any] = pages_within_reach(request)
    return pages


def _pictures(request: HttpRequest, _parts: Parts) -> QuerySet[Any]:
    return files_within_reach(request, Image)


def _files(request: HttpRequest, _parts: Parts) -> QuerySet[Any]:
    return files_within_reach(request, Document)


def _steps_of_the_page(_request: HttpRequest, parts: Parts) -> QuerySet[Any]:
    return TaskState.objects.filter(workflow_state__object_id=str(parts["page_id"]))


def _own_steps(request: HttpRequest, _parts: Parts) -> QuerySet[Any]:
    read = SecondReaderTask.objects.filter(groups__user=request.user)
    return Task.objects.filter(pk__in=read.values("pk"))


def _own_uploads(request: HttpRequest, _parts: Parts) -> QuerySet[Any]:
    return UploadedFile.objects.filter(uploaded_by_user=request.user)


def _sites(_request: HttpRequest, _parts: Parts) -> QuerySet[Any]:
    return Site.objects.all()


def _of_the_model(request: HttpRequest, parts: Parts) -> QuerySet[Any]:
    try:
        model = apps.get_model(parts["app_label"], parts["model_name"])
    except LookupError as error:
        raise Http404 from error
    if issubclass(model, Page):
        return _pages(request, parts)
    return files_within_reach(request, model) if model in (Image, Document) else model._default_manager.none()


_PARTS: dict[str, Reach] = {
    **dict.fromkeys(("page_id", "parent_page_id", "page_to_move_id", "destination_id"), _pages),
    "image_id": _pictures,
    **dict.fromkeys(("document_id", "doc_id"), _files),
    "task_state_id": _steps_of_the_page,
    "task_id": _own_steps,
    "uploaded_file_id": _own_uploads,
    "object_id": _of_the_model,
}
_PK: dict[str, Reach] = {
    "wagtailadmin_api:pages": _pages,
    "wagtailadmin_pages": _pages,
    "wagtailimages_chooser": _pictures,
    "wagtaildocs_chooser": _files,
    "wagtailsettings": _sites,
}
"""What ``pk`` is the number of, by the namespace of the address."""
_ASKED = ("parent_page", "new_parent_page", "chooser", "target_pages[]")
"""The names by which a page is asked for, or sent, whatever the address."""
_IDS: dict[str, Reach] = {
    "wagtail_bulk_action": _of_the_model,
    "wagtailadmin_choose_page_chosen_multiple": _pages,
}
"""What ``id`` is the number of, by the name of the address."""
_FOUND_THROUGH_ANOTHER = {"revision_id", "revision_id_a", "revision_id_b", "workflow_state_id", "session_id"}
"""Wagtail looks these up among those of the page, or of the person, only."""
_MANAGED = {
    "wagtailadmin_collections": ("wagtailcore", "collection"),
    "wagtailadmin_workflows": ("wagtailcore", "workflow"),
    "wagtailsites": ("wagtailcore", "site"),
    "wagtailusers_users": ("accounts", "user"),
    "wagtailusers_groups": ("auth", "group"),
}
"""What is of the whole installation: closed to whoever was given none of its permissions, which is everybody."""

_CLOSED = {"wagtailadmin_api:images", "wagtailadmin_api:documents", "wagtailadmin_api:pages:action"}
"""No page of the CMS asks them. They list everything there is, or do to pages what the CMS asks about first."""
_ASKING: ContextVar[HttpRequest | None] = ContextVar("asking", default=None)
"""Who fills in a form of the CMS: its blocks are not told."""
_TAGS = {"wagtailadmin_tag_autocomplete", "wagtailadmin_tag_model_autocomplete"}


def within_reach(view: View) -> View:
    """The view, for whoever names only what they may know of. Whatever else an address names, it answers as if there were none.

    Raises:
        Http404: something that is named is not there, or out of reach.
    """

    @wraps(view)
    def gated(request: HttpRequest, *args: Any, **parts: Any) -> HttpResponse:
        match = request.resolver_match
        namespace, name = (match.namespace, match.view_name) if match is not None else ("", "")
        if name in _TAGS:
            return suggest_tags(request)
        if _CLOSED & {namespace, name}:
            raise Http404
        if namespace in _MANAGED:
            if not _may_manage(request.user, *_MANAGED[namespace]):
                raise Http404
            return view(request, *args, **parts)
        named = [*_named_by(namespace, parts), *_asked_of(request, name)]
        if any(not _are_there(reach(request, parts), numbers) for reach, numbers in named):
            raise Http404
        before = _ASKING.set(request)
        try:
            return view(request, *args, **parts)
        finally:
            _ASKING.reset(before)

    return gated


def _named_by(namespace: str, parts: Parts) -> Iterator[tuple[Reach, list[str]]]:
    for part, value in parts.items():
        if part in _FOUND_THROUGH_ANOTHER or not str(value).isdecimal():
            continue
        reach = _PK.get(namespace) if part == "pk" else _PARTS.get(part)
        if reach is None:
            raise Http404
        yield reach, [str(value)]


def _asked_of(request: HttpRequest, name: str) -> Iterator[tuple[Reach, list[str]]]:
    known = dict.fromkeys(_ASKED, _pages) | ({"id": _IDS[name]} if name in _IDS else {})
    for key, reach in known.items():
        numbers = [one for one in (*request.GET.getlist(key), *request.POST.getlist(key)) if one.isdecimal()]
        if numbers:
            yield reach, numbers


def _are_there(within: QuerySet[Any], numbers: Iterable[str]) -> bool:
    wanted = {int(one) for one in numbers}
    return within.filter(pk__in=wanted).values("pk").distinct().count() == len(wanted)


def chosen_within_reach(chosen: Any) -> Any:
    """What was chosen for a block of a lesson; nothing, if whoever fills in the form may not use it."""
    request = _ASKING.get()
    if request is None or not isinstance(chosen, Image | Document):
        return chosen
    return chosen if files_within_reach(request, type(chosen)).filter(pk=chosen.pk).exists() else None


def _may_manage(user: Any, app_label: str, model: str) -> bool:
    return any(user.has_perm(f"{app_label}.{act}_{model}") for act in ("add", "change", "delete"))


def suggest_tags(request: HttpRequest) -> JsonResponse:
    """The words that somebody's own pictures and files are found by. Wagtail would tell those of all organisations."""
    begun = request.GET.get("term", "")
    names: set[str] = set()
    if begun:
        for kind in (Image, Document):
            of_kind = TaggedItem.objects.filter(
                content_type=ContentType.objects.get_for_model(kind), tag__name__istartswith=begun
            )
            own = of_kind.filter(object_id__in=files_within_reach(request, kind).values("pk"))
            names.update(own.values_list("tag__name", flat=True))
    return JsonResponse(sorted(names)[:_TAGS_SHOWN], safe=False)
