"""What must always hold: that it holds of ordinary data, and that each check finds its fault."""

from __future__ import annotations

import io
import json
from datetime import date, timedelta

import pytest
from django.core.management import call_command
from django.utils.module_loading import autodiscover_modules

from audit.invariants import registered
from courses.models import Completion
from evidence import blobs
from evidence.models import Blob, Document
from evidence.services import add_document
from quizzes.models import Attempt, AttemptItem, Blueprint, BlueprintVersion, QuestionVersion
from registers.models import PolicyVersion
from registers.services import policies
from staff.importing.uploads import ROWS_KEPT_FOR
from staff.models import ImportBatch, ImportRow
from tests.factories import NOW, TODAY, CompletionFactory, member, person_in_post, question_of


def check(*arguments: str) -> tuple[int, dict]:
    out, code = io.StringIO(), 0
    try:
        call_command("check_invariants", "--json", *arguments, stdout=out, stderr=io.StringIO())
    except SystemExit as stop:
        code = int(stop.code)
    return code, json.loads(out.getvalue())


def broken(name: str) -> list[str]:
    """The rows that one invariant finds, through the command."""
    code, result = check("--only", name)
    assert code == (0 if result["ok"] else 1)
    return [row["row"] for row in result["invariants"][0]["rows"]]


@pytest.fixture
def attempt(organisation):
    blueprint = Blueprint.objects.create(code="quiz", title="Quiz")
    version = BlueprintVersion.objects.create(
        blueprint=blueprint, number=1, draws=[], questions=1, pass_mark_percent=80, marks_needed=1, created_at=NOW
    )
    return Attempt.objects.create(
        person=person_in_post(organisation),
        blueprint=blueprint,
        blueprint_version=version,
        ordinal=1,
        seed=1,
        started_at=NOW,
        marks_available=1,
        marks_needed=1,
    )


def test_every_invariant_holds_of_ordinary_data(organisation):
    add_document(organisation, title="P", kind="policy", by=member(organisation), at=NOW, received_on=TODAY, file=(b"x", "x.txt"))
    CompletionFactory(person=person_in_post(organisation))

    code, result = check()

    assert (code, result["ok"]) == (0, True)
    autodiscover_modules("invariants")
    assert [one["name"] for one in result["invariants"]] == [one.name for one in registered()]
    assert {"audit.chains_hold", "courses.completions_are_past", "evidence.blobs_are_whole", "quizzes.marks_add_up"} <= {
        one["name"] for one in result["invariants"]
    }


@pytest.mark.django_db
def test_a_missing_or_changed_file_is_found():
    missing, changed = blobs.keep(b"one", media_type="text/plain"), blobs.keep(b"two", media_type="text/plain")
    sound = blobs.keep(b"three", media_type="text/plain")
    blobs.path_of(missing.sha256).unlink()
    blobs.path_of(changed.sha256).write_bytes(b"TWO")
    lying = Blob.objects.create(sha256=sound.sha256[::-1], size=5, media_type="text/plain")

    assert set(broken("evidence.blobs_are_whole")) == {f"evidence.blob:{blob.sha256}" for blob in (missing, changed, lying)}


def test_a_document_without_a_version_is_found(organisation):
    document = Document.objects.create(organisation=organisation, title="Empty", kind="other", created_at=NOW)

    assert broken("evidence.versions_are_numbered") == [f"evidence.document:{document.pk}"]


def test_a_completion_of_a_day_to_come_is_found(organisation):
    person = person_in_post(organisation)
    CompletionFactory(person=person, completed_on=TODAY)
    early = CompletionFactory(person=person, completed_on=TODAY + timedelta(days=1))

    assert broken("courses.completions_are_past") == [f"courses.completion:{early.pk}"]


def test_a_completion_after_midnight_in_london_is_not(organisation):
    CompletionFactory(
        person=person_in_post(organisation),
        completed_on=date(2026, 6, 11),
        recorded_at=NOW.replace(month=6, day=10, hour=23, minute=30),
    )

    assert broken("courses.completions_are_past") == []


