"""PostgreSQL itself hides other organisations' rows while a request runs. Superusers are above it, so the tests take a plain role."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts import row_security
from accounts.enums import Role
from staff.models import Person, Unit
from tests.factories import PersonFactory, UnitFactory, member

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="row-level security is PostgreSQL's"),
]


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


def test_every_table_with_an_organisation_has_a_forced_policy():
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity AND relforcerowsecurity")
        forced = {row[0] for row in cursor.fetchall()}
        cursor.execute("SELECT tablename FROM pg_policies WHERE qual IS NOT NULL AND with_check IS NOT NULL")
        with_policy = {row[0] for row in cursor.fetchall()}

    assert len(row_security.guarded_tables()) > 40
    assert set(row_security.guarded_tables()) - (forced & with_policy) == set()


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


def test_nothing_is_written_into_another_organisation(organisation, other_organisation, as_plain_role):
    with (
        row_security.only(organisation),
        pytest.raises(DatabaseError, match="row-level security"),
        transaction.atomic(),
    ):
        UnitFactory(organisation=other_organisation)
    assert not Unit.objects.filter(organisation=other_organisation).exists()


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
