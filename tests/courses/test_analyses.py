from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.urls import reverse

from accounts.enums import Role
from audit.models import AppendOnlyError, Event
from courses.analyses import approve, begin_draft, change_details, remove_line, save_line
from courses.invariants import analyses_are_as_approved
from courses.models import CourseVersion, NeedsAnalysis, NeedsApproval, TrainingNeed
from courses.needs import NeedRefusedError, set_need
from courses.needs_document import document_pdf
from courses.obligations import what_is_due, what_was_asked
from courses.simulation import simulate
from tests.content.markup import faults
from tests.factories import NOW, TODAY, CompletionFactory, CourseFactory, OrganisationFactory, member, person_in_post

pytestmark = pytest.mark.django_db
LATER = TODAY + timedelta(days=300)


@pytest.fixture(autouse=True)
def today(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def course(db):
    course = CourseFactory(title="Data security awareness")
    CourseVersion.objects.create(
        course=course, number=1, content={"title": "x", "modules": []}, content_hash="0" * 64, effective_on=TODAY, created_at=NOW
    )
    return course


@pytest.fixture
def writer(organisation):
    return member(organisation, Role.TRAINING_LEAD)


@pytest.fixture
def approver(organisation):
    return member(organisation, Role.SENIOR_REVIEWER)


def values(course, **changes):
    line = TrainingNeed()
    plain = {name: getattr(line, name) for name in ("level", "audience", "staff_groups", "frequency", "months", "starter_days")}
    return plain | {"course": course, "rationale": "They handle records."} | changes


def draft_of(organisation, writer, *lines, **details):
    draft = begin_draft(organisation, by=writer, at=NOW)
    for line in lines:
        save_line(draft, None, line, by=writer, at=NOW)
    return change_details(draft, by=writer, at=NOW, **({"review_on": LATER} | details))


def begun(organisation, course, **changes):
    plain = {"audience": "everyone", "months": 24, "starter_days": 30, "rationale": "x", "start": date(2020, 1, 1)}
    return set_need(organisation, course=course, by="system", at=NOW, **(plain | changes))


def test_a_draft_asks_nobody_until_somebody_else_approves_it(organisation, course, writer, approver):
    person = person_in_post(organisation, start=TODAY)
    draft = draft_of(organisation, writer, values(course))
    assert what_is_due(person, on=TODAY) == []

    approval = approve(draft, approved_as="SIRO", by=approver, at=NOW)

    assert [due.due_on for due in what_is_due(person, on=TODAY)] == [TODAY + timedelta(days=30)]
    assert (approval.starts_on, approval.is_own_work, approval.newly_overdue) == (TODAY, False, 0)
    assert approval.digest == NeedsAnalysis.objects.get().digest
    event = Event.objects.of_organisation(organisation.ods_code).get(type="courses.analysis_approved")
    assert event.summary["approved_as"] == "SIRO"
    with pytest.raises(AppendOnlyError):
        approval.save()


def test_the_next_version_takes_over_without_a_break_and_the_old_one_stays(organisation, course, writer, approver):
    person = person_in_post(organisation, start=date(2026, 4, 20))
    begun(organisation, course)
    first = draft_of(organisation, writer)
    approve(first, approved_as="SIRO", by=approver, at=NOW)
    second = draft_of(organisation, writer, starts_on=TODAY + timedelta(days=10))
    line = second.lines.get()
    save_line(second, line, {"course": course, "rationale": "Better words.", "staff_groups": ["Care"]}, by=writer, at=NOW)

    approve(second, approved_as="SIRO", by=approver, at=NOW)

    (due,) = what_is_due(person, on=TODAY + timedelta(days=12))
    assert (due.need.analysis, due.due_on) == (second, date(2026, 5, 20))
    assert [(one.start, one.end) for one in TrainingNeed.objects.order_by("pk")] == [
        (date(2020, 1, 1), TODAY),
        (TODAY, TODAY + timedelta(days=10)),
        (TODAY + timedelta(days=10), None),
    ]
    assert NeedsApproval.objects.get(analysis=first).digest == NeedsAnalysis.objects.get(pk=first.pk).digest
    with pytest.raises(NeedRefusedError, match="approved and stays as it is"):
        change_details(first, by=writer, at=NOW, summary="Other words.")


@pytest.mark.parametrize(
    ("details", "says"),
    [
        ({"review_on": None}, "Say when it is reviewed"),
        ({"review_on": TODAY}, "Say when it is reviewed"),
        ({"starts_on": TODAY - timedelta(days=1)}, "which is past"),
    ],
)
def test_an_incomplete_draft_is_refused(organisation, course, writer, approver, details, says):
    draft = draft_of(organisation, writer, values(course), **details)

    with pytest.raises(NeedRefusedError, match=says):
        approve(draft, approved_as="SIRO", by=approver, at=NOW)

    assert not NeedsApproval.objects.exists()


def test_a_draft_without_lines_or_of_anothers_course_is_refused(organisation, writer, approver):
    draft = draft_of(organisation, writer)
    with pytest.raises(NeedRefusedError, match="no line in it"):
        approve(draft, approved_as="SIRO", by=approver, at=NOW)
    with pytest.raises(NeedRefusedError, match="another organisation"):
        save_line(draft, None, values(CourseFactory(organisation=OrganisationFactory())), by=writer, at=NOW)


def test_who_wrote_it_approves_it_only_where_nobody_else_may(organisation, course):
    lead = member(organisation, Role.DSPT_LEAD)
    draft = draft_of(organisation, lead, values(course))
    other = member(organisation, Role.SENIOR_REVIEWER)
    with pytest.raises(NeedRefusedError, match="somebody else has to approve"):
        approve(draft, approved_as="Manager", by=lead, at=NOW)
    other.memberships.update(ended_at=NOW)

    assert approve(draft, approved_as="Manager", by=lead, at=NOW).is_own_work


def test_many_overdue_at_once_need_a_grace_or_a_word(organisation, course, writer, approver):
    """Twenty people, done 13 months ago; the draft shortens 24 months to 12."""
    line = begun(organisation, course)
    for _ in range(20):
        CompletionFactory(person=person_in_post(organisation), course=course, completed_on=date(2025, 4, 1))
    draft = draft_of(organisation, writer)
    save_line(draft, draft.lines.get(series=line.series), {"course": course, "rationale": "x", "months": 12}, by=writer, at=NOW)

    effect = simulate(draft, on=TODAY)
    assert (len(effect.joins), len(effect.leaves), len(effect.newly_overdue), effect.is_large) == (0, 0, 20, True)
    with pytest.raises(NeedRefusedError, match="make 20 people overdue on 1 May 2026"):
        approve(draft, approved_as="SIRO", by=approver, at=NOW)
    change_details(draft, by=writer, at=NOW, grace_until=TODAY + timedelta(days=60))
    assert not simulate(NeedsAnalysis.objects.get(), on=TODAY).newly_overdue

    approve(draft, approved_as="SIRO", by=approver, at=NOW)

    (due,) = what_is_due(course.completions.first().person, on=TODAY + timedelta(days=60))
    assert (due.due_on, due.is_overdue) == (TODAY + timedelta(days=60), False)
    assert "When this rule came in, everybody was given until 30 June 2026." in due.why


def test_a_large_change_goes_through_if_it_is_meant(organisation, course, writer, approver):
    person_in_post(organisation)
    draft = draft_of(organisation, writer, values(course, starter_days=0), starts_on=TODAY)
    assert len(simulate(draft, on=TODAY).joins) == 1

    approve(draft, approved_as="SIRO", by=approver, at=NOW, accepts_overdue=True)

    assert NeedsApproval.objects.get().newly_overdue == 0  # given until the first day itself


def test_leaving_the_analysis_closes_and_says_why(organisation, course, writer, approver):
    person = person_in_post(organisation)
    line = begun(organisation, course)
    draft = draft_of(organisation, writer, values(CourseFactory(title="Other")))
    remove_line(draft.lines.get(series=line.series), by=writer, at=NOW)
    assert [one.person_id for one in simulate(draft, on=TODAY).leaves] == [person.pk]

    approve(draft, approved_as="SIRO", by=approver, at=NOW)

    (closed,) = what_was_asked(person, on=TODAY)
    assert (closed.course, closed.last_day) == (course, TODAY - timedelta(days=1))
    assert closed.why == "The training needs analysis does not ask for it from the next day."


def test_a_line_written_anew_goes_on_from_its_like(organisation, course, writer):
    line = begun(organisation, course)
    draft = draft_of(organisation, writer)
    remove_line(draft.lines.get(), by=writer, at=NOW)

    again = save_line(draft, None, values(course, audience="everyone", months=6), by=writer, at=NOW)
    others = save_line(draft, None, values(course, audience="everyone", staff_groups=["Care"]), by=writer, at=NOW)

    assert again.series == line.series
    assert others.series != line.series


def test_the_document_is_drawn_with_what_was_approved(organisation, course, writer, approver):
    draft = draft_of(organisation, writer, values(course), summary="We asked every team.\n\nAnd listened.")
    assert document_pdf(draft, on=TODAY).startswith(b"%PDF")

    approve(draft, approved_as="SIRO", by=approver, at=NOW)

    assert document_pdf(NeedsAnalysis.objects.get(), on=TODAY) == document_pdf(NeedsAnalysis.objects.get(), on=TODAY)


# --- Pages ---------------------------------------------------------------------------------


def line_form(course, **changes):
    days = {"starter_days": "30", "mover_days": "30", "returner_days": "30", "returner_after_days": "28"}
    plain = {"course": course.pk, "level": "role", "audience": "with-access", "frequency": "rolling", "months": "12"}
    return plain | days | {"year_starts_month": "7", "rationale": "Because."} | changes


def test_the_way_from_a_draft_to_a_document(organisation, course, sign_in):
    person_in_post(organisation, staff_group="Care")
    lead, senior = sign_in(organisation, Role.TRAINING_LEAD), sign_in(organisation, Role.SENIOR_REVIEWER)
    lead.post(reverse("courses:needs_draft"))
    assert faults(lead.get(reverse("courses:need_create"))) == []
    refused = lead.post(reverse("courses:need_create"), line_form(course, frequency="rotation"))
    assert b"Tick the refreshers that take turns." in refused.content

    page = lead.post(
        reverse("courses:need_create"), line_form(course, staff_groups=["Care"], job_titles="Nurse\nCarer\n"), follow=True
    )

    assert faults(page) == []
    line = TrainingNeed.objects.get()
    assert (line.staff_groups, line.job_titles, line.start) == (["Care"], ["Nurse", "Carer"], None)
    assert faults(lead.get(reverse("courses:need_edit", args=[line.pk]))) == []
    assert faults(lead.get(reverse("courses:needs_details"))) == []
    day = {"review_on_day": "1", "review_on_month": "3", "review_on_year": "2027"}
    lead.post(reverse("courses:needs_details"), {"summary": "Asked all.", "change_note": ""} | day)
    assert faults(senior.get(reverse("courses:needs_check"))) == []

    done = senior.post(reverse("courses:needs_check"), {"approved_as": "SIRO"}, follow=True)

    assert faults(done) == []
    assert b"Version 1 is approved." in done.content
    assert b"Version 1, in force since 1 May 2026." in done.content
    version = NeedsAnalysis.objects.get()
    assert faults(senior.get(reverse("courses:needs_version", args=[version.pk]))) == []
    assert senior.get(reverse("courses:needs_pdf", args=[version.pk])).content.startswith(b"%PDF")


def test_the_lists_of_a_simulation_are_for_those_who_may_see_names(organisation, course, sign_in):
    lead, senior = sign_in(organisation, Role.TRAINING_LEAD), sign_in(organisation, Role.SENIOR_REVIEWER)
    person = person_in_post(organisation)
    draft_of(organisation, lead.user, values(course))
    address = reverse("courses:needs_check_csv", args=["joins"])

    rows = b"".join(lead.get(address).streaming_content).decode("utf-8-sig")

    assert person.staff_number in rows
    assert senior.get(address).status_code == 403


@pytest.mark.parametrize("role", [Role.SENIOR_REVIEWER, Role.AUDITOR, Role.HR])
def test_those_who_may_only_look_cannot_write(organisation, course, sign_in, role):
    client = sign_in(organisation, role)

    assert b"Begin the next version" not in client.get(reverse("courses:need_list")).content
    assert client.post(reverse("courses:needs_draft")).status_code == 403
    assert client.post(reverse("courses:need_create"), line_form(course)).status_code == 403
    assert not NeedsAnalysis.objects.exists()


def test_a_writer_cannot_approve_on_the_page(organisation, course, sign_in):
    lead = sign_in(organisation, Role.TRAINING_LEAD)
    draft_of(organisation, lead.user, values(course))

    lead.post(reverse("courses:needs_check"), {"approved_as": "Lead"})

    assert not NeedsApproval.objects.exists()


def test_an_approved_version_that_was_changed_behind_our_back_is_found(organisation, course, writer, approver):
    draft = draft_of(organisation, writer, values(course, units=[3], not_before=LATER, refreshers=[]))
    approve(draft, approved_as="SIRO", by=approver, at=NOW)
    assert list(analyses_are_as_approved()) == []

    TrainingNeed.objects.filter(analysis=draft).update(months=24)

    assert [fault.row for fault in analyses_are_as_approved()] == [f"courses.needsanalysis:{draft.pk}"]