def test_a_completion_that_rests_on_a_failed_attempt_is_found(attempt):
    Attempt.objects.filter(pk=attempt.pk).update(state="marked", submitted_at=NOW, marks=0, passed=False)
    completion = CompletionFactory(person=attempt.person, attempt=attempt, source=Completion.Source.CLASSROOM)

    assert broken("courses.quiz_completions_were_passed") == [f"courses.completion:{completion.pk}"]


@pytest.mark.parametrize(
    ("item_marks", "marks", "passed", "is_sound"),
    [
        (1, 1, True, True),
        (0, 0, False, True),
        (1, 1, False, False),
        (0, 0, True, False),
        (0, 1, True, False),
        (None, 1, True, False),
    ],
)
def test_marks_that_do_not_add_up_are_found(attempt, item_marks, marks, passed, is_sound):
    if item_marks is not None:
        question = question_of("quiz")
        version = QuestionVersion.objects.create(
            question=question, number=1, kind="single", stem="?", options=[], content_hash="0", created_at=NOW
        )
        AttemptItem.objects.create(attempt=attempt, slot=1, question_version=version, option_order=[], marks=item_marks)
    Attempt.objects.filter(pk=attempt.pk).update(state="marked", submitted_at=NOW, marks=marks, passed=passed)
    row = [f"quizzes.attempt:{attempt.pk}"]

    assert broken("quizzes.marks_add_up") == ([] if is_sound else row)
    assert broken("quizzes.attempts_are_whole") == (row if item_marks is None else [])


def test_an_attempt_of_another_quiz_is_found(attempt):
    other = Blueprint.objects.create(code="other", title="Other")
    Attempt.objects.filter(pk=attempt.pk).update(blueprint=other)

    assert broken("quizzes.attempts_name_their_quiz") == [f"quizzes.attempt:{attempt.pk}"]


def test_an_import_whose_counts_are_not_its_rows_is_found(organisation, time_machine):
    time_machine.move_to(NOW + timedelta(days=1))

    def batch(**counts: int) -> ImportBatch:
        made = ImportBatch.objects.create(
            organisation=organisation,
            file_name="staff.csv",
            file_sha256="0" * 64,
            as_of=TODAY,
            state="applied",
            counts=counts,
            created_at=NOW,
            applied_at=NOW,
        )
        ImportRow.objects.create(batch=made, number=2, action="create", person=person_in_post(organisation))
        ImportRow.objects.create(batch=made, number=3, action="error")
        return made

    batch(created=1, updated=0)
    wrong = batch(created=2)
    missing = batch(updated=0)

    assert broken("staff.import_counts_add_up") == [f"staff.importbatch:{made.pk}" for made in (wrong, missing)]
    time_machine.move_to(NOW + timedelta(days=1) + ROWS_KEPT_FOR)
    assert broken("staff.import_counts_add_up") == [], "rows that were forgotten in time are no fault"


@pytest.mark.django_db
def test_an_unknown_name_is_refused():
    code, result = check("--only", "quizzes.nonsense")

    assert code == 2
    assert "quizzes.nonsense" in result["refused"]


def test_a_long_list_of_rows_is_cut_and_says_so(organisation, monkeypatch):
    monkeypatch.setattr("lms.management.commands.check_invariants.MOST_ROWS_SHOWN", 2)
    for number in range(3):
        Document.objects.create(organisation=organisation, title=f"Empty {number}", kind="other", created_at=NOW)

    _, result = check("--only", "evidence.versions_are_numbered")

    assert len(result["invariants"][0]["rows"]) == 2
    assert result["invariants"][0]["more_rows"] is True


def test_a_published_policy_changed_behind_our_back_is_found(organisation):
    lead = member(organisation, "dspt-lead")
    dates = {"effective_on": TODAY, "review_by": TODAY + timedelta(days=365)}
    version = policies.create_policy(organisation, title="Acceptable use", body="Lock it.", by=lead, at=NOW, **dates)
    policies.approve(version, approved_as="DSPT lead", by=lead, at=NOW)
    policies.publish(version, by=lead, at=NOW)
    assert broken("registers.policies_are_as_approved") == []

    PolicyVersion.objects.filter(pk=version.pk).update(body="Lock it, or do not.")

    assert broken("registers.policies_are_as_approved") == [f"registers.policyversion:{version.pk}"]
