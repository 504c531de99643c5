"""The plan alone, without a database: a model of the staff list takes thousands of histories."""

from dataclasses import replace
from datetime import date
from itertools import count

from hypothesis import given, settings
from hypothesis import strategies as st

from staff.importing.entries import Options
from staff.importing.known import Known, KnownPerson
from staff.importing.mapping import guess
from staff.importing.parsing import RowParser
from staff.importing.planning import plan
from staff.importing.reading import Line

HEADINGS = [
    "Staff Number",
    "Last Name",
    "Assignment Number",
    "Unit",
    "Job Title",
    "Employment Type",
    "Has access",
    "Manager",
    "Start Date",
    "Leaving Date",
    "Absence from",
    "Absence to",
]
MAPPING = guess(HEADINGS)
_ids = count(1)


class StaffList:
    """What is on record, changed by plans as ``applying`` would change it."""

    def __init__(self):
        self.known = Known({}, {})

    def plan(self, rows, *, is_complete, as_of):
        options = Options(as_of, is_complete, True, {name: heading for heading, name in MAPPING.items()})
        lines = (Line(number, range(len(row)), row, {}) for number, row in enumerate(rows, start=2))
        return plan(map(RowParser(HEADINGS, MAPPING), lines), self.known, options)

    def take(self, rows, **options):
        result = self.plan(rows, **options)
        self.known.units.update({name.casefold(): name for name in result.units})
        for entry in result.entries:
            person = self.known.people.setdefault(
                entry.staff_number, KnownPerson(next(_ids), entry.staff_number, "", "", "", is_local=False)
            )
            for name in ("first_name", "last_name", "email"):
                setattr(person, name, entry.person.get(name, getattr(person, name)))
            person.posts = sorted(
                (replace(post, id=post.id or next(_ids)) for post in entry.posts), key=lambda post: (post.start, post.id)
            )
            person.absences.update({start: (pk or next(_ids), end) for pk, start, end in entry.absences})
        return result


_days = st.dates(date(2024, 1, 1), date(2027, 12, 31)).map(lambda d: d.strftime("%d/%m/%Y"))
_maybe = st.one_of(st.just(""), _days)
_row = st.tuples(
    st.sampled_from(["1", "2", "3", "4"]),
    st.sampled_from(["Okafor", "Li", ""]),
    st.sampled_from(["", "", "A1", "A2", "A3"]),
    st.sampled_from(["", "Ward 3", "ward 3", "Ward 4"]),
    st.sampled_from(["", "Nurse", "Cook"]),
    st.sampled_from(["", "Bank", "Permanent", "Wizard"]),
    st.sampled_from(["", "yes", "no"]),
    st.sampled_from(["", "1", "2", "3", "9"]),
    _maybe,
    _maybe,
    _maybe,
    _maybe,
)
_files = st.lists(
    st.tuples(st.lists(_row, min_size=1, max_size=6), st.booleans(), st.dates(date(2024, 6, 1), date(2027, 6, 1))),
    min_size=1,
    max_size=5,
)


def overlaps(one, other):
    return (one.end is None or one.end > other.start) and (other.end is None or other.end > one.start)


@settings(max_examples=500, deadline=None)
@given(_files)
def test_after_any_history_the_last_file_again_changes_nothing_and_posts_never_overlap(files):
    staff = StaffList()
    for rows, is_complete, as_of in files:
        result = staff.take(rows, is_complete=is_complete, as_of=as_of)
        counts = result.counts()
        people = {row[0] for row in rows}
        assert counts["created"] + counts["updated"] + counts["rehired"] + counts["unchanged"] + counts["left"] - counts[
            "proposed_leavers"
        ] <= len(people)

    assert staff.plan(rows, is_complete=is_complete, as_of=as_of).entries == []
    for person in staff.known.people.values():
        for one in person.posts:
            assert one.end is None or one.end > one.start
            assert one.manager != person.staff_number
            assert not any(
                overlaps(one, p) for p in person.posts if p.id != one.id and p.assignment_number == one.assignment_number
            )


@settings(max_examples=500, deadline=None)
@given(_files)
def test_managers_never_form_a_loop(files):
    staff = StaffList()
    as_of = max(day for _, _, day in files)
    for rows, is_complete, _ in files:
        staff.take(rows, is_complete=is_complete, as_of=as_of)

    above = {
        number: {post.manager for post in person.posts if not post.has_ended(as_of)} - {""}
        for number, person in staff.known.people.items()
    }
    for number in above:
        seen, waiting = set(), list(above[number])
        while waiting:
            manager = waiting.pop()
            assert manager != number
            if manager not in seen:
                seen.add(manager)
                waiting += above.get(manager, ())
