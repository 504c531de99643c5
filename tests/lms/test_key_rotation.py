"""A new SECRET_KEY, with the former one beside it, signs nobody out and breaks nothing that was handed out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from accounts import services
from accounts.codes import CodeRefusedError, make_codes, use_code
from accounts.enums import Role
from accounts.sign_in import SecondFactorAdapter
from staff.services import joiners
from tests.factories import member

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize("former_is_known", [True, False])
def test_what_was_handed_out_holds_while_the_former_key_is_known(organisation, settings, sign_in, former_is_known):
    client = sign_in(organisation, Role.STAFF)
    by, learner = member(organisation, Role.ORGANISATION_ADMIN), member(organisation, Role.STAFF)
    code = make_codes([learner], organisation=organisation, by=by, at=AT)[learner.pk]
    token = joiners.make_token(organisation, name="Entra", directory="", by=by, at=AT)
    link = services.password_link(learner).removeprefix(settings.BASE_URL)
    secret = SecondFactorAdapter().encrypt("the app's secret")
    Authenticator.objects.create(user=learner, type=Authenticator.Type.TOTP, data={"secret": secret})

    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if former_is_known else []
    settings.SECRET_KEY = "another-" + "y" * 50

    def opens(way) -> bool:
        try:
            return bool(way())
        except (CodeRefusedError, ValueError):
            return False

    held = {
        "session": client.get("/my-training/").status_code == 200,
        "invitation": Client().get(link).status_code == 302,
        "letter": opens(lambda: use_code(code, user=learner, organisation=organisation, account="a", network="n", at=AT)),
        "directory": joiners.token_of(token, at=AT) is not None,
    }
    assert held == dict.fromkeys(held, former_is_known)
    if former_is_known:
        assert SecondFactorAdapter().decrypt(secret) == "the app's secret"
