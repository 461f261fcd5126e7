"""An explanation: the proof of a status, the score as a sum, what fails, and what would change it.

What is said here can be replayed. The facts cited for a verdict give it by themselves, and none of them can be spared.
Each change that is listed was made and judged again, and no part of it gives the same status; the search is exhaustive
up to `MOST_CHANGES` at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from conseil.conditions import NOT_APPLICABLE, PROGRESS, FactValue, Not, cited
from conseil.explanation.search import ChangeKind, Interval, interval_of, minimal_changes, options_of
from conseil.inference import Engine, ReferenceEngine
from conseil.plan import LIVE, Deduced, Item, Plan, Reason, Status, judge, points_of
from conseil.plan.score import priority_of
from conseil.profile import Known, known_from, progress_of
from conseil.rulebook import AXES, Axis, Effect, Rule
from conseil.sentences import shortfall
from conseil.turning import DECIDING
from conseil.worlds import facts_behind

__all__ = ["Change", "Explanation", "Shortfall", "Term", "explain"]

_STATUS_ORDER: tuple[Status, ...] = ("recommended", "deferred", "to_confirm", "not_retained", "excluded")


@dataclass(frozen=True, slots=True)
class Term:
    """One term of the sum that makes an axis: where it starts, a rule's points, or what did not fit."""

    kind: Literal["base", "essential", "rule", "clipped"]
    points: int
    rule: Rule | None = None


@dataclass(frozen=True, slots=True)
class Shortfall:
    """A rule that keeps an action from better, and what would have to be otherwise, in French.

    Attributes:
        rule: one that should be true and is not, or an obstacle or an exclusion that should not be.
        lacks: each to read after "il faudrait"; the fewer, the nearer.
    """

    rule: Rule
    lacks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """A set of answers that would give the action another status, and of which no part gives the same.

    Attributes:
        kind: `answer` where unknown facts are answered, `change` where known ones move the way they may.
        set: the answers, by question (or `progress.<action>`); a number stands for all that no test tells from it.
        gives: the status that the action then has.
        moved: how many other actions then change their status or priority.
    """

    kind: ChangeKind
    set: Mapping[str, FactValue]
    gives: Status
    moved: int


