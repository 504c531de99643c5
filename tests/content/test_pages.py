from __future__ import annotations

import pytest
from django.urls import resolve

from accounts.enums import Role
from accounts.services import grant_role
from content.authored import stream_of
from content.blocks import PageBodyBlock
from content.editors import share_editing
from content.loading import DATA, load
from content.models import GuidanceIndexPage, GuidancePage, HomePage
from tests.content.markup import faults, read
from tests.content.test_plain import EVERY_BLOCK
from tests.factories import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def site(db):
    load(at=NOW)
    return HomePage.objects.get()


@pytest.fixture
def index(db):
    """A guidance index under a home page, without the files that ship."""
    root = HomePage.get_first_root_node()
    home = root.add_child(instance=HomePage(title="Home", slug="site", lead="A lead."))
    site = root.get_children().get(slug="home").sites_rooted_here.get()
    site.root_page = home
    site.save()
    return home.add_child(instance=GuidanceIndexPage(title="Guidance", slug="guidance"))


def guidance(index, slug, **values):
    defaults = {"title": slug.title(), "summary": "A summary.", "body": stream_of(PageBodyBlock(), EVERY_BLOCK, where="test")}
    return index.add_child(instance=GuidancePage(slug=slug, **(defaults | values)))


def test_every_page_that_ships_reads_well_and_leads_somewhere(site, client):
    pages = [site, *GuidancePage.objects.all(), GuidanceIndexPage.objects.get()]
    addresses = {page.url for page in pages}
    found = {}
    links = set()
    for page in pages:
        response = client.get(page.url)
        found[page.url] = faults(response)
        links |= {link for link in read(response).links if link.startswith("/")}

    assert {url: said for url, said in found.items() if said} == {}
    assert len(pages) == len(list((DATA / "guidance").glob("*.yaml"))) + 2
    assert {link for link in links if link.startswith("/guidance/")} - addresses == set()
    assert all(resolve(link.split("?")[0]) for link in links)


def test_every_block_is_shown(index, client):
    guidance(index, "all")

    html = client.get("/guidance/all/").content.decode()

    for words in ("Some <b>words</b>", "Note this.", "Look", "First", "Do it.", "Breach", "30 June 2026", "More words."):
        assert words in html


def test_a_source_says_how_sure_we_are_in_words(index, client):
    source = {"title": "A page", "url": "https://example.org/", "confidence": "low"}
    guidance(index, "sourced", sources=[("source", source)], reviewed_on=NOW.date())

    html = client.get("/guidance/sourced/").content.decode()

    assert "We could not confirm this" in html
    assert "Last reviewed: 1 May 2026" in html


def test_the_programme_owner_is_shown_with_its_date(site, client):
    html = client.get("/guidance/what-the-dspt-is/").content.decode()

    assert "NHS England, as far as we knew on 22 November 2026" in html


def test_the_index_groups_and_searches(site, client):
    everything = client.get("/guidance/").content.decode()
    found = client.get("/guidance/", {"q": "caldicott"}).content.decode()
    nothing = client.get("/guidance/", {"q": "zzzz"}).content.decode()

    assert "The basics" in everything
    assert "Key terms" in found
    assert "The basics" not in found
    assert "0 pages with “zzzz”" in nothing


def test_what_is_searched_for_is_never_markup(site, client):
    html = client.get("/guidance/", {"q": "<script>alert(1)</script>"}).content.decode()

    assert "<script>alert(1)" not in html


@pytest.mark.parametrize("pages", [1, 9])
def test_the_index_costs_the_same_however_long(index, client, pages, django_assert_max_num_queries):
    for number in range(pages):
        guidance(index, f"page-{number}")
    client.get("/guidance/")

    with django_assert_max_num_queries(9):
        response = client.get("/guidance/")

    assert response.content.count(b"A summary.") == pages


def test_the_home_page_offers_the_way_in(site, client, sign_in, organisation):
    assert b"Sign in" in client.get("/").content
    assert b"Go to your pages" in sign_in(organisation, Role.STAFF).get("/").content


def test_a_preview_may_stand_in_the_editors_frame_and_the_page_may_not(site, sign_in, organisation, client):
    editor = sign_in(organisation, Role.STAFF)
    grant_role(editor.user, organisation=organisation, role=Role.CONTENT_EDITOR, by="system", at=NOW)
    share_editing(editor.user, by="system", at=NOW)
    page = GuidancePage.objects.get(slug="key-terms")

    preview = editor.get(f"/cms/pages/{page.pk}/view_draft/")

    assert preview.status_code == 200
    assert "frame-ancestors 'self'" in preview["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in client.get(page.url)["Content-Security-Policy"]
