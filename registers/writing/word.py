"""A policy as a Word document that people can go on editing: real styles, headings, lists and tables."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_COLOR_INDEX
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from registers.writing.document import PolicyDocument
from registers.writing.markup import Block, Grid, Heading, Line, Listing

TEXT_WIDTH = Cm(16.6)
"""Between the margins of A4."""
BLUE, INK, QUIET = RGBColor(0x00, 0x5E, 0xB8), RGBColor(0x21, 0x2B, 0x32), RGBColor(0x4C, 0x62, 0x72)


def render(document: PolicyDocument) -> bytes:
    """The document as DOCX, its header naming the organisation, the version and the review date."""
    word = Document()
    _set_up(word, document)
    word.add_heading(document.title, level=1)
    facts = word.add_paragraph()
    for number, (name, value) in enumerate(document.facts):
        if number:
            facts.add_run().add_break()
        facts.add_run(f"{name}: ").font.color.rgb = QUIET
        facts.add_run(value)
    for block in document.blocks:
        _add(word, block)
    out = io.BytesIO()
    word.save(out)
    return out.getvalue()


def _set_up(word: Any, document: PolicyDocument) -> None:
    properties = word.core_properties
    properties.title, properties.author, properties.language = document.title, document.organisation, "en-GB"
    section = word.sections[0]
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.2)
    normal = word.styles["Normal"]
    normal.font.name, normal.font.size, normal.font.color.rgb = "Arial", Pt(11), INK
    normal.paragraph_format.space_after = Pt(8)
    for level, size in ((1, 22), (2, 15), (3, 12)):
        style = word.styles[f"Heading {level}"]
        style.font.name, style.font.size, style.font.bold = "Arial", Pt(size), True
        style.font.color.rgb = INK if level == 3 else BLUE
        style.element.rPr.rFonts.set(qn("w:asciiTheme"), "")
        style.element.rPr.rFonts.attrib.pop(qn("w:asciiTheme"))
        style.element.rPr.rFonts.attrib.pop(qn("w:hAnsiTheme"), None)
        style.element.rPr.rFonts.set(qn("w:hAnsi"), "Arial")
    head = section.header.paragraphs[0]
    head.text = f"{document.organisation}\t\t{document.standing}"
    foot = section.footer.paragraphs[0]
    foot.add_run(f"{document.title}\t\tPage ")
    _field(foot, "PAGE")
    for style in (word.styles["Header"], word.styles["Footer"]):
        style.font.size, style.font.color.rgb = Pt(8.5), QUIET


def _field(paragraph: Any, name: str) -> None:
    """A number that Word works out itself, such as that of the page."""
    field = OxmlElement("w:fldSimple")
    field.set(qn("w:instr"), name)
    paragraph._p.append(field)


def _add(word: Any, block: Block) -> None:
    if isinstance(block, Heading):
        _write(word.add_heading(level=block.level), block.words)
    elif isinstance(block, Listing):
        _add_list(word, block)
    elif isinstance(block, Grid):
        _add_table(word, block)
    else:
        _write(word.add_paragraph(), block.words)


def _add_list(word: Any, listing: Listing) -> None:
    """Steps are numbered afresh in every list."""
    if not listing.numbered:
        for item in listing.items:
            _write(word.add_paragraph(style="List Bullet"), item)
        return
    numbering = _numbering_from_one(word)
    for item in listing.items:
        paragraph = word.add_paragraph(style="List Number")
        properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
        properties.get_or_add_ilvl().val = 0
        properties.get_or_add_numId().val = numbering
        _write(paragraph, item)


def _numbering_from_one(word: Any) -> int:
    definitions = word.part.numbering_part.numbering_definitions._numbering
    style = word.styles["List Number"].element.pPr.numPr.numId.val
    abstract = next(num for num in definitions.num_lst if num.numId == style).abstractNumId.val
    number = definitions.add_num(abstract)
    number.add_lvlOverride(ilvl=0).add_startOverride(1)
    return int(number.numId)


def _add_table(word: Any, grid: Grid) -> None:
    table = word.add_table(rows=0, cols=len(grid.heading))
    table.style = "Table Grid"
    table.autofit = False
    _add_row(table, grid.heading)
    for cell in table.rows[0].cells:
        _shade(cell)
        for run in cell.paragraphs[0].runs:
            run.font.bold = True
    repeated = OxmlElement("w:tblHeader")
    table.rows[0]._tr.get_or_add_trPr().append(repeated)
    for row in grid.rows:
        _add_row(table, row)
    for column, part in zip(table.columns, grid.widths, strict=True):
        column.width = round(TEXT_WIDTH * part / sum(grid.widths))
        for cell in column.cells:
            cell.width = column.width
    word.add_paragraph()


def _shade(cell: Any) -> None:
    """The grey of a table's heading."""
    shading = OxmlElement("w:shd")
    for name, value in (("val", "clear"), ("color", "auto"), ("fill", "F0F4F5")):
        shading.set(qn(f"w:{name}"), value)
    cell._tc.get_or_add_tcPr().append(shading)


def _add_row(table: Any, cells: Sequence[Line]) -> None:
    """A row with an empty cell has room to write in by hand."""
    row = table.add_row()
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    if not all(cells):
        row.height = Cm(0.9)
    for cell, words in zip(row.cells, cells, strict=True):
        paragraph = cell.paragraphs[0]
        paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
        paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT
        _write(paragraph, words)


def _write(paragraph: Any, words: Line) -> None:
    for part in words:
        run = paragraph.add_run(part.text)
        run.bold = True if part.strong or part.blank else None
        if part.blank:
            run.font.highlight_color = WD_COLOR_INDEX.YELLOW
