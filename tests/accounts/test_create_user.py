"""The command that makes the first sign-in of an organisation."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from accounts.models import Membership, User

pytestmark = pytest.mark.django_db


def run(*args):
    out, err = StringIO(), StringIO()
    try:
        call_command("create_user", *args, "--json", stdout=out, stderr=err)
        code = 0
    except SystemExit as end:
        code = end.code
    return code, json.loads(out.getvalue()), err.getvalue()


def test_a_user_gets_roles_and_a_link_that_opens(organisation, client):
    code, result, _said = run(
        "Helen@Oak.example",
        "--organisation",
        organisation.ods_code.lower(),
        "--role",
        "hr",
        "--role",
        "staff",
        "--name",
        "Helen Price",
    )

    user = User.objects.get(username="helen@oak.example")
    assert code == 0
    assert {m.role for m in Membership.objects.filter(user=user)} == {"hr", "staff"}
    assert (user.first_name, user.last_name, user.has_usable_password()) == ("Helen", "Price", False)
    page = client.get(result["password_link"].removeprefix("http://localhost:8000"), follow=True)
    assert "Choose a password" in page.text


def test_an_unknown_organisation_is_refused(db):
    code, result, said = run("a@b.example", "--organisation", "NOBODY", "--role", "hr")

    assert code == 2
    assert "There is no organisation with the code NOBODY." in said
    assert "refused" in result
    assert not User.objects.filter(username="a@b.example").exists()


def test_a_name_that_is_taken_is_refused(organisation):
    run("a@b.example", "--organisation", organisation.ods_code, "--role", "hr")

    code, _result, said = run("A@b.example", "--organisation", organisation.ods_code, "--role", "hr")

    assert code == 2
    assert "Somebody already signs in as a@b.example." in said
