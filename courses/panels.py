"""What the editor of a module is told beside its fields."""

from __future__ import annotations

from typing import Any

from wagtail.admin.panels import Panel

from content.plain import plain
from courses.readability import WANTED_AGE, readability_of


class ReadabilityPanel(Panel):
    """Each lesson's length and reading age, as last saved."""

    class BoundPanel(Panel.BoundPanel):
        template_name = "courses/readability_panel.html"

        def get_context_data(self, parent_context: Any = None) -> dict[str, Any]:
            lessons = [
                {"title": lesson["title"], "stated": lesson["minutes"], "found": readability_of(lesson["blocks"])}
                for lesson in plain(self.instance.lessons)
            ]
            return super().get_context_data(parent_context) | {"lessons": lessons, "wanted": WANTED_AGE}