@dataclass(frozen=True)
class Explanation:
    """The proof of an action's status in a plan, and what would change it."""

    plan: Plan
    item: Item

    @cached_property
    def reasons(self) -> tuple[Reason, ...]:
        """Every rule of the action with its verdict and the facts that made it, in the order of effects."""
        return tuple(self.plan.reasons(self.item))

    @property
    def deciding(self) -> tuple[Reason, ...]:
        """The rules on which the status rests."""
        return tuple(reason for reason in self.reasons if reason.rule.effect in DECIDING)

    @cached_property
    def proofs(self) -> tuple[Deduced, ...]:
        """How each fact that is cited, and was not answered, came to be known; and the facts cited for those in turn.

        A question that does not apply has an empty `because`.
        """
        deduced = {found.fact: found for found in self.plan.deduced}
        found: dict[str, Deduced] = {}
        waiting = [fact for reason in self.reasons for fact in self.plan.cites(reason)]
        while waiting:
            fact = waiting.pop()
            proof = deduced.get(fact) or self._why_not_asked(fact)
            if proof is not None and fact not in found:
                found[fact] = proof
                waiting += proof.cites
        return tuple(found[fact] for fact in self.plan.rulebook.vocabulary.ordered(found))

    def _why_not_asked(self, fact: str) -> Deduced | None:
        question, facts = self.plan.rulebook.vocabulary.get(fact), self.plan.facts
        if question is None or question.asked_when is None or facts.get(fact) != NOT_APPLICABLE:
            return None
        if self.plan.known.answers.get(fact) == NOT_APPLICABLE and fact not in self.plan.inference.ignored:
            return None  # "sans objet" was the answer
        cites = self.plan.rulebook.vocabulary.ordered(cited(question.asked_when, facts))
        return Deduced(fact, NOT_APPLICABLE, "", tuple(cites))

    def terms(self, axis: Axis) -> tuple[Term, ...]:
        """Return the sum that makes an axis: its terms add up to the value."""
        rulebook, score = self.plan.rulebook, self.item.score
        counted = score.impact if axis == "impact" else score.feasibility
        start = rulebook.guide.score.base
        found = [Term("base", start)]
        if counted.base != start:
            found.append(Term("essential", counted.base - start))
        found += [Term("rule", points, reason.rule) for reason, points in self._counted(axis) if reason.verdict]
        if counted.clipped:
            found.append(Term("clipped", -counted.clipped))
        return tuple(found)

    def open_terms(self, axis: Axis) -> tuple[Term, ...]:
        """Return what the rules that are unknown could still add to an axis, or take: they make its interval."""
        return tuple(
            Term("rule", points, reason.rule) for reason, points in self._counted(axis) if reason.verdict is None
        )

    def points(self, rule: Rule) -> dict[Axis, int]:
        """Return what a rule adds to each axis where it is true, or takes."""
        return {axis: points_of(getattr(rule.points, axis), self.plan.rulebook) for axis in AXES}

    def _counted(self, axis: Axis) -> Iterator[tuple[Reason, int]]:
        for reason in self.reasons:
            points = self.points(reason.rule)[axis]
            if points:
                yield reason, points

    @cached_property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """What keeps the action from being retained, begun, or more pressing; the nearest first.

        Of an action that is excluded or deferred, the rules that make it so; of one that is not retained, those that
        would recommend it; of one of low priority, those that would have added points.
        """
        match self.item.status:
            case "excluded":
                found = self._shortfalls(("exclude",), true=True)
            case "not_retained":
                found = self._shortfalls(("recommend",), true=False)
            case "deferred":
                found = self._shortfalls(("defer",), true=True)
            case _:
                found = ()
        if self.item.status in LIVE and self.item.priority == "low":
            missed = self._shortfalls(("recommend", "reinforce"), true=False)
            found = tuple(lack for lack in missed if max(self.points(lack.rule).values()) > 0)
        return found

    def _shortfalls(self, effects: tuple[Effect, ...], *, true: bool) -> tuple[Shortfall, ...]:
        """Return what the rules of these effects that are true, or false, would need to turn."""
        rules = [reason.rule for reason in self.reasons if reason.rule.effect in effects and reason.verdict is true]
        found = [Shortfall(rule, tuple(shortfall(self.plan, Not(rule.when) if true else rule.when))) for rule in rules]
        return tuple(sorted(found, key=lambda lack: len(lack.lacks)))

    @cached_property
    def answers(self) -> tuple[Change, ...]:
        """What answering unknown questions would do: fewest answers first, then the least change to the rest."""
        return self._found("answer")

    @cached_property
    def changes(self) -> tuple[Change, ...]:
        """What acting on known facts would do, each moving the way it may: fewest first, then the least change."""
        return self._found("change")

    def levers(self, kind: ChangeKind) -> tuple[str, ...]:
        """Return the facts on which the status rests, and that could be answered, or changed."""
        return tuple(options_of(self.plan, self.item, kind))

    def interval(self, question: str, number: int) -> Interval:
        """Return the numbers that no test on which the status rests tells from this one."""
        rulebook = self.plan.rulebook
        return interval_of(rulebook.vocabulary[question], facts_behind(rulebook, self.item.action)[question], number)

    def _found(self, kind: ChangeKind) -> tuple[Change, ...]:
        found = [self._replayed(kind, changes) for changes, _ in minimal_changes(self.plan, self.item, kind)]
        return tuple(
            sorted(found, key=lambda change: (len(change.set), change.moved, _STATUS_ORDER.index(change.gives)))
        )

    def _replayed(self, kind: ChangeKind, changes: Mapping[str, FactValue]) -> Change:
        """Judge the whole territory again with these answers: what is shown is what an engine says."""
        rulebook = self.plan.rulebook
        known = self._after(changes)
        judged = judge(rulebook, known, self._engine.infer(known))
        moved = sum(
            (before.status, before.priority)
            != (judged[before.id].status, priority_of(judged[before.id].score.total, rulebook))
            for before in self.plan.items
            if before.id != self.item.id
        )
        return Change(kind, changes, judged[self.item.id].status, moved)

    @cached_property
    def _engine(self) -> Engine:
        return ReferenceEngine(self.plan.rulebook)

    def _after(self, changes: Mapping[str, FactValue]) -> Known:
        known = self.plan.known
        answers = {fact: value for fact, value in changes.items() if not fact.startswith(PROGRESS)}
        return known_from(known.given | answers, {**known.progress, **progress_of(changes)}, self.plan.rulebook)


def explain(plan: Plan, action: str) -> Explanation:
    """Explain the status of an action in a plan.

    Raises:
        UnknownAction: the rulebook has no such action; the message suggests the nearest.

    >>> from conseil import advise, load_profile
    >>> plan = advise(load_profile("profiles/cc-des-hautes-combes.yaml"))
    >>> explanation = explain(plan, "subvention-investissement")
    >>> explanation.item.status
    'deferred'
    >>> {"budget_investissement": "limite"} in [change.set for change in explanation.changes]
    True
    """
    return Explanation(plan, plan.item(action))
