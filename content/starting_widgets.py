"""Wagtail's choosers without the script that they write beside themselves: ``start_widgets.js`` starts them.

The other widgets that did so have templates, which lie in ``content/templates/wagtailadmin``.
"""

from __future__ import annotations

import json
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString
from wagtail.admin.widgets.chooser import BaseChooser
from wagtail.admin.widgets.workflows import AdminTaskChooser

_START = '{}<start-widget hidden what="{}" field="{}" options="{}"></start-widget>'


def write_no_scripts() -> None:
    """Let every chooser of the CMS render itself by :func:`_render`."""
    BaseChooser.render = _render
    AdminTaskChooser.js_constructor = "TaskChooser"


def _render(chooser: Any, name: str, value: Any, attrs: dict[str, Any], renderer: object = None) -> SafeString:
    data, field = chooser.get_value_data(value), attrs["id"]
    options = json.dumps(chooser.get_js_init_options(field, name, data))
    return format_html(_START, chooser.render_html(name, data, attrs), chooser.js_constructor, field, options)
