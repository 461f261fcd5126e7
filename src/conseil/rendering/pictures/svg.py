"""The small vocabulary in which pictures are drawn: a sheet, groups, shapes, lines and letters.

Everything is written by ElementTree, which escapes what it is given. A sheet carries its title and its description, to
which `aria-labelledby` points; its ids come from what it says, so that several can stand in one page and the same
drawing has the same bytes. Tones are those of a black and white print; what they mean is told by shapes, patterns and
dashes too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from conseil.rendering.lettering import measure, said, wrapped

__all__ = [
    "ACCENT",
    "GRID",
    "HEADING",
    "INK",
    "MARGIN",
    "MUTED",
    "PALE",
    "PLAIN",
    "QUIET",
    "STRONG",
    "WHITE",
    "WIDTH",
    "Anchor",
    "Canvas",
    "Letters",
    "Point",
    "Sheet",
    "Style",
]

WIDTH = 720
"""The width of every picture: across an A4 page with its margins, the smallest letters are 8 points high."""

MARGIN = 24
INK, MUTED, GRID, PALE, WHITE, ACCENT = "#1a1a1a", "#595959", "#d4d4d4", "#e6e6e6", "#ffffff", "#1f4e79"

_LEADING = 1.25
_XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

Anchor = Literal["start", "middle", "end"]
Point = tuple[float, float]
Style = dict[str, str | float]


@dataclass(frozen=True, slots=True)
class Letters:
    """How letters look."""

    size: float = 12
    bold: bool = False
    fill: str = INK

    def width(self, text: str) -> float:
        """Return the room that a text takes."""
        return measure(self.size, bold=self.bold)(text)


PLAIN, STRONG, QUIET = Letters(), Letters(bold=True), Letters(fill=MUTED)
HEADING, _TITLE = Letters(14, bold=True), Letters(17, bold=True)


class Canvas:
    """Something to draw on: the sheet, or a group on it."""

    def __init__(self, element: Element) -> None:
        self._element = element

    def group(self, tooltip: str = "") -> Canvas:
        """Begin a group; where a pointer rests on it, the tooltip is shown."""
        element = SubElement(self._element, "g")
        if tooltip:
            SubElement(element, "title").text = said(tooltip)
        return Canvas(element)

    def _shape(self, tag: str, sizes: Iterable[tuple[str, float]], style: Mapping[str, str | float]) -> None:
        attributes = {name: _short(value) for name, value in sizes}
        for name, value in style.items():
            attributes[name.replace("_", "-")] = value if isinstance(value, str) else _short(value)
        SubElement(self._element, tag, attributes)

    def line(self, start: Point, end: Point, **style: str | float) -> None:
        """Draw a straight line."""
        sizes = zip(("x1", "y1", "x2", "y2"), (*start, *end), strict=True)
        self._shape("line", sizes, {"stroke": INK, **style})

    def rect(self, x: float, y: float, width: float, height: float, **style: str | float) -> None:
        """Draw a rectangle from its upper left corner."""
        sizes = zip(("x", "y", "width", "height"), (x, y, width, height), strict=True)
        self._shape("rect", sizes, style)

    def circle(self, x: float, y: float, radius: float, **style: str | float) -> None:
        """Draw a circle."""
        self._shape("circle", zip(("cx", "cy", "r"), (x, y, radius), strict=True), style)

    def polygon(self, points: Iterable[Point], **style: str | float) -> None:
        """Draw a closed shape."""
        corners = " ".join(f"{_short(x)},{_short(y)}" for x, y in points)
        self._shape("polygon", (), {"points": corners, **style})

    def text(self, x: float, y: float, content: str, letters: Letters = PLAIN, *, anchor: Anchor = "start") -> None:
        """Write one line, `y` being that on which the letters stand."""
        attributes = {"x": _short(x), "y": _short(y), "font-size": _short(letters.size), "fill": letters.fill}
        if anchor != "start":
            attributes["text-anchor"] = anchor
        if letters.bold:
            attributes["font-weight"] = "bold"
        SubElement(self._element, "text", attributes).text = said(content)

    def paragraph(
        self, x: float, y: float, lines: Iterable[str], letters: Letters = PLAIN, *, anchor: Anchor = "start"
    ) -> float:
        """Write lines one under the other, and return where the next one would stand."""
        for line in lines:
            self.text(x, y, line, letters, anchor=anchor)
            y += letters.size * _LEADING
        return y


class Sheet(Canvas):
    """A whole picture: it grows downwards as it is drawn, `bottom` being where the next thing may begin."""

    def __init__(self, kind: str, title: str, subtitle: str, description: str) -> None:
        super().__init__(Element("svg"))
        self._said = said(title), said(description)
        digest = sha256("\n".join((kind, *self._said)).encode()).hexdigest()[:10]
        self._name = f"{kind}-{digest}"
        self._patterns: list[Element] = []
        self.bottom = self._heading(subtitle)

    def _heading(self, subtitle: str) -> float:
        across = WIDTH - 2 * MARGIN
        y = self.paragraph(MARGIN, MARGIN + _TITLE.size, wrapped(self._said[0], across, _TITLE.width, 3), _TITLE)
        if subtitle:
            y = self.paragraph(MARGIN, y, wrapped(said(subtitle), across, QUIET.width, 3), QUIET)
        return y + 8

    def pattern(self, name: Literal["hatch", "dots"]) -> str:
        """Return what to fill a shape with, so that it is told apart without colour."""
        reference = f"{self._name}-{name}"
        if reference not in [pattern.get("id") for pattern in self._patterns]:
            sizes = {"id": reference, "width": "6", "height": "6", "patternUnits": "userSpaceOnUse"}
            if name == "hatch":
                sizes["patternTransform"] = "rotate(45)"
            pattern = Element("pattern", sizes)
            drawn = Canvas(pattern)
            drawn.rect(0, 0, 6, 6, fill=WHITE)
            if name == "hatch":
                drawn.rect(0, 0, 2, 6, fill=INK)
            else:
                drawn.circle(1.5, 1.5, 1, fill=INK)
                drawn.circle(4.5, 4.5, 1, fill=INK)
            self._patterns.append(pattern)
        return f"url(#{reference})"

    def written(self) -> str:
        """Return the picture as SVG, cut at its bottom."""
        height = _short(round(self.bottom + MARGIN))
        root = Element(
            "svg",
            {
                "xmlns": "http://www.w3.org/2000/svg",
                "viewBox": f"0 0 {WIDTH} {height}",
                "width": str(WIDTH),
                "height": height,
                _XML_LANG: "fr",
                "role": "img",
                "aria-labelledby": f"{self._name}-title {self._name}-desc",
                "font-family": "sans-serif",
            },
        )
        for tag, content in zip(("title", "desc"), self._said, strict=True):
            SubElement(root, tag, {"id": f"{self._name}-{tag}"}).text = content
        if self._patterns:
            SubElement(root, "defs").extend(self._patterns)
        SubElement(root, "rect", {"width": str(WIDTH), "height": height, "fill": WHITE})
        root.extend(self._element)
        indent(root)
        return tostring(root, encoding="unicode") + "\n"


def _short(value: float) -> str:
    """Write a length, to a tenth."""
    return f"{round(value, 1) or 0:.1f}".removesuffix(".0")
