"""The forms about auditors from outside."""

from django import forms

from nhsuk.forms import DateField


class EngageForm(forms.Form):
    """Whom to invite, for what, until when."""

    email = forms.EmailField(label="E-mail address", max_length=150)
    first_name = forms.CharField(label="First name", max_length=150)
    last_name = forms.CharField(label="Last name", max_length=150)
    firm = forms.CharField(label="Firm or body they work for", max_length=200)
    terms = forms.CharField(
        label="What are they to look at?",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In a sentence or two.",
    )
    shows_names = forms.BooleanField(
        label="They may see the names of people in a sample",
        required=False,
        help_text="Otherwise a number stands for each person, and you show them records by it.",
    )
    ends_on = DateField(
        label="Last day on which they may read", help_text="Within a year. After it they see nothing, without you doing anything."
    )


class EndEngagementForm(forms.Form):
    """Why an audit ends early."""

    reason = forms.CharField(label="Why does it end early?", max_length=300)
