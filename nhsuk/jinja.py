"""The Jinja environment of our own pages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from jinja2 import ChainableUndefined, ChoiceLoader, Environment, PackageLoader

from nhsuk.components import component_of, error_list


class LoudUndefined(ChainableUndefined):
    """Chains, as the components need, and refuses to be printed, so that a mistyped name fails a test."""

    def __str__(self) -> str:
        return str(self._fail_with_undefined_error())

    def __html__(self) -> str:
        return str(self)


def environment(**options: Any) -> Environment:
    """Django's Jinja environment with the NHS.UK components, addresses and dates in words.

    Block tags leave no white space behind: the components are written for that, and pages are a third smaller.
    """
    options |= {"undefined": LoudUndefined, "trim_blocks": True, "lstrip_blocks": True}
    env = Environment(**options)  # noqa: S701  Django turns autoescape on
    assert env.loader is not None  # noqa: S101  Django always gives one
    env.loader = ChoiceLoader([env.loader, PackageLoader("nhsuk_frontend_jinja")])
    env.globals.update(static=static, url=url, component_of=component_of, form_errors=error_list)
    env.filters.update(day=day, short_day=short_day, moment=moment)
    return env


def url(name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a view by its name."""
    return reverse(name, args=args, kwargs=kwargs)


def day(value: date) -> str:
    """``4 March 2026``; an instant is put on London's calendar first."""
    return date_format(_london(value), "j F Y")


def short_day(value: date) -> str:
    """``4 Mar 2026``."""
    return date_format(_london(value), "j M Y")


def moment(value: datetime) -> str:
    """``4 March 2026 at 9:05am``, London time."""
    return date_format(timezone.localtime(value), r"j F Y \a\t g:i").strip() + date_format(timezone.localtime(value), "A").lower()


def _london(value: date) -> date:
    return timezone.localtime(value).date() if isinstance(value, datetime) else value
