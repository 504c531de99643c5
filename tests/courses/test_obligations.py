from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from courses.obligations import what_is_due_for
from courses.obligations_sql import obligations
from tests.courses.obligation_worlds import build, opinion, worlds
from tests.factories import OrganisationFactory

pytestmark = pytest.mark.django_db


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(world=worlds())
def test_one_person_many_people_and_a_walk_from_day_to_day_agree(db, world):
    organisation = OrganisationFactory()
    build(world, organisation)
    course_of = {course.pk: number for number, course in enumerate(world.courses)}

    single = what_is_due_for(world.persons, on=world.on)
    many = obligations(organisation, on=world.on)

    said: dict[int, dict] = {person.pk: {} for person in world.persons}
    for row in many:
        said[row.person_id][course_of[row.course_id]] = (
            row.state.value, row.due_on, row.baseline_due_on, row.is_paused, row.is_excused, row.is_overdue
        )  # fmt: skip
    for number, person in enumerate(world.persons):
        explained = {
            course_of[due.course.pk]: (
                due.status.state.value, due.due_on, due.baseline_due_on, due.when.is_paused, due.exemption is not None, due.is_overdue
            )
            for due in single[person.pk]
        }  # fmt: skip
        assert explained == opinion(world, number)
        assert said[person.pk] == explained
