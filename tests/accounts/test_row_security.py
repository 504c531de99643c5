"""PostgreSQL itself hides other organisations' rows while a request runs. Superusers are above it, so the tests take a plain role."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.http import StreamingHttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts import looking, row_security
from accounts.enums import Role
from accounts.models import AccessGrant
from courses.models import Completion, FeedbackGiven
from quizzes.models import ExtraTime
from staff.models import Person, Unit
from tests.factories import (
    NOW,
    CompletionFactory,
    PersonFactory,
    UnitFactory,
    UserFactory,
    member,
    person_in_post,
    platform_administrator,
)

pytestmark = pytest.mark.django_db
only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="row-level security is PostgreSQL's")


@pytest.fixture
def plain_role(db):
    """A role as an operator gives the program: it may read and write every table, and owns none."""
    role = connection.ops.quote_name(f"plain_{connection.settings_dict['NAME']}"[:63])
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {role} NOSUPERUSER NOBYPASSRLS")
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO {role}")
    return role


@pytest.fixture
def as_plain_role(plain_role):
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL ROLE {plain_role}")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET ROLE")


SHARED = "the same for everybody"
IN_SIGN_IN = "read before anybody knows which organisation somebody comes from"
OF_THE_CMS = "the CMS knows no organisation: its pages and collections have places, which its permissions guard"
WITHOUT = {
    SHARED: {
        *("assessment.Edition", "assessment.EditionItem", "assessment.Crosswalk", "accounts.Organisation", "courses.SigningKey"),
        *("content.ShippedContent", "content.SecondReaderTask", "auth.Permission", "auth.Group", "contenttypes.ContentType"),
    },
    "the same bytes are kept once for all; which are whose, the document and its version say": {
        "evidence.Blob",
        "evidence.BlobWords",
    },
    IN_SIGN_IN: {
        *("accounts.User", "accounts.Membership", "accounts.SignInCode", "accounts.FailedSignIn", "accounts.UsedCode"),
        "accounts.PlatformAdministrator",
        *(
            "account.EmailAddress",
            "account.EmailConfirmation",
            "mfa.Authenticator",
            "usersessions.UserSession",
            "sessions.Session",
        ),
        *("socialaccount.SocialApp", "socialaccount.SocialAccount", "socialaccount.SocialToken"),
    },
    "an act may stand in another organisation's trail, such as that somebody from outside looked": {"audit.Event"},
    "a digest and a number for each trail, which every act locks": {"audit.ChainHead"},
    "keyed digests of what was erased, read when any trail is verified": {"audit.Erasure"},
    OF_THE_CMS: {
        *("courses.CourseIndexPage", "courses.CoursePage", "courses.ModulePage", "courses.ChangeDecision", "content.HomePage"),
        *("content.GuidanceIndexPage", "content.GuidancePage", "content.ProgrammeSettings"),
    },
    "names nobody, and is read by the thousand": row_security.READ_BY_THE_THOUSAND,
}
APPS_OF_THE_CMS = {
    "taggit",
    "wagtailadmin",
    "wagtailcore",
    "wagtaildocs",
    "wagtailimages",
    "wagtailsearch",
    "wagtailusers",
}


def test_every_table_has_a_policy_or_a_reason():
    bare = {model._meta.label for model in apps.get_models() if model not in row_security.guarded()}
    stated = {label for labels in WITHOUT.values() for label in labels}

    assert {label for label in bare - stated if label.partition(".")[0] not in APPS_OF_THE_CMS} == set()
    assert stated - bare == set(), "these have a policy now, or are gone"


@only_postgresql
def test_every_guarded_table_has_a_forced_policy():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        forced = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT tablename FROM pg_policies WHERE qual IS NOT NULL AND with_check IS NOT NULL")
        with_policy = {row[0] for row in cursor.fetchall()}
    tables = {model._meta.db_table for model in row_security.guarded()}

    assert len(tables) > 140
    assert tables - (forced & with_policy) == set()


@only_postgresql
def test_what_belongs_to_a_row_of_theirs_is_not_there_either(organisation, other_organisation, as_plain_role):
    """Through a person; through a completion, whose table has no policy of its own, and its person."""
    marks = {}
    for one in (organisation, other_organisation):
        completion = CompletionFactory(person=PersonFactory(organisation=one))
        marks[one] = (
            FeedbackGiven.objects.create(completion=completion),
            ExtraTime.objects.create(person=completion.person, percent=25, recorded_by=UserFactory(), recorded_at=NOW),
        )

    with row_security.only(organisation):
        assert (FeedbackGiven.objects.get(), ExtraTime.objects.get()) == marks[organisation]
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            FeedbackGiven.objects.create(completion=Completion.objects.exclude(pk=marks[organisation][0].completion_id).get())
    assert FeedbackGiven.objects.count() == 2


@only_postgresql
def test_an_answer_that_is_sent_in_parts_shows_only_ones_own(organisation, other_organisation, as_plain_role, settings, rf):
    settings.ROW_SECURITY = True
    for one in (organisation, other_organisation):
        PersonFactory(organisation=one, last_name=one.ods_code)
    request = rf.get("/")
    request.access = SimpleNamespace(organisation=organisation)
    names = (person.last_name.encode() for person in Person.objects.filter(last_name__startswith="VX").iterator())
    view = row_security.RowSecurityMiddleware(lambda _request: StreamingHttpResponse(names))

    assert list(view(request).streaming_content) == [organisation.ods_code.encode()]
    assert Person.objects.filter(last_name__startswith="VX").count() == 2


@only_postgresql
def test_only_ones_own_rows_are_there_and_afterwards_all_again(organisation, other_organisation, as_plain_role, settings):
    settings.ROW_SECURITY = True
    mine, theirs = PersonFactory(organisation=organisation), PersonFactory(organisation=other_organisation)

    with row_security.only(organisation):
        assert list(Person.objects.filter(pk__in=[mine.pk, theirs.pk])) == [mine]
        assert Person.objects.filter(pk=theirs.pk).update(last_name="Changed") == 0
        with row_security.every_organisation():
            assert Person.objects.filter(pk__in=[mine.pk, theirs.pk]).count() == 2
        assert Person.objects.filter(pk__in=[mine.pk, theirs.pk]).count() == 1

    assert Person.objects.filter(pk__in=[mine.pk, theirs.pk]).count() == 2


@only_postgresql
def test_nothing_is_written_into_another_organisation(organisation, other_organisation, as_plain_role):
    with (
        row_security.only(organisation),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        UnitFactory(organisation=other_organisation)
    assert not Unit.objects.filter(organisation=other_organisation).exists()


@only_postgresql
@pytest.mark.parametrize("breaks", [False, True])
def test_the_next_request_on_the_same_connection_sees_nothing_of_the_one_before(
    organisation, other_organisation, as_plain_role, settings, monkeypatch, breaks
):
    settings.ROW_SECURITY = True
    for one, name in ((organisation, "Ownside"), (other_organisation, "Otherside")):
        PersonFactory(organisation=one, last_name=name)
    if breaks:
        monkeypatch.setattr("staff.views.people.people_page", lambda *args, **kwargs: 1 / 0)
    seen = []
    for one in (organisation, other_organisation, organisation):
        client = Client(raise_request_exception=False)
        client.force_login(member(one, Role.HR))
        text = client.get(reverse("staff:person_list")).text
        seen.append(("Ownside" in text, "Otherside" in text))
        with connection.cursor() as cursor:
            cursor.execute("SELECT coalesce(current_setting('tenfold.organisation', true), '')")
            assert cursor.fetchone() == ("",)

    assert seen == [(False, False)] * 3 if breaks else [(True, False), (False, True), (True, False)]


@only_postgresql
def test_a_view_that_forgets_to_ask_whose_rows_it_may_see_shows_none_of_others(
    organisation, other_organisation, as_plain_role, settings, monkeypatch
):
    """The application's own wall is taken down; the database's stands."""
    settings.ROW_SECURITY = True
    theirs = PersonFactory(organisation=other_organisation)
    monkeypatch.setattr("staff.models.people.PersonQuerySet.visible_to", lambda rows, access: rows.all())
    client = Client(raise_request_exception=False)
    client.force_login(member(organisation, Role.HR))

    assert client.get(reverse("staff:person_detail", args=[theirs.pk])).status_code == 404


@only_postgresql
def test_whoever_looks_after_the_installation_has_rows_of_no_organisation_until_one_lets_them_look(
    organisation, as_plain_role, settings
):
    settings.ROW_SECURITY = True
    person = person_in_post(organisation)
    with row_security.only(None):
        assert not Person.objects.exists()
        with row_security.every_organisation():
            assert Person.objects.count() == 1
    platform, outsider = Client(), platform_administrator()
    platform.force_login(outsider)
    assert platform.get("/platform/installation/").status_code == 200
    admin = member(organisation, Role.ORGANISATION_ADMIN)
    asked = {"organisation": organisation.pk, "reason": "To help.", "capabilities": ["staff.view"], "hours": "1", "waits": "yes"}
    assert platform.post(reverse("accounts:look_ask"), asked).status_code == 302
    grant = AccessGrant.objects.get()
    looking.answer(grant, yes=True, by=admin, at=timezone.now())
    assert platform.post(reverse("accounts:look_begin", args=[grant.pk])).status_code == 302
    assert person.last_name in platform.get(reverse("staff:person_list")).text
    assert platform.post(reverse("accounts:look_end", args=[grant.pk])).status_code == 302
