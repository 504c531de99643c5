"""The forms of rows of a file, for the registers that have pages of their own. A column names a field."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms

from accounts.models import Organisation
from evidence.models import DocumentVersion
from nhsuk.forms import DateField
from registers import check_answers
from registers.check_kinds import kinds
from registers.forms.actions import OwnerField, owner_of
from registers.forms.dpo import AdviceForm
from registers.forms.policies import UploadPolicyForm
from registers.forms.rights import MatterForm
from registers.forms.suppliers import SupplierForm
from registers.models import Audience, CheckOutcome, HeldCertificate, IncidentKind, Nature, Outcome, Scheme, Whose
from registers.models.actions import ActionUpdate
from registers.models.checks import outcome_of
from registers.models.rights import MatterKind, Way
from registers.models.suppliers import Agreement, Sighting
from registers.services.actions import Owner
from staff.models import Unit

STATUSES = [(s.value, s.label) for s in Sighting.Status if s != Sighting.Status.HELD]


class Row(forms.Form):
    """One row."""

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return dict(self.cleaned_data)


def words(label: str, error: str = "", **kwargs: Any) -> forms.CharField:
    """A field for a sentence or more."""
    return forms.CharField(
        label=label, required=bool(error), max_length=5000, widget=forms.Textarea, error_messages={"required": error}, **kwargs
    )


def choice(label: str, choices: Any, error: str = "", **kwargs: Any) -> forms.ChoiceField:
    """A field for one of some answers."""
    return forms.ChoiceField(
        label=label, required=bool(error), choices=[("", ""), *choices], error_messages={"required": error}, **kwargs
    )


class SupplierRow(Row, SupplierForm):
    """A supplier, with the newest look at its DSPT and the newest agreement with it."""

    dspt_status = choice("Their DSPT status, as on the public search page", STATUSES)
    dspt_seen_on = DateField(label="When you saw it", required=False)
    agreement = forms.CharField(label="The title of the contract or agreement", required=False, max_length=200)
    agreement_kind = choice("What kind it is", Agreement.Kind.choices)
    agreement_start = DateField(label="Its first day", required=False)
    agreement_last_day = DateField(label="Its last day; empty if it runs on", required=False)
    agreement_review_by = DateField(label="When to review it", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        cleaned["ods_code"] = cleaned.get("ods_code", "").upper()
        if bool(cleaned.get("dspt_status")) != bool(cleaned.get("dspt_seen_on")):
            self.add_error("dspt_seen_on", "Give both: the DSPT status, and the day on which you saw it.")
        start = cleaned.get("agreement_start")
        if cleaned.get("agreement"):
            if not start and "agreement_start" not in self.errors:
                self.add_error("agreement_start", "Enter the first day of the agreement.")
            if not cleaned.get("agreement_kind"):
                self.add_error("agreement_kind", "Say what kind of agreement it is.")
        for name, what in (("agreement_last_day", "The last day"), ("agreement_review_by", "The review date")):
            if start and cleaned.get(name) and cleaned[name] < start:
                self.add_error(name, f"{what} must not be before the first day.")
        return cleaned


class ActionRow(Row):
    """An action, with how it stands."""

    what = words("What is to be done", "Say what is to be done.")
    why = words("Why, if it needs saying")
    state = forms.ChoiceField(label="State", choices=ActionUpdate.State, initial=ActionUpdate.State.OPEN)
    owner = OwnerField(error_messages={"required": "Say who does it."})
    due_on = DateField(label="By when", error_messages={"required": "Enter the day by which it is to be done."})
    note = words("How it goes, what was done, or why it will not be")

    def __init__(self, *args: Any, organisation: Organisation, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation, self.today = organisation, today

    def clean_owner(self) -> Owner:
        return owner_of(self.cleaned_data["owner"], self.organisation, self.today)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("state") in ActionUpdate.State.values[1:] and not cleaned.get("note"):
            self.add_error("note", "Say what was done, or why it will not be done.")
        return cleaned


class IncidentRow(Row):
    """A report from the log that was kept before."""

    reported_on = DateField(label="The day it was reported", error_messages={"required": "Enter the day it was reported."})
    kind = choice(
        "Incident or near miss",
        [(IncidentKind.INCIDENT.value, "Incident"), (IncidentKind.NEAR_MISS.value, "Near miss")],
        "Say whether it was an incident or a near miss.",
    )
    nature = choice("What kind of thing went wrong", Nature.choices, "Say what comes closest.")
    what_happened = words("What happened, without names", "Say in a few words what happened.")
    what_was_done = words("What was done about it, without names")
    happened_on = DateField(label="The day it happened, if known", required=False)
    unit = forms.ModelChoiceField(Unit.objects.none(), label="The team or home, as on the staff list", required=False)
    whose = forms.ChoiceField(label="Whose information it was", choices=Whose, initial=Whose.UNKNOWN)
    people_affected = forms.IntegerField(label="How many people it touched", required=False, min_value=0, max_value=100_000_000)

    def __init__(self, *args: Any, organisation: Organisation, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["unit"].queryset = Unit.objects.filter(organisation=organisation)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        reported, happened = cleaned.get("reported_on"), cleaned.get("happened_on")
        if reported and reported > self.today:
            self.add_error("reported_on", "The day lies in the future.")
        if reported and happened and happened > reported:
            self.add_error("happened_on", "It cannot have happened after it was reported. Correct one of the two days.")
        return cleaned


class MatterRow(Row, MatterForm):
    """A rights request or complaint, with its answer."""

    way = forms.ChoiceField(label="How it came", choices=Way, initial=Way.OTHER)
    acknowledged_on = DateField(label="For a complaint: the day on which you acknowledged it", required=False)
    answered_on = DateField(label="The day on which you answered; empty if it is open", required=False)
    outcome = choice("How it ended", Outcome.choices)
    answer = words("What you answered, in a sentence without names")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if bool(cleaned.get("answered_on")) != bool(cleaned.get("outcome")):
            self.add_error("outcome", "Give both: the day of the answer, and how it ended.")
        if cleaned.get("answered_on") and not cleaned.get("answer"):
            self.add_error("answer", "Say in a sentence what you answered.")
        received, today = cleaned.get("received_on"), self.today
        for name in ("received_on", "acknowledged_on", "answered_on"):
            if cleaned.get(name) and not (received or today) <= cleaned[name] <= today:
                self.add_error(name, "The day must not be before the request came, and not in the future.")
        if cleaned.get("acknowledged_on") and cleaned.get("kind") != MatterKind.COMPLAINT:
            self.add_error("acknowledged_on", "Only a complaint is acknowledged. Leave the cell empty.")
        return cleaned


class CertificateRow(Row):
    """A certificate that the organisation holds."""

    scheme = choice("Which certificate it is", Scheme.choices, "Say which certificate it is.")
    number = forms.CharField(
        label="The number printed on it", max_length=60, error_messages={"required": "Enter the number printed on it."}
    )
    issued_on = DateField(label="Issued on", error_messages={"required": "Enter the day of issue."})
    expires_on = DateField(label="Last valid day", error_messages={"required": "Enter the last day on which it is valid."})
    covers_all = forms.BooleanField(label="Covers all", required=False)
    document = forms.ModelChoiceField(
        DocumentVersion.objects.none(), label="The document in your evidence, as it is called there", required=False
    )

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kept = DocumentVersion.objects.filter(document__organisation=organisation)
        held = kept.filter(pk__in=HeldCertificate.objects.filter(organisation=organisation).values("document"))
        self.fields["document"].queryset = (kept.newest() | held).select_related("document")  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        issued, expires = cleaned.get("issued_on"), cleaned.get("expires_on")
        if issued and expires and expires < issued:
            self.add_error("expires_on", "The last valid day must not be before the day of issue.")
        return cleaned


class CheckRow(Row):
    """A check that was done: all its answers, or in a word what it found."""

    kind = choice("Which check it was", [(kind.slug, kind.title) for kind in kinds().values()], "Say which check it was.")
    unit = forms.ModelChoiceField(
        Unit.objects.none(), label="The team or home, as on the staff list; empty for the whole organisation", required=False
    )
    done_on = DateField(label="The day of the check", error_messages={"required": "Enter the day of the check."})
    found = choice("What it found, all in all", CheckOutcome.choices)
    answers = words("The answers one a line, as we download them; empty if you only know what was found")
    note = words("Anything else")

    def __init__(self, *args: Any, organisation: Organisation, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        self.fields["unit"].queryset = Unit.objects.filter(organisation=organisation)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("done_on") and cleaned["done_on"] > self.today:
            self.add_error("done_on", "The day is still to come.")
        if not cleaned.get("found") and not cleaned.get("answers"):
            self.add_error("found", "Say what the check found.")
        elif cleaned.get("kind"):
            self._read_answers(cleaned)
        return cleaned

    def _read_answers(self, cleaned: dict[str, Any]) -> None:
        text = cleaned.get("answers") or check_answers.overall(RESULTS[cleaned["found"]])
        try:
            read = check_answers.read(kinds()[cleaned["kind"]], text)
        except check_answers.AnswersUnreadError as fault:
            self.add_error("answers", str(fault))
            return
        cleaned["answers"] = text
        found = outcome_of(answer for answer, _note in read.values())
        if cleaned.get("found") and cleaned["found"] != found:
            self.add_error("found", f"The answers say “{found.label}”. Correct one of the two.")
        cleaned["found"] = found.value


RESULTS = {CheckOutcome.IN_ORDER: "yes", CheckOutcome.TO_MEND: "no", CheckOutcome.NOT_ALL_SEEN: "not-seen"}


class PolicyRow(Row, UploadPolicyForm):
    """A policy that the organisation has elsewhere."""

    where = forms.CharField(
        label="Where staff find it: an address on the web or your network, or a place such as “green folder, office”",
        max_length=500,
        error_messages={"required": "Say where staff find it."},
    )
    audience = forms.ChoiceField(label="Who should read it", choices=Audience, initial=Audience.EVERYONE)
    file = None  # type: ignore[assignment]
    field_order = ("title", "effective_on", "review_by", "audience", "days_to_read", "where")

    def __init__(self, *args: Any, is_new: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["where"].required = is_new


class AdviceRow(Row, AdviceForm):
    """A question and the officer's answer."""
