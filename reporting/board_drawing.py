"""The board report, drawn once for its figures."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from accounts.models import Organisation
from reporting.board import BoardPaper
from reporting.board_pdf import board_pdf, facts_of
from reporting.kept_drawings import digest_of, keep, kept
from reporting.models import Drawing
from reporting.services import PDF


def board_digest(paper: BoardPaper) -> str:
    """What the sheet is known by."""
    plots = [plot.digest for plot in (paper.trend_plot, paper.forecast_plot) if plot is not None]
    return digest_of("board", facts_of(paper, product=settings.PRODUCT_NAME), plots)


def board_drawing(organisation: Organisation, paper: BoardPaper, *, at: datetime) -> Drawing:
    """The sheet, drawn now or kept from before."""
    digest = board_digest(paper)
    found = kept(organisation, digest)
    if found is not None:
        return found
    content = board_pdf(paper, facts_of(paper, product=settings.PRODUCT_NAME))
    return keep(organisation, digest, content, media_type=PDF, at=at)
