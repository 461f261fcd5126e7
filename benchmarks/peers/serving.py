"""What a participant's process does: it reads a workload, makes its rules, and matches when it is told.

The parent writes one JSON object a line, and gets one back:

- `{"load": <file>}`: read the workload, make the rules. Answer: the seconds that this took.
- `{"probe": <seconds>}`: match a few profiles. Answer: how many would fit into that time, five at least.
- `{"results": <count>}`: match the first profiles. Answer: what came out, to be checked.
- `{"round": <count>}`: match them again, over and over for at least a fifth of the time of a probe, so that what else
  runs on the machine disturbs the fast ones like the slow ones. Answer: the seconds that one time took.

Only the standard library is used here: a peer's environment holds nothing else but the peer.
"""

from __future__ import annotations

import gc
import importlib.metadata
import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

__all__ = ["Matcher", "Plain", "Tree", "serve"]

Tree = Mapping[str, Any]
"""A condition: see `benchmarks.workload`."""

Plain = str | int | list[str]

_OBJECTS_BETWEEN_COLLECTIONS = 100_000  # for everyone, as our README recommends
_FEWEST = 5
_FIRST = 3
_SHORTEST = 5  # a round lasts a fifth of its budget at least


class Matcher(Protocol):
    """A peer's rules, ready to match."""

    def prepare(self, facts: dict[str, Plain]) -> Any:  # noqa: ANN401 -- each peer has a form of its own
        """Return a profile in the form that the peer takes; not timed."""
        ...

    def match(self, prepared: Sequence[Any]) -> Sequence[Any]:
        """Return the ids of the rules that are true for each profile, as a list; timed.

        Where facts may be unknown, it is a pair of lists: the true ones, and the unknown ones.
        """
        ...


def serve(
    make: Callable[[Mapping[str, Any]], Matcher], distribution: str, show: Callable[[Any], object] | None = None
) -> None:
    """Answer the parent until it closes the pipe.

    Args:
        make: makes the rules of a workload.
        distribution: the package whose version is told.
        show: turns the result of one profile into plain data, where it is none; not timed.
    """
    # what a peer prints must not mix with the answers
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    matcher: Matcher | None = None
    profiles: list[dict[str, Any]] = []
    prepared: list[Any] = []
    each = shortest = 0.0
    for line in sys.stdin:
        order, value = next(iter(json.loads(line).items()))
        answer: Any
        if order == "load":
            workload = json.loads(Path(value).read_text(encoding="utf-8"))
            begun = perf_counter()
            matcher = make(workload)
            seconds = perf_counter() - begun
            profiles = workload[getattr(matcher, "takes", "profiles")]
            prepared = [matcher.prepare(facts) for facts in profiles[:_FIRST]]
            answer = {"seconds": seconds, "version": importlib.metadata.version(distribution)}
        elif matcher is None:
            raise ValueError(f"`{order}` before `load`")
        elif order == "probe":
            each, shortest = _each(matcher, prepared), value / _SHORTEST
            answer = min(len(profiles), max(_FEWEST, int(value / each)))
            prepared += [matcher.prepare(facts) for facts in profiles[len(prepared) : answer]]
            gc.freeze()  # rules and profiles outlive the loop, whoever's they are
            gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
        elif order == "results":
            found = matcher.match(prepared[:value])
            answer = list(map(show, found)) if show else list(found)
        else:
            batch, repeats = prepared[:value], max(1, round(shortest / (each * value)))
            begun = perf_counter()
            for _ in range(repeats):
                matcher.match(batch)
            answer = (perf_counter() - begun) / repeats
        answers.write(json.dumps(answer) + "\n")
        answers.flush()
    os._exit(0)  # durable-rules leaves threads that never end


def _each(matcher: Matcher, prepared: Sequence[Any]) -> float:
    """Return about how many seconds a profile takes."""
    matcher.match(prepared[:1])  # what is made at the first call is made
    begun = perf_counter()
    matcher.match(prepared[:_FIRST])
    return max(1e-9, (perf_counter() - begun) / _FIRST)
