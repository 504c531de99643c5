"""The forms of the register of suppliers and partners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from accounts.policy import Access
from evidence.forms import UploadField
from evidence.models import DocumentVersion
from nhsuk.forms import DateField
from registers.due_diligence import rules
from registers.models.supplier_requests import AnswerReview
from registers.models.suppliers import Agreement, Sighting, Supplier

if TYPE_CHECKING:
    DocumentField = forms.ModelChoiceField[DocumentVersion]
else:
    DocumentField = forms.ModelChoiceField

ODS_CODE = r"^[A-Za-z0-9]{3,10}$"


class SupplierFilterForm(forms.Form):
    """What to show of the register."""

    SHOW = [("", "Current"), ("to-check", "Current, with something to do"), ("all", "Everyone, past ones too")]

    name = forms.CharField(label="Words in the name", required=False, max_length=100)
    show = forms.ChoiceField(label="Show", required=False, choices=SHOW)


class SupplierForm(forms.Form):
    """A supplier or partner."""

    name = forms.CharField(label="Name", max_length=200, error_messages={"required": "Enter their name."})
    category = forms.ChoiceField(
        label="What kind of supplier or partner?",
        choices=[("", "Choose one"), *Supplier.Category.choices],
        error_messages={"required": "Choose what kind they are."},
    )
    does = forms.CharField(
        label="What do they do for you?",
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Name the data they see, for example: keeps care plans and daily notes.",
        error_messages={"required": "Say what they do for you."},
    )
    handles = forms.ChoiceField(
        label="Which personal data do they handle for you?",
        choices=Supplier.Data,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose which data they handle."},
    )
    criticality = forms.ChoiceField(
        label="If they stopped tomorrow, what then?",
        choices=Supplier.Criticality,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what would happen."},
    )
    contact_name = forms.CharField(label="Whom to contact", max_length=100, required=False)
    contact_email = forms.EmailField(label="Their e-mail address", required=False)
    ods_code = forms.RegexField(
        ODS_CODE,
        label="Their ODS code, if they have one",
        required=False,
        help_text="The code under which they publish their DSPT, 3 to 10 letters and digits.",
        error_messages={"invalid": "An ODS code has 3 to 10 letters and digits."},
    )
    place = forms.ChoiceField(label="Where is the data?", choices=Supplier.Place, initial=Supplier.Place.UNKNOWN)
    transfers = forms.CharField(
        label="If it leaves the UK: how is it protected?", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    sub_processors = forms.CharField(
        label="Whom do they bring in to handle it?", required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    since = DateField(label="Working with you since", error_messages={"required": "Enter the day on which it began."})
    last_day = DateField(label="Last day, if it has ended or will end", required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, last = cleaned.get("since"), cleaned.get("last_day")
        if since and last and last < since:
            self.add_error("last_day", "The last day must not be before the first.")
        return cleaned


class DocumentChoice(DocumentField):
    """The newest version of a document in the organisation's library, or the one chosen before."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=DocumentVersion.objects.none(), required=False, empty_label="None", **kwargs)

    def offer(self, access: Access, chosen: int | None = None) -> None:
        mine = DocumentVersion.objects.visible_to(access)
        self.queryset = (mine.newest() | mine.filter(pk=chosen or 0)).select_related("document").order_by("document__title")


class SightingForm(forms.Form):
    """What somebody saw of a supplier's DSPT or certificate."""

    kind = forms.ChoiceField(
        label="What did you see?",
        choices=Sighting.Kind,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you saw."},
    )
    status = forms.ChoiceField(
        label="For the DSPT: which status?",
        required=False,
        choices=[("", "Choose one"), *[(s.value, s.label) for s in Sighting.Status if s != Sighting.Status.HELD]],
        help_text="Search for them under “Organisation search” on the national DSPT site.",
    )
    valid_until = DateField(label="For a certificate: its last valid day", required=False)
    seen_on = DateField(label="When did you see it?", error_messages={"required": "Enter the day on which you saw it."})
    note = forms.CharField(
        label="Where did you see it?",
        required=False,
        max_length=300,
        help_text="For example: public search page, certificate by e-mail.",
    )
    document = DocumentChoice(label="The document in your evidence, if you kept one")

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["document"].offer(access)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("kind")
        if kind == Sighting.Kind.DSPT:
            cleaned["valid_until"] = None
            if not cleaned.get("status"):
                self.add_error("status", "Choose which status you saw.")
        elif kind:
            cleaned["status"] = Sighting.Status.HELD
            if not cleaned.get("valid_until") and "valid_until" not in self.errors:
                self.add_error("valid_until", "Enter the last day on which the certificate is valid.")
        return cleaned


