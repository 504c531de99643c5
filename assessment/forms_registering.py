"""The forms of the pages on which an organisation says what it is."""

from __future__ import annotations

from typing import Any

from django import forms

from accounts.enums import OrganisationType
from accounts.models import OrganisationProfile


class TypeForm(forms.Form):
    """What kind of organisation it is."""

    type = forms.ChoiceField(
        label="What kind of organisation are you?",
        choices=OrganisationType,
        help_text="Choose what you are registered as on the national site. It decides which list of requirements you answer.",
    )


class AnswersForm(forms.Form):
    """What the year's rules ask besides the type, and what staff need to know."""

    nhsmail_only = forms.ChoiceField(
        label="Is NHSmail your only e-mail system?",
        choices=OrganisationProfile.Answer,
        widget=forms.RadioSelect,
        help_text="Say no if anybody uses another address for work.",
    )
    published_before = forms.ChoiceField(
        label="What is the best that the national site has ever shown for you?",
        choices=OrganisationProfile.Before,
        widget=forms.RadioSelect,
        help_text="Before you came here. Some standards can be published only the first time.",
    )
    ico_number = forms.CharField(
        label="ICO registration number",
        max_length=20,
        required=False,
        help_text="On the certificate from the Information Commissioner’s Office, for example ZA123456.",
    )
    report_to = forms.CharField(
        label="Who should staff tell when something goes wrong?",
        help_text="A name or post and how to reach them. Staff see it while they learn.",
        max_length=200,
        required=False,
    )

    def __init__(self, *args: Any, asks_mail: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not asks_mail:
            del self.fields["nhsmail_only"]


class CertificatesForm(forms.Form):
    """Whether there is a certificate to enter."""

    holds_certificates = forms.ChoiceField(
        label="Do you hold any of these certificates?", choices=OrganisationProfile.Answer, widget=forms.RadioSelect
    )


class SitesForm(forms.Form):
    """Whether there is more than one place."""

    several_sites = forms.ChoiceField(
        label="Do you work at more than one address?", choices=OrganisationProfile.Answer, widget=forms.RadioSelect
    )
