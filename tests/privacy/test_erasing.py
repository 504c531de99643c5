"""The one door in append-only tables: it opens for the columns and rows that are named, and for nothing else."""

from __future__ import annotations

import pytest
from django.db import DatabaseError, transaction

from audit.erasing import NotErasableError, forget_rows, replace_values
from audit.models import Erasure
from courses.models import Completion, ReminderMail
from tests.factories import NOW, CompletionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def completion():
    return CompletionFactory(reference="Certificate of Ada Brown")


def refused(change):
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        change()


def test_a_fact_still_cannot_be_changed_or_deleted(completion):
    theirs = Completion.objects.filter(pk=completion.pk)

    refused(lambda: theirs.update(reference="softer"))
    refused(lambda: theirs._raw_delete("default"))


def test_an_erasure_lets_the_named_column_go_and_no_other(completion):
    theirs = Completion.objects.filter(pk=completion.pk)

    replace_values(Completion, {completion.pk: {"reference": "removed"}}, because="test:1", at=NOW)

    assert theirs.get().reference == "removed"
    assert list(Erasure.objects.values_list("table", "row", "columns", "because")) == [
        ("courses_completion", str(completion.pk), "reference", "test:1")
    ]
    refused(lambda: theirs.update(completed_on="2026-05-02"))
    refused(lambda: theirs.update(reference="x", score_percent=100))
    refused(lambda: theirs._raw_delete("default"))
    refused(lambda: Completion.objects.filter(pk=CompletionFactory(reference="another").pk).update(reference=""))


def test_columns_and_rows_that_no_model_names_are_refused_before_the_database_is_asked(completion):
    with pytest.raises(NotErasableError, match=r"courses\.Completion does not let go of completed_on"):
        replace_values(Completion, {completion.pk: {"completed_on": "2026-05-02"}}, because="test:1", at=NOW)
    with pytest.raises(NotErasableError, match="never go"):
        forget_rows(Completion, [completion.pk], because="test:1", at=NOW)
    assert not Erasure.objects.exists()


def test_a_row_of_a_log_goes_and_its_neighbour_stays(completion):
    person = completion.person
    gone, stays = (
        ReminderMail.objects.create(organisation=person.organisation, person=person, kind="own", on=day, made_at=NOW)
        for day in ("2026-05-01", "2026-05-02")
    )

    forget_rows(ReminderMail, [gone.pk], because="test:1", at=NOW)

    assert list(ReminderMail.objects.all()) == [stays]
    refused(lambda: ReminderMail.objects.filter(pk=stays.pk)._raw_delete("default"))


def test_what_was_erased_cannot_be_denied(completion):
    replace_values(Completion, {completion.pk: {"reference": ""}}, because="test:1", at=NOW)

    refused(lambda: Erasure.objects.update(because="nothing"))
    refused(lambda: Erasure.objects.all()._raw_delete("default"))
