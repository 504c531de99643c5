"""What can only be done to rows in a state that the world shows none of: such rows, and the addresses to come to them by."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from assessment.loading import file_of
from assessment.models import Assessment, Response
from courses.allowances import decide_exemption, give_more_time
from courses.analyses import change_details
from courses.models import Completion, Course, Exemption, NeedsAnalysis
from courses.sessions import plan_session, put_on_list, record_session
from registers.models import Disposal
from registers.services import incident_handling
from registers.services.incidents import Report, report_incident
from staff.models import Person, Post, Unit
from tests.access import world
from tests.factories import member

Place = tuple[str, dict[str, Any]]
"""The name of an address, with the parts in which it differs from the world's."""


def in_other_states(side: world.Side) -> list[Place]:
    organisation, now = side.organisation, timezone.now()
    someone = {"by": member(organisation), "at": now}
    change_details(
        NeedsAnalysis.objects.get(pk=side.ids["analysis_id"]), review_on=timezone.localdate() + timedelta(days=300), **someone
    )
    exemption = Exemption.objects.create(
        person_id=side.ids["person_id"], reason="secondment", start=world.TODAY, requested_by=side.owner, requested_at=now
    )
    decide_exemption(exemption, approve=True, **someone)
    entry = Disposal.objects.filter(organisation=organisation, closed_on=None).last()
    completion = Completion.objects.filter(person__organisation=organisation, void=None).exclude(person__user=side.owner).first()
    return [
        ("registers:entry_change", {"entry_id": entry.pk}),
        ("registers:entry_close", {"entry_id": entry.pk}),
        ("registers:policy_template_use", {"template_code": "access-control"}),
        ("courses:exemption_end", {"exemption_id": exemption.pk}),
        ("courses:completion_withdraw", {"training_record_id": completion.pk}),
        ("staff:unit_close", {"unit_id": Unit.objects.create(organisation=organisation, name="Empty").pk}),
        ("assessment:response_not_applicable", {"response_id": _may_not_apply(side).pk}),
        *_of_training(side, someone),
        *_of_incidents(side, someone),
    ]


def _may_not_apply(side: world.Side) -> Response:
    assessment = Assessment.objects.select_related("edition").get(pk=side.ids["assessment_id"])
    numbers = [item.id for item in file_of(assessment.edition).items() if item.not_applicable == "allowed"]
    return Response.objects.filter(assessment=assessment, item__item_id__in=numbers).first()


def _of_training(side: world.Side, someone: dict[str, Any]) -> list[Place]:
    """More time that somebody was given, a session to come, and one that took place, with somebody recorded."""
    course = Course.objects.get(code=world.NOT_OF_AN_ORGANISATION["course_code"])
    others = Person.objects.of(side.organisation).filter(user=None).exclude(pk=side.ids["person_id"])
    slow, taught = others.filter(posts__in=Post.objects.covering(timezone.localdate())).distinct()[:2]
    give_more_time(slow, course, until=timezone.localdate() + timedelta(days=900), reason="Long absence", **someone)
    known = {"kind": "classroom", "held_on": timezone.localdate(), "place": "Staff room", "led_by": "Sam"}
    planned, held = (plan_session(side.organisation, course, **known, **someone) for _ in range(2))
    put_on_list(held, [taught], **someone)
    record_session(held, **someone)
    return [
        ("courses:more_time_end", {"person_id": slow.pk}),
        ("courses:session_edit", {"session_id": planned.pk}),
        ("courses:session_withdraw", {"session_id": held.pk}),
        ("courses:session_person_withdraw", {"session_person_id": held.people.get().pk}),
    ]


def _of_incidents(side: world.Side, someone: dict[str, Any]) -> list[Place]:
    """One that a decision is due about, one that nothing is left to be done about, and one that is closed."""
    report = Report(kind="incident", nature="other", what_happened="Something went wrong", noticed_at=world.AT)
    due, done, closed = (report_incident(side.organisation, report, key=uuid4(), **someone).incident for _ in range(3))
    weighed = {"role": "controller", "aware_at": world.AT, "vulnerable": False, "likelihood": 2, "impact": 2, "reason": "Read."}
    incident_handling.assess(due, is_breach=True, categories=["confidentiality"], **weighed, **someone)
    for incident in (done, closed):
        incident_handling.assess(incident, is_breach=False, categories=[], **weighed, **someone)
        incident_handling.learn(incident, theme="checking", root_cause="Hurry", lesson="Less of it", **someone)
    incident_handling.close(closed, words="Thank you.", **someone)
    return [
        ("registers:incident_decide", {"incident_id": due.pk}),
        ("registers:incident_close", {"incident_id": done.pk}),
        ("registers:incident_reopen", {"incident_id": closed.pk}),
    ]
