"""The questions of a frozen version: which wordings papers could have, their keys, and who may read them."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import openpyxl
import pytest
from django.urls import reverse

from accounts.enums import Role
from courses.models import CourseVersion
from courses.versions import asked_with
from quizzes.editing import withdraw_question
from quizzes.models import Pool, Question, QuestionVersion
from quizzes.services import start_attempt
from tests.content.markup import faults
from tests.factories import NOW, QuestionVersionFactory, course_with_quiz, person_in_post, question_of, quiz
from tests.quizzes import samples

pytestmark = pytest.mark.django_db
LATER = [NOW + timedelta(days=days) for days in range(10)]


def again(question, *, number, at, stem="Said anew"):
    """A new wording of a question."""
    old = question.versions.get(number=1)
    kept = {"kind": old.kind, "options": old.options, "marks": old.marks}
    return QuestionVersion.objects.create(question=question, number=number, stem=stem, content_hash="x", created_at=at, **kept)


def next_version(version, *, at):
    same = {"course": version.course, "content": version.content, "blueprint_version": version.blueprint_version}
    return CourseVersion.objects.create(
        number=version.number + 1, content_hash="1", effective_on=at.date(), created_at=at, **same
    )


def wordings(version):
    return [(one.question.code, one.version.number) for one in asked_with(version, Question.objects.all())]


@pytest.fixture
def version():
    return course_with_quiz(quiz(sections=1, bank=1, count=1))


def test_a_version_has_the_wordings_of_its_own_time(version):
    question = Question.objects.get()
    code, pool = question.code, question.pool_id
    again(question, number=2, at=LATER[2])
    second = next_version(version, at=LATER[4])
    again(question, number=3, at=LATER[6])
    came_later = QuestionVersionFactory(pool=pool)
    Question.objects.filter(pk=came_later.question_id).update(in_use_since=LATER[7])
    QuestionVersionFactory(question=question_of(pool, in_use_since=None))
    QuestionVersionFactory(question=question_of(pool, section=2))
    QuestionVersionFactory(question=question_of("other"))

    assert wordings(version) == [(code, 1), (code, 2)]
    assert wordings(second) == [(code, 2), (code, 3), (came_later.question.code, 1)]


def test_a_withdrawn_question_stays_in_the_versions_that_had_it(version):
    question = Question.objects.get()
    withdraw_question(question, reason="It is wrong.", by=None, at=LATER[2])
    second = next_version(version, at=LATER[4])

    assert wordings(version) == [(question.code, 1)]
    assert asked_with(version, Question.objects.all())[0].until == LATER[2]
    assert wordings(second) == []


def test_what_was_on_a_paper_is_there_wherever_it_is_filed_since(version, organisation):
    question = Question.objects.get()
    start_attempt(person_in_post(organisation), version.blueprint_version, at=LATER[1])
    Question.objects.update(section=9)
    second = next_version(version, at=LATER[4])

    assert wordings(version) == [(question.code, 1)]
    assert wordings(second) == []


@pytest.fixture
def every_kind():
    return course_with_quiz(samples.quiz_of_every_kind())


def address(version, name="version_questions", *args):
    return reverse(f"courses:{name}", args=[version.course.code, version.number, *args])


def test_a_training_lead_reads_every_question_with_its_key_and_reasons(every_kind, organisation, sign_in):
    lead = sign_in(organisation, Role.TRAINING_LEAD)

    contents = lead.get(reverse("courses:version_detail", args=[every_kind.course.code, 1]))
    page = lead.get(address(every_kind))

    assert faults(page) == []
    assert f'href="{address(every_kind)}"' in contents.text
    assert page.text.count("Because") == 31
    assert page.text.count('<p class="app-option__verdict">Right answer</p>') == 7
    assert "Place 1" in page.text
    assert "you did not choose this" not in page.text
    assert "you gave no answer" not in page.text


def test_the_file_has_a_row_for_every_option_and_calculates_nothing(every_kind, organisation, sign_in):
    lead = sign_in(organisation, Role.CONTENT_EDITOR)
    Question.objects.filter(code="K-1").update(source="=1+1")

    rows = list(
        csv.DictReader(io.StringIO(lead.get(address(every_kind, "version_questions_file", "csv")).content.decode("utf-8-sig")))
    )
    book = openpyxl.load_workbook(io.BytesIO(lead.get(address(every_kind, "version_questions_file", "xlsx")).content))

    assert len(rows) == 31
    assert len(list(book.active.iter_rows())) == 32
    assert [row["key"] for row in rows if row["question"] == "K-1"] == ["wrong", "right", "wrong", "wrong"]
    assert [row["key"] for row in rows if row["question"] == "K-4"] == ["place 1", "place 2", "place 3", "place 4"]
    assert [row["key"] for row in rows if row["question"] == "K-5"] == ["Smishing", "Vishing", "Vishing"]
    assert [row["part"] for row in rows if row["question"] == "K-6"] == ["1"] * 3 + ["2"] * 4 + ["3"] * 4 + ["4"] * 3
    assert {row["source"] for row in rows if row["question"] == "K-1"} == {"'=1+1"}
    assert lead.get(address(every_kind, "version_questions_file", "doc")).status_code == 404


@pytest.mark.parametrize("role", [Role.STAFF, Role.MANAGER, Role.HR, Role.DSPT_LEAD, Role.AUDITOR, Role.SENIOR_REVIEWER])
def test_nobody_else_reads_them(every_kind, organisation, sign_in, role):
    client = sign_in(organisation, role)

    answers = [client.get(address(every_kind)), client.get(address(every_kind, "version_questions_file", "csv"))]

    assert [answer.status_code for answer in answers] == [403, 403]
    assert not any(b"Because" in answer.content for answer in answers)
    assert address(every_kind) not in client.get(reverse("courses:version_detail", args=[every_kind.course.code, 1])).text


def test_a_course_without_a_quiz_and_a_foreign_bank_show_nothing(every_kind, organisation, other_organisation, sign_in):
    lead = sign_in(organisation, Role.TRAINING_LEAD)
    Pool.objects.update(organisation=other_organisation)
    foreign = lead.get(address(every_kind))
    same = {"course": every_kind.course, "content": every_kind.content, "created_at": NOW}
    CourseVersion.objects.create(number=2, content_hash="1", effective_on=NOW.date(), **same)

    assert "the bank of its quiz had none in use" in foreign.text
    assert lead.get(f"/learn/{every_kind.course.code}/version-2/questions/").status_code == 404


@pytest.mark.parametrize("bank", [2, 30])
def test_the_page_costs_the_same_however_many_questions(organisation, sign_in, django_assert_max_num_queries, bank):
    version = course_with_quiz(quiz(sections=2, bank=bank, count=1))
    lead = sign_in(organisation, Role.TRAINING_LEAD)
    lead.get(address(version))

    with django_assert_max_num_queries(11):
        page = lead.get(address(version), {"module": "2"})

    assert page.text.count("Topic: topic") == bank
