"""Keys that say of which table they are."""

import pytest

from accounts.models import Organisation
from staff.models import Person
from tests.access.keys import APART, keys_apart, table_of
from tests.factories import OrganisationFactory, PersonFactory

pytestmark = pytest.mark.django_db


def test_a_key_says_of_which_table_it_is():
    with keys_apart():
        person = PersonFactory()
        known = table_of(person.pk), table_of(person.organisation.pk)

    assert known == (Person._meta.db_table, Organisation._meta.db_table)
    assert [table_of(number) for number in (1, APART - 1, 98_765_432)] == [None, None, None]


def test_afterwards_rows_are_numbered_as_before():
    before = OrganisationFactory().pk
    with keys_apart():
        OrganisationFactory()
    after = OrganisationFactory().pk

    assert after == before + 1
    assert Organisation.objects.filter(pk__gt=before).count() == 1
