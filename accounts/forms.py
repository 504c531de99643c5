"""Forms for signing in and for the organisation's own pages."""

from django import forms
from django.contrib.auth.forms import AuthenticationForm, SetPasswordForm

from accounts.enums import Role
from accounts.models import OrganisationProfile
from nhsuk.forms import DateField


class SignInForm(AuthenticationForm):
    """User name and password."""

    error_messages = {
        "invalid_login": "The user name or the password is wrong. Check both and try again.",
        "inactive": "This sign-in has been closed. Ask your organisation if that is a mistake.",
    }

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.fields["username"].label = "E-mail address or user name"


class ChoosePasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """A new password, twice."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = "New password"
        self.fields["new_password1"].help_text = "At least 12 characters. Three random words work well."
        self.fields["new_password2"].label = "The same password again"


class ProfileForm(forms.Form):
    """What the organisation says of itself from a date on."""

    effective_on = DateField(label="From which date do these answers apply?")
    nhsmail_only = forms.ChoiceField(
        label="Is NHSmail your only e-mail system?", choices=OrganisationProfile.Answer, widget=forms.RadioSelect
    )
    ico_number = forms.CharField(label="ICO registration number", max_length=20, required=False)
    report_to = forms.CharField(
        label="Who should staff tell when something goes wrong?",
        help_text="A name or post and how to reach them. Staff see it while they learn.",
        max_length=200,
        required=False,
    )


class RoleForm(forms.Form):
    """A role to give to a user of this organisation."""

    role = forms.ChoiceField(label="Role", choices=Role)
