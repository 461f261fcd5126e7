"""Where to put boxes that want the same place: each as near to its spot as the others leave room."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import cos, pi, sin

__all__ = ["Box", "set_apart"]

_GAP = 3
_STEP = 6
_TURNS = 24


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, by its centre."""

    x: float
    y: float
    width: float
    height: float

    def touches(self, other: Box) -> bool:
        """Say whether two boxes overlap, or nearly."""
        return (
            abs(self.x - other.x) * 2 < self.width + other.width + 2 * _GAP
            and abs(self.y - other.y) * 2 < self.height + other.height + 2 * _GAP
        )

    def inside(self, frame: Box) -> Box:
        """Return the box moved into a frame by the shortest way."""
        across, down = (frame.width - self.width) / 2, (frame.height - self.height) / 2
        return Box(
            min(max(self.x, frame.x - across), frame.x + across),
            min(max(self.y, frame.y - down), frame.y + down),
            self.width,
            self.height,
        )


def set_apart(wanted: Sequence[Box], frame: Box, belongs: Callable[[int, Box], bool]) -> list[Box]:
    """Place every box in the frame without overlap, those that are alone on their spot first.

    Where the frame has no room left, a box stays on its spot.

    Args:
        wanted: the boxes, each on its spot.
        frame: what they all stay in.
        belongs: whether a box may be moved there without saying something false; such places are tried first.

    >>> frame = Box(50, 50, 100, 100)
    >>> first, second = set_apart([Box(50, 50, 20, 20), Box(52, 50, 20, 20)], frame, lambda index, box: True)
    >>> first.touches(second), first
    (False, Box(x=50, y=50, width=20, height=20))
    """
    own = [box.inside(frame) for box in wanted]
    crowded = [any(box.touches(other) for other in own if other is not box) for box in own]
    placed = {index: box for index, box in enumerate(own) if not crowded[index]}
    for index, box in enumerate(own):
        if index not in placed:
            placed[index] = _nearest(box, frame, tuple(placed.values()), partial(belongs, index))
    return [placed[index] for index in range(len(own))]


def _nearest(box: Box, frame: Box, others: Sequence[Box], belongs: Callable[[Box], bool]) -> Box:
    """Return the nearest free place where a box belongs; failing that the nearest free one, or its own."""
    spare: Box | None = None
    for place in _around(box, frame):
        if not any(place.touches(other) for other in others):
            if belongs(place):
                return place
            spare = spare or place
    return spare or box


def _around(box: Box, frame: Box) -> Iterator[Box]:
    """Walk the places of a frame from a spot outwards."""
    yield box
    for ring in range(1, int(max(frame.width, frame.height)) // _STEP):
        for turn in range(_TURNS):
            angle = 2 * pi * turn / _TURNS
            moved = Box(box.x + ring * _STEP * cos(angle), box.y + ring * _STEP * sin(angle), box.width, box.height)
            if moved.inside(frame) == moved:
                yield moved
