"""A paper as PDF, with a typeface that has the macrons of Māori; what it has not is named or marked."""

from __future__ import annotations

import logging
import unicodedata
from collections.abc import Callable, Container
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bot.console.papers.paper import Heading, Mark, Paper, clean, one_line

if TYPE_CHECKING:
    from fpdf import FPDF

FONTS = Path(__file__).parent / "fonts"
FAMILY = "DejaVu"
#: Stands for a letter that the typeface has not.
UNKNOWN = "□"
#: In millimetres.
MARGIN, INDENT = 18, 6
#: Joiners, skin tones and the like only change the sign before them.
_SILENT = frozenset({"\u200d", "\ufe0f", "\ufe0e"}) | frozenset(map(chr, range(0x1F3FB, 0x1F400)))


def as_pdf(paper: Paper, made_at: datetime) -> bytes:
    """Return a paper as PDF, A4, with page numbers."""
    pdf = _empty(paper, made_at)
    fit = _fitter(_letters(pdf))
    pdf.add_page()
    _write(pdf, fit(one_line(paper.title)), size=15, bold=True, after=2)
    for name, value in paper.facts:
        _write(pdf, fit(f"{name}: {one_line(value)}"), size=9)
    replaced = False
    pdf.ln(2)
    for part in paper.body:
        if isinstance(part, Heading):
            _write(pdf, fit(one_line(part.text)), size=11, bold=True, before=4, after=1)
        elif isinstance(part, Mark):
            _write(pdf, fit("– " + one_line(part.text)), size=9, bold=True, before=1, after=1)
        else:
            words = fit(clean(part.text))
            replaced = replaced or UNKNOWN in words
            _write(pdf, fit(one_line(part.head)), size=9, bold=True, before=1.5)
            if words:
                _write(pdf, words, size=10, indent=INDENT)
            if part.foot:
                _write(pdf, fit(one_line(part.foot)), size=8, indent=INDENT, grey=True)
    if replaced:
        _write(pdf, f"{UNKNOWN} stands for a letter that cannot be printed. The text has it.", 8, before=4)
    return bytes(pdf.output())


def _empty(paper: Paper, made_at: datetime) -> FPDF:
    # Here and not above: it takes a second, and the console starts without it.
    from fpdf import FPDF
    from fpdf.enums import Align

    # It tells every table of the typeface that it keeps.
    logging.getLogger("fontTools").setLevel(logging.ERROR)

    class Pages(FPDF):
        def footer(self) -> None:
            self.set_y(-14)
            self.set_font(FAMILY, size=8)
            self.set_text_color(90)
            text = f"{running}Page {self.page_no()} of {{nb}}"
            self.cell(0, 6, text, align=Align.R)
            self.set_text_color(0)

    pdf = Pages(format="A4")
    pdf.set_margins(MARGIN, MARGIN, MARGIN)
    pdf.set_auto_page_break(True, margin=MARGIN)
    for style, file in (("", "DejaVuSans.ttf"), ("B", "DejaVuSans-Bold.ttf")):
        pdf.add_font(FAMILY, style, FONTS / file)
    fit = _fitter(_letters(pdf))
    running = f"{fit(one_line(paper.running))} · " if paper.running else ""
    pdf.set_title(fit(one_line(paper.title)))
    pdf.set_lang("en-GB")
    pdf.set_creation_date(made_at)
    pdf.set_creator("Foothold")
    return pdf


def _write(
    pdf: FPDF,
    text: str,
    size: float = 10,
    *,
    bold: bool = False,
    grey: bool = False,
    indent: float = 0,
    before: float = 0,
    after: float = 0,
) -> None:
    from fpdf.enums import Align, XPos, YPos

    if before:
        pdf.ln(before)
    pdf.set_font(FAMILY, "B" if bold else "", size)
    pdf.set_text_color(90 if grey else 0)
    pdf.set_x(MARGIN + indent)
    pdf.multi_cell(0, size * 0.48, text, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    pdf.set_text_color(0)
    if after:
        pdf.ln(after)


def _letters(pdf: FPDF) -> Container[int]:
    """Return the code points of which both styles have a picture."""
    from fpdf.fonts import TTFFont

    plain, bold = (pdf.fonts[FAMILY.lower() + style] for style in ("", "B"))
    if isinstance(plain, TTFFont) and isinstance(bold, TTFFont):
        return frozenset(plain.cmap) & frozenset(bold.cmap)
    return frozenset()


def _fitter(has: Container[int]) -> Callable[[str], str]:
    """Return what makes words printable: pictures become their names, other unknown letters a box."""

    def fit(text: str) -> str:
        return "".join(_printable(sign, has) for sign in unicodedata.normalize("NFC", text))

    return fit


def _printable(sign: str, has: Container[int]) -> str:
    if sign in _SILENT:
        return ""
    if sign == "\n" or ord(sign) in has:
        return sign
    name = unicodedata.name(sign, "")
    if unicodedata.category(sign) in {"So", "Sk"} and name:
        return f"[{name.lower()}]"
    return "" if unicodedata.combining(sign) else UNKNOWN
