"""An import is applied whole or not at all: whatever fails, whoever dies, whoever else imports at that moment."""

import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from django.db import DatabaseError, connection

from accounts.enums import Role
from accounts.models import Membership
from audit.models import Event
from staff.importing.exclusive import only_import_of
from staff.importing.preparing import Reading
from staff.importing.steps import Step
from staff.models import Absence, ImportBatch, ImportRow, Person, Post, Unit
from staff.services import ImportRefusedError, import_file, undo_batch
from tests import prepared_database
from tests.factories import NOW, OrganisationFactory, member
from tests.staff.crashing_worker import PEOPLE, PLACES
from tests.staff.files import HEADINGS, counts, csv_file, import_rows

pytestmark = pytest.mark.django_db
FULL = [*HEADINGS, "Unit", "Manager Number", "Leaving Date", "Absence from"]


@pytest.fixture(autouse=True)
def _own_locks(settings, tmp_path):
    settings.BLOB_ROOT = tmp_path / "blobs"


def everything():
    return {
        model.__name__: list(model.objects.order_by("pk").values())
        for model in (Person, Post, Unit, Absence, ImportBatch, ImportRow, Event, Membership)
    }


class FailsAt:
    """Stands between us and the database, and fails at the n-th statement."""

    def __init__(self, statement):
        self.left = statement

    def __call__(self, execute, sql, params, many, context):
        self.left -= 1
        if self.left == 0:
            raise DatabaseError("failed on purpose")
        return execute(sql, params, many, context)


def test_whichever_statement_fails_the_staff_list_is_as_it_was(organisation):
    manager = member(organisation, Role.STAFF)
    import_rows(organisation, FULL, ["1", "Ada", "Okafor", "Ward 3", "", "", ""], ["2", "Bo", "Li", "Ward 3", "", "", ""])
    Person.objects.filter(staff_number="1").update(user=manager)
    content = [
        ["1", "Ada", "Obi", "Ward 4", "", "", ""],
        ["3", "Cy", "Fox", "Ward 5", "1", "", "01/04/2026"],
        ["x", "", "", "", "", "", ""],
    ]
    before = everything()

    statement = 0
    while True:
        statement += 1
        with connection.execute_wrapper(FailsAt(statement)):
            try:
                outcome = import_rows(organisation, FULL, *content, is_complete=True, approve=True)
            except DatabaseError:
                pass
            else:
                break
        assert everything() == before

    assert statement > 20
    assert counts(outcome) == {"created": 1, "updated": 1, "left": 1, "proposed_leavers": 1}


def test_a_second_import_at_the_same_moment_is_told_so_and_loses_nothing(organisation):
    rows = csv_file([HEADINGS, ["1", "Ada", "Okafor"]])
    ours = {"file_name": "a.csv", "organisation": organisation, "as_of": date(2026, 5, 1), "by": "test", "at": NOW}

    if connection.vendor == "sqlite":
        with only_import_of(organisation), pytest.raises(ImportRefusedError, match="Another staff list of your organisation"):
            import_file(rows, **ours)
        with only_import_of(OrganisationFactory()):
            assert import_file(rows, **ours).batch is not None
    assert import_file(rows, **ours).plan.rows == 1


def test_undoing_an_import_takes_back_the_manager_roles_it_gave_and_no_others(organisation):
    first, second = member(organisation, Role.STAFF), member(organisation, Role.STAFF, Role.MANAGER)
    import_rows(organisation, FULL, ["1", "Ada", "Okafor", "", "", "", ""], ["2", "Bo", "Li", "", "", "", ""])
    Person.objects.filter(staff_number="1").update(user=first)
    Person.objects.filter(staff_number="2").update(user=second)
    batch = import_rows(organisation, FULL, ["3", "Cy", "Fox", "", "1", "", ""], ["4", "Di", "Hay", "", "2", "", ""]).batch
    held = Membership.objects.current().filter(organisation=organisation, role=Role.MANAGER)
    assert set(held.values_list("user", flat=True)) == {first.pk, second.pk}

    undo_batch(batch, by="test", at=NOW)

    assert set(held.values_list("user", flat=True)) == {second.pk}


def test_a_worker_killed_at_any_place_leaves_all_or_nothing_and_the_next_one_finishes(tmp_path):
    script = Path(__file__).with_name("crashing_worker.py")
    with prepared_database.another(tmp_path) as address:
        environment = os.environ | {"DATABASE_URL": address}
        done = subprocess.run([sys.executable, script], env=environment, capture_output=True, text=True, timeout=120, check=False)

    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    applied = [PEOPLE, PEOPLE, "applied"]
    assert list(found) == list(PLACES)
    for place, told in found.items():
        assert told["killed"], place
        assert told["crashed"] == (applied if place == "after the commit" else [0, 0, "previewed"]), place
        assert (told["went_on"], told["job"]) == (applied, "done"), place
    assert [found[place]["told"] for place in PLACES] == [step.value for step in SEEN_FROM_OUTSIDE[connection.vendor]]


SEEN_FROM_OUTSIDE = {
    "postgresql": [Step.COMPARE, Step.JOINERS, Step.JOINERS, Step.ROWS, Step.ROLES, Step.ROLES],
    "sqlite": [Step.COMPARE] * 5 + [Step.ROLES],
}
"""What the page says when the worker dies: SQLite has one writer, so what is told inside its transaction is seen with it."""


# --- What was set here by hand, and what an organisation decides about its files ---------------------

