"""What the tests of a return share besides their helpers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.db import transaction

from accounts.enums import Role
from accounts.models import Organisation, User
from assessment.models import Assessment, Publication
from reporting import charts
from tests.assessment import helpers as h
from tests.assessment.publications import published
from tests.factories import NOW, OrganisationFactory


@pytest.fixture(autouse=True, scope="session")
def _a_chart_is_drawn_once() -> Iterator[None]:
    """Every reading draws a chart, and here nearly all are alike: the same groups give the picture drawn before."""
    drawn: dict[str, str] = {}
    draw = charts._draw

    def draw_once(groups, **words):
        key = repr((groups, words))
        if key not in drawn:
            drawn[key] = draw(groups, **words)
        return drawn[key]

    with patch.object(charts, "_draw", draw_once):
        yield


@pytest.fixture
def frozen_clock(settings: Any, tmp_path: Path) -> Iterator[None]:
    """The day of the tests, and a store of files of their own."""
    settings.BLOB_ROOT = tmp_path / "blobs"
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def lead_client(sign_in: Any, organisation: Organisation) -> Any:
    return sign_in(organisation, Role.DSPT_LEAD)


@pytest.fixture
def lead(lead_client: Any) -> User:
    return lead_client.user


@pytest.fixture
def assessment(organisation: Organisation, lead: User) -> Assessment:
    h.shipped_edition()
    return h.opened(organisation, lead)


@pytest.fixture(scope="module")
def published_once(django_db_setup: None, django_db_blocker: Any) -> Iterator[int]:
    """The number of a publication (``tests.assessment.publications``) made once for all tests of a module, and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield published(OrganisationFactory()).pk
        transaction.set_rollback(True)


@pytest.fixture
def publication(db: None, published_once: int) -> Publication:
    return Publication.objects.get(pk=published_once)
