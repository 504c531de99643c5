"""The design system's own promises: safe pages, loud mistakes, fields as components."""

import re

import pytest
from django import forms
from django.template import engines
from django.urls import reverse
from jinja2 import UndefinedError

from nhsuk.components import component_of, error_list
from nhsuk.forms import DateField
from nhsuk.middleware import ASKS_FOR_TOUCH


def render(source: str, **context) -> str:
    return engines["jinja2"].from_string(source).render(context)


class EveryField(forms.Form):
    name = forms.CharField(help_text="As on the payslip")
    notes = forms.CharField(widget=forms.Textarea)
    colour = forms.ChoiceField(choices=[("r", "Red"), ("b", "Blue")])
    size = forms.ChoiceField(choices=[("s", "Small"), ("l", "Large")], widget=forms.RadioSelect)
    extras = forms.MultipleChoiceField(choices=[("x", "Ex"), ("y", "Why")], widget=forms.CheckboxSelectMultiple)
    agree = forms.BooleanField(label="I agree")
    on = DateField(label="When?")
    file = forms.FileField()
    secret = forms.CharField(widget=forms.PasswordInput)


def test_every_kind_of_field_becomes_its_component():
    form = EveryField()

    names = [component_of(bound).name for bound in form]

    assert names == ["input", "textarea", "select", "radios", "checkboxes", "checkboxes", "date_input", "file_upload", "password"]


def test_fields_render_with_labels_hints_and_errors():
    form = EveryField({"name": "", "on_day": "31", "on_month": "2", "on_year": "2026", "size": "l"})
    source = '{% from "layouts/forms.jinja" import form_field, error_list %}{{ error_list(form) }}{% for f in form %}{{ form_field(f) }}{% endfor %}'

    html = render(source, form=form)

    assert "As on the payslip" in html
    assert "Enter a real date, for example 27 3 2026." in html
    assert 'name="on_day"' in html
    assert re.search(r'value="31"', html)
    assert re.search(r'<input[^>]*value="l"[^>]*checked', html)
    for href in re.findall(r'href="#([^"]+)"', html):
        assert f'id="{href}"' in html, f"the error summary leads to #{href}, which is not on the page"


def test_a_date_is_put_together_from_its_boxes():
    form = EveryField({"on_day": "29", "on_month": "2", "on_year": "2024"})
    form.is_valid()

    assert form.cleaned_data["on"].isoformat() == "2024-02-29"
    assert "on" not in form.errors


def test_errors_of_the_whole_form_stand_first():
    form = EveryField({})
    form.add_error(None, "Too late.")

    assert error_list(form)[0] == {"text": "Too late."}


def test_a_mistyped_name_is_loud_and_chains_until_then():
    assert render("{{ 'there' if not nothing.at.all else 'x' }}") == "there"
    with pytest.raises(UndefinedError):
        render("{{ nothing }}")
    with pytest.raises(UndefinedError):
        render("{{ nothing.at.all }}")


@pytest.mark.django_db
def test_pages_carry_a_strict_policy_and_their_scripts_its_nonce(client):
    response = client.get(reverse("accounts:sign_in"))

    policy = response["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([^']+)'", policy)[1]
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert all(f'nonce="{nonce}"' in tag for tag in re.findall(r"<script[^>]*>", response.text))
    assert not re.search(r"\son\w+=|\sstyle=|javascript:", response.text)
    assert response["X-Frame-Options"] == "DENY"
    assert response["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=()" in response["Permissions-Policy"]


@pytest.mark.django_db
def test_pages_fetch_nothing_from_elsewhere_and_show_no_logo(client):
    html = client.get(reverse("accounts:sign_in")).text

    assert re.findall(r'(?:src|href)="(https?:[^"]+)"', html) == []
    assert "nhsuk-header__logo" not in html


@pytest.mark.django_db
def test_the_cms_too_runs_no_script_that_is_written_into_a_page(client):
    policy = dict(part.split(" ", 1) for part in client.get("/cms/")["Content-Security-Policy"].split("; "))

    assert policy["script-src"] == "'self'"
    assert policy["script-src-attr"] == f"'unsafe-hashes' {ASKS_FOR_TOUCH}"
    assert (policy["object-src"], policy["base-uri"], policy["frame-ancestors"]) == ("'none'", "'none'", "'self'")


@pytest.mark.django_db
def test_personal_pages_are_never_kept_by_a_cache(sign_in, organisation):
    response = sign_in(organisation, "organisation-admin").get(reverse("accounts:organisation_detail"))

    assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
def test_a_missing_page_is_told_kindly(client, settings):
    response = client.get("/no/such/page/")

    assert response.status_code == 404
    assert "Page not found" in response.text
