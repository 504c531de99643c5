"""Whether training works: what people say of it, and what phishing exercises came to. Figures only, small numbers hidden."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q

from accounts.models import Organisation
from courses.models import Agreement, Course, CourseFeedback
from reporting.models import PhishingExercise
from reporting.rates import percent_of
from reporting.small_numbers import fewest_of

STATEMENTS = {
    "fits_work": "It fitted the work I do",
    "was_clear": "It was clear",
    "will_use": "I will do something differently, or go on doing it right",
}
AGREES = (Agreement.YES, Agreement.MOSTLY)


@dataclass(frozen=True)
class Opinion:
    """How many agreed with one sentence, of those who answered."""

    statement: str
    agreed: int
    answered: int

    @property
    def percent(self) -> str | None:
        return percent_of(self.agreed, self.answered)


@dataclass(frozen=True)
class Campaign:
    """One phishing exercise with its units added up. What the file did not say is None."""

    name: str
    sent_on: date
    sent: int
    opened: int | None
    clicked: int
    reported: int | None

    @property
    def clicked_percent(self) -> str | None:
        return percent_of(self.clicked, self.sent)

    @property
    def reported_percent(self) -> str | None:
        return None if self.reported is None else percent_of(self.reported, self.sent)


@dataclass(frozen=True)
class Evaluation:
    """What is known of a period. ``opinions`` is empty where too few answered; ``answers`` is then None."""

    since: date
    until: date
    answers: int | None
    opinions: tuple[Opinion, ...]
    campaigns: tuple[Campaign, ...]
    fewest: int

    @property
    def feedback_in_words(self) -> str:
        """One sentence for a page or a document."""
        if self.answers is None:
            return f"Fewer than {self.fewest} people said what they think of the course, so it is not shown."
        if not self.opinions:
            return "Nobody has said yet what they think of the course."
        shares = ", ".join(f"{one.percent}% “{one.statement}”" for one in self.opinions)
        return f"Of {self.answers:,} who answered without a name: {shares}."

    @property
    def phishing_in_words(self) -> str:
        """The latest exercise beside the first of the period, in one sentence."""
        if not self.campaigns:
            return "No phishing exercise was recorded."
        last = self.campaigns[0]
        words = f"In the latest phishing exercise {last.clicked_percent}% of {last.sent:,} clicked"
        words += f" and {last.reported_percent}% reported it" if last.reported is not None else ""
        if len(self.campaigns) > 1:
            first = self.campaigns[-1]
            words += f"; in the first of the year {first.clicked_percent}% clicked"
        return f"{words}."


def evaluation_of(
    organisation: Organisation, course: Course, *, since: date, until: date, fewest: int | None = None
) -> Evaluation:
    """What people said of the course, and the phishing exercises, between two days. Three statements.

    ``fewest`` is the smallest group shown; the organisation's when not given.
    """
    fewest = fewest_of(organisation) if fewest is None else fewest
    answers, opinions = _opinions(organisation, course, since=since, until=until, fewest=fewest)
    return Evaluation(since, until, answers, opinions, campaigns_of(organisation, since=since, until=until), fewest)


def _opinions(
    organisation: Organisation, course: Course, *, since: date, until: date, fewest: int
) -> tuple[int | None, tuple[Opinion, ...]]:
    given = CourseFeedback.objects.filter(organisation=organisation, course=course, month__range=(since.replace(day=1), until))
    agreed = {name: Count("pk", filter=Q(**{f"{name}__in": AGREES})) for name in STATEMENTS}
    found = given.order_by().aggregate(answered=Count("pk"), **agreed)
    answered = found["answered"]
    if 0 < answered < fewest:
        return None, ()
    if not answered:
        return 0, ()
    return answered, tuple(Opinion(words, found[name], answered) for name, words in STATEMENTS.items())


def campaigns_of(organisation: Organisation, *, since: date, until: date) -> tuple[Campaign, ...]:
    """The exercises between two days, the latest first, their units added up."""
    rows = PhishingExercise.objects.standing().filter(organisation=organisation).sent_between(since, until)
    together: dict[tuple[date, str], list[PhishingExercise]] = defaultdict(list)
    for row in rows:
        together[row.sent_on, row.campaign].append(row)
    return tuple(
        Campaign(name, on, sum(one.sent for one in parts), _sum([one.opened for one in parts]),
                 sum(one.clicked for one in parts), _sum([one.reported for one in parts]))
        for (on, name), parts in sorted(together.items(), key=lambda pair: (pair[0][0], pair[0][1]), reverse=True)
    )  # fmt: skip


def _sum(numbers: Sequence[int | None]) -> int | None:
    """None as soon as one part did not say."""
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None
