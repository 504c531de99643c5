"""Every privileged act leaves exactly one event, in the same transaction; doing it again changes nothing and leaves none."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.db import transaction

from accounts import services
from accounts.enums import Role
from accounts.models import Membership
from audit.models import Event
from staff.models import JoinerToken
from staff.services import joiners
from tests.factories import UserFactory, member

pytestmark = pytest.mark.django_db

AT = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)


def test_what_matters_is_on_the_trail_once(organisation):
    by, user = (
        member(organisation, Role.ORGANISATION_ADMIN),
        member(organisation, Role.STAFF, user=UserFactory(email="a@example.test")),
    )
    facts = {"organisation": organisation, "by": by, "at": AT}
    acts = {
        "accounts.role_granted": lambda: services.grant_role(user, role=Role.HR, **facts),
        "accounts.role_ended": lambda: services.end_role(Membership.objects.get(user=user, role=Role.HR), by=by, at=AT),
        "accounts.second_factor_required": lambda: services.require_second_factor(organisation, everybody=True, by=by, at=AT),
        "accounts.sessions_ended": lambda: services.end_sessions(user, **facts),
        "accounts.invited": lambda: services.invite(user, **facts),
        "accounts.password_changed": lambda: services.change_password(user, "lantern-river-apple", at=AT),
        "staff.joiner_token_made": lambda: joiners.make_token(name="Entra", directory="", **facts),
        "staff.joiner_token_revoked": lambda: joiners.revoke_token(JoinerToken.objects.get(), by=by, at=AT),
    }
    repeatable = {"accounts.second_factor_required", "accounts.sessions_ended", "accounts.invited", "accounts.password_changed"}

    for kind, act in acts.items():
        before = Event.objects.count()
        with transaction.atomic():
            act()
            transaction.set_rollback(True)
        assert Event.objects.count() == before, f"{kind}: taken back, and no event"
        act()
        assert list(Event.objects.order_by("-pk").values_list("type", flat=True)[: Event.objects.count() - before]) == [kind]
        if kind not in repeatable | {"staff.joiner_token_made"}:
            act()
            assert Event.objects.count() == before + 1, f"{kind}: again, and no second event"
