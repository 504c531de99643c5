"""The blocks pages are written in. Their names and fields are those of the data files and of frozen content."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import models
from wagtail import blocks

RICH_TEXT = ["h2", "h3", "bold", "italic", "ol", "ul", "link"]
"""What an editor may use in running text. No raw HTML, no embeds, no images without a text beside them."""
SHORT_TEXT = ["bold", "italic", "ol", "ul", "link"]


class Tone(models.TextChoices):
    TIP = "tip", "Tip"
    IMPORTANT = "important", "Important"
    WARNING = "warning", "Warning"


class Confidence(models.TextChoices):
    HIGH = "high", "We are sure of this"
    MEDIUM = "medium", "We are fairly sure of this"
    LOW = "low", "We could not confirm this: check before you rely on it"


class CalloutBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=120)
    html = blocks.RichTextBlock(features=SHORT_TEXT, label="Text")
    tone = blocks.ChoiceBlock(choices=Tone.choices, required=False)

    class Meta:
        icon = "warning"
        label = "Callout"


class DetailsBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=160, help_text="The line a reader opens.")
    html = blocks.RichTextBlock(features=SHORT_TEXT, label="Text")

    class Meta:
        icon = "arrow-down"
        label = "Details to open"


class StepBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=160)
    html = blocks.RichTextBlock(features=SHORT_TEXT, label="Text")


class StepsBlock(blocks.StructBlock):
    items = blocks.ListBlock(StepBlock(), min_num=1)

    class Meta:
        icon = "list-ol"
        label = "Numbered steps"


class TermBlock(blocks.StructBlock):
    term = blocks.CharBlock(max_length=120)
    meaning = blocks.TextBlock(rows=2)

    class Meta:
        icon = "openquote"
        label = "Word and its meaning"


class TermsBlock(blocks.StructBlock):
    items = blocks.ListBlock(TermBlock(), min_num=1)

    class Meta:
        icon = "list-ul"
        label = "Words and their meanings"


class TableBlock(blocks.StructBlock):
    caption = blocks.CharBlock(max_length=200)
    header = blocks.ListBlock(blocks.CharBlock(), min_num=1, label="Column headings")
    rows = blocks.ListBlock(blocks.ListBlock(blocks.CharBlock(required=False)), min_num=1)

    class Meta:
        icon = "table"
        label = "Table"

    def clean(self, value: blocks.StructValue) -> blocks.StructValue:
        cleaned = super().clean(value)
        columns = len(cleaned["header"])
        if any(len(row) != columns for row in cleaned["rows"]):
            message = f"Every row needs {columns} cells, one for each column heading."
            raise blocks.StructBlockValidationError(block_errors={"rows": ValidationError(message)})
        return cleaned


class SourceBlock(blocks.StructBlock):
    title = blocks.CharBlock(max_length=255)
    url = blocks.URLBlock(label="Address")
    confidence = blocks.ChoiceBlock(choices=Confidence.choices, required=False)

    class Meta:
        icon = "link"
        label = "Source"


class SourcesBlock(blocks.StreamBlock):
    """Where a page's facts come from."""

    source = SourceBlock()


class PageBodyBlock(blocks.StreamBlock):
    """The body of a page of the site or of guidance."""

    text = blocks.RichTextBlock(features=RICH_TEXT)
    inset = blocks.RichTextBlock(features=SHORT_TEXT, icon="info-circle", label="Inset text")
    callout = CalloutBlock()
    steps = StepsBlock()
    terms = TermsBlock()
    table = TableBlock()
    details = DetailsBlock()
    programme_owner = blocks.StaticBlock(
        icon="site", label="Who runs the programme", admin_text="Shows the programme owner from Settings, with its date."
    )
