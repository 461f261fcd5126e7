"""An explanation: the proof of a status, the score as a sum, what fails, and what would change it.

What is said here can be replayed. The facts cited for a verdict give it by themselves, and none of them can be spared.
Each change that is listed was made and judged again, and no part of it gives the same status; the search is exhaustive
up to `MOST_CHANGES` at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from conseil.conditions import PROGRESS, Facts, FactValue, Not, cited, evaluate
from conseil.explanation.search import ChangeKind, Interval, interval_of, minimal_changes, options_of
from conseil.inference import Engine, ReferenceEngine
from conseil.plan import LIVE, Deduced, Item, Plan, Reason, Status, judge, points_of
from conseil.plan.score import priority_of, score_of
from conseil.plan.status import DECIDING, possible_statuses
from conseil.profile import Known, known_from, progress_of
from conseil.rulebook import AXES, Axis, Effect, Rule
from conseil.sentences import counts_sentence, not_asked_sentence, shortfall
from conseil.worlds import facts_behind

__all__ = ["Change", "Explanation", "Proof", "ProofKind", "Shortfall", "Term", "explain"]

_STATUS_ORDER: tuple[Status, ...] = ("recommended", "deferred", "to_confirm", "not_retained", "excluded")


ProofKind = Literal["deduced", "not_asked", "counts"]


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
        rule: one that should be true and is not, or one that is and should not be: an obstacle, an exclusion, or what
            takes points.
        holds: whether it is true here.
        lacks: each to read after "il faudrait"; the fewer, the nearer. None where no answer could do it.
        enough: whether this rule alone keeps the action from better: were its verdict the other one, and all others as
            they are, the status would be another, or a low priority no longer low.
    """

    rule: Rule
    holds: bool
    lacks: tuple[str, ...]
    enough: bool