POSTS = [*HEADINGS, "Email", "Unit", "Job Title", "Leaving Date"]
ADA = ["1", "Ada", "Okafor", "ada@example.test", "Ward 3", "Nurse", ""]


def ada():
    return Person.objects.get(staff_number="1")


def test_what_hr_set_by_hand_stays_whatever_the_file_says(organisation):
    import_rows(organisation, POSTS, ADA, as_of=date(2020, 1, 1))
    Person.objects.update(email="ours@example.test", kept_here=["email"])
    Post.objects.update(job_title="Matron", kept_here=["job_title"])

    outcome = import_rows(organisation, POSTS, ["1", "Ada", "Obi", "theirs@example.test", "Ward 4", "Sister", ""])

    assert (ada().last_name, ada().email) == ("Obi", "ours@example.test")
    assert list(Post.objects.order_by("start").values_list("unit__name", "job_title")) == [
        ("Ward 3", "Matron"),
        ("Ward 4", "Matron"),
    ]
    assert Post.objects.order_by("start").last().kept_here == ["job_title"]
    assert [change.field for change in outcome.plan.entries[0].changes] == ["Last name", "Unit"]


def test_whoever_hr_let_go_by_hand_is_not_brought_back_by_a_file_that_is_late(organisation):
    import_rows(organisation, POSTS, ADA, as_of=date(2020, 1, 1))
    Post.objects.update(end=date(2026, 4, 1), kept_here=["end"])

    assert counts(import_rows(organisation, POSTS, ADA)) == {"unchanged": 1}


DATED = [*POSTS, "Start Date"]


def test_a_first_day_corrected_by_hand_stays_whatever_the_file_says(organisation):
    theirs = [*ADA, "01/06/2024"]
    import_rows(organisation, DATED, theirs)
    Post.objects.update(start=date(2024, 5, 1), kept_here=["start"])

    assert counts(import_rows(organisation, DATED, theirs)) == {"unchanged": 1}
    moved = [*theirs[:4], "Ward 4", *theirs[5:]]
    import_rows(organisation, DATED, moved, as_of=date(2026, 6, 1))
    assert counts(import_rows(organisation, DATED, moved, as_of=date(2026, 7, 1))) == {"unchanged": 1}

    assert list(Post.objects.order_by("start").values_list("start", "unit__name", "kept_here")) == [
        (date(2024, 5, 1), "Ward 3", ["start"]),
        (date(2026, 6, 1), "Ward 4", []),
    ]


@pytest.mark.parametrize("kept", [["start"], ["end", "start"]])
def test_who_comes_back_begins_on_the_files_day_although_the_first_day_before_was_set_by_hand(organisation, kept):
    import_rows(organisation, DATED, [*ADA[:-1], "31/03/2025", "01/06/2024"])
    Post.objects.update(start=date(2024, 5, 1), kept_here=kept)

    outcome = import_rows(organisation, DATED, [*ADA, "02/02/2026"])

    assert counts(outcome) == {"rehired": 1}
    assert list(Post.objects.order_by("start").values_list("start", "end")) == [
        (date(2024, 5, 1), date(2025, 4, 1)),
        (date(2026, 2, 2), None),
    ]


def test_a_post_added_here_is_not_looked_at_and_does_not_end_with_a_complete_file(organisation):
    import_rows(organisation, POSTS, ADA, as_of=date(2020, 1, 1))
    Post.objects.create(person=ada(), job_title="Trustee", start=date(2020, 1, 1), added_here=True)

    import_rows(organisation, POSTS, ["2", "Bo", "Li", "", "", "", ""], is_complete=True, approve=True)

    assert Post.objects.get(job_title="Trustee").end is None
    assert Post.objects.get(job_title="Nurse").end is not None


def test_a_unit_is_known_by_its_former_name(organisation):
    import_rows(organisation, POSTS, ADA)
    unit = Unit.objects.get()
    unit.former_names.create(organisation=organisation, name="Ward 3", until=date(2026, 4, 1))
    Unit.objects.update(name="Rowan Ward")

    assert counts(import_rows(organisation, POSTS, ADA)) == {"unchanged": 1}


@pytest.mark.parametrize(
    ("erased", "expected"),
    [((), ("ada@example.test", "Nurse", date(2026, 12, 1))), (("email", "job_title", "end"), ("", "", None))],
)
def test_an_empty_cell_leaves_what_is_on_record_unless_the_file_is_said_to_erase_it(organisation, erased, expected):
    import_rows(organisation, POSTS, [*ADA[:-1], "30/11/2026"])

    row = ["1", "Ada", "Okafor", "", "", "", ""]
    import_rows(organisation, POSTS, row, reading=Reading(erased=erased))

    post = Post.objects.get()
    assert (ada().email, post.job_title, post.end) == expected
    assert counts(import_rows(organisation, POSTS, row, reading=Reading(erased=erased))) == {"unchanged": 1}


def test_fields_kept_here_are_filled_for_new_people_and_changed_for_nobody(organisation):
    reading = Reading(kept_here=("unit", "email"))
    import_rows(organisation, POSTS, ADA, reading=reading)

    outcome = import_rows(organisation, POSTS, ["1", "Ada", "Okafor", "x@example.test", "Ward 9", "Matron", ""], reading=reading)

    assert (ada().email, Post.objects.get().unit.name, Post.objects.get().job_title) == ("ada@example.test", "Ward 3", "Matron")
    assert counts(outcome) == {"updated": 1}
