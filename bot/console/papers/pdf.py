"""A paper as PDF, with a typeface that has the macrons of Māori; what it has not is named or marked."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Container, Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from bot.console.papers.paper import Heading, Mark, Paper, clean, one_line

if TYPE_CHECKING:
    from fpdf import FPDF

FONTS = Path(__file__).parent / "fonts"
FAMILY = "DejaVu"
#: Stands for a letter that the typeface has not.
UNKNOWN = "□"
_BREAKS = re.compile(r" +|[^ ]+ *")
#: In millimetres.
MARGIN, INDENT = 18, 6
#: Joiners, skin tones and the like only change the sign before them.
_SILENT = frozenset({"\u200d", "\ufe0f", "\ufe0e"}) | frozenset(map(chr, range(0x1F3FB, 0x1F400)))


def as_pdf(paper: Paper, made_at: datetime) -> bytes:
    """Return a paper as PDF, A4, with page numbers."""
    pdf = _empty(paper, made_at)
    fit = _fitter(_letters(pdf))
    write = _Writer(pdf).write
    pdf.add_page()
    write(fit(one_line(paper.title)), size=15, bold=True, after=2)
    for name, value in paper.facts:
        write(fit(f"{name}: {one_line(value)}"), size=9)
    replaced = False
    pdf.ln(2)
    for part in paper.body:
        if isinstance(part, Heading):
            write(fit(one_line(part.text)), size=11, bold=True, before=4, after=1)
        elif isinstance(part, Mark):
            write(fit("– " + one_line(part.text)), size=9, bold=True, before=1, after=1)
        else:
            words = fit(clean(part.text))
            replaced = replaced or UNKNOWN in words
            write(fit(one_line(part.head)), size=9, bold=True, before=1.5)
            if words:
                write(words, size=10, indent=INDENT)
            if part.foot:
                write(fit(one_line(part.foot)), size=8, indent=INDENT, grey=True)
    if replaced:
        write(f"{UNKNOWN} stands for a letter that cannot be printed. The text has it.", 8, before=4)
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


class _Writer:
    """Writes one part under the other, as wide as the page."""

    def __init__(self, pdf: FPDF) -> None:
        self._pdf = pdf
        #: How wide a letter is, by style and size: asked for each of thousands.
        self._widths: dict[tuple[str, float], Callable[[str], float]] = {}

    def write(
        self,
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

        pdf, style = self._pdf, "B" if bold else ""
        if before:
            pdf.ln(before)
        pdf.set_font(FAMILY, style, size)
        pdf.set_text_color(90 if grey else 0)
        width_of = self._widths.setdefault((style, size), cache(pdf.get_string_width))
        for line in _lines(text, pdf.epw - indent - 2 * pdf.c_margin, width_of):
            pdf.set_x(MARGIN + indent)
            pdf.cell(0, size * 0.48, line, align=Align.L, new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        pdf.set_text_color(0)
        if after:
            pdf.ln(after)


def _lines(text: str, room: float, width_of: Callable[[str], float]) -> Iterator[str]:
    """Break a text into lines that fit: between words, and within one that is wider than a line.

    The library's own breaking measures a line anew for each letter: eight times slower on a long paper.
    """
    for paragraph in text.split("\n"):
        line, width = "", 0.0
        for word in _BREAKS.findall(paragraph):
            whole = sum(map(width_of, word.rstrip(" ")))
            if line and width + whole > room:
                yield line.rstrip(" ")
                line, width = "", 0.0
            for letter in word:
                # Spaces may hang over the end of a line, letters not.
                if letter != " " and line and width + width_of(letter) > room:
                    yield line
                    line, width = "", 0.0
                line, width = line + letter, width + width_of(letter)
        yield line.rstrip(" ")


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