class AgreementForm(forms.Form):
    """A contract or agreement with a supplier or partner."""

    kind = forms.ChoiceField(
        label="What kind of agreement is it?",
        choices=Agreement.Kind,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what kind of agreement it is."},
    )
    title = forms.CharField(label="Title", max_length=200, error_messages={"required": "Enter a title."})
    start = DateField(label="In force from", error_messages={"required": "Enter its first day."})
    last_day = DateField(label="Last day", required=False, help_text="Leave this empty if it runs until somebody ends it.")
    review_by = DateField(label="Review it by", required=False)
    clauses = forms.MultipleChoiceField(
        label="Which of these did you find in it?",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Read the agreement and tick only what is there. Most come from UK GDPR article 28.",
    )
    document = DocumentChoice(label="The agreement in your evidence")

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["clauses"].choices = [(clause.key, clause.words) for clause in rules().clauses]  # type: ignore[attr-defined]
        self.fields["document"].offer(access, self.initial.get("document"))  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start = cleaned.get("start")
        for name, words in (("last_day", "The last day"), ("review_by", "The review date")):
            if start and cleaned.get(name) and cleaned[name] < start:
                self.add_error(name, f"{words} must not be before the first day.")
        return cleaned


class AskForm(forms.Form):
    """A question to a supplier."""

    send_to = forms.EmailField(
        label="Send the link to", required=False, help_text="Leave this empty to copy the link and send it yourself."
    )
    last_day = DateField(label="They answer by", error_messages={"required": "Enter the last day on which the link works."})
    message = forms.CharField(
        label="Anything you want to add or ask", required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )


class ReviewForm(forms.Form):
    """What we make of a supplier's answer."""

    verdict = forms.ChoiceField(
        label="What do you make of it?",
        choices=[(AnswerReview.Verdict.ACCEPTED, "Accept it"), (AnswerReview.Verdict.QUERIED, "Something is not clear")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose what you make of it."},
    )
    note = forms.CharField(label="What is not clear, or a note", required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("verdict") == AnswerReview.Verdict.QUERIED and not cleaned.get("note"):
            self.add_error("note", "Write down what is not clear.")
        return cleaned


class SupplierAnswerForm(forms.Form):
    """What a supplier says of itself."""

    DSPT = [
        (status.value, "We do not complete the DSPT" if status == Sighting.Status.NOT_NEEDED else status.label)
        for status in Sighting.Status
        if status != Sighting.Status.HELD
    ]
    CERTIFICATES = [
        ("", "Neither"),
        (Sighting.Kind.CYBER_ESSENTIALS.value, "Cyber Essentials"),
        (Sighting.Kind.CYBER_ESSENTIALS_PLUS.value, "Cyber Essentials Plus"),
    ]

    dspt_status = forms.ChoiceField(
        label="Your latest Data Security and Protection Toolkit (DSPT) status",
        choices=DSPT,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose your DSPT status."},
    )
    ods_code = forms.RegexField(
        ODS_CODE,
        label="Your ODS code, if you have one",
        required=False,
        help_text="The code under which you publish your DSPT, 3 to 10 letters and digits.",
        error_messages={"invalid": "An ODS code has 3 to 10 letters and digits."},
    )
    cyber_essentials = forms.ChoiceField(
        label="Do you hold Cyber Essentials?", required=False, choices=CERTIFICATES, widget=forms.RadioSelect
    )
    cyber_essentials_until = DateField(label="Last valid day of that certificate", required=False)
    iso27001_until = DateField(
        label="Last valid day of your ISO 27001 certificate", required=False, help_text="Leave this empty if you hold none."
    )
    file = UploadField(label="Send us a certificate", required=False, help_text="PDF, Word, Excel or a picture, up to 25 MB.")
    incidents = forms.ChoiceField(
        label="In the last 12 months, did you have a data security incident that touched our data, or could have?",
        choices=[("no", "No"), ("yes", "Yes")],
        widget=forms.RadioSelect,
        error_messages={"required": "Choose yes or no."},
    )
    incident_words = forms.CharField(
        label="If yes: what happened, and what did you change?",
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Do not name any person.",
    )
    sub_processors = forms.CharField(
        label="Who else handles our data for you?",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Name the companies and what they do. If nobody does, write “Nobody”.",
    )
    contact_name = forms.CharField(label="Whom should we contact about data security?", required=False, max_length=100)
    contact_email = forms.EmailField(label="Their e-mail address", required=False)
    answered_by = forms.CharField(
        label="Your name and job", max_length=150, error_messages={"required": "Say who answers: your name and your job."}
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        until = "cyber_essentials_until"
        if cleaned.get("cyber_essentials") and not cleaned.get(until) and until not in self.errors:
            self.add_error(until, "Enter the last day on which the certificate is valid.")
        if cleaned.get("incidents") == "yes" and not cleaned.get("incident_words"):
            self.add_error("incident_words", "Say in a sentence or two what happened.")
        return cleaned

    def values(self) -> dict[str, Any]:
        """What is kept of the answer: JSON values, dates as text."""
        kept = {name: value for name, value in self.cleaned_data.items() if name not in ("file", "answered_by")}
        dates = ("cyber_essentials_until", "iso27001_until")
        return kept | {name: kept[name].isoformat() if kept[name] else None for name in dates}
