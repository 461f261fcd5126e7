"""From the verdicts of a whole table to its plans: statuses, scores, waves, ranks and first decisions, as arrays.

The meaning is that of `status`, `score` and `building`, for all the rows of a chunk at once: statuses are worked out on
bits, scores by adding the points of a rule to the rows where it holds, and ranks by sorting, in each row, one number an
action that puts it in its place.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from conseil.conditions import PROGRESS
from conseil.errors import RulebookTooLarge
from conseil.inference.chunk import Chunk, Mask, coded, nowhere, unpacked
from conseil.inference.columns import ColumnsEngine, ColumnsInference, VerdictMasks
from conseil.plan.model import LIVE
from conseil.plan.score import Priority, points_of
from conseil.plan.status import Status
from conseil.rulebook import AXES, Action, Axis, Effect, Rulebook, problem_of_rule

__all__ = ["PRIORITIES", "STATUSES", "PlanTable", "PlanTableBuilder", "ScoreColumns", "TableItem"]

STATUSES: tuple[Status, ...] = get_args(Status)
"""The statuses, in the order of their numbers in a table."""

PRIORITIES: tuple[Priority, ...] = ("low", "medium", "high")
"""The priorities, in the order of their numbers in a table."""

DECISIONS = 5
"""How many decisions a plan opens with, at most."""

Numbers: TypeAlias = npt.NDArray[np.signedinteger[Any]]
"""Whole numbers in as few bytes as they need."""

_HIGHEST = 100
_UNSURE = STATUSES.index("to_confirm")

# the status of what can turn out to be these, as bits
_STATUS_OF = np.full(1 << _UNSURE, _UNSURE, np.int8)
_STATUS_OF[1 << np.arange(_UNSURE)] = np.arange(_UNSURE)


class ScoreColumns(NamedTuple):
    """Scores from 0 to 100, and the interval that unknown rules leave."""

    value: Numbers
    low: Numbers
    high: Numbers


class TableItem(NamedTuple):
    """An action of one row, as in the plan that is made for that territory alone (see `plan.Item`)."""

    action: str
    status: Status
    possible: tuple[Status, ...]
    impact: tuple[int, int, int]
    feasibility: tuple[int, int, int]
    total: tuple[int, int, int]
    priority: Priority
    certain: bool
    rank: int | None
    wave: int | None
    now: bool


@dataclass(frozen=True, slots=True)
class PlanTable:
    """The plans of one chunk: arrays with a row a territory and, unless something else is said, a column an action.

    Attributes:
        actions: the ids of the actions, in the order of the columns, which is that of the rulebook.
        status: the place of the status in `STATUSES`.
        possible: what the action can turn out to be: bit *k* for the status of place *k*.
        impact: the score on that axis.
        feasibility: the score on that axis.
        total: the weighted mean of both.
        priority: the place of the priority in `PRIORITIES`.
        certain: whether no answer can change the status or the priority.
        wave: the wave of a live action, from 1; 0 for the others, and for a twin that is folded under its lead.
        rank: the place among the live actions, or among those to confirm, from 1; 0 where there is none.
        now: whether it is among "À lancer maintenant".
        decisions: five columns: the places in `actions` of the first of "À lancer maintenant", in rank order; then -1.
        deduced: for each fact that has a deduction, the number of the choice that it gave in each row, as in a column
            of a chunk; -1 where it gave none.
        rules: a column a rule, in the order of `Rulebook.rules`: 1 true, 0 false, -1 unknown; `None` unless asked for.
        criteria: the same for `Rulebook.criteria`.
    """

    actions: tuple[str, ...]
    status: Numbers
    possible: Numbers
    impact: ScoreColumns
    feasibility: ScoreColumns
    total: ScoreColumns
    priority: Numbers
    certain: npt.NDArray[np.bool_]
    wave: Numbers
    rank: Numbers
    now: npt.NDArray[np.bool_]
    decisions: Numbers
    deduced: Mapping[str, Numbers]
    rules: Numbers | None
    criteria: Numbers | None

    def __len__(self) -> int:
        """Count the rows."""
        return len(self.status)

    def row(self, index: int) -> tuple[TableItem, ...]:
        """Return the actions of one row in words, in the order of the rulebook."""
        return tuple(self._item(index, column) for column in range(len(self.actions)))

    def _item(self, row: int, column: int) -> TableItem:
        at = (row, column)
        possible = (status for place, status in enumerate(STATUSES) if self.possible[at] >> place & 1)
        impact, feasibility, total = (
            (int(score.value[at]), int(score.low[at]), int(score.high[at]))
            for score in (self.impact, self.feasibility, self.total)
        )
        return TableItem(
            action=self.actions[column],
            status=STATUSES[self.status[at]],
            possible=tuple(possible),
            impact=impact,
            feasibility=feasibility,
            total=total,
            priority=PRIORITIES[self.priority[at]],
            certain=bool(self.certain[at]),
            rank=int(self.rank[at]) or None,
            wave=int(self.wave[at]) or None,
            now=bool(self.now[at]),
        )


class _Statuses(NamedTuple):
    """What an action can turn out to be: the rows of each status; and the rows that leave several."""

    possible: Mapping[Status, Mask]
    to_confirm: Mask

    def sure(self, status: Status) -> Mask:
        """Return the rows that have this status."""
        return self.possible[status] & ~self.to_confirm

    @property
    def live(self) -> Mask:
        """The rows where the action is recommended or under way."""
        return self.sure("recommended") | self.possible["in_progress"]


class PlanTableBuilder:
    """A rulebook, ready to plan tables of territories; safe to use from several threads."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Get the rulebook ready.

        Raises:
            RulebookTooLarge: an action can get more points than 64 bits hold; the message names the rule with which it
                does, and where it stands.
        """
        self._rulebook = rulebook
        self._engine = ColumnsEngine(rulebook)
        self._columns = {action: column for column, action in enumerate(rulebook.by_id)}
        self._last_wave = _last_wave(rulebook)
        self._scorers = {action.id: _Scorer(action, rulebook) for action in rulebook.actions}

    def build(self, chunk: Chunk, place: int = 0, *, verdicts: bool = False) -> PlanTable:
        """Return the plans of a chunk.

        Args:
            chunk: its columns by name: see `inference.chunk`.
            place: which chunk of the table it is, from 0, for the messages.
            verdicts: whether the verdicts of rules and criteria are wanted too.

        Raises:
            InvalidProfile: a problem for each column that cannot be used, with the first row and value at fault.
        """
        rulebook, found = self._rulebook, self._engine.infer(chunk, place)
        shape = (len(self._columns), found.size)  # while it is worked out, an action is a row: numpy runs along it
        possible = np.zeros(shape, np.int8)
        wave = np.ones(shape, _smallest(self._last_wave))
        scores = {axis: ScoreColumns(*(np.empty(shape, np.int8) for _ in range(3))) for axis in AXES}
        before: dict[str, _Statuses] = {}
        rules: dict[str, VerdictMasks] = {}
        for action in rulebook.prerequisites_first:
            column = self._columns[action.id]
            judged = {rule.id: found.judge(rule.when) for rule in action.rules}
            before[action.id] = statuses = _statuses(action, judged, before, found)
            for number, may_be in enumerate(STATUSES[:_UNSURE]):
                possible[column] |= unpacked(statuses.possible[may_be], found.size) << number
            for needed in action.requires:
                waited_for = unpacked(before[needed.action].live | before[needed.action].to_confirm, found.size)
                np.maximum(wave[column], waited_for * wave[self._columns[needed.action]] + 1, out=wave[column])
            self._scorers[action.id].score(judged, {axis: [one[column] for one in scores[axis]] for axis in AXES})
            if verdicts:
                rules |= judged
        status = _STATUS_OF[possible]
        total = ScoreColumns(*map(self._total, scores["impact"], scores["feasibility"]))
        wave *= self._ranked(status)
        rank, now, decisions = self._places(status, wave, total.value, self._capacity(found))
        criteria = [found.judge(criterion.when) for criterion in rulebook.criteria.values()] if verdicts else []
        return PlanTable(
            actions=tuple(self._columns),
            status=status.T,
            possible=possible.T,
            impact=ScoreColumns(*(one.T for one in scores["impact"])),
            feasibility=ScoreColumns(*(one.T for one in scores["feasibility"])),
            total=ScoreColumns(*(one.T for one in total)),
            priority=self._priority(total.value).T,
            certain=((status != _UNSURE) & (self._priority(total.low) == self._priority(total.high))).T,
            wave=wave.T,
            rank=rank,
            now=now,
            decisions=decisions,
            deduced={fact: _choices_given(rulebook, fact, rows, found.size) for fact, rows in found.deduced.items()},
            rules=_verdicts([rules[rule] for rule in rulebook.rules], found.size) if verdicts else None,
            criteria=_verdicts(criteria, found.size) if verdicts else None,
        )

    def _ranked(self, status: Numbers) -> npt.NDArray[np.bool_]:
        """Return where an action is recommended or under way, and no twin that is folded under its lead."""
        live: npt.NDArray[np.bool_] = reduce(or_, (status == STATUSES.index(name) for name in LIVE))
        ranked = live.copy()
        for action in self._rulebook.actions:
            if action.twin_of:
                ranked[self._columns[action.id]] &= ~live[self._columns[action.twin_of]]
        return ranked

    def _total(self, impact: Numbers, feasibility: Numbers) -> Numbers:
        weights = self._rulebook.guide.score.weights
        weighted = impact.astype(np.int16) * weights.impact
        weighted += feasibility.astype(np.int16) * weights.feasibility
        return ((weighted + _HIGHEST // 2) // _HIGHEST).astype(np.int8)

    def _priority(self, total: Numbers) -> Numbers:
        thresholds = self._rulebook.guide.score.thresholds
        return (total >= thresholds.medium).astype(np.int8) + (total >= thresholds.high)

    def _capacity(self, found: ColumnsInference) -> Numbers:
        """Return how many actions each first wave may hold."""
        role = self._rulebook.guide.roles.capacity
        capacity = np.full(found.size, role.middle)
        for choice, rows in found.facts[role.question].values.items():
            if choice in role.at_most:
                capacity[unpacked(rows, found.size) == 1] = role.at_most[choice]
        return capacity

    def _places(
        self, status: Numbers, wave: Numbers, total: Numbers, capacity: Numbers
    ) -> tuple[Numbers, npt.NDArray[np.bool_], Numbers]:
        """Rank the live actions by wave, total and place in the rulebook, and those to confirm by total.

        Each action gets a number by which its row is sorted. Its highest part is the place by wave and total: those to
        confirm come after the last wave, and what has no rank after them. Then comes the column; its lowest bit says
        that the action cannot be launched, being under way.
        """
        actions, size = status.shape
        of_a_wave = _HIGHEST + 1
        to_confirm = self._last_wave * of_a_wave
        unranked = to_confirm + of_a_wave
        shift = 1 + actions.bit_length()
        small = _smallest((unranked + 1) << shift)  # fewer bytes to sort
        in_wave = np.where(status == _UNSURE, self._last_wave, wave.astype(small) - 1)
        place = in_wave * of_a_wave + (_HIGHEST - total)
        place[(wave == 0) & (status != _UNSURE)] = unranked
        place <<= shift
        place |= np.arange(actions, dtype=small)[:, np.newaxis] << 1
        place |= status == STATUSES.index("in_progress")
        ordered = np.ascontiguousarray(place.T)
        ordered.sort(axis=1)

        column, place = ordered >> 1 & (1 << shift - 1) - 1, ordered >> shift
        counting = _smallest(actions)
        before_confirming = (place < to_confirm).sum(axis=1, keepdims=True, dtype=counting)
        ranks = np.arange(1, actions + 1, dtype=counting) - (place >= to_confirm) * before_confirming
        ranks *= place < unranked
        can_launch = (place < of_a_wave) & (ordered & 1 == 0)
        nth = can_launch.cumsum(axis=1, dtype=counting)
        launched = can_launch & (nth <= capacity[:, np.newaxis])

        rank, now = np.empty((size, actions), counting), np.zeros((size, actions), np.bool_)
        np.put_along_axis(rank, column, ranks, axis=1)
        rows, places = launched.nonzero()
        launches, order = column[rows, places], nth[rows, places]
        now[rows, launches] = True
        decisions = np.full((size, DECISIONS), -1, counting)
        decided = order <= DECISIONS
        decisions[rows[decided], order[decided] - 1] = launches[decided]
        return rank, now, decisions


def _smallest(highest: int) -> np.dtype[Any]:
    """Return the smallest type that holds -1 and numbers up to this one."""
    return np.min_scalar_type(-1 - highest)


def _last_wave(rulebook: Rulebook) -> int:
    """Return the latest wave that an action can have."""
    waves: dict[str, int] = {}
    for action in rulebook.prerequisites_first:
        waves[action.id] = 1 + max((waves[needed.action] for needed in action.requires), default=0)
    return max(waves.values())


def _statuses(
    action: Action, judged: Mapping[str, VerdictMasks], before: Mapping[str, _Statuses], found: ColumnsInference
) -> _Statuses:
    """Return what an action can turn out to be: see `status.possible_statuses`."""

    def effect(name: Effect) -> VerdictMasks:
        return found.any_of(judged[rule.id] for rule in action.rules if rule.effect == name)

    exclude, recommend, waiting = effect("exclude"), effect("recommend"), effect("defer")
    for needed in action.requires:
        deferred = before[needed.action].sure("deferred")
        may_be = before[needed.action].possible["deferred"]
        waiting = VerdictMasks(waiting.true | deferred, waiting.false & ~may_be)
    progress = found.facts[PROGRESS + action.id].values
    open_ = ~(progress["done"] | progress["doing"])
    wanted = open_ & ~exclude.true & ~recommend.false
    possible: dict[Status, Mask] = {
        "done": progress["done"],
        "in_progress": progress["doing"],
        "recommended": wanted & ~waiting.true,
        "deferred": wanted & ~waiting.false,
        "not_retained": open_ & ~exclude.true & ~recommend.true,
        "excluded": open_ & ~exclude.false,
    }
    once = several = nowhere(found.size)
    for rows in possible.values():
        several = several | (once & rows)
        once = once | rows
    return _Statuses(possible, several)


class _Scorer:
    """What counts the score of an action: see `score`."""

    def __init__(self, action: Action, rulebook: Rulebook) -> None:
        """Note the points of its rules, and choose numbers that hold their sum."""
        score = rulebook.guide.score
        essential = score.essential if action.id in rulebook.essential_of else 0
        self._base = {"impact": score.base + essential, "feasibility": score.base}
        self._points = {
            rule.id: {axis: points_of(getattr(rule.points, axis), rulebook) for axis in AXES}
            for rule in action.rules
            if rule.has_points
        }
        highest = max(self._base.values())
        for rule, points in self._points.items():
            highest += sum(map(abs, points.values()))
            if highest >= 1 << 63:
                message = f"règle `{rule}` : avec elle, l’action a plus de points que 64 bits n’en comptent"
                hint = "les plans d’un seul territoire les comptent tous : `conseil.advise`"
                raise RulebookTooLarge(str(problem_of_rule(rulebook, rule, message, hint)))
        self._type = np.dtype(np.int16 if highest < 1 << 15 else np.int64)

    def score(self, judged: Mapping[str, VerdictMasks], into: Mapping[Axis, Sequence[Numbers]]) -> None:
        """Count both axes, and write their value, lowest and highest value into these arrays."""
        for axis in AXES:
            value, low, high = into[axis]
            size = len(value)
            sure = np.full(size, self._base[axis], self._type)
            down, up = np.zeros(size, self._type), np.zeros(size, self._type)
            for rule, points in self._points.items():
                if points[axis]:
                    worth = self._type.type(points[axis])
                    true, false = judged[rule]
                    sure += unpacked(true, size) * worth
                    moved = up if worth > 0 else down
                    moved += unpacked(~(true | false), size) * worth
            for array, counted in ((value, sure), (low, sure + down), (high, sure + up)):
                array[:] = counted.clip(0, _HIGHEST)


def _choices_given(rulebook: Rulebook, fact: str, rows: Mapping[str, Mask], size: int) -> Numbers:
    codes = coded(rulebook.vocabulary[fact])
    given = np.full(size, -1, _smallest(len(codes)))
    for choice, mask in rows.items():
        given[unpacked(mask, size) == 1] = codes.index(choice)
    return given


def _verdicts(masks: Sequence[VerdictMasks], size: int) -> Numbers:
    """Return verdicts as numbers, a row a territory and a column a condition."""
    verdicts = np.full((len(masks), size), -1, np.int8)
    for row, (true, false) in enumerate(masks):
        verdicts[row] += 2 * unpacked(true, size) + unpacked(false, size)
    return verdicts.T