@dataclass(frozen=True, slots=True)
class Proof:
    """Why a cited fact is known as it is, where that rests on other facts.

    Attributes:
        fact: the fact.
        value: what it is.
        kind: `deduced` by the rules; `not_asked` here, so that no answer counts; or an answer that `counts`, because
            the question applies, or because the scenario has that stage.
        because: that in a sentence: of a deduction, its own.
        cites: the facts on which it rests.
    """

    fact: str
    value: FactValue
    kind: ProofKind
    because: str
    cites: tuple[str, ...]


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

    def cites(self, reason: Reason) -> tuple[str, ...]:
        """Return the facts that made the verdict of a reason; those an unknown one waits for.

        As `Plan.cites`, but for a fact that the verdict can spare, because those on which it rests give it too.
        """
        names, spared = self.plan.cites(reason), frozenset[str]()
        while reason.verdict is not None:
            for name in names:
                facts = self._following(frozenset(self._behind(names)) - spared - {name})
                others = {fact: value for fact, value in facts.items() if fact not in spared | {name}}
                if evaluate(reason.rule.when, others) is reason.verdict:
                    spared |= {name}
                    names = tuple(self.plan.rulebook.vocabulary.ordered(cited(reason.rule.when, others)))
                    break
            else:
                break
        return names

    def _following(self, facts: frozenset[str]) -> Facts:
        """Return what is known once only these facts are answered, as far as it is so here too."""
        if facts not in self._followed:
            known = self.plan.known
            given = {fact: value for fact, value in known.given.items() if fact in facts}
            progress = {action: state for action, state in known.progress.items() if PROGRESS + action in facts}
            found = self._engine.infer(known_from(given, progress, self.plan.rulebook)).facts
            here = self.plan.facts
            self._followed[facts] = {fact: value for fact, value in found.items() if here.get(fact) == value}
        return self._followed[facts]

    @cached_property
    def _followed(self) -> dict[frozenset[str], Facts]:
        return {}

    def _behind(self, names: Iterable[str]) -> dict[str, Proof | None]:
        """Return these facts and those on which they rest in turn, with their proofs."""
        found: dict[str, Proof | None] = {}
        waiting = [*names]
        while waiting:
            fact = waiting.pop()
            if fact not in found:
                found[fact] = proof = self._proof(fact)
                waiting += proof.cites if proof else ()
        return found

    @cached_property
    def proofs(self) -> tuple[Proof, ...]:
        """Why each cited fact that rests on others is what it is; and the facts cited for those in turn.

        The answers to the facts that the reasons and these proofs cite are enough: alone, they give every verdict.
        """
        behind = self._behind(fact for reason in self.reasons for fact in self.cites(reason))
        ordered = self.plan.rulebook.vocabulary.ordered(behind)
        return tuple(proof for fact in ordered if (proof := behind[fact]) is not None)

    @cached_property
    def _deduced(self) -> Mapping[str, Deduced]:
        return {found.fact: found for found in self.plan.deduced}

    def _proof(self, fact: str) -> Proof | None:
        """Return what a fact rests on; nothing for a plain answer, for progress, and for what is not known."""
        question, facts = self.plan.rulebook.vocabulary.get(fact), self.plan.facts
        if question is None or fact not in facts:
            return None
        asked_when = () if question.asked_when is None else cited(question.asked_when, facts)
        deduced = self._deduced.get(fact)
        kind: ProofKind = "not_asked"
        because, cites = not_asked_sentence(self.plan, fact), asked_when
        if deduced is not None:
            kind, because, cites = "deduced", deduced.because, (*deduced.cites, *asked_when)
        elif fact in self.plan.known.answers and fact not in self.plan.inference.ignored:
            kind, because, cites = "counts", counts_sentence(self.plan, fact), (*asked_when, *self._scenario_of(fact))
            if not cites:
                return None
        return Proof(fact, facts[fact], kind, because, tuple(self.plan.rulebook.vocabulary.ordered(cites)))

    def _scenario_of(self, fact: str) -> Iterator[str]:
        """Walk the scenario, where a stage counts because the scenario has it: see `profile.known_from`."""
        roles, stances = self.plan.rulebook.guide.roles, self.plan.rulebook.guide.stances
        shared = (self.plan.facts.get(fact) in {stage.stage for stage in stance.stages} for stance in stances)
        if fact == roles.stage and not all(shared):
            yield roles.scenario

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
        """What keeps the action from being retained, begun, or more pressing; what is enough first, then the nearest.

        Of an action that is excluded or deferred, the rules that make it so; of one that is not retained, those that
        would recommend it; of one of low priority, those that would have added points, and those that take some.
        """
        match self.item.status:
            case "excluded":
                found = self._shortfalls(self._of("exclude", true=True))
            case "not_retained":
                found = self._shortfalls(self._of("recommend", true=False))
            case "deferred":
                found = self._shortfalls(self._of("defer", true=True))
            case "recommended" | "in_progress" if self.item.priority == "low":
                found = self._shortfalls(self._missed_points())
            case _:
                found = ()
        return found

    def _of(self, *effects: Effect, true: bool) -> Iterator[Reason]:
        return (reason for reason in self.reasons if reason.rule.effect in effects and reason.verdict is true)

    def _missed_points(self) -> Iterator[Reason]:
        """Walk the rules that take points and could go, and those that would have added some."""
        for reason in self._of("recommend", "reinforce", true=True):
            status, total = self._turned(reason)
            if min(self.points(reason.rule).values()) < 0 and status in LIVE and total > self.item.score.total:
                yield reason
        for reason in self._of("recommend", "reinforce", true=False):
            if max(self.points(reason.rule).values()) > 0:
                yield reason

    def _shortfalls(self, reasons: Iterable[Reason]) -> tuple[Shortfall, ...]:
        """Return what rules would need to turn."""
        found = [self._shortfall(reason) for reason in reasons]
        return tuple(sorted(found, key=lambda lack: (not lack.enough, not lack.lacks, len(lack.lacks))))

    def _shortfall(self, reason: Reason) -> Shortfall:
        rule, holds = reason.rule, bool(reason.verdict)
        status, total = self._turned(reason)
        if self.item.status in LIVE:
            enough = priority_of(total, self.plan.rulebook) != self.item.priority
        else:
            enough = status != self.item.status
        lacks = shortfall(self.plan, Not(rule.when) if holds else rule.when)
        return Shortfall(rule, holds, tuple(lacks), enough)

    def _turned(self, reason: Reason) -> tuple[Status, int]:
        """Return the status and the total, were one verdict the other one; progress of an action under way counts."""
        plan, item = self.plan, self.item
        verdicts = {**plan.inference.rules, reason.rule.id: not reason.verdict}
        score = score_of(item.action, verdicts, plan.rulebook)
        if item.status == "in_progress":
            return item.status, score.total
        required = [(needed.state, plan.item(needed.action).possible) for needed in item.requires]
        possible = possible_statuses(item.action, verdicts, required)
        return (possible[0] if len(possible) == 1 else "to_confirm"), score.total

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
        judged = judge(rulebook, known, self._engine.infer(known)).by_id()
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
