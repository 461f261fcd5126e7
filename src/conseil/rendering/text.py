"""A plan in a terminal: made to be read in 80 columns, plain when piped."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from typing import NamedTuple

from conseil.authority import Source
from conseil.rendering.outline import Entry, Line, Outline, Section, Table
from conseil.rendering.typography import typographic

__all__ = ["LEGEND", "LEGEND_OF_OVERLAYS", "MARKS", "StyledLine", "StyledText", "place_of", "quoted", "render_text"]

MARKS = {"guide": "■ ", "overlay": "▣ ", "editorial": "□ ", None: ""}
"""What stands before a statement, and says on whose authority it stands."""

_STYLES = {"guide": "cyan", "overlay": "", "editorial": "", None: ""}

LEGEND = "■ s’appuie sur le guide, cité entre guillemets   □ conseil éditorial"
"""What the marks before a statement mean."""

LEGEND_OF_OVERLAYS = (
    "▣ s’appuie sur un autre document, cité de même   (nom) : conseil de cette adaptation, et non du guide"
)
"""What the other mark means, and a name beside it, where rules were adapted."""

_MOST_COLUMNS = 4  # of a table, beside the first


class StyledLine(NamedTuple):
    """A line, and how a terminal that has colours shows it.

    Attributes:
        text: the line, without its end.
        style: the colour and weight of the whole, in the words of rich.
        bold: the columns, from the first to before the last, that are bold besides.
    """

    text: str
    style: str = ""
    bold: tuple[int, int] = (0, 0)


class StyledText(NamedTuple):
    """Lines with their styles: rich is loaded only where there is a terminal to show them."""

    lines: tuple[StyledLine, ...]

    @property
    def plain(self) -> str:
        """The lines without their styles, each with its end."""
        return "".join(f"{line.text}\n" for line in self.lines)


def render_text(outline: Outline, width: int = 80) -> StyledText:
    """Lay a plan out in lines of `width` columns."""
    return StyledText(tuple(_lines(outline, width)))


def _lines(outline: Outline, width: int) -> Iterator[StyledLine]:
    yield StyledLine("═" * width, style="dim")
    yield from _wrapped(outline.title, width, style="bold")
    yield from _wrapped(outline.subtitle, width, style="dim")
    yield StyledLine("═" * width, style="dim")
    if outline.marked:
        yield from _wrapped(LEGEND, width, style="dim")
    if outline.adapted:
        yield from _wrapped(LEGEND_OF_OVERLAYS, width, style="dim")
    for section in outline.sections:
        yield StyledLine("")
        yield from _section(section, width)


def _section(section: Section, width: int) -> Iterator[StyledLine]:
    heading = f"── {section.title} "
    yield StyledLine(heading + "─" * (width - len(heading)), style="bold green")
    for line in section.lines:
        yield from _line(line, width, indent=0)
    if section.drawing:
        yield StyledLine("")
        yield from _drawing(section.drawing, width)
    if section.table:
        yield from _table(section.table, width)
    for entry in section.entries:
        if entry.lines or entry is section.entries[0]:
            yield StyledLine("")
        yield from _entry(entry, width)


def _drawing(drawing: str, width: int) -> Iterator[StyledLine]:
    """Show a drawing as it is; one that is too wide would be broken, and says how wide it is instead."""
    lines = drawing.splitlines()
    needed = max(map(len, lines))
    if needed > width:
        said = f"(Le dessin demande {needed} colonnes ; ses chiffres sont aussi dans le texte.)"
        yield from _wrapped(typographic(said), width, style="dim")
        return
    yield from (StyledLine(line) for line in lines)


def _entry(entry: Entry, width: int) -> Iterator[StyledLine]:
    number = f"{entry.number}. " if entry.number else "• "
    yield from _wrapped(number + entry.title, width, hanging=len(number), style="bold")
    indent = 3
    if entry.marks:
        yield from _wrapped(" · ".join(entry.marks), width, indent=indent, style="magenta")
    for line in entry.lines:
        yield from _line(line, width, indent)
    yield from (StyledLine(line) for line in entry.to_copy.splitlines())


def _line(line: Line, width: int, indent: int) -> Iterator[StyledLine]:
    label = f"{line.label}\N{NO-BREAK SPACE}: " if line.label else ""
    said = [part for part in (line.text, quoted(line.quote) if line.quote else "") if part]
    start = MARKS[line.basis] + (f"({typographic(line.origin)}) " if line.origin else "") + label
    first, *others = _wrapped(start + " ".join(said), width, indent=indent, hanging=2, style=_STYLES[line.basis])
    yield first._replace(bold=(indent, indent + len(start)))
    yield from others


def quoted(source: Source) -> str:
    """Show the guide's words as they are, with the heading under which they stand."""
    return f"«\N{NO-BREAK SPACE}{source.quote}\N{NO-BREAK SPACE}» ({place_of(source)})"


def place_of(source: Source) -> str:
    """Name the heading under which words stand, and the document where it is not the guide."""
    return f"{source.document}, {source.section}" if source.document else source.section


def _table(table: Table, width: int) -> Iterator[StyledLine]:
    """Lay a table out; the first column wraps, and what is too wide goes on below, beside the first two again."""
    columns = list(range(1, len(table.header)))
    later = range(_MOST_COLUMNS, len(columns), _MOST_COLUMNS - 1)
    blocks = [columns[:_MOST_COLUMNS], *([1, *columns[start : start + _MOST_COLUMNS - 1]] for start in later)]
    for block in blocks:
        yield StyledLine("")
        yield from _block(table, block, width)


def _block(table: Table, columns: list[int], width: int) -> Iterator[StyledLine]:
    rows: list[tuple[tuple[str, ...], ...]] = [tuple((table.header[column],) for column in (0, *columns))]
    rows += [(row[0], *(row[column] for column in columns)) for row in table.rows]
    widths = [max(len(part) for row in rows for part in row[place]) for place in range(1, len(columns) + 1)]
    room = width - sum(widths) - 2 * len(widths)
    for number, row in enumerate(rows):
        title = [part for line in row[0] for part in textwrap.wrap(line, room, subsequent_indent="  ")]
        cells = [title, *row[1:]]
        for place in range(max(map(len, cells))):
            parts = [cell[place] if place < len(cell) else "" for cell in cells]
            padded = (part.ljust(size) for part, size in zip(parts, [room, *widths], strict=True))
            yield StyledLine("  ".join(padded).rstrip(), style="" if number else "bold")
        if not number:
            yield StyledLine("  ".join("─" * size for size in [room, *widths]), style="dim")


def _wrapped(text: str, width: int, *, indent: int = 0, hanging: int = 0, style: str = "") -> Iterator[StyledLine]:
    """Break a text at its plain spaces only: an unbreakable one stays."""
    lines = textwrap.wrap(
        text,
        width,
        initial_indent=" " * indent,
        subsequent_indent=" " * (indent + hanging),
        break_long_words=False,
        break_on_hyphens=False,
    )
    for line in lines or [""]:
        yield StyledLine(line, style=style)
