"""The words of reminders. Plain text: a link, the time it takes and whom to ask; of the reader only the first name."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.urls import reverse

from accounts.models import Organisation
from courses.models import Course, CourseVersion
from courses.reminders.reach import Reached
from courses.reminders.teams import Digest
from nhsuk.jinja import day
from staff.models import Person

MOST_LINES = 40
"""Lines of a team that stand in an e-mail; the team page has all."""


@dataclass(frozen=True)
class Words:
    """Subject and text of one e-mail."""

    subject: str
    text: str


@dataclass(frozen=True)
class Titles:
    """The courses that reminders speak of, and how long each takes."""

    titles: Mapping[int, str]
    minutes: Mapping[int, int]

    @classmethod
    def of(cls, courses: Collection[int], *, on: date) -> Titles:
        """Two queries, however many courses."""
        titles = dict(Course.objects.filter(pk__in=courses).values_list("pk", "title"))
        contents = CourseVersion.objects.in_force(on).filter(course__in=courses).values_list("course", "content")
        minutes = {pk: sum(int(module.get("minutes", 0)) for module in content.get("modules", [])) for pk, content in contents}
        return cls(titles, {pk: number for pk, number in minutes.items() if number})

    def line(self, one: Reached, *, on: date) -> str:
        """One course and its date, such as “Data security awareness: due by 30 June 2026. It takes about 40 minutes”."""
        when = "was due by" if one.due_on < on else "due by"
        takes = f" It takes about {self.minutes[one.course_id]} minutes." if one.course_id in self.minutes else ""
        return f"{self.titles[one.course_id]}: {when} {day(one.due_on)}.{takes}"


def own_words(
    organisation: Organisation, person: Person, found: Sequence[Reached], *, titles: Titles, on: date, asked_by: str = ""
) -> Words:
    """To a person, about everything of theirs of which a step has come, or that somebody asks them to do."""
    late = sum(one.due_on < on for one in found)
    first = min(one.due_on for one in found)
    subject = f"Your training is overdue: {_courses(late)}" if late else f"Your training is due by {day(first)}"
    lines = "\n".join(f"- {titles.line(one, on=on)}" for one in sorted(found, key=lambda one: (one.due_on, one.course_id)))
    begin = f"At {organisation.name} you have training to do"
    if asked_by:
        begin = f"{asked_by} asks you to do your training at {organisation.name}"
    text = (
        f"Hello {person.first_name or 'there'},\n\n"
        f"{begin}:\n\n{lines}\n\n"
        f"Start here, or go on where you stopped:\n{_address('courses:my_training')}\n\n"
        "You can do it in parts, on a phone, a tablet or a computer.\n\n"
        "If you cannot get in, or there is no time for it at work, ask your manager. If you have done it already "
        "somewhere else, ask your manager how to have that recorded.\n"
    )
    return Words(subject, text)


def team_words(
    organisation: Organisation, manager: Person, digest: Digest, *, people: Mapping[int, Person], titles: Titles, on: date
) -> Words:
    """To a manager, about the whole team: counts, then names with what is due. Nothing of marks or attempts."""
    late = [one for one in digest.team if one.due_on < on]
    coming = [one for one in digest.team if one.due_on >= on]
    late_people, coming_people = len({one.person_id for one in late}), len({one.person_id for one in coming})
    parts = [
        f"Hello {manager.first_name or 'there'},",
        f"Your team’s training at {organisation.name}: overdue for {_people(late_people)}, due soon for {_people(coming_people)}.",
    ]
    for heading, lines in (
        ("Overdue", late),
        ("Due soon", coming),
        ("Passed on to you, because it has been overdue for weeks with people further down", digest.passed_on),
    ):
        if lines:
            parts.append(f"{heading}:\n" + _listed(lines, people=people, titles=titles, on=on))
    unreached = {one.person_id: people[one.person_id] for one in digest.team if not people[one.person_id].email}
    if unreached:
        named = ", ".join(sorted(str(person) for person in unreached.values()))
        parts.append(f"Without an e-mail address, so please tell them yourself or hand them their letter: {named}.")
    parts += [
        f"Your team’s page has everybody:\n{_address('courses:team_list')}",
        "People who are away or excused are left out. If somebody is not in your team, say so on that page. "
        "We write at most once a week.",
    ]
    counted = late_people or coming_people
    subject = (
        f"Your team’s training: {_people(late_people)} overdue" if late else f"Your team’s training: {_people(counted)} due soon"
    )
    if not digest.team:
        subject = f"Training overdue for weeks: {_people(len({one.person_id for one in digest.passed_on}))}"
    return Words(subject, "\n\n".join(parts) + "\n")


def _listed(lines: Iterable[Reached], *, people: Mapping[int, Person], titles: Titles, on: date) -> str:
    found = [
        f"- {people[one.person_id]}, {titles.titles[one.course_id]}: {'was due by' if one.due_on < on else 'due by'} {day(one.due_on)}"
        for one in lines
    ]
    more = [f"- and {len(found) - MOST_LINES} more on your team’s page"] if len(found) > MOST_LINES else []
    return "\n".join(found[:MOST_LINES] + more)


def _address(name: str) -> str:
    return settings.BASE_URL.rstrip("/") + reverse(name)


def _people(number: int) -> str:
    return "nobody" if not number else "1 person" if number == 1 else f"{number} people"


def _courses(number: int) -> str:
    return "1 course" if number == 1 else f"{number} courses"
