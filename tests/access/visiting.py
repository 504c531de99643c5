"""The CMS as a content editor finds it."""

from __future__ import annotations

from collections.abc import Iterator

from django.http import HttpResponse
from django.utils import timezone

from accounts import services
from accounts.enums import Role
from tests.access import world
from tests.access.test_matrix import client_for
from tests.access.walking import Answer, ask, follow
from tests.factories import member

OF_THE_CMS = (
    "/cms/",
    "/cms/pages/search/?q=zqx",
    "/cms/pages/search/results/?q=a",
    "/cms/choose-page/",
    "/cms/choose-page/search/?q=a",
    "/cms/images/",
    "/cms/images/chooser/",
    "/cms/images/chooser/results/?q=zqx",
    "/cms/documents/",
    "/cms/documents/?q=zqx",
    "/cms/documents/chooser/",
    "/cms/documents/chooser/results/",
    "/cms/reports/locked/",
    "/cms/reports/workflow/",
    "/cms/reports/workflow_tasks/",
    "/cms/reports/site-history/",
    "/cms/reports/aging-pages/",
    "/cms/reports/page-types-usage/",
    "/cms/tag-autocomplete/?term=z",
)


def in_the_cms(side: world.Side) -> list[Answer]:
    editor = member(side.organisation)
    services.grant_role(editor, organisation=side.organisation, role=Role.CONTENT_EDITOR, by="test", at=timezone.now())
    client = client_for(editor)
    pages = [f"/cms/pages/{side.ids['page_id']}/{part}" for part in ("", "edit/", "history/", "usage/")]
    first = [ask(client, url) for url in (*OF_THE_CMS, *pages)]
    found = [*first, *follow(client, first, at_most=2, in_the_cms=True)]
    return [*found, *(as_pages(found))]


def as_pages(answers: list[Answer]) -> Iterator[Answer]:
    """What choosers send to be put into a page, as pages under the same policy."""
    for number, answer in enumerate(answers):
        if answer.response.get("Content-Type", "").startswith("application/json") and "html" in answer.response.json():
            page = HttpResponse(f"<!DOCTYPE html><title>x</title><main>{answer.response.json()['html']}</main>")
            page["Content-Security-Policy"] = answer.response["Content-Security-Policy"]
            yield Answer(answer.name, (), f"/as-a-page/{number}/", page, page.content)
