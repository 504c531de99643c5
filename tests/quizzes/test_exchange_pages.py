"""Importing and exporting on the pages of the question bank."""

from __future__ import annotations

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.enums import Role
from audit.models import Event
from quizzes.bank_file import read_bank
from quizzes.editing import BankChangeRefusedError, create_pool, put_in_use, save_question, withdraw_question
from quizzes.exchange.gift import read_gift
from quizzes.exchange.moodle_xml import read_moodle_xml
from quizzes.models import Pool, Question
from tests.factories import NOW
from tests.quizzes import samples
from tests.quizzes.test_bank_pages import form_of, words

pytestmark = pytest.mark.django_db

GIFT = "One {=yes#Because ~no#Since}\n\nTwo {=yes ~no}\n\nBad {~yes ~no}\n\nOpen {}\n"


@pytest.fixture
def editor(sign_in, organisation):
    return sign_in(organisation, Role.CONTENT_EDITOR)


@pytest.fixture
def pool(organisation) -> Pool:
    return create_pool("Own ways", code="own-ways", organisation=organisation, by="system", at=NOW)


def uploaded(client, pool: Pool, content: str = GIFT, **values):
    file = SimpleUploadedFile("mine.txt", content.encode())
    data = {"file": file, "pool": pool.code, "module": "1", "topic": "Quick Reports", "standard": "6", **values}
    return client.post(reverse("quizzes:import_upload"), data)


def make(client, carried: str, **extra):
    return client.post(reverse("quizzes:import_make"), {"carried": carried}, **extra)


def test_a_file_is_previewed_and_made_into_drafts_once(editor, pool):
    preview = uploaded(editor, pool)

    assert "2 questions would be made as drafts" in words(preview)
    assert "Line 5: a question with several answers has at least 2 correct options, and 0 are marked so." in words(preview)
    assert "Line 7 is an essay" in words(preview)
    assert "2 of 2 to write" in words(preview)
    assert not Question.objects.exists()

    carried = form_of(preview)["carried"]
    assert "2 drafts are in the bank “Own ways”" in words(make(editor, carried, follow=True))
    assert "has all these questions already" in words(make(editor, carried, follow=True))

    assert list(Question.objects.values_list("code", "topic", "in_use_since")) == [
        ("OW-101", "quick-reports", None),
        ("OW-102", "quick-reports", None),
    ]
    event = Event.objects.get(type="quizzes.questions_imported")
    assert event.summary["questions"] == 2
    assert "Nothing would be made of this file" in words(uploaded(editor, pool, "One {=yes#Because ~no#Since}"))


def test_a_draft_is_not_put_in_use_before_all_is_explained(editor, pool):
    make(editor, form_of(uploaded(editor, pool))["carried"])
    explained, bare = Question.objects.all()

    put_in_use(explained, by="system", at=NOW)
    with pytest.raises(BankChangeRefusedError, match="has no explanation for “yes” yet"):
        put_in_use(bare, by="system", at=NOW)
    assert editor.get(reverse("quizzes:question_detail", args=[bare.pk])).status_code == 200


def test_what_was_changed_on_its_way_or_is_anothers_is_refused(editor, pool, sign_in, other_organisation):
    carried = form_of(uploaded(editor, pool))["carried"]
    stranger = sign_in(other_organisation, Role.CONTENT_EDITOR)

    for client, sent in ((editor, carried[:-1]), (editor, ""), (stranger, carried)):
        assert "Upload the file again" in words(make(client, sent, follow=True))
    assert "Choose a question bank from the list" in words(uploaded(stranger, pool))
    assert "There is a problem" in words(uploaded(editor, pool, "\x00", topic="!"))
    assert not Question.objects.exists()


@pytest.mark.parametrize("more", [0, 12])
def test_importing_takes_the_same_queries_for_one_question_and_many(editor, pool, more, django_assert_max_num_queries):
    carried = form_of(uploaded(editor, pool, GIFT + "".join(f"\n\nMore {n} {{=yes ~no}}" for n in range(more))))["carried"]

    with django_assert_max_num_queries(24):
        make(editor, carried)


def test_a_search_goes_out_in_three_formats(editor, pool, tmp_path, sign_in, other_organisation, django_assert_max_num_queries):
    for raw in samples.QUESTIONS:
        save_question(pool, {k: v for k, v in raw.items() if k != "code"}, by="system", at=NOW)
    withdraw_question(Question.objects.get(code="OW-103"), reason="Wrong", by=None, at=NOW)

    def export(name: str, client=editor, **query):
        return client.get(reverse("quizzes:question_export", args=[name]), query)

    with django_assert_max_num_queries(12):
        moodle = export("moodle-xml")
    assert len(read_moodle_xml(moodle.content).found) == 8
    assert moodle["Content-Disposition"] == 'attachment; filename="own-ways.xml"'
    assert len(read_gift(export("gift", kind="single").content).found) == 1
    path = tmp_path / "own-ways.yaml"
    path.write_bytes(export("yaml", pool=pool.code).content)
    assert [q.code for q in read_bank(path).questions] == ["OW-101", "OW-102", "OW-104", "OW-105", "OW-106"]

    assert export("csv").status_code == 404
    stranger = sign_in(other_organisation, Role.CONTENT_EDITOR)
    nothing = export("gift", client=stranger, q="Which one")
    assert nothing.status_code == 302
    assert "There is no question to put into the file" in words(stranger.get(nothing.url))
