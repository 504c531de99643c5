"""The site and the guidance that ship with us, into the CMS."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from wagtail.models import Locale, Page, Site

from content import editors
from content.authored import DataFault, stream_of
from content.blocks import PageBodyBlock, SourcesBlock
from content.files import read_mapping
from content.models import GuidanceGroup, GuidanceIndexPage, GuidancePage, HomePage, ProgrammeSettings, ShippedContent
from content.shipping import Tally, ship

DATA = Path(__file__).resolve().parent / "data"
GUIDANCE_LEAD = "Plain pages about the Data Security and Protection Toolkit and the training behind it."
_WELCOME = "Welcome to your new Wagtail site!"


@transaction.atomic
def load(*, at: datetime, data: Path = DATA) -> dict[str, Any]:
    """Load the site: root, home, guidance, programme owner, and what editors may do.

    Safe to repeat: what an editor has changed since it was loaded stays as it is and is named in
    ``left_alone``; nothing is deleted but Wagtail's own untouched welcome page.

    Raises:
        DataFault: a file that ships is faulty; nothing has changed.
    """
    tally = Tally()
    home = _load_home(data, tally=tally, at=at)
    site = Site.objects.get(is_default_site=True)
    index = ship(
        "guidance", GuidanceIndexPage(title="Guidance", slug="guidance", lead=GUIDANCE_LEAD), parent=home, tally=tally, at=at
    )
    if index is not None:
        for path in sorted((data / "guidance").glob("*.yaml")):
            page = guidance_page(path)
            ship(f"guidance/{page.slug}", page, parent=index, tally=tally, at=at)
    _load_programme(data, site, tally=tally, at=at)
    editors.grant(home)
    return tally.as_json()


def guidance_page(path: Path) -> GuidancePage:
    """A page of guidance as its file says, unsaved.

    Raises:
        DataFault: the file is faulty.
    """
    keys = ("slug", "title", "summary", "reviewed_on", "group", "body")
    data = read_mapping(path, required=keys, optional=("sources", "links_checked"))
    if data["group"] not in GuidanceGroup.values:
        raise DataFault(f"{path.name}: there is no group “{data['group']}”. Use one of: {', '.join(GuidanceGroup.values)}.")
    return GuidancePage(
        title=data["title"],
        slug=data["slug"],
        summary=data["summary"],
        group=data["group"],
        reviewed_on=data["reviewed_on"],
        links_checked_on=data.get("links_checked"),
        body=stream_of(PageBodyBlock(), data["body"], where=path.name),
        sources=sources_of(data.get("sources", ()), where=path.name),
    )


def sources_of(sources: Any, *, where: str) -> Any:
    """A file's list of sources as a stream."""
    return stream_of(
        SourcesBlock(required=False), [{"type": "source", **source} for source in sources], where=f"{where}, sources"
    )


def home_page(data: Mapping[str, Any], *, where: str) -> HomePage:
    """The home page as its file says, unsaved."""
    body = stream_of(PageBodyBlock(required=False), data["body"], where=where)
    return HomePage(title=data["title"], slug="site", lead=data["lead"], body=body)


def _load_home(data: Path, *, tally: Tally, at: datetime) -> Page:
    """The home page under the root, and the site that starts there. Wagtail's welcome page makes room."""
    Locale.objects.get_or_create(language_code=settings.LANGUAGE_CODE)
    root = Page.get_first_root_node() or Page.add_root(instance=Page(title="Root", slug="root"))
    wanted = home_page(read_mapping(data / "site.yaml", required=("programme_owner", "home"))["home"], where="site.yaml")
    home = ship("home", wanted, parent=root, tally=tally, at=at)
    if home is None:
        home = HomePage.objects.first()
    if home is None:
        raise DataFault("The home page was deleted here: make one in the CMS, then load the content again.")
    site = Site.objects.filter(is_default_site=True).select_related("root_page").first()
    if site is None:
        address = urlsplit(settings.BASE_URL)
        Site.objects.create(
            hostname=address.hostname or "localhost",
            port=address.port or (443 if address.scheme == "https" else 80),
            site_name=settings.PRODUCT_NAME,
            root_page=home,
            is_default_site=True,
        )
    elif _is_welcome(site.root_page):
        welcome, site.root_page = site.root_page, home
        site.save()
        welcome.delete()
    return home


def _is_welcome(page: Page) -> bool:
    """Wagtail's own first page, that nobody has touched."""
    return page.specific_class is Page and page.title == _WELCOME and page.latest_revision_id is None and page.numchild == 0


def _load_programme(data: Path, site: Site, *, tally: Tally, at: datetime) -> None:
    key, told = "programme-owner", read_mapping(data / "site.yaml", required=("programme_owner", "home"))["programme_owner"]
    kept = ProgrammeSettings.for_site(site)
    shipped = ShippedContent.objects.filter(key=key).first()
    is_ours = kept.fingerprint() == shipped.content_hash if shipped else not kept.programme_owner
    if not is_ours:
        tally.left_alone.append(key)
        return
    before = kept.fingerprint()
    kept.programme_owner, kept.as_of, kept.note = told["name"], told["as_of"], told["note"]
    kept.save()
    ShippedContent.objects.update_or_create(key=key, defaults={"content_hash": kept.fingerprint(), "loaded_at": at})
    done = tally.created if shipped is None else tally.unchanged if kept.fingerprint() == before else tally.updated
    done.append(key)
