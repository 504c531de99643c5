"""The forms about training done elsewhere."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings

from accounts.incoming import IncomingFile
from accounts.models import Organisation
from courses import portable
from courses.models import Course, PriorLearning
from nhsuk.forms import DateField
from nhsuk.jinja import day
from staff.form_fields import PersonField

NOT_TAKEN = ""


class PriorLearningForm(forms.Form):
    """A certificate, or a training record as a file. The record says by itself what was done; of a certificate we ask it."""

    file = IncomingFile(
        most_bytes=settings.UPLOAD_MAX_BYTES,
        label="The certificate or the training record",
        help_text="A PDF or a picture of the certificate, or a training record as a .json file from another Tenfold.",
        widget=forms.FileInput(attrs={"accept": ".pdf,.png,.jpg,.jpeg,.json"}),
    )
    course = forms.ModelChoiceField(
        Course.objects.none(), label="Which course here is it like?", required=False, empty_label="Choose a course"
    )
    completed_on = DateField(label="When was it completed?", required=False)
    given_by = forms.CharField(
        label="Who gave the training?", help_text="As the certificate says.", max_length=200, required=False
    )
    reference = forms.CharField(label="Its number, if it has one", max_length=100, required=False)

    def __init__(self, *args: Any, organisation: Organisation, for_anybody: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        course: Any = self.fields["course"]
        course.queryset = Course.objects.available_to(organisation).published()
        self.content = b""
        if for_anybody:
            self.fields["person"] = PersonField(organisation=organisation, label="Whose training is it?", empty="Choose a person")
            self.order_fields(["person", "file"])

    @property
    def is_record(self) -> bool:
        return portable.is_record(self.content)

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        self.content = file.read()
        return file

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "person" in self.fields and "person" not in self.errors and cleaned.get("person") is None:
            self.add_error("person", "Choose whose training it is.")
        if self.content and not self.is_record:
            asked = {
                "course": "Choose the course.",
                "completed_on": "Enter the day on the certificate.",
                "given_by": "Enter who gave it.",
            }
            for name, words in asked.items():
                if name not in self.errors and not cleaned.get(name):
                    self.add_error(name, words)
        return cleaned


class PriorLearningDecisionForm(forms.Form):
    """What each line of a paper counts for here, or why not."""

    reason = forms.CharField(label="If you say no: why", max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, claim: PriorLearning, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.claim_lines = list(claim.lines.all())
        offered = list(Course.objects.available_to(organisation).published())
        self.offered = {str(course.pk): course for course in offered}
        for line in self.claim_lines:
            known = str(line.course_id) if str(line.course_id) in self.offered else NOT_TAKEN
            self.fields[f"line_{line.pk}"] = forms.ChoiceField(
                label=f"{line.title}, {day(line.completed_on)}",
                choices=[(NOT_TAKEN, "Do not take it"), *((str(course.pk), f"Counts as {course.title}") for course in offered)],
                required=False,
                initial=known,
                help_text=f"Number {line.reference}" if line.reference else "",
            )
        self.order_fields([*(f"line_{line.pk}" for line in self.claim_lines), "reason"])

    @property
    def courses(self) -> dict[int, Course | None]:
        """The course here by the id of the line."""
        return {line.pk: self.offered.get(self.cleaned_data.get(f"line_{line.pk}", "")) for line in self.claim_lines}


class KnownIssuerForm(forms.Form):
    """The key of an organisation elsewhere."""

    name = forms.CharField(label="Whose key is it?", help_text="The organisation, or who runs its Tenfold.", max_length=200)
    public_key = forms.CharField(
        label="The public key",
        help_text="43 letters and digits. They find it on the page “Training from elsewhere”.",
        max_length=60,
    )
    how_checked = forms.CharField(
        label="How you made sure that it is theirs",
        help_text="For example: read out by their training lead on the telephone, number from their website.",
        max_length=300,
    )
