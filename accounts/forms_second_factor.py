"""The forms of the second factor: django-allauth's, in our words, and with guessing slowed down in the database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts import throttle
from accounts.models import UsedCode, User

TRIES = 10
"""Wrong codes of one person within an hour, wherever they come from: only who knows the password comes so far."""
_LIVES = timedelta(minutes=3)
"""Longer than any code of an app is good for."""


def _code_field() -> forms.CharField:
    return forms.CharField(
        label="Code",
        help_text="The six figures that your app shows now, or one of your recovery codes.",
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )


class _CodeOnce:
    """A code that counts once: not for the next process, nor for whoever looked over a shoulder."""

    user: User
    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = _code_field()

    def clean_code(self) -> str:
        now = timezone.now()
        limits = [throttle.limit(TRIES, "second factor", str(self.user.pk))]
        if throttle.free_at(limits, at=now):
            raise ValidationError("Too many wrong codes. Wait an hour, then try again.")
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            throttle.note_failure(limits, at=now)
            raise
        UsedCode.objects.filter(user=self.user, at__lt=now - _LIVES).delete()
        typed = "".join(character for character in code if character.isalnum())
        digest = salted_hmac("accounts.used_code", typed, algorithm="sha256").hexdigest()
        try:
            with transaction.atomic():
                UsedCode.objects.create(user=self.user, digest=digest, at=now)
        except IntegrityError:
            raise ValidationError("That code was used already. Wait for the next one and try again.") from None
        return code


class CodeForm(_CodeOnce, AuthenticateForm):
    """A code, at signing in."""


class CodeAgainForm(_CodeOnce, ReauthenticateForm):
    """A code once more, before something that matters."""


class ActivateAppForm(_CodeOnce, ActivateTOTPForm):
    """The first code of an app, which shows that it is set up."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].help_text = "The six figures that your app shows now."


class AddKeyForm(AddWebAuthnForm):
    """A security key or passkey, with a name to know it by."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"] = forms.CharField(
            label="Name of the key", required=False, max_length=100, help_text="For example “my phone” or “blue key”."
        )
