"""The status and score of one action for thousands of profiles that differ by few facts, quickly.

An action is judged with the part of the rulebook on which it rests, by the specification itself (`plan.judge`), and
once for each combination of the facts that this part reads. What is found this way is then shown by a whole replay.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from conseil.conditions import PROGRESS, FactValue, evaluate, leaves
from conseil.inference import Inference, ReferenceEngine
from conseil.plan import judge
from conseil.plan.building import Judged
from conseil.profile import Known
from conseil.rulebook import Action, Rule, Rulebook, fact_dependencies

__all__ = ["Judging", "irreducible"]

_DECIDING = {"recommend", "defer", "exclude"}
"""The effects on which a status rests."""


def irreducible(facts: Sequence[str], give: Callable[[tuple[str, ...]], bool]) -> tuple[str, ...]:
    """Take out of facts that give something together each one that can be spared, until none can.

    >>> irreducible("abcd", lambda facts: {"a", "c"} <= set(facts))
    ('a', 'c')
    """
    kept, tried = tuple(facts), None
    while kept != tried:  # what could not be spared at first may be, once others are gone
        tried = kept
        for fact in reversed(tried):
            rest = tuple(name for name in kept if name != fact)
            if give(rest):
                kept = rest
    return kept


class Judging:
    """Judges single actions of a rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep the rulebook."""
        self._rulebook = rulebook
        self._engine = ReferenceEngine(_with_actions(rulebook, (_without_rules(one) for one in rulebook.actions)))
        self._parts: dict[tuple[str, bool], _Part] = {}

    def facts(self, known: Known) -> Mapping[str, FactValue]:
        """Return every fact that follows from what is known."""
        return self._engine.infer(known).facts

    def judged(self, action: str, known: Known, facts: Mapping[str, FactValue], *, scored: bool) -> Judged:
        """Return the status of an action, and its score where that is asked for; the wave holds in either case."""
        return self._part(action, scored=scored).judged(known, facts)

    def behind(self, action: str, *, scored: bool) -> frozenset[str]:
        """Return the facts on which the status of an action, or its score too, rests: no other can change it."""
        return self._behind(self._part(action, scored=scored).reads)

    @cached_property
    def behind_ranks(self) -> frozenset[str]:
        """The facts on which ranks rest: what any status or score does, and the capacity."""
        reads = [read for one in self._rulebook.actions for read in self._part(one.id, scored=True).reads]
        return self._behind([*reads, self._rulebook.guide.roles.capacity.question])

    def _part(self, action: str, *, scored: bool) -> _Part:
        key = action, scored
        if key not in self._parts:
            self._parts[key] = _Part(self._rulebook, self._rulebook.by_id[action], scored=scored)
        return self._parts[key]

    @cached_property
    def _rests(self) -> dict[str, list[str]]:
        """What each fact rests on; a stage counts where its scenario has it."""
        rulebook, roles = self._rulebook, self._rulebook.guide.roles
        rests = fact_dependencies(rulebook.questions, rulebook.deductions)
        rests.setdefault(roles.stage, []).append(roles.scenario)
        return rests

    def _behind(self, reads: Iterable[str]) -> frozenset[str]:
        found: set[str] = set()
        waiting = list(reads)
        while waiting:
            fact = waiting.pop()
            if fact not in found:
                found.add(fact)
                waiting += self._rests.get(fact, [])
        return frozenset(found)


class _Part:
    """An action with what it requires, and the rules of these that matter."""

    def __init__(self, rulebook: Rulebook, action: Action, *, scored: bool) -> None:
        needed = {name: rulebook.by_id[name] for name in _needed(rulebook, action)}
        kept = [_kept(one, scored=scored and one is action) for one in needed.values()]
        self._action = action.id
        self._rulebook = _with_actions(rulebook, kept)
        self._rules = [rule for one in kept for rule in one.rules]
        read = [leaf.fact for rule in self._rules for _, leaf in leaves(rule.when)]
        self.reads = tuple(dict.fromkeys([*read, *(PROGRESS + name for name in needed)]))
        self._seen: dict[tuple[FactValue | None, ...], Judged] = {}

    def judged(self, known: Known, facts: Mapping[str, FactValue]) -> Judged:
        key = tuple(map(facts.get, self.reads))
        if key not in self._seen:
            verdicts = {rule.id: evaluate(rule.when, facts) for rule in self._rules}
            self._seen[key] = judge(self._rulebook, known, Inference(facts, {}, (), (), verdicts, {}))[self._action]
        return self._seen[key]


def _needed(rulebook: Rulebook, action: Action) -> Iterator[str]:
    """Walk an action and all that it requires, each once."""
    found = {action.id: None}
    waiting = [action]
    while waiting:
        one = waiting.pop()
        yield one.id
        new = [needed.action for needed in one.requires if needed.action not in found]
        found |= dict.fromkeys(new)
        waiting += [rulebook.by_id[name] for name in new]


def _kept(action: Action, *, scored: bool) -> Action:
    """Return an action with the rules that decide its status, and those that give it points where it is scored."""
    rules = (rule for rule in action.rules if rule.effect in _DECIDING or (scored and _has_points(rule)))
    return action.model_copy(update={"rules": tuple(rules)})


def _has_points(rule: Rule) -> bool:
    return bool(rule.points.impact or rule.points.feasibility)


def _without_rules(action: Action) -> Action:
    return action.model_copy(update={"rules": ()})


def _with_actions(rulebook: Rulebook, actions: Iterable[Action]) -> Rulebook:
    """Return a rulebook with these actions only, and no criteria to judge."""
    stances = tuple(
        stance.model_copy(
            update={"stages": tuple(stage.model_copy(update={"ready_when": ()}) for stage in stance.stages)}
        )
        for stance in rulebook.guide.stances
    )
    return Rulebook.model_construct(
        guide=rulebook.guide.model_copy(update={"stances": stances}),
        questions=rulebook.questions,
        themes=rulebook.themes,
        deductions=rulebook.deductions,
        actions=tuple(actions),
        examples=(),
    )
