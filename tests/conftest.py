"""What every test may use."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.auth.signals import user_logged_in
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from accounts import second_factor
from accounts.models import Organisation
from content.loading import load as load_guidance
from courses.loading import load as load_courses
from tests import prepared_database
from tests.factories import NOW, OrganisationFactory, member

# A busy machine draws examples slowly; that says nothing of the code. Speed is measured by `make bench`.
hypothesis_settings.register_profile("tenfold", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("tenfold")


def _shows_a_second_factor(request, user, **_rest):
    second_factor.was_just_set_up(request, user)


DEAREST_FOLDERS = ("browser", "access", "assessment")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Modules that take minutes begin first, so that the other worker is not idle while one finishes the last of them."""
    places = {folder: place for place, folder in enumerate(DEAREST_FOLDERS)}
    items.sort(key=lambda item: places.get(item.path.parent.name, len(places)))


@pytest.fixture(autouse=True)
def _everybody_shows_a_second_factor(request: pytest.FixtureRequest) -> Iterator[None]:
    """Whoever signs in has just shown a second factor, except in tests marked ``asks_for_second_factor``."""
    if request.node.get_closest_marker("asks_for_second_factor"):
        yield
        return
    user_logged_in.connect(_shows_a_second_factor)
    yield
    user_logged_in.disconnect(_shows_a_second_factor)


@pytest.fixture(autouse=True, scope="session")
def _no_files_left_behind() -> Iterator[None]:
    yield
    shutil.rmtree(Path(settings.BLOB_ROOT).parent, ignore_errors=True)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_createdb: bool, django_db_modify_db_settings: None, django_db_blocker) -> bool:
    """Whether the database was copied from one that is kept, so that nothing needs migrating."""
    if django_db_createdb:
        return False
    with django_db_blocker.unblock():
        return prepared_database.restore()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_keepdb: bool, django_db_blocker) -> None:
    if not django_db_keepdb:
        with django_db_blocker.unblock():
            prepared_database.keep()


@pytest.fixture(scope="module")
def courses_that_ship(django_db_setup: None, django_db_blocker) -> Iterator[None]:
    """Guidance, courses and questions as they ship, loaded once for all tests of a module and rolled back after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_guidance(at=NOW)
        load_courses(at=NOW)
        yield
        transaction.set_rollback(True)


@pytest.fixture
def organisation(db: None) -> Organisation:
    return OrganisationFactory()


@pytest.fixture
def other_organisation(db: None) -> Organisation:
    return OrganisationFactory()


@pytest.fixture
def sign_in(client: Client):
    """``sign_in(organisation, Role.HR, ...)`` gives a client signed in as somebody with those roles; ``.user`` is who."""

    def signed_in_client(organisation: Organisation, *roles: str) -> Client:
        user = member(organisation, *roles)
        new = Client()
        new.force_login(user)
        new.user = user  # type: ignore[attr-defined]
        return new

    return signed_in_client
