"""The question bank's pages: finding, writing every kind without scripts, trying, withdrawing, and whose is whose."""

from __future__ import annotations

import html
import re

import pytest
from django.urls import reverse

from accounts.enums import Role
from content.editors import share_editing
from quizzes.editing import create_pool, put_in_use, save_question
from quizzes.models import BlueprintVersion, Pool, Question, QuestionVersion
from tests.factories import NOW
from tests.quizzes import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def editor(sign_in, organisation):
    return sign_in(organisation, Role.CONTENT_EDITOR)


@pytest.fixture
def pool(organisation) -> Pool:
    return create_pool("Own ways", code="own-ways", organisation=organisation, by="system", at=NOW)


def saved(pool: Pool, raw: dict = samples.QUESTIONS[0]) -> Question:
    return save_question(pool, {k: v for k, v in raw.items() if k != "code"}, by="system", at=NOW).question


def words(response) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def form_of(response) -> dict[str, str]:
    """What a browser would send back of the last form on a page, unchanged."""
    text = response.content.decode()
    data = {m[1]: html.unescape(m[2]) for m in re.finditer(r'<input[^>]*name="([^"]+)"[^>]*?value="([^"]*)"', text)}
    for m in re.finditer(r"<input[^>]*>", text):
        if 'type="checkbox"' in m[0] and "checked" not in m[0]:
            data.pop(re.search(r'name="([^"]+)"', m[0])[1], None)
    data |= {m[1]: html.unescape(m[2]) for m in re.finditer(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', text, re.S)}
    for select in re.finditer(r'<select[^>]*name="([^"]+)".*?</select>', text, re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', select[0])
        data[select[1]] = chosen[1] if chosen else ""
    data.pop("csrfmiddlewaretoken", None)
    return data


@pytest.mark.parametrize("raw", samples.QUESTIONS, ids=lambda q: q["kind"])
def test_opening_and_saving_a_question_changes_nothing(editor, pool, raw):
    question = saved(pool, raw)
    url = reverse("quizzes:question_edit", args=[question.pk])

    response = editor.post(url, form_of(editor.get(url)) | {"action": "save"})

    assert response.url == reverse("quizzes:question_detail", args=[question.pk])
    assert QuestionVersion.objects.count() == 1


def test_a_new_ordering_is_written_step_by_step_with_more_lines_on_request(editor, pool):
    url = reverse("quizzes:question_new", args=[pool.code, "ordering"])
    data = {"stem": "What first?", "module": "1", "topic": "Quick Reports", "standard": "6", "source": "", "line-count": "4"}
    data |= {f"line-{n}-{part}": f"{part} {n}" for n in range(5) for part in ("text", "explanation")}

    more = editor.post(url, data | {"action": "more-lines"})
    assert 'name="line-5-text"' in more.content.decode()
    assert "text 3" in more.content.decode()
    assert not Question.objects.exists()
    kept = editor.post(url, data | {"line-count": "6", "action": "save"}, follow=True)

    question = Question.objects.get()
    assert (question.topic, question.state) == ("quick-reports", Question.State.DRAFT)
    assert [o["text"] for o in question.versions.get().options] == [f"text {n}" for n in range(5)]
    assert "Put in use" in words(kept)


def test_a_case_gets_another_part_and_faults_lead_to_their_line(editor, pool):
    question = saved(pool, samples.QUESTIONS[5])
    url = reverse("quizzes:question_edit", args=[question.pk])
    data = form_of(editor.get(url))

    more = editor.post(url, data | {"action": "more-parts"})
    assert 'name="part-5-stem"' in more.content.decode()
    faulty = editor.post(url, data | {"part-2-line-0-explanation": "", "action": "save"})

    text = faulty.content.decode()
    assert "Part 2, option 1: explanation: write it in words" in words(faulty)
    assert 'href="#id_part-2-line-0-text"' in text
    assert 'id="id_part-2-line-0-text"' in text
    assert QuestionVersion.objects.count() == 1


def test_an_editor_tries_a_question_as_a_learner(editor, pool):
    question = saved(pool, samples.QUESTIONS[4])
    url = reverse("quizzes:question_detail", args=[question.pk])
    version = question.versions.get()

    tried = editor.post(url, samples.posted(version, samples.right_response(version)))

    assert words(tried).count("you answered this") == 3
    assert not version.attempt_items.exists()


def test_the_list_is_searched_by_everything_and_pages(editor, pool, django_assert_max_num_queries):
    for raw in samples.QUESTIONS:
        saved(pool, raw)
    put_in_use(Question.objects.first(), by="system", at=NOW)

    def codes(**query) -> set[str]:
        return set(re.findall(r">(OW-\d+)<", editor.get(reverse("quizzes:question_list"), query).content.decode()))

    assert len(codes()) == 6
    assert codes(kind="matching") == {"OW-105"}
    assert codes(q="scam message") == {"OW-104"}
    assert codes(q="ow-102") == {"OW-102"}
    assert codes(state="in-use") == {"OW-101"}
    assert codes(topic="incidents", standard="6", pool="own-ways", state="draft") == {f"OW-10{n}" for n in range(2, 7)}
    assert codes(standard="9") == set()
    assert len(codes(page="99")) == 6
    with django_assert_max_num_queries(12):
        codes()


def test_withdrawing_shows_whom_it_concerns_and_says_why_on_the_question(editor, pool):
    question = saved(pool)
    url = reverse("quizzes:question_withdraw", args=[question.pk])
    assert "No paper has had it so far." in words(editor.get(url))
    assert "Say what is wrong with the question" in words(editor.post(url, {"reason": ""}))

    done = editor.post(url, {"reason": "The law changed"}, follow=True)

    assert "The law changed" in words(done)
    assert "Put in use" not in words(done)
    assert editor.get(url).status_code == 302


def test_the_rules_of_a_quiz_are_written_and_told(editor, pool):
    for raw in samples.QUESTIONS:
        put_in_use(saved(pool, raw), by="system", at=NOW)
    url = reverse("quizzes:rules_edit", args=[pool.code])
    data = form_of(editor.get(url)) | {"pass_mark_percent": "70", "draw-0-count": "5"}

    done = editor.post(url, data, follow=True)

    assert "The quiz asks 5 questions. Where each is worth 1 mark, 4 are needed to pass." in words(done)
    assert BlueprintVersion.objects.get().marks_needed == 4
    too_many = editor.post(url, data | {"draw-0-count": "7"})
    assert "Module 1 has 6 questions in use and the quiz needs 7." in words(too_many)
    for wrong in ({"pass_mark_percent": "0"}, {"draw-0-count": "x"}, {"draw-0-section": ""}):
        assert "There is a problem" in words(editor.post(url, data | wrong))
    assert BlueprintVersion.objects.count() == 1


def test_one_organisation_never_sees_the_questions_of_another(sign_in, other_organisation, editor, pool):
    question = saved(pool)
    stranger = sign_in(other_organisation, Role.CONTENT_EDITOR)

    for name in ("question_detail", "question_edit", "question_withdraw"):
        assert stranger.get(reverse(f"quizzes:{name}", args=[question.pk])).status_code == 404
    assert stranger.post(reverse("quizzes:question_use", args=[question.pk])).status_code == 404
    assert stranger.get(reverse("quizzes:rules_edit", args=[pool.code])).status_code == 404
    assert stranger.get(reverse("quizzes:question_new", args=[pool.code, "single"])).status_code == 404
    assert "Own ways" not in words(stranger.get(reverse("quizzes:question_list")))
    assert "Own ways" not in words(stranger.get(reverse("quizzes:question_start")))
    assert "There is a question bank of that name" in words(
        stranger.post(reverse("quizzes:pool_create"), {"title": "Mine", "code": pool.code})
    )


# --- What all organisations share ----------------------------------------------------------


@pytest.fixture
def shared_draft():
    pool = create_pool("For all", code="for-all", organisation=None, by="system", at=NOW)
    return saved(pool)


def shared_addresses(question):
    return [
        reverse("quizzes:question_new", args=["for-all", "single"]),
        reverse("quizzes:rules_edit", args=["for-all"]),
        reverse("quizzes:question_edit", args=[question.pk]),
        reverse("quizzes:question_withdraw", args=[question.pk]),
    ]


def test_an_editor_reads_a_shared_bank_and_changes_nothing_of_it(editor, shared_draft):
    detail = editor.get(reverse("quizzes:question_detail", args=[shared_draft.pk]))
    start = editor.get(reverse("quizzes:question_start"))
    listed = editor.get(reverse("quizzes:question_list"))

    assert "only shared editors change it" in words(detail)
    assert not {"Put in use", "Change", "Withdraw"} & set(re.findall(r">\s*([A-Z][a-z ]+?)\s*</(?:a|button)>", detail.text))
    assert 'value="for-all"' not in start.text
    assert "rules/" not in listed.text
    for method in (editor.get, editor.post):
        assert {method(url).status_code for url in shared_addresses(shared_draft)} == {403}
    refused = editor.post(reverse("quizzes:question_use", args=[shared_draft.pk]))
    assert refused.status_code == 403
    assert "only shared editors change it." in refused.text
    shared_draft.refresh_from_db()
    assert (shared_draft.state, shared_draft.versions.count()) == (Question.State.DRAFT, 1)


def test_a_shared_editor_changes_what_all_share(editor, shared_draft):
    share_editing(editor.user, by="system", at=NOW)

    assert {editor.get(url).status_code for url in shared_addresses(shared_draft)} == {200}
    editor.post(reverse("quizzes:question_use", args=[shared_draft.pk]))

    shared_draft.refresh_from_db()
    assert shared_draft.state == Question.State.IN_USE
