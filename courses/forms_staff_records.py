"""The forms about inductions, contract clauses and training for key posts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms

from accounts.models import Organisation
from courses.models import RecordKind
from courses.staff_record_figures import Line
from nhsuk.forms import DateField
from nhsuk.jinja import day
from staff.form_fields import UnitField

WHAT = {
    RecordKind.INDUCTION: ("What the induction covered", "For example: confidentiality, passwords, fake e-mails, how to report."),
    RecordKind.CONTRACT: ("What was signed", "For example: contract of employment of 2026, clause 14 on confidentiality."),
    RecordKind.POST_TRAINING: ("What the training was", "For example: Caldicott Guardian e-learning, half a day."),
}
WHEN = {
    RecordKind.INDUCTION: "When it was given",
    RecordKind.CONTRACT: "When it was signed",
    RecordKind.POST_TRAINING: "When it was completed",
}


class AsAtForm(forms.Form):
    """The day of the figures."""

    on = DateField(label="As at", required=False)


class WhoseForm(forms.Form):
    """Of which unit the people are listed."""

    def __init__(self, *args: Any, organisation: Organisation, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["unit"] = UnitField(
            organisation=organisation, on=on, empty="Everybody", label="Unit, and all below it", required=False
        )


class StaffRecordForm(forms.Form):
    """The same record for several people."""

    whom = forms.MultipleChoiceField(
        label="For whom", widget=forms.CheckboxSelectMultiple, error_messages={"required": "Choose at least one person."}
    )
    happened_on = DateField(label="When")
    detail = forms.CharField(label="What", max_length=300)

    def __init__(self, *args: Any, kind: RecordKind, lines: Sequence[Line], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        whom: Any = self.fields["whom"]
        self.lines = {line.key: line for line in lines}
        whom.choices = [(line.key, _named(line)) for line in lines]
        self.fields["happened_on"].label = WHEN[kind]
        self.fields["detail"].label, self.fields["detail"].help_text = WHAT[kind]

    @property
    def chosen(self) -> list[Line]:
        return [self.lines[key] for key in self.cleaned_data["whom"]]


class StaffRecordWithdrawForm(forms.Form):
    """Why a record does not stand."""

    reason = forms.CharField(
        label="Why does this record not stand?",
        help_text="An auditor will read this. One sentence, without anybody’s name.",
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
    )


def _named(line: Line) -> str:
    since = f"{line.key_post_name} since {day(line.since)}" if line.key_post else f"here since {day(line.since)}"
    recorded = f", last recorded {day(line.recorded_on)}" if line.recorded_on else ""
    return f"{line.person} ({line.person.staff_number}), {since}{recorded}"
