"""The matrix of impact and feasibility drawn in letters, for a terminal: the ranks of live actions in a grid.

It stands apart from its picture, so that a plan can be read without loading what draws pictures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from conseil.plan import Item, Plan
from conseil.rendering.lettering import COLUMNS, lines_of, said, wrapped

__all__ = ["matrix_text"]

_MARKS = {"high": "●", "medium": "○", "low": "◇"}
"""Of each priority; squares are the marks of authority in a text."""

_WHOLE = 100


def matrix_text(plan: Plan) -> str:
    """Draw the matrix for a terminal, with what its marks mean; empty where no action is live."""
    return "\n".join([*_grid(plan.ranked), "", *_key(plan)]) + "\n" if plan.ranked else ""


def _grid(items: Sequence[Item]) -> Iterator[str]:
    across = _Bins([item.score.feasibility.value for item in items], most=8)
    down = _Bins([item.score.impact.value for item in items], most=14)
    width = (COLUMNS - 8) // len(across.starts)
    yield "Impact"
    for start in reversed(down.starts):
        cells = [
            " ".join(
                f"{_MARKS[item.priority]}{item.rank}{'' if item.certain else '?'}"
                for item in items
                if down.of(item.score.impact.value) == start and across.of(item.score.feasibility.value) == left
            )
            for left in across.starts
        ]
        broken = [wrapped(cell, width - 1) for cell in cells]
        for place in range(max(map(len, broken))):
            row = "".join((parts[place] if place < len(parts) else "").ljust(width) for parts in broken)
            yield f"{down.named(start) if place == 0 else '':>6} │{row}".rstrip()
    yield "       └" + "─" * (width * len(across.starts))
    yield " " * 8 + "".join(across.named(start).ljust(width) for start in across.starts).rstrip()
    yield "Faisabilité".rjust(COLUMNS)


class _Bins:
    """The classes into which the values of an axis fall: as fine as the terminal has room for."""

    def __init__(self, values: Sequence[int], most: int) -> None:
        low, high = min(values), max(values)
        finest = 5 if all(value % 5 == 0 for value in values) else 1
        sizes = (size for size in (1, 2, 5, 10, 20, 25, 50, _WHOLE + 1) if size >= finest)
        wide = next(size for size in sizes if high // size - low // size < most)
        self.wide = wide
        self.starts = [place * wide for place in range(low // wide, high // wide + 1)]
        self.exact = all(value % wide == 0 for value in values)

    def of(self, value: int) -> int:
        return value // self.wide * self.wide

    def named(self, start: int) -> str:
        return str(start) if self.exact else f"{start}–{min(start + self.wide - 1, _WHOLE)}"


def _key(plan: Plan) -> Iterator[str]:
    thresholds, weights = plan.rulebook.guide.score.thresholds, plan.rulebook.guide.score.weights
    marks = [f"● priorité haute : total dès {thresholds.high}", f"○ moyenne : dès {thresholds.medium}", "◇ basse"]
    yield "   ".join(map(said, marks))
    yield from lines_of(f"Total : {weights.impact} % de l’impact et {weights.feasibility} % de la faisabilité.")
    if not all(item.certain for item in plan.ranked):
        yield from lines_of("? : la priorité peut encore changer avec les réponses qui manquent.")
