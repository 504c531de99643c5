"""The form of a site."""

from django import forms

from accounts.enums import SiteType
from nhsuk.forms import DateField


class SiteForm(forms.Form):
    """A place where the organisation works, with its codes and dates."""

    name = forms.CharField(label="Name", max_length=200, help_text="With the town, so that it cannot be mistaken.")
    type = forms.ChoiceField(label="What kind of place is it?", choices=SiteType)
    ods_code = forms.CharField(label="ODS code (optional)", max_length=10, required=False)
    cqc_id = forms.CharField(
        label="CQC location id (optional)", max_length=20, required=False, help_text="For example 1-123456789."
    )
    opened_on = DateField(label="First day (optional)", required=False)
    closed_on = DateField(label="Last day (optional)", required=False, help_text="Only if it has closed, or is going to.")
