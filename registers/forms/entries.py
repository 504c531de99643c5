"""The form of an entry, made from its model: the model says the questions, the choices and what is required."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db import models

from accounts.incoming import IncomingFile
from accounts.policy import Access
from evidence.models import DocumentVersion
from nhsuk.forms import DateField
from registers.models import Entry
from staff.importing.reading import MAX_FILE_BYTES
from staff.models import Unit

if TYPE_CHECKING:
    EntryModelForm = forms.ModelForm[Entry]
else:
    EntryModelForm = forms.ModelForm

RADIOS = 5
"""Up to so many choices are shown at once; more go into a list."""


def field_of(db_field: models.Field[Any, Any], **kwargs: Any) -> forms.Field | None:
    """The form field that the design system shows for a field of a model."""
    if isinstance(db_field, models.DateField):
        return DateField(
            label=db_field.verbose_name,
            required=not db_field.blank,
            help_text=db_field.help_text,
            error_messages={"required": f"{str(db_field.verbose_name).rstrip('?')}: enter a date."},
        )
    choices: list[tuple[Any, Any]] = list(db_field.choices or [])
    if choices:
        radios = len(choices) <= RADIOS and not db_field.blank
        return forms.ChoiceField(
            label=db_field.verbose_name,
            required=not db_field.blank,
            help_text=db_field.help_text,
            choices=choices if radios else [("", "Choose one"), *choices],
            widget=forms.RadioSelect if radios else forms.Select,
            initial=db_field.default if db_field.has_default() else None,
            error_messages={"required": f"{str(db_field.verbose_name).rstrip('?')}: choose one."},
        )
    if isinstance(db_field, models.TextField):
        kwargs["widget"] = forms.Textarea(attrs={"rows": 4})
    field = db_field.formfield(**kwargs)
    if field is not None and field.required:
        field.error_messages["required"] = f"{str(field.label).rstrip('?')}: this is needed."
    return field


class EntryForm(EntryModelForm):
    """An entry as a form. It checks; the services save.

    A field that names a row of another table offers the organisation's own.
    """

    class Meta:
        formfield_callback = field_of

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.organisation = access.organisation
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField):
                field.queryset = self.offered(name, _model_of(field), access)
                field.empty_label = "None"

    def offered(self, name: str, model: type[models.Model], access: Access) -> models.QuerySet[Any]:
        """The rows that a field may name."""
        if model is Unit:
            return Unit.objects.filter(organisation=access.organisation)
        if model is DocumentVersion:
            mine = DocumentVersion.objects.visible_to(access)
            chosen = getattr(self.instance, f"{name}_id", None)
            return (mine.newest() | mine.filter(pk=chosen or 0)).select_related("document")
        rows: models.QuerySet[Any] = model._default_manager.filter(organisation=access.organisation)
        return rows

    def values(self) -> dict[str, Any]:
        """What the service takes."""
        return dict(self.cleaned_data)


class ClosingForm(forms.Form):
    """Why an entry is closed, and from when."""

    on = DateField(label="From when?", error_messages={"required": "Enter the day."})
    reason = forms.CharField(
        label="Why?",
        max_length=300,
        error_messages={"required": "Say why."},
        help_text="For example: sold, replaced, entered by mistake.",
    )


class EntryFilterForm(forms.Form):
    """What to show of a register."""

    words = forms.CharField(label="Words", required=False, max_length=100)
    show = forms.ChoiceField(label="Show", required=False)

    def __init__(self, *args: Any, views: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["show"].choices = [("", "What is in use"), *views, ("closed", "Closed"), ("all", "Everything")]  # type: ignore[attr-defined]


class RegisterFileForm(forms.Form):
    """A spreadsheet to bring in."""

    file = IncomingFile(
        most_bytes=MAX_FILE_BYTES,
        label="Spreadsheet",
        help_text="CSV or Excel (.xlsx), up to 25 MB. The first row holds the headings.",
        error_messages={
            "too_large": "The file is larger than %(megabytes)s MB. Split it and import the parts.",
            "required": "Choose a file.",
        },
    )


def _model_of(field: forms.ModelChoiceField[Any]) -> type[models.Model]:
    assert field.queryset is not None  # noqa: S101  a model field always gives one
    model: type[models.Model] = field.queryset.model
    return model
