"""Forms for signing in and for the organisation's own pages."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.forms import LoginForm, ReauthenticateForm
from django import forms
from django.contrib.auth.forms import SetPasswordForm

from accounts.enums import Role
from accounts.models import Organisation


class SignInForm(LoginForm):
    """User name and password."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label="E-mail address or user name",
            max_length=150,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        )
        self.fields["password"] = forms.CharField(
            label="Password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
        )


class PasswordAgainForm(ReauthenticateForm):
    """The password once more, before something that matters."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = forms.CharField(
            label="Password", strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
        )


class ChoosePasswordForm(SetPasswordForm):  # type: ignore[type-arg]
    """A new password, twice."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label = "New password"
        self.fields["new_password1"].help_text = "At least 12 characters. Three random words work well."
        self.fields["new_password2"].label = "The same password again"
        self.fields["new_password2"].help_text = ""


class ChangePasswordForm(ChoosePasswordForm):
    """The present password, and a new one twice."""

    field_order = ("present_password", "new_password1", "new_password2")
    present_password = forms.CharField(
        label="Your present password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def clean_present_password(self) -> str:
        password: str = self.cleaned_data["present_password"]
        if not get_adapter().reauthenticate(self.user, password):
            raise forms.ValidationError("The password is wrong. Try again.")
        return password


class RoleForm(forms.Form):
    """A role to give to a user of this organisation. An auditor from outside is invited to a return instead."""

    role = forms.ChoiceField(label="Role")

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        without = {Role.INVITED_AUDITOR} if organisation.branches.exists() else {Role.INVITED_AUDITOR, Role.HEAD_OFFICE}
        choices = [choice for choice in Role.choices if choice[0] not in without]
        self.fields["role"].choices = choices  # type: ignore[attr-defined]


class SignInRulesForm(forms.Form):
    """Who needs a second factor."""

    everybody = forms.ChoiceField(
        label="Who needs a second way to prove who they are?",
        choices=[("no", "Everybody who may do more than learn"), ("yes", "Everybody with a password")],
        widget=forms.RadioSelect,
        help_text="People who sign in with a letter's code can only learn, and need none.",
    )


class LostFactorForm(forms.Form):
    """How an administrator made sure who somebody is who lost their second factor."""

    reason = forms.CharField(
        label="How did you make sure that it is them?",
        help_text="For example: I met them, or called them on the number that HR holds. It stays on the audit trail.",
        max_length=200,
    )
