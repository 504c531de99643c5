"""Every address of the CMS, with whatever another organisation's editors made: nothing of it shows, not even that it is there.

The addresses are found, not listed, so that one that comes with a new Wagtail is asked as well. Everything of the other
organisation has the same number, whatever kind of thing it is, so an address needs no telling what it names.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from difflib import unified_diff
from functools import cache
from http.cookies import SimpleCookie
from itertools import product
from types import SimpleNamespace
from urllib.parse import urlencode

import pytest
import time_machine
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.core.cache import cache as remembered
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch, URLPattern, URLResolver, get_resolver, reverse
from wagtail.admin.models import EditingSession
from wagtail.documents.models import Document
from wagtail.images.models import Image
from wagtail.models import Collection, Comment, Page, Revision, TaskState, UploadedFile, WorkflowState
from wagtail.test.utils.form_data import inline_formset, nested_form_data, streamfield

from accounts.models import User
from courses.models import CoursePage, ModulePage
from courses.own import open_place
from courses.reach import within_reach
from tests.access.test_matrix import told_by
from tests.courses.test_authoring import editor, site  # noqa: F401  a fixture
from tests.courses.test_media import picture
from tests.factories import NOW

pytestmark = pytest.mark.django_db

MARK = "zzforeign"
OURS, THEIRS, NOBODYS = 60_003, 70_003, 90_003
"""The number of everything of ours, of theirs, and of nothing."""
NEXT = 100_000
"""What is made while asking has numbers from here."""
OF_THE_CMS = ("wagtail", "taggit", "auth", "accounts_user", "courses_coursepage", "courses_modulepage", "courses_owncoursespage")
WORDS = {
    "app_label": {"wagtailcore": ["page"], "courses": ["modulepage"], "wagtailimages": ["image"], "wagtaildocs": ["document"]},
    "action": ["delete", "move", "publish", "unpublish", "add_tags", "add_to_collection"],
    "action_name": ["approve", "reject"],
    "filter_spec": ["max-165x165"],
    "uidb64": ["MQ"],
    "token": ["x"],
}
"""What else stands in addresses. A word that is not here fails the test until somebody has said what it can be."""
MODEL_OF = {"app_name": "model_name", "content_type_app_name": "content_type_model_name", "app_label": "model_name"}
ASKED_ALONE = ("id", "parent_page", "new_parent_page", "target_pages[]", "collection_id")
ASKED = (
    *("ids", "collection", "page", "user", "owner", "edited_by", "task", "workflow", "reviewable", "revision_id", "object_id"),
    *("parent_page_id", "root_page", "childOf", "previous_revision", "position", "session_id"),
)
ASKED_OF_THE_API = ("id", "child_of", "descendant_of", "ancestor_of", "translation_of")
"""The names by which Wagtail takes numbers in what is asked or sent."""
SEARCHED = "pasture"
SEARCH = dict.fromkeys(("q", "search", "term", "label", "slug", "title"), SEARCHED)
FILLED_IN = {"external-link-chooser-url": "https://www.example.org/", "user_perms": "move_to"}
EXPORT = {"export": "csv"}
DRAWN_ANEW = re.compile(
    r"""(?<=CSRF_TOKEN": ")[^"]+|(?<=csrfmiddlewaretoken\\" value=\\")[^"\\]+|[0-9a-f]{8}-[0-9a-f]{4}-[-0-9a-f]+"""
    r"""|(?<=door)_\w+(?=\.)|(?<=Content-Length': ')\d+"""
    r"""|key\\*(?:&quot;|"): ?\\*(?:&quot;|")\w{5}\b"""
)


@pytest.fixture(autouse=True)
def _its_own_files(settings, tmp_path):
    settings.MEDIA_ROOT, settings.BLOB_ROOT = tmp_path / "media", tmp_path / "blobs"
    remembered.clear()
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(autouse=True)
def _numbers_go_on_where_they_were(db):
    """PostgreSQL does not roll back which number was drawn last."""
    if connection.vendor == "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL FROM pg_sequences")
        drawn = cursor.fetchall()
    yield
    with connection.cursor() as cursor:
        cursor.executemany("SELECT setval(%s, %s, %s)", drawn)


@cache
def counted() -> dict[str, str]:
    """Every table of the CMS that counts its rows, with the column that does."""
    keys = [(model._meta.db_table, model._meta.pk) for model in apps.get_models()]
    return {
        table: key.column
        for table, key in keys
        if table.startswith(OF_THE_CMS) and key.get_internal_type() in ("AutoField", "BigAutoField")
    }


def count_from(number: int, *, pages: int) -> None:
    """The next row of every table of the CMS has this number; pages have a number of their own."""
    before = {table: (pages if table == Page._meta.db_table else number) - 1 for table in counted()}
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.executemany("DELETE FROM sqlite_sequence WHERE name = %s", [(table,) for table in before])
            cursor.executemany("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", before.items())
        else:
            rows = [(table, counted()[table], last) for table, last in before.items()]
            asked = ", ".join(["setval(pg_get_serial_sequence(%s, %s), %s)"] * len(rows))
            cursor.execute(f"SELECT {asked}", [value for row in rows for value in row])


def make_side(organisation, name: str, number: int, *, words: str):
    """A place with a course, a module in the hands of its second reader, a picture and a file with words to find them by.

    And a draft. No two pages changed in the same second: lists are in the order of the last change.
    """
    count_from(number, pages=number - 2)
    place = open_place(organisation, by="system", at=NOW)
    client = editor(organisation, name, shares=False)
    client.raise_request_exception = False
    course = place.add_child(instance=CoursePage(title=f"{words} course", slug="own", summary=words, owner=client.user))
    lesson = {"type": "lesson", "value": {"title": words, "minutes": 2, "blocks": [{"type": "text", "value": f"<p>{words}</p>"}]}}
    module = course.add_child(instance=ModulePage(title=f"{words} module", slug="one", lessons=[lesson], owner=client.user))
    module.save_revision(user=client.user, log_action=True).publish()
    module.title = f"{words} anew"
    module.save_revision(user=client.user, log_action=True)
    module.get_workflow().start(module, client.user)
    Comment.objects.create(page=module, user=client.user, text=words, contentpath="title")
    collection = Collection.objects.get(name=organisation.name)
    image = picture(words, collection=collection)
    document = Document.objects.create(title=words, file=ContentFile(b"words", f"{words}.txt"), collection=collection)
    for file in (image, document):
        file.tags.add(f"{words} tag")
        file.uploaded_by_user = client.user
        file.save()
    kind = ContentType.objects.get_for_model(Image)
    upload = UploadedFile.objects.create(for_content_type=kind, file=ContentFile(b"words", "words"), uploaded_by_user=client.user)
    EditingSession.objects.create(content_object=module, user=client.user, last_seen_at=NOW, is_editing=True)
    assert {module.pk, image.pk, document.pk, collection.pk, upload.pk, client.user.pk} == {number}
    assert module.revisions.filter(pk=number).exists()
    course.add_child(instance=ModulePage(title=f"{words} draft", slug="draft", live=False, owner=client.user))
    for minutes, page in enumerate(Page.objects.order_by("pk")):
        Page.objects.filter(pk=page.pk).update(latest_revision_created_at=NOW - timedelta(minutes=minutes))
    count_from(NEXT, pages=NEXT)
    return client


@pytest.fixture
def sides(site, organisation, other_organisation):  # noqa: F811
    organisation.name, other_organisation.name = "Ours", f"{MARK} care"
    for one in (organisation, other_organisation):
        one.save()
    return lambda: make_side(other_organisation, f"{MARK}-nia", THEIRS, words=f"{SEARCHED} {MARK}"), make_side(
        organisation, "nia", OURS, words=f"{SEARCHED} of ours"
    )


def addresses() -> list[tuple[str, tuple[str, ...]]]:
    """The name and the parts of every address of the CMS."""
    found = []

    def walk(patterns: list[URLPattern | URLResolver], namespace: str, before: str) -> None:
        for pattern in patterns:
            route = before + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace, route)
            elif route.startswith("cms/") and pattern.name and pattern.name != "wagtailadmin_logout":
                found.append((f"{namespace}{pattern.name}", tuple(pattern.pattern.regex.groupindex)))

    walk(get_resolver().url_patterns, "", "")
    return found


def numbered(name: str, parts: tuple[str, ...], number: int) -> Iterator[dict[str, object]]:
    """The address with this number in each place in turn and in all, for each word that can stand beside it."""
    models = next((part for part in parts if part in MODEL_OF), None)
    words = [part for part in parts if part in WORDS and part != models]
    numbers = [part for part in parts if part not in words and part not in (models, MODEL_OF.get(models))]
    pairs = [(app, model) for app, names in WORDS["app_label"].items() for model in names] if models else [(None, None)]
    chosen = [dict.fromkeys(numbers, OURS) | {part: number} for part in numbers] if len(numbers) > 1 else []
    chosen += [dict.fromkeys(numbers, number)]
    for (app, model), spoken, given in product(pairs, product(*(WORDS[word] for word in words)), chosen):
        kwargs = dict(zip(words, spoken, strict=True)) | given
        if models:
            kwargs |= {models: app, MODEL_OF[models]: model}
        yield kwargs


def ask(client, method: str, url: str, number: int, **given: object) -> list[str]:
    """What was answered and noted for the next page, without what is drawn anew for each; whatever it changed is undone."""
    cookies = client.cookies.output(header="")
    with transaction.atomic():
        if connection.vendor != "sqlite":
            count_from(NEXT, pages=NEXT)
        response = client.post(f"{url}?{urlencode(given)}", given) if method == "post" else client.get(url, given)
        body = b"".join(response.streaming_content).decode(errors="replace") if response.streaming else ""
        told = [*map(str, told_by(response)), body, str(client.session.get("_messages"))]
        if number == THEIRS and method == "post":
            told.append(f"changed: {rows_of_theirs() != client.theirs}")
        transaction.set_rollback(True)
    client.cookies = SimpleCookie(cookies)
    return [DRAWN_ANEW.sub("", part).replace(str(number), "NUMBER") for part in told]


def rows_of_theirs() -> list[dict]:
    kinds = (Page, ModulePage, Image, Document, Revision, TaskState, WorkflowState, Collection, Comment, UploadedFile, User)
    return [row for kind in kinds for row in kind.objects.filter(pk__gte=THEIRS - 5, pk__lte=THEIRS + 5).order_by("pk").values()]


def places(number: int) -> Iterator[tuple[str, dict[str, object], str]]:
    """Every address with this number: its name, what was put into it, and the address."""
    for name, parts in addresses():
        for kwargs in numbered(name, parts, number):
            yield name, kwargs, reverse(name, kwargs=kwargs)


def ways_to_ask(name: str, kwargs: dict[str, object], number: int) -> Iterator[tuple[str, dict[str, object]]]:
    """With words to look for and, where the address itself names nothing, with numbers."""
    asked: list[dict[str, object]] = [FILLED_IN | SEARCH]
    if name.startswith("wagtailadmin_api:"):
        asked = [{}, {"search": SEARCHED}, *({one: number} for one in ASKED_OF_THE_API)]
    elif name == "wagtail_bulk_action":
        asked += [{"id": number}, {"id": "all", "childOf": number}, {"id": OURS, "chooser": number, "collection": number}]
    elif number not in kwargs.values():
        asked += [FILLED_IN | dict.fromkeys(one, number) for one in [*((one,) for one in ASKED_ALONE), ASKED]]
    for given in asked:
        yield "get", given
        yield "post", given


@pytest.fixture
def nia(sides):
    """An editor of ours, after theirs came."""
    make_theirs, client = sides
    make_theirs()
    client.theirs = rows_of_theirs()
    return client


def test_what_others_write_cannot_be_told_from_nothing(nia):
    told_apart, shown, broken = [], [], set()
    for (name, parts, theirs), (_name, no_parts, nobodys) in zip(places(THEIRS), places(NOBODYS), strict=True):
        pairs = zip(ways_to_ask(name, parts, THEIRS), ways_to_ask(name, no_parts, NOBODYS), strict=True)
        takes_posts = True
        for (method, foreign), (_method, absent) in pairs:
            if method == "post" and not takes_posts:
                continue
            one = ask(nia, method, theirs, THEIRS, **foreign)
            changed = one.pop() if method == "post" else ""
            names_something = (theirs, foreign) != (nobodys, absent)
            other = ask(nia, method, nobodys, NOBODYS, **absent) if names_something else one
            takes_posts = takes_posts and (method != "post" or one[0] != "405")
            case = (name, method, theirs, sorted(key for key in foreign if foreign[key] == THEIRS))
            told_apart += [(case, one[0], other[0], differing(one, other))] if one != other else []
            shown += [case] if any(MARK in part for part in one) or changed == "changed: True" else []
            broken |= {name} if one[0] == "500" else set()

    assert told_apart == [], "\n".join(map(str, told_apart))
    assert shown == []
    assert broken == {"wagtailadmin_error_test"}


def test_no_page_is_another_because_others_write(sides):
    """Titles, counts, names to filter by: every answer about what is ours is the same before they come and after."""
    make_theirs, client = sides
    asked = [
        (place, given) for place in places(OURS) for given in (SEARCH, {}, EXPORT) if given is not EXPORT or "report" in place[0]
    ]

    def answers():
        return [ask(client, "get", url, OURS, **given) for (_name, _said, url), given in asked]

    before = answers()
    make_theirs()
    after = answers()

    assert sum(one[0] == "200" for one in before) > 100
    told = [
        (place, given, differing(one, other))
        for (place, given), one, other in zip(asked, before, after, strict=True)
        if one != other
    ]
    assert told == [], "\n".join(map(str, told))
    assert not [place for (place, _given), one in zip(asked, after, strict=True) if any(MARK in part for part in one)]


@pytest.mark.parametrize("action", ["copy", "move"])
def test_a_page_is_put_nowhere_but_in_ones_own_place(nia, action):
    course = CoursePage.objects.get(owner=nia.user)
    address = reverse(f"wagtailadmin_pages:{action}", args=[OURS + 1])
    theirs, nobodys, ours = (
        ask(nia, "post", address, number, new_parent_page=place, new_title="New", new_slug="new")
        for number, place in ((THEIRS, THEIRS), (NOBODYS, NOBODYS), (OURS, course.pk))
    )

    assert theirs.pop() == "changed: False"
    assert theirs == nobodys
    assert MARK not in str(theirs)
    assert ours[0] == "302"
    assert f"/{course.pk}/" in ours[2]


def test_the_history_of_pages_that_all_write_names_colleagues_only(site, organisation, other_organisation):  # noqa: F811
    shared = ModulePage.objects.get(slug="part-1")
    names = [f"{MARK}-nia", "nia"]
    theirs, ours = (editor(whose, name) for whose, name in zip((other_organisation, organisation), names, strict=True))
    for client in (theirs, ours):
        shared.save_revision(user=client.user, log_action=True)

    address = reverse("wagtailadmin_reports:site_history")
    pages = [str(ask(ours, "get", address, OURS, **asked)) for asked in ({}, EXPORT, {"user": theirs.user.pk})]

    assert "nia" in pages[0]
    assert "nia" in pages[1]
    assert not [page for page in pages if MARK in page]


@pytest.mark.parametrize("block", ["picture", "file"])
def test_a_picture_or_file_of_others_is_not_taken_into_a_lesson(nia, block):
    def sent(number):
        picture = {"image": {"picture": {"image": number, "alt_text": "A door"}, "caption": ""}}
        paper = {"download": {"title": "A list", "file": number, "about": ""}}
        lesson = {"title": "Lesson", "minutes": "2", "blocks": streamfield([*(picture if block == "picture" else paper).items()])}
        streams = {name: streamfield([]) for name in ("outcomes", "sources", "easy_read", "session_guide")}
        words = {"title": "Ours", "slug": "one", "order": "1", "minutes": "5", "summary": "", "standards": ""}
        data = words | streams | {"lessons": streamfield([("lesson", lesson)]), "comments": inline_formset([])}
        answer = nia.post(reverse("wagtailadmin_pages:edit", args=[OURS]), nested_form_data(data))
        return [DRAWN_ANEW.sub("", part).replace(str(number), "NUMBER") for part in map(str, told_by(answer))]

    def last_kept():
        """By number, as all of them are kept in the same frozen second."""
        return Revision.objects.filter(object_id=str(OURS)).order_by("pk").last().content["lessons"]

    theirs = sent(THEIRS)
    kept = last_kept()
    nobodys, ours = sent(NOBODYS), sent(OURS)

    assert theirs == nobodys
    assert MARK not in str(theirs)
    assert str(THEIRS) not in kept
    assert '"title": "Lesson"' in kept
    assert ours[0] == "302"
    assert f": {OURS}" in last_kept()


@pytest.mark.parametrize("asked", [{}, {"q": SEARCHED}])
def test_all_of_a_list_is_all_within_reach(nia, asked):
    page = nia.get(reverse("wagtail_bulk_action", args=["wagtailcore", "page", "publish"]), {"id": "all"} | asked)

    assert page.status_code == 200
    assert f"{SEARCHED} of ours" in page.text
    assert MARK not in page.text


def test_words_to_find_files_by_are_suggested_from_ones_own(nia):
    address = reverse("wagtailadmin_tag_autocomplete")

    assert nia.get(address, {"term": SEARCHED}).json() == [f"{SEARCHED} of ours tag"]
    assert nia.get(address, {"term": ""}).json() == []


@pytest.mark.parametrize("action", ["copy", "move", "create_alias", "delete", "publish"])
def test_the_api_does_nothing_to_pages(nia, action):
    """It would tell a place of others from none, and passes by what the CMS asks before."""
    address = reverse("wagtailadmin_api:pages:action", kwargs={"pk": OURS, "action_name": action})

    for place in (THEIRS, NOBODYS):
        assert nia.post(address, {"destination_page_id": place}).status_code == 404


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"])
def test_it_is_out_of_reach_whatever_the_method(nia, method):
    gated = within_reach(lambda request, **parts: HttpResponse("open"))

    def asked(number, name, **parts):
        request = RequestFactory().generic(method, "/", QUERY_STRING=urlencode({"id": number}))
        request.user, request.access = nia.user, SimpleNamespace(organisation=nia.user.memberships.first().organisation)
        request.resolver_match = ResolverMatch(lambda: None, (), {}, url_name=name)
        return gated(request, **parts)

    assert asked(OURS, "wagtail_bulk_action", app_label="wagtailcore", model_name="page").content == b"open"
    assert asked(THEIRS, "new", page_id=OURS).content == b"open"
    with pytest.raises(Http404):
        asked(THEIRS, "wagtail_bulk_action", app_label="wagtailcore", model_name="page")
    with pytest.raises(Http404):
        asked(OURS, "new", page_id=THEIRS)


def test_an_address_that_came_with_a_new_wagtail_is_closed_until_somebody_says_what_it_names(nia):
    request = RequestFactory().get("/")
    request.resolver_match = ResolverMatch(lambda: None, (), {}, namespaces=["wagtailnew"], url_name="new")
    gated = within_reach(lambda request, **parts: HttpResponse("open"))

    assert gated(request, words="new").content == b"open"
    with pytest.raises(Http404):
        gated(request, new_id=OURS)


def differing(one: list[str], other: list[str]) -> list[str]:
    lines = [line for pair in zip(one, other, strict=True) for line in unified_diff(*(part.split("\n") for part in pair), n=0)]
    return [line[:160] for line in lines if not line.startswith(("---", "+++", "@@"))][:4]
