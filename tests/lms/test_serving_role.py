"""Where the tables belong to another role, whoever serves can change rows where rows change, and nothing else."""

from __future__ import annotations

import re
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.urls import reverse

from accounts.enums import Role
from assessment.models import ResponseVersion
from audit import serving_role
from audit.erasing import forget_rows, replace_values
from audit.models import AppendOnlyModel, Event
from courses.models import Completion, ReminderMail
from jobs.models import Job
from jobs.services import run
from lms.installation import how_it_is_set_up
from registers.models import Action
from registers.services.actions import Owner, add_action, finish_action
from staff.models import ImportBatch, Person
from tests.assessment import helpers as h
from tests.factories import NOW, TODAY, CompletionFactory, UserFactory, member
from tests.staff.files import HEADINGS, csv_file
from tests.staff.test_import_pages import address, confirm_columns, upload

pytestmark = pytest.mark.django_db
only_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="roles and rights are PostgreSQL's")
PASSWORD = "correct-horse-battery"


def execute(statement, *values):
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else []


def named(kind):
    """The name of a role of this test database alone: roles are the whole server's."""
    return f"tenfold_{kind}_{connection.settings_dict['NAME']}"[:63]


def tables():
    known = [MigrationRecorder.Migration, *apps.get_models(include_auto_created=True)]
    return {model for model in known if not model._meta.proxy}


def ours(folder):
    return Path(folder).rglob("*.py") if Path(folder).is_relative_to(settings.ROOT) and ".venv" not in folder else []


def give_rights():
    for app in apps.get_app_configs():
        serving_role.give_rights(app)


@pytest.fixture
def owner(db):
    """Who migrates: no superuser, owner of every table. Gone with the test's transaction."""
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    execute(f'CREATE ROLE "{named("owner")}" NOSUPERUSER')
    execute(f'GRANT CREATE ON SCHEMA public TO "{named("owner")}"')
    for model in tables():
        execute(f'ALTER TABLE "{model._meta.db_table}" OWNER TO "{named("owner")}"')
    execute("SET CONSTRAINTS ALL DEFERRED")
    return named("owner")


@pytest.fixture
def role(owner, settings):
    """Who serves: known to the settings, with no rights yet. We are the owner."""
    settings.DATABASE_SERVING_ROLE = named("serving")
    execute(f'CREATE ROLE "{named("serving")}"')
    execute(f'SET LOCAL ROLE "{owner}"')
    yield named("serving")
    execute("RESET ROLE")


@pytest.fixture
def serving(role):
    """We are whoever serves, after migrating."""
    give_rights()
    execute(f'SET LOCAL ROLE "{role}"')
    return role


@only_postgresql
@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE audit_event DISABLE TRIGGER USER",
        "ALTER TABLE audit_event OWNER TO CURRENT_USER",
        "DROP TRIGGER audit_event_no_update ON audit_event",
        "CREATE OR REPLACE FUNCTION tenfold_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
        "DROP POLICY tenfold_own_organisation ON staff_person",
        "ALTER TABLE staff_person NO FORCE ROW LEVEL SECURITY",
        "DROP TABLE staff_person CASCADE",
        "TRUNCATE audit_event",
        "TRUNCATE accounts_failedsignin",
        "CREATE TABLE more (number int)",
        "CREATE TRIGGER more BEFORE INSERT ON staff_person FOR EACH ROW EXECUTE FUNCTION tenfold_refuse_change()",
        "UPDATE audit_event SET reason = ''",
        "DELETE FROM audit_event",
        "UPDATE courses_completion SET completed_on = '2020-01-01'",
        "DELETE FROM audit_erasure",
        "DELETE FROM django_migrations",
        "SELECT setval('audit_event_id_seq', 1)",
    ],
)
def test_whoever_serves_cannot_take_a_wall_down(serving, statement):
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        execute(statement)


@only_postgresql
def test_rights_on_every_table_are_what_it_needs(serving):
    """Append-only tables change in the columns alone that the one door lets go, and lose rows only where it lets rows go."""
    append_only = {model for model in tables() if issubclass(model, AppendOnlyModel)}
    assert len(append_only) > 40
    for model in tables():
        table = model._meta.db_table
        held = {
            right
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
            if execute("SELECT has_table_privilege(%s, %s)", f'"{table}"', right) == [(True,)]
        }
        changing = {
            field.name
            for field in model._meta.local_concrete_fields
            if execute("SELECT has_column_privilege(%s, %s, 'UPDATE')", f'"{table}"', field.column) == [(True,)]
        }
        if model is MigrationRecorder.Migration:
            assert (held, changing) == ({"SELECT"}, set())
        elif model in append_only:
            rows_go = {"DELETE"} if model.may_be_forgotten else set()
            key = {"id"} if model.is_locked else set()
            assert (held, changing) == ({"SELECT", "INSERT"} | rows_go, key | set(model.erasable)), model
        else:
            assert held == {"SELECT", "INSERT", "UPDATE", "DELETE"}, model


def test_every_append_only_row_that_is_locked_may_be():
    """PostgreSQL locks a row only for whoever may change one of its columns."""
    append_only = {model.__name__: model for model in tables() if issubclass(model, AppendOnlyModel)}
    sources = [path.read_text(encoding="utf-8") for app in apps.get_app_configs() for path in ours(app.path)]
    chains = re.compile(r"(\w+)\s*\.objects(?:\s*\.\w+\([^()]*\))*?\s*\.select_for_update")
    locked = {name for source in sources for name in chains.findall(source)} & set(append_only)

    assert {name for name in locked if append_only[name].is_locked} == {"Action", "Publication"}
    assert {name for name in locked if not (append_only[name].is_locked or append_only[name].erasable)} == set()


