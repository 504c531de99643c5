"""What a file does to the staff list: every rule of the import, through the service that the command and the pages call."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from audit.models import Event
from staff.importing import applying
from staff.importing.reading import UnreadableFileError
from staff.models import Absence, ImportBatch, ImportRow, Person, Post, Unit
from staff.services import add_person, import_file
from tests.factories import NOW, TODAY, OrganisationFactory
from tests.staff.files import HEADINGS, counts, csv_file, import_rows, posts_of, xlsx_file

pytestmark = pytest.mark.django_db

FULL = [
    *HEADINGS,
    "Email",
    "Unit",
    "Job Title",
    "Staff Group",
    "Employment Type",
    "Manager Number",
    "Has access to personal data",
    "Start Date",
    "Leaving Date",
]
ADA = ["001", "Ada", "Okafor", "ada@example.test", "Ward 3", "Nurse", "Nursing", "Permanent", "", "Yes", "01/02/2020", ""]


def ada(**changed):
    row = dict(zip(FULL, ADA, strict=True)) | {key.replace("_", " "): value for key, value in changed.items()}
    return [row[heading] for heading in FULL]


def messages(outcome):
    return [(error.row, error.column, error.value, error.message) for error in outcome.plan.errors]


def test_a_joiner_gets_a_person_and_a_post(organisation):
    outcome = import_rows(organisation, FULL, ADA)

    person = Person.objects.get()
    (post,) = posts_of(organisation, "001")
    assert counts(outcome) == {"created": 1}
    assert (person.first_name, person.last_name, person.email, person.source) == ("Ada", "Okafor", "ada@example.test", "feed")
    assert (post.unit.name, post.job_title, post.staff_group) == ("Ward 3", "Nurse", "Nursing")
    assert (post.employment_type, post.has_access, post.start, post.end) == ("permanent", "yes", date(2020, 2, 1), None)


def test_what_the_file_leaves_out_gets_the_plain_value(organisation):
    import_rows(organisation, HEADINGS, ["001", "Ada", "Okafor"])

    (post,) = posts_of(organisation, "001")
    assert (post.employment_type, post.has_access, post.unit, post.start) == ("permanent", "unknown", None, TODAY)


def test_one_event_tells_of_the_import_with_counts_and_without_names(organisation):
    outcome = import_rows(organisation, FULL, ADA)

    event = Event.objects.get(type="staff.imported")
    assert event.summary["batch"] == outcome.batch.pk
    assert event.summary["created"] == 1
    assert len(event.summary["digest"]) == 64
    assert "Okafor" not in str(event.summary)


def test_the_same_file_twice_changes_nothing(organisation):
    import_rows(organisation, FULL, ADA)
    before = list(Post.objects.values()), list(Person.objects.values())

    outcome = import_rows(organisation, FULL, ADA)

    assert counts(outcome) == {"unchanged": 1}
    assert (list(Post.objects.values()), list(Person.objects.values())) == before


def test_a_dry_run_says_what_the_run_does_and_writes_nothing(organisation):
    dry = import_rows(organisation, FULL, ADA, dry_run=True)
    assert (dry.batch, Person.objects.count(), ImportBatch.objects.count(), Event.objects.count()) == (None, 0, 0, 0)

    assert import_rows(organisation, FULL, ADA).plan.counts() == dry.plan.counts()


# --- Changes --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value", "column", "stored"),
    [
        ("Unit", "Ward 4", "unit__name", "Ward 4"),
        ("Staff_Group", "Allied", "staff_group", "Allied"),
        ("Employment_Type", "Bank", "employment_type", "bank"),
        ("Has_access_to_personal_data", "No", "has_access", "no"),
    ],
)
def test_a_move_ends_the_post_and_starts_another_on_the_date_of_the_file(organisation, field, value, column, stored):
    import_rows(organisation, FULL, ADA)

    outcome = import_rows(organisation, FULL, ada(**{field: value}))

    old, new = posts_of(organisation, "001")
    assert counts(outcome) == {"updated": 1}
    assert (old.start, old.end, new.start, new.end) == (date(2020, 2, 1), TODAY, TODAY, None)
    assert Post.objects.filter(pk=new.pk, **{column: stored}).exists()
    assert not Post.objects.filter(pk=old.pk, **{column: stored}).exists()
    assert (old.job_title, new.job_title) == ("Nurse", "Nurse")


def test_a_move_with_a_start_date_of_its_own_is_dated_on_it(organisation):
    import_rows(organisation, FULL, ADA)

    import_rows(organisation, FULL, ada(Unit="Ward 4", Start_Date="01/03/2026"))

    old, new = posts_of(organisation, "001")
    assert (old.end, new.start) == (date(2026, 3, 1), date(2026, 3, 1))


def test_moving_again_on_the_same_day_corrects_the_new_post(organisation):
    import_rows(organisation, FULL, ADA)
    import_rows(organisation, FULL, ada(Unit="Ward 4"))

    import_rows(organisation, FULL, ada(Unit="Ward 5"))

    assert [post.unit.name for post in posts_of(organisation, "001")] == ["Ward 3", "Ward 5"]


def test_after_a_move_the_old_start_date_in_the_file_changes_nothing(organisation):
    import_rows(organisation, FULL, ADA)
    import_rows(organisation, FULL, ada(Unit="Ward 4"))

    assert counts(import_rows(organisation, FULL, ada(Unit="Ward 4"), as_of=TODAY + timedelta(days=30))) == {"unchanged": 1}


def test_name_e_mail_title_and_manager_change_in_place(organisation):
    boss = ["009", "Max", "Boss", "", "", "Head", "", "", "", "", "01/01/2019", ""]
    import_rows(organisation, FULL, ADA, boss)

    outcome = import_rows(
        organisation, FULL, ada(Last_Name="Bello", Email="ada.bello@example.test", Job_Title="Sister", Manager_Number="009"), boss
    )

    (post,) = posts_of(organisation, "001")
    person = Person.objects.get(staff_number="001")
    assert counts(outcome) == {"updated": 1, "unchanged": 1}
    assert (person.last_name, person.email, post.job_title, post.manager.staff_number) == (
        "Bello",
        "ada.bello@example.test",
        "Sister",
        "009",
    )
    changes = ImportRow.objects.get(batch=outcome.batch).changes
    assert {"field": "Last name", "before": "Okafor", "after": "Bello"} in changes
    assert {"field": "Job title", "before": "Nurse", "after": "Sister"} in changes


def test_empty_cells_and_missing_columns_leave_everything_as_it_is(organisation):
    import_rows(organisation, FULL, ADA)

    assert counts(import_rows(organisation, FULL, ["001", "Ada", "Okafor", *[""] * 9])) == {"unchanged": 1}
    assert counts(import_rows(organisation, HEADINGS, ["001", "Ada", "Okafor"])) == {"unchanged": 1}


def test_a_unit_is_found_whatever_its_capitals(organisation):
    import_rows(organisation, FULL, ADA)

    assert counts(import_rows(organisation, FULL, ada(Unit="WARD 3"))) == {"unchanged": 1}
    assert Unit.objects.count() == 1


def test_a_wrong_start_date_is_corrected_both_ways(organisation):
    import_rows(organisation, FULL, ADA)

    import_rows(organisation, FULL, ada(Start_Date="01/02/2019"))
    assert posts_of(organisation, "001")[0].start == date(2019, 2, 1)

    import_rows(organisation, FULL, ada(Start_Date="01/02/2021"))
    assert posts_of(organisation, "001")[0].start == date(2021, 2, 1)


# --- Leaving and coming back ----------------------------------------------------------------


def test_the_leaving_date_is_the_last_day_in_post(organisation):
    import_rows(organisation, FULL, ADA)

    outcome = import_rows(organisation, FULL, ada(Leaving_Date="31/03/2026"))

    (post,) = posts_of(organisation, "001")
    assert (post.end, post.last_day) == (date(2026, 4, 1), date(2026, 3, 31))
    assert counts(outcome) == {"left": 1}
    assert Post.objects.covering(date(2026, 3, 31)).exists()
    assert not Post.objects.covering(date(2026, 4, 1)).exists()


def test_a_leaving_date_to_come_is_a_change_and_nobody_has_left(organisation):
    import_rows(organisation, FULL, ADA)

    assert counts(import_rows(organisation, FULL, ada(Leaving_Date="31/12/2026"))) == {"updated": 1}


def test_somebody_new_who_has_already_left_is_created_and_not_counted_as_left(organisation):
    outcome = import_rows(organisation, FULL, ada(Leaving_Date="31/03/2026"))

    assert counts(outcome) == {"created": 1}
    assert posts_of(organisation, "001")[0].end == date(2026, 4, 1)


def test_a_leaver_who_is_listed_again_comes_back_with_a_new_post(organisation):
    import_rows(organisation, FULL, ada(Leaving_Date="31/01/2026"))

    outcome = import_rows(organisation, FULL, ada(Start_Date="01/04/2026"))

    old, new = posts_of(organisation, "001")
    assert counts(outcome) == {"rehired": 1}
    assert (old.end, new.start, new.end) == (date(2026, 2, 1), date(2026, 4, 1), None)
    assert counts(import_rows(organisation, FULL, ada(Start_Date="01/04/2026"))) == {"unchanged": 1}
    assert Person.objects.count() == 1


def test_a_leaver_listed_again_with_the_old_start_date_comes_back_on_the_date_of_the_file(organisation):
    import_rows(organisation, FULL, ada(Leaving_Date="31/01/2026"))

    assert counts(import_rows(organisation, FULL, ADA)) == {"rehired": 1}
    assert posts_of(organisation, "001")[1].start == TODAY
    assert counts(import_rows(organisation, FULL, ADA)) == {"unchanged": 1}


def test_a_corrected_leaving_date_moves_the_end(organisation):
    import_rows(organisation, FULL, ada(Leaving_Date="31/01/2026"))

    assert counts(import_rows(organisation, FULL, ada(Leaving_Date="15/02/2026"))) == {"updated": 1}
    assert posts_of(organisation, "001")[0].end == date(2026, 2, 16)


def test_leaving_before_starting_is_an_error_of_the_leaving_date(organisation):
    import_rows(organisation, FULL, ADA)

    outcome = import_rows(
        organisation,
        FULL,
        ada(Start_Date="", Leaving_Date="31/01/2019"),
        ["002", "Bo", "Li", *[""] * 7, "01/05/2020", "01/04/2020"],
    )

    assert [(row, column) for row, column, _, _ in messages(outcome)] == [(2, "Leaving Date"), (3, "Leaving Date")]
    assert posts_of(organisation, "001")[0].end is None
    assert not Person.objects.filter(staff_number="002").exists()


# --- Complete files -------------------------------------------------------------------------


def crowd(organisation, n, **options):
    rows = [[f"{i:03d}", "P", f"N{i}"] for i in range(n)]
    return import_rows(organisation, HEADINGS, *rows, **({"as_of": date(2026, 1, 1)} | options))


def test_somebody_missing_from_a_file_stays_unless_it_is_complete(organisation):
    crowd(organisation, 40)

    assert counts(crowd(organisation, 38, as_of=TODAY)) == {"unchanged": 38}
    assert counts(crowd(organisation, 38, as_of=TODAY, is_complete=True, dry_run=True)) == {
        "unchanged": 38,
        "proposed_leavers": 2,
        "left": 2,
    }


def test_who_is_missing_from_a_complete_file_has_left_on_its_date(organisation):
    crowd(organisation, 40)

    outcome = crowd(organisation, 38, as_of=TODAY, is_complete=True)

    (post,) = posts_of(organisation, "039")
    assert outcome.batch is not None
    assert post.end == TODAY
    assert not Post.objects.covering(TODAY).filter(pk=post.pk).exists()
    assert counts(crowd(organisation, 38, as_of=TODAY, is_complete=True)) == {"unchanged": 38}


def test_more_than_five_per_cent_of_leavers_needs_approval(organisation):
    crowd(organisation, 40)

    refused = crowd(organisation, 37, as_of=TODAY, is_complete=True)
    assert (refused.batch, Post.objects.covering(TODAY).count()) == (None, 40)
    assert "3 of 40 people" in refused.refusal

    assert crowd(organisation, 37, as_of=TODAY, is_complete=True, approve=True).batch is not None
    assert Post.objects.covering(TODAY).count() == 37


def test_more_than_twenty_per_cent_of_changed_managers_needs_approval(organisation):
    headings = [*HEADINGS, "Manager Number"]
    bosses = [["A", "A", "A", ""], ["B", "B", "B", ""]]
    team = [[f"{i}", "P", f"N{i}", "A"] for i in range(10)]
    import_rows(organisation, headings, *bosses, *team)

    two = import_rows(organisation, headings, *[[*row[:3], "B"] for row in team[:2]])
    assert two.plan.managers_changed == 2
    assert two.batch is not None

    three = import_rows(organisation, headings, *[[*row[:3], "B"] for row in team[2:5]])
    assert three.batch is None
    assert "3 of 10 posts" in three.refusal


def test_people_added_by_hand_are_never_proposed_as_leavers(organisation):
    crowd(organisation, 40)
    add_person(organisation, staff_number="V1", first_name="Val", last_name="Unteer", start=date(2025, 1, 1), by="test", at=NOW)

    assert counts(crowd(organisation, 40, as_of=TODAY, is_complete=True)) == {"unchanged": 40}


def test_a_row_that_is_refused_does_not_make_a_leaver(organisation):
    headings = [*HEADINGS, "Start Date"]
    import_rows(organisation, headings, ["001", "Ada", "Okafor", "01/01/2020"], ["002", "Bo", "Li", "01/01/2020"])

    outcome = import_rows(organisation, headings, ["001", "Ada", "Okafor", "31/31/2020"], ["", "Bo", "Li", ""], is_complete=True)

    assert [column for _, column, _, _ in messages(outcome)] == ["Start Date", "Staff Number"]
    assert counts(outcome) == {}


# --- Identity and duplicates ----------------------------------------------------------------


def test_a_second_row_with_the_same_number_is_an_error_and_the_first_stands(organisation):
    outcome = import_rows(organisation, HEADINGS, ["001", "Ada", "Okafor"], ["001", "Adah", "Okafor"], ["1", "Bo", "Li"])

    assert [(row, column, value) for row, column, value, _ in messages(outcome)] == [(3, "Staff Number", "001")]
    assert sorted(Person.objects.values_list("staff_number", "first_name")) == [("001", "Ada"), ("1", "Bo")]


def test_two_assignments_are_two_posts_of_one_person(organisation):
    headings = [*HEADINGS, "Assignment Number", "Unit"]
    rows = ["001", "Ada", "Okafor", "A1", "Ward 3"], ["001", "Ada", "Okafor", "A2", "Ward 4"]

    outcome = import_rows(organisation, headings, *rows)

    assert counts(outcome) == {"created": 1}
    assert [(p.assignment_number, p.unit.name) for p in posts_of(organisation, "001")] == [("A1", "Ward 3"), ("A2", "Ward 4")]
    assert counts(import_rows(organisation, headings, *reversed(rows))) == {"unchanged": 1}


def test_an_assignment_number_is_learnt_for_the_post_on_record(organisation):
    import_rows(organisation, HEADINGS, ["001", "Ada", "Okafor"])

    import_rows(organisation, [*HEADINGS, "Assignment Number"], ["001", "Ada", "Okafor", "A1"], ["001", "Ada", "Okafor", "A2"])

    assert [p.assignment_number for p in posts_of(organisation, "001")] == ["A1", "A2"]


def test_a_row_without_an_assignment_number_cannot_change_one_of_two_posts_but_ends_both(organisation):
    headings = [*HEADINGS, "Assignment Number"]
    import_rows(organisation, headings, ["001", "Ada", "Okafor", "A1"], ["001", "Ada", "Okafor", "A2"], as_of=date(2026, 1, 1))

    moved = import_rows(organisation, [*HEADINGS, "Unit"], ["001", "Ada", "Bello", "Ward 9"])
    assert counts(moved) == {"updated": 1}
    assert "2 posts on record" in moved.plan.warnings[0].message
    assert Person.objects.get().last_name == "Bello"
    assert {post.unit for post in posts_of(organisation, "001")} == {None}

    for expected in ({"left": 1}, {"unchanged": 1}):
        left = import_rows(organisation, [*HEADINGS, "Leaving Date"], ["001", "Ada", "Bello", "31/03/2026"])
        assert counts(left) == expected
    assert [post.end for post in posts_of(organisation, "001")] == [date(2026, 4, 1)] * 2


def test_a_file_older_than_the_record_settles_at_once(organisation):
    headings = [*HEADINGS, "Start Date", "Has access"]
    import_rows(organisation, HEADINGS, ["001", "Ada", "Okafor"], as_of=date(2025, 11, 18))
    import_rows(organisation, headings, ["001", "Ada", "Okafor", "", "no"], as_of=date(2026, 4, 4))
    old = ["001", "Ada", "Okafor", "01/01/2024", "no"]

    assert counts(import_rows(organisation, headings, old, as_of=date(2025, 1, 1))) == {"updated": 1}
    assert counts(import_rows(organisation, headings, old, as_of=date(2025, 1, 1))) == {"unchanged": 1}


def test_in_a_complete_file_a_post_that_is_no_longer_listed_ends(organisation):
    headings = [*HEADINGS, "Assignment Number"]
    rows = ["001", "Ada", "Okafor", "A1"], ["001", "Ada", "Okafor", "A2"]
    import_rows(organisation, headings, *rows, as_of=date(2026, 1, 1))

    outcome = import_rows(organisation, headings, rows[0], is_complete=True)

    assert counts(outcome) == {"updated": 1}
    assert [p.end for p in posts_of(organisation, "001")] == [None, TODAY]


def test_another_organisations_people_are_untouched(organisation, other_organisation):
    import_rows(other_organisation, HEADINGS, ["001", "Other", "Person"])

    assert counts(import_rows(organisation, HEADINGS, ["001", "Ada", "Okafor"], is_complete=True)) == {"created": 1}
    assert Person.objects.get(organisation=other_organisation).first_name == "Other"


def test_a_full_name_is_taken_apart(organisation):
    import_rows(organisation, ["Employee Number", "Full Name"], ["1", "Okafor, Mrs Ada"], ["2", "Dr Bo Li"], ["3", "Cher"])

    found = list(Person.objects.order_by("staff_number").values_list("first_name", "last_name"))
    assert found == [("Ada", "Okafor"), ("Bo", "Li"), ("", "Cher")]


def test_somebody_new_without_a_name_is_refused_and_somebody_known_is_not(organisation):
    import_rows(organisation, HEADINGS, ["001", "Ada", "Okafor"])

    outcome = import_rows(organisation, HEADINGS, ["001", "", ""], ["002", "", ""])

    assert [(row, column) for row, column, _, _ in messages(outcome)] == [(3, "Last Name")]
    assert counts(outcome) == {"unchanged": 1}


# --- Managers -------------------------------------------------------------------------------

MANAGED = [*HEADINGS, "Manager"]


def managers(organisation):
    return dict(
        Post.objects.filter(person__organisation=organisation).values_list("person__staff_number", "manager__staff_number")
    )


def test_a_manager_may_stand_later_in_the_file_and_be_named_in_three_ways(organisation):
    headings = [*HEADINGS, "Email", "Line Manager"]
    outcome = import_rows(
        organisation,
        headings,
        ["1", "A", "A", "", "9"],
        ["2", "B", "B", "", "max.boss@example.test"],
        ["3", "C", "C", "", "Boss, Max"],
        ["9", "Max", "Boss", "max.boss@example.test", ""],
    )

    assert messages(outcome) == []
    assert managers(organisation) == {"1": "9", "2": "9", "3": "9", "9": None}


def test_a_manager_nobody_knows_or_oneself_is_an_error_of_the_cell_and_the_row_is_taken(organisation):
    outcome = import_rows(
        organisation,
        MANAGED,
        ["1", "A", "A", "77"],
        ["2", "B", "B", "2"],
        ["3", "Sam", "Smith", ""],
        ["4", "Sam", "Smith", ""],
        ["5", "E", "E", "Sam Smith"],
    )

    assert [(row, column, value) for row, column, value, _ in messages(outcome)] == [
        (2, "Manager", "77"),
        (3, "Manager", "2"),
        (6, "Manager", "Sam Smith"),
    ]
    assert "2 people are called Sam Smith" in messages(outcome)[2][3]
    assert counts(outcome) == {"created": 5}
    assert set(managers(organisation).values()) == {None}


def test_a_loop_of_managers_is_an_error_of_the_cells_that_close_it(organisation):
    import_rows(organisation, MANAGED, ["1", "A", "A", ""], ["2", "B", "B", "1"], ["3", "C", "C", "2"], ["4", "D", "D", "3"])

    outcome = import_rows(
        organisation, MANAGED, ["1", "A", "A", "3"], ["2", "B", "B", "1"], ["3", "C", "C", "2"], ["4", "D", "D", "3"]
    )

    assert [(row, column, value) for row, column, value, _ in messages(outcome)] == [(2, "Manager", "3")]
    assert managers(organisation) == {"1": None, "2": "1", "3": "2", "4": "3"}


def test_a_loop_inside_one_file_leaves_all_its_people_without_a_manager(organisation):
    outcome = import_rows(organisation, MANAGED, ["1", "A", "A", "2"], ["2", "B", "B", "1"], ["3", "C", "C", "1"])

    assert [row for row, _, _, _ in messages(outcome)] == [2, 3]
    assert managers(organisation) == {"1": None, "2": None, "3": "1"}


def test_refusing_a_loop_does_not_bring_back_another(organisation):
    import_rows(organisation, MANAGED, ["1", "A", "A", "2"], ["2", "B", "B", ""], ["3", "C", "C", ""])

    import_rows(organisation, MANAGED, ["1", "A", "A", "3"], ["2", "B", "B", "1"], ["3", "C", "C", "1"], approve=True)

    assert managers(organisation) == {"1": "2", "2": None, "3": None}


def test_a_leaver_does_not_close_a_loop(organisation):
    import_rows(organisation, MANAGED, ["1", "A", "A", "2"], ["2", "B", "B", ""], as_of=date(2026, 1, 1))

    outcome = import_rows(organisation, [*MANAGED, "Leaving Date"], ["1", "A", "A", "", "31/03/2026"], ["2", "B", "B", "1", ""])

    assert messages(outcome) == []


def test_a_long_chain_of_managers_is_no_loop(organisation):
    rows = [[str(i), "P", f"N{i}", str(i + 1) if i < 1500 else ""] for i in range(1, 1501)]

    assert messages(import_rows(organisation, MANAGED, *rows)) == []


# --- Faults of single rows --------------------------------------------------------------------


def test_good_rows_are_taken_when_others_fail_each_with_its_place(organisation):
    rows = [
        ["", "No", "Number", *[""] * 9],
        ["002", "Bad", "Mail", "not-an-address", *[""] * 8],
        ["003", "Bad", "Type", "", "", "", "", "Wizard", "", "", "", ""],
        ["004", "Bad", "Access", "", "", "", "", "", "", "perhaps", "", ""],
        ["005", "Bad", "Date", "", "", "", "", "", "", "", "30/02/2026", ""],
        [""] * 12,
        ["007", "Too", "Long" * 50, *[""] * 9],
        ["008", "Good", "Row", *[""] * 9],
    ]

    outcome = import_rows(organisation, FULL, *rows)

    assert [(row, column) for row, column, _, _ in messages(outcome)] == [
        (2, "Staff Number"),
        (3, "Email"),
        (4, "Employment Type"),
        (5, "Has access to personal data"),
        (6, "Start Date"),
        (8, "Last Name"),
    ]
    assert list(Person.objects.values_list("staff_number", flat=True)) == ["008"]
    assert outcome.plan.rows == 7


def test_uk_iso_serial_and_named_months_mix_cell_by_cell(organisation):
    headings = [*HEADINGS, "Start Date"]
    import_rows(
        organisation,
        headings,
        ["1", "A", "A", "04/03/2020"],
        ["2", "B", "B", "2020-03-04"],
        ["3", "C", "C", "43894"],
        ["4", "D", "D", "4-Mar-2020"],
    )

    assert set(Post.objects.values_list("start", flat=True)) == {date(2020, 3, 4)}


def test_absences_are_kept_once(organisation):
    headings = [*HEADINGS, "Absence from", "Absence to"]
    import_rows(organisation, headings, ["1", "A", "A", "01/02/2026", "28/02/2026"], ["2", "B", "B", "01/03/2026", ""])

    assert counts(
        import_rows(
            organisation, headings, ["1", "A", "A", "01/02/2026", "28/02/2026"], ["2", "B", "B", "01/03/2026", "15/03/2026"]
        )
    ) == {
        "unchanged": 1,
        "updated": 1,
    }
    assert list(Absence.objects.order_by("start").values_list("start", "end")) == [
        (date(2026, 2, 1), date(2026, 3, 1)),
        (date(2026, 3, 1), date(2026, 3, 16)),
    ]


def test_a_staff_number_that_is_a_number_in_the_workbook_has_no_decimals(organisation):
    content = xlsx_file([HEADINGS, [123, "Ada", "Okafor"], [{"value": 7, "format": "00000"}, "Bo", "Li"]])
    import_file(content, file_name="x.xlsx", organisation=organisation, as_of=TODAY, by="test", at=NOW)

    assert sorted(Person.objects.values_list("staff_number", flat=True)) == ["00007", "123"]


def test_columns_nobody_mapped_are_listed_and_their_values_kept_nowhere(organisation):
    outcome = import_rows(
        organisation,
        [*HEADINGS, "NI Number", "Ethnicity"],
        ["001", "Ada", "Okafor", "QQ123456C", "Secret"],
        ["001", "A", "B", "QQ999999C", "Secret"],
    )

    assert outcome.file.ignored == ["NI Number", "Ethnicity"]
    assert outcome.batch.ignored_columns == ["NI Number", "Ethnicity"]
    stored = str(list(ImportBatch.objects.values())) + str(list(ImportRow.objects.values()))
    assert "Secret" not in stored
    assert "QQ" not in stored


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (csv_file([["Staff Number", "Town"], ["1", "Leeds"]]), "as the name"),
        (csv_file([["First Name", "Last Name"], ["A", "B"]]), "as the staff number"),
        (csv_file([["What", "Why"], ["A", "B"]]), "as the staff number or as the name"),
        (csv_file([HEADINGS]), "no rows"),
        (csv_file([HEADINGS, ["", "", ""]]), "no rows"),
    ],
)
def test_a_file_that_cannot_be_matched_is_refused_whole(organisation, content, words):
    with pytest.raises(UnreadableFileError, match=words):
        import_file(content, file_name="x", organisation=organisation, as_of=TODAY, by="test", at=NOW)

    assert ImportBatch.objects.count() == 0


def test_esr_headings_are_known(organisation):
    headings = [
        "Employee Number",
        "Last Name",
        "First Name",
        "Assignment Number",
        "Org L5",
        "Position Title",
        "Staff Group",
        "Assignment Category",
        "Supervisor Employee Number",
        "Latest Hire Date",
        "Date of Birth",
    ]
    outcome = import_rows(
        organisation,
        headings,
        ["20001", "Okafor", "Ada", "20001", "Ward 3", "Nurse", "Nursing", "Fixed Term Temp", "", "01-FEB-2020", "01-JAN-1980"],
    )

    (post,) = posts_of(organisation, "20001")
    assert outcome.file.ignored == ["Date of Birth"]
    assert (post.unit.name, post.employment_type, post.start) == ("Ward 3", "fixed-term", date(2020, 2, 1))


def test_moodle_headings_are_known(organisation):
    outcome = import_rows(
        organisation,
        ["idnumber", "firstname", "lastname", "email", "department"],
        ["7", "Ada", "Okafor", "a@example.test", "ICU"],
    )

    assert outcome.file.ignored == []
    assert posts_of(organisation, "7")[0].unit.name == "ICU"


# --- All or nothing, cheaply ------------------------------------------------------------------


def test_a_crash_in_the_middle_leaves_nothing(organisation, monkeypatch):
    def crash(*args, **kwargs):
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(applying, "_write_rows", crash)
        with pytest.raises(RuntimeError):
            import_rows(organisation, FULL, ADA)

    assert (
        Person.objects.count(),
        Post.objects.count(),
        Unit.objects.count(),
        ImportBatch.objects.count(),
        Event.objects.count(),
    ) == (0, 0, 0, 0, 0)
    assert counts(import_rows(organisation, FULL, ADA)) == {"created": 1}


@pytest.mark.parametrize("people", [2, 60])
def test_an_import_costs_the_same_number_of_queries_however_many_rows(people, django_assert_max_num_queries):
    organisation = OrganisationFactory()
    rows = [ada(Staff_Number=f"{i}", Email="") for i in range(people)]
    # On PostgreSQL some more statements than on SQLite: what is copied goes through tables of its own.
    with django_assert_max_num_queries(70):
        import_rows(organisation, FULL, *rows)
    moved = [ada(Staff_Number=f"{i}", Email="", Unit="Elsewhere", Last_Name="New") for i in range(people)]
    with django_assert_max_num_queries(70):
        import_rows(organisation, FULL, *moved)


@pytest.mark.parametrize(
    ("arrived", "gone", "says_start", "on_record"),
    [
        # Listed first on 1 January, then as gone on the same day with a first day of the year before.
        (date(2025, 1, 1), date(2025, 1, 1), "01/01/2024", (date(2024, 1, 1), date(2025, 1, 2))),
        # Gone the day after, with a first day later than the last day anybody knows of.
        (date(2025, 1, 1), date(2025, 1, 2), "02/01/2025", (date(2025, 1, 1), date(2025, 1, 2))),
        (date(2025, 1, 1), date(2025, 2, 1), "", (date(2025, 1, 1), date(2025, 2, 1))),
    ],
)
def test_a_leaver_without_a_date_left_once_and_for_all(organisation, arrived, gone, says_start, on_record):
    headings = [*HEADINGS, "Status", "Start Date"]
    import_rows(organisation, headings, ["1", "Ada", "Okafor", "", ""], as_of=arrived)
    for entries in (1, 0):
        leaver = ["1", "Ada", "Okafor", "Leaver", says_start]
        again = import_rows(organisation, headings, leaver, as_of=gone, approve=True)
        assert len(again.plan.entries) == entries
        post = Post.objects.get()
        assert (post.start, post.end) == on_record


# --- Once is as good as twice, whatever the files say -------------------------------------------

_days = st.dates(date(2024, 1, 1), date(2027, 12, 31)).map(lambda d: d.strftime("%d/%m/%Y"))
_row = st.fixed_dictionaries(
    {
        "Staff Number": st.sampled_from(["1", "2", "3"]),
        "First Name": st.sampled_from(["Ada", "Bo", ""]),
        "Last Name": st.sampled_from(["Okafor", "Li"]),
        "Assignment Number": st.sampled_from(["", "", "A1", "A2"]),
        "Unit": st.sampled_from(["", "Ward 3", "ward 3", "Ward 4"]),
        "Job Title": st.sampled_from(["", "Nurse", "Cook"]),
        "Employment Type": st.sampled_from(["", "Bank", "Permanent", "Wizard"]),
        "Has access": st.sampled_from(["", "yes", "no"]),
        "Status": st.sampled_from(["", "", "Active", "Leaver"]),
        "Manager": st.sampled_from(["", "1", "2", "3", "9"]),
        "Start Date": st.one_of(st.just(""), _days),
        "Leaving Date": st.one_of(st.just(""), st.just(""), _days),
        "Absence from": st.one_of(st.just(""), _days),
    }
)
_files = st.lists(
    st.tuples(st.lists(_row, min_size=1, max_size=4), st.booleans(), st.dates(date(2025, 1, 1), date(2026, 12, 31))),
    min_size=1,
    max_size=4,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_files)
def test_after_any_history_importing_the_last_file_again_changes_nothing(organisation, files):
    Post.objects.all().delete()
    Absence.objects.all().delete()
    Person.objects.filter(organisation=organisation).delete()
    for rows, complete, as_of in files:
        headings = list(rows[0])
        table = [[row[heading] for heading in headings] for row in rows]
        import_rows(organisation, headings, *table, is_complete=complete, as_of=as_of, approve=True)

    again = import_rows(organisation, headings, *table, is_complete=complete, as_of=as_of, approve=True)

    assert again.plan.entries == []
    posts = list(Post.objects.filter(person__organisation=organisation))
    for post in posts:
        same = [
            p
            for p in posts
            if p.person_id == post.person_id and p.assignment_number == post.assignment_number and p.pk != post.pk
        ]
        assert all((p.end is not None and p.end <= post.start) or (post.end is not None and post.end <= p.start) for p in same)
