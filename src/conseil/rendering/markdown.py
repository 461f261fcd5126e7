"""A plan in Markdown: to paste into a note, or to turn into any other document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from conseil.authority import Source
from conseil.rendering.outline import Entry, Line, Outline, Section, Table
from conseil.rendering.text import LEGEND, LEGEND_OF_OVERLAYS, MARKS, place_of
from conseil.rendering.typography import typographic

__all__ = ["render_markdown"]


def render_markdown(outline: Outline) -> str:
    """Write a plan in CommonMark."""
    return "\n".join(_lines(outline)) + "\n"


def _lines(outline: Outline) -> Iterator[str]:
    yield f"# {_plain(outline.title)}"
    yield ""
    yield f"*{_plain(outline.subtitle)}*"
    if outline.marked:
        yield ""
        yield _plain(LEGEND)
    if outline.adapted:
        yield ""
        yield _plain(LEGEND_OF_OVERLAYS)
    for section in outline.sections:
        yield ""
        yield from _section(section)


def _section(section: Section) -> Iterator[str]:
    yield f"## {_plain(section.title)}"
    if section.lines:
        yield ""
    yield from (f"- {_line(line)}" for line in section.lines)
    if section.drawing:
        yield from ("", "```text", *section.drawing.splitlines(), "```")
    if section.table:
        yield ""
        yield from _table(section.table)
    for entry in section.entries:
        yield ""
        yield from _entry(entry)


def _entry(entry: Entry) -> Iterator[str]:
    number = f"{entry.number}. " if entry.number else ""
    yield f"### {_plain(number + entry.title)}"
    if entry.marks or entry.lines:
        yield ""
    if entry.marks:
        yield f"**{_plain(' · '.join(entry.marks))}**"
        yield ""
    yield from (f"- {_line(line)}" for line in entry.lines)
    if entry.to_copy:
        yield from ("", "```yaml", *entry.to_copy.splitlines(), "```")


def _line(line: Line) -> str:
    label = f"**{_plain(line.label)}\N{NO-BREAK SPACE}:** " if line.label else ""
    said = " ".join(part for part in (_plain(line.text), _quote(line.quote) if line.quote else "") if part)
    origin = f"({_plain(typographic(line.origin))}) " if line.origin else ""
    return f"{MARKS[line.basis]}{origin}{label}{said}"


def _table(table: Table) -> Iterator[str]:
    yield _row(map(_plain, table.header))
    yield _row("---" for _ in table.header)
    yield from (_row(_plain("\N{NO-BREAK SPACE}· ".join(cell)) for cell in row) for row in table.rows)


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _quote(source: Source) -> str:
    return f"*«\N{NO-BREAK SPACE}{_plain(source.quote)}\N{NO-BREAK SPACE}»* ({_plain(place_of(source))})"


def _plain(text: str) -> str:
    """Keep characters that Markdown would read as marks."""
    return re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", text)