@only_postgresql
def test_a_row_that_is_locked_still_cannot_be_changed(serving, organisation):
    action = add_action(organisation, what="Mend it", owner=Owner(words="Ada"), due_on=TODAY, by="system", at=NOW)

    finish_action(action, note="Done", by="system", at=NOW)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Action.objects.filter(pk=action.pk).update(id=0)


@only_postgresql
def test_the_one_door_still_lets_personal_values_go(serving):
    completion, kept = CompletionFactory(reference="about somebody"), CompletionFactory(reference="about another")
    person = completion.person
    gone = ReminderMail.objects.create(organisation=person.organisation, person=person, kind="own", on="2026-05-01", made_at=NOW)

    replace_values(Completion, {completion.pk: {"reference": "removed"}}, because="test:1", at=NOW)
    forget_rows(ReminderMail, [gone.pk], because="test:1", at=NOW)

    assert Completion.objects.get(pk=completion.pk).reference == "removed"
    assert not ReminderMail.objects.filter(pk=gone.pk).exists()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Completion.objects.filter(pk=kept.pk).update(reference="")


@only_postgresql
def test_an_ordinary_day(serving, organisation, settings, tmp_path, django_capture_on_commit_callbacks, monkeypatch):
    monkeypatch.setattr(
        "jobs.services._update_aside", lambda *_: None
    )  # another connection waits until the tables' new owner is committed
    settings.BLOB_ROOT = tmp_path / "blobs"
    user = UserFactory()
    user.set_password(PASSWORD)
    user.save()
    member(organisation, Role.HR, Role.DSPT_LEAD, user=user)
    client = Client()

    client.post(reverse("accounts:sign_in"), {"login": user.username, "password": PASSWORD})
    assert client.get("/staff/").status_code == 200

    h.shipped_edition()
    assessment = h.opened(organisation, user)
    item = reverse("assessment:response_detail", args=[assessment.pk, h.response(assessment, "1.1.1").pk])
    saved = client.post(item, {"value": "ZA123", "comment": "", "seen": 0}, follow=True)
    assert "Item 1.1.1 is saved." in saved.text
    assert ResponseVersion.objects.filter(response__assessment=assessment).count() == 1

    upload(client, csv_file([HEADINGS, ["001", "Ada", "Okafor"]]))
    batch = ImportBatch.objects.get()
    confirm_columns(client, batch)
    client.post(address("import_confirm", batch))
    with django_capture_on_commit_callbacks(execute=True):
        assert run(Job.objects.get().pk).state == Job.State.DONE
    assert Person.objects.get(staff_number="001").last_name == "Okafor"
    assert Event.objects.filter(type="staff.imported").count() == 1
    call_command("verify_audit", stdout=StringIO())


@only_postgresql
def test_rights_given_by_hand_go_with_the_next_migration(role):
    execute(f'GRANT ALL ON audit_event, staff_person TO "{role}"')
    execute(f'GRANT UPDATE (reason) ON audit_event TO "{role}"')

    give_rights()

    held = "SELECT has_any_column_privilege(%s, 'audit_event', 'UPDATE'), has_table_privilege(%s, 'staff_person', 'TRUNCATE')"
    assert execute(held, role, role) == [(False, False)]


@only_postgresql
def test_without_the_setting_nobody_is_given_anything(role, settings):
    settings.DATABASE_SERVING_ROLE = ""

    give_rights()

    assert serving_role.why_not_apart() == ""
    assert execute("SELECT has_any_column_privilege(%s, 'staff_person', 'SELECT')", role) == [(False,)]


@only_postgresql
@pytest.mark.parametrize(
    ("become", "said"),
    [
        ('REVOKE ALL ON SCHEMA public FROM "{role}"; DROP ROLE "{role}"', "there is no role {role}. Make it with CREATE ROLE"),
        ('ALTER ROLE "{role}" SUPERUSER', "{role} is a superuser, goes round row security or makes roles."),
        ('ALTER ROLE "{role}" BYPASSRLS', "{role} is a superuser, goes round row security or makes roles."),
        ('GRANT "{owner}" TO "{role}"', "{role} is whoever migrates, or may become it."),
        ('ALTER TABLE taggit_tag OWNER TO "{role}"', "{role} owns tables. Hand them over: REASSIGN OWNED BY {role}"),
        ('GRANT CREATE ON SCHEMA public TO "{role}"', "{role} may create tables."),
    ],
)
def test_roles_that_are_not_apart_are_named_in_one_sentence(role, owner, become, said):
    assert serving_role.why_not_apart() == ""
    execute("RESET ROLE")
    execute(become.format(role=named("serving"), owner=owner))
    execute(f'SET LOCAL ROLE "{owner}"')

    with pytest.raises(CommandError) as refused:
        call_command("prepare", stdout=StringIO())
    with pytest.raises(ImproperlyConfigured) as stopped:
        give_rights()

    assert said.format(role=named("serving")) in str(refused.value)
    assert str(stopped.value) == str(refused.value)


@only_postgresql
def test_whoever_migrates_does_not_serve_unnoticed(role, owner):
    give_rights()
    assert ("Role in the database", "serves, and owns the tables too") in how_it_is_set_up()

    execute(f'SET LOCAL ROLE "{role}"')

    assert ("Role in the database", "serves, and owns nothing") in how_it_is_set_up()


@pytest.mark.skipif(connection.vendor == "postgresql", reason="what SQLite does")
def test_sqlite_knows_no_roles(settings):
    settings.DATABASE_SERVING_ROLE = "serving"

    give_rights()

    assert serving_role.why_not_apart() == ""
    assert "Role in the database" not in dict(how_it_is_set_up())
