"""A plan: every action of the rulebook with its status, score, rank and wave, and what they come from.

These are plain records that point at the rulebook's rules; facts and sentences are worked out when asked.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import itemgetter
from typing import Literal, NamedTuple

from conseil.conditions import NOT_APPLICABLE, PROGRESS, AllOf, Facts, FactValue, Not, Verdict, cited, evaluate
from conseil.inference import Inference
from conseil.plan.judging import Item, Reason
from conseil.plan.status import Status, effect_verdict
from conseil.profile import Known, Profile
from conseil.rulebook import Criterion, Effect, Rule, Rulebook, Stage, Stance

__all__ = ["Deduced", "Notice", "NoticeCode", "Plan", "Situation"]

LIVE: frozenset[Status] = frozenset({"recommended", "in_progress"})

NoticeCode = Literal[
    "answer_ignored",
    "answer_waiting",
    "capacity_unknown",
    "in_progress_deferred",
    "in_progress_excluded",
    "other_version",
    "answers_set_aside",
    "stage_of_other_scenario",
]


class Deduced(NamedTuple):
    """A fact that was deduced, why, and from what."""

    fact: str
    value: FactValue
    because: str
    cites: tuple[str, ...]


class Notice(NamedTuple):
    """Something that the reader of the plan must know about the answers, or about an action under way."""

    code: NoticeCode
    fact: str | None = None
    action: str | None = None
    rule: Rule | None = None


class Situation(NamedTuple):
    """Where the territory stands: its stance, its stage, and what must be true before the next one."""

    stance: Stance | None
    stage: Stage | None
    next_stage: Stage | None
    criteria: tuple[tuple[Criterion, Verdict], ...]


@dataclass(frozen=True)
class Plan:
    """The prioritised, justified plan of a territory.

    Attributes:
        rulebook: what it was made with.
        profile: what it was made for.
        known: the profile as the rulebook reads it.
        inference: every verdict.
        items: every action, in the order of the rulebook.
        capacity: how many actions a first wave may hold; the middle capacity where the fact is not known.
    """

    rulebook: Rulebook
    profile: Profile
    known: Known
    inference: Inference
    items: tuple[Item, ...]
    situation: Situation
    notices: tuple[Notice, ...]
    capacity: int

    @cached_property
    def _by_id(self) -> Mapping[str, Item]:
        return {item.id: item for item in self.items}

    def item(self, action: str) -> Item:
        """Return the item of an action.

        Raises:
            UnknownAction: the rulebook has no such action.
        """
        return self._by_id[self.rulebook.action(action).id]

    @property
    def facts(self) -> Facts:
        """Every known fact, deduced ones included."""
        return self.inference.facts

    @cached_property
    def ranked(self) -> tuple[Item, ...]:
        """The live actions in rank order; folded twins are under their lead."""
        return _in_order(item for item in self.items if item.status in LIVE)

    @cached_property
    def to_confirm(self) -> tuple[Item, ...]:
        """The actions to confirm, in the order of a list of their own."""
        return _in_order(item for item in self.items if item.status == "to_confirm")

    @cached_property
    def now(self) -> tuple[Item, ...]:
        """What to launch now: the first recommended actions of the first wave, as many as the capacity allows."""
        return tuple(item for item in self.ranked if item.now)

    @cached_property
    def decisions(self) -> tuple[Item, ...]:
        """The five decisions at most that the plan opens with."""
        return self.now[:5]

    def with_status(self, status: Status) -> tuple[Item, ...]:
        """Return the items of a status, in the order of the rulebook."""
        return tuple(item for item in self.items if item.status == status)

    def reasons(self, item: Item, *effects: Effect) -> list[Reason]:
        """Return the rules of an action, with their verdicts here; of these effects only, where some are named."""
        return [reason for reason in item.reasons if not effects or reason.rule.effect in effects]

    def true_reasons(self, item: Item, *effects: Effect) -> list[Reason]:
        """Return the rules of these effects that are true here."""
        return [reason for reason in self.reasons(item, *effects) if reason.verdict]

    def cites(self, reason: Reason) -> tuple[str, ...]:
        """Return the facts that made a verdict here, in the order of the vocabulary; those an unknown one waits for."""
        return tuple(self.rulebook.vocabulary.ordered(cited(reason.rule.when, self.facts)))

    def missing(self, item: Item) -> tuple[str, ...]:
        """Return the questions that would settle an action: its status where that is to confirm, else its priority."""
        rules = self._unsettled(item) if item.status == "to_confirm" else self._uncounted(item)
        unknown = [fact for rule in rules for fact in cited(rule.when, self.facts)]
        facts = [question for fact in unknown for question in self._askable(fact)]
        if item.status == "to_confirm" and "deferred" in item.possible:
            for needed in item.requires:
                before = self.item(needed.action)
                if needed.state == "to_confirm" and "deferred" in before.possible:
                    facts += self.missing(before)
        return tuple(self.rulebook.vocabulary.ordered(facts))

    def _unsettled(self, item: Item) -> Iterator[Rule]:
        verdicts = self.inference.rules
        deciding = {"exclude", "recommend", *(["defer"] if "deferred" in item.possible else [])}
        for rule in item.action.rules:
            decides = rule.effect in deciding
            if decides and verdicts[rule.id] is None and effect_verdict(item.action, rule.effect, verdicts) is None:
                yield rule

    def _uncounted(self, item: Item) -> Iterator[Rule]:
        if item.certain or item.status not in LIVE:
            return
        for rule in item.action.rules:
            if self.inference.rules[rule.id] is None and rule.has_points:
                yield rule

    def _askable(self, fact: str) -> Iterator[str]:
        """Replace a fact that cannot be answered by those on which it waits."""
        if fact in self.facts:
            return
        if fact.startswith(PROGRESS):
            yield fact
            return
        question = self.rulebook.vocabulary[fact]
        if question.asked_when is not None and evaluate(question.asked_when, self.facts) is None:
            for guard in cited(question.asked_when, self.facts):
                yield from self._askable(guard)
        elif question.ask is None:
            for outcome in self.rulebook.deduction_of[fact].values:
                if outcome.when is not None and evaluate(outcome.when, self.facts) is None:
                    for input_ in cited(outcome.when, self.facts):
                        yield from self._askable(input_)
                    return  # it waits on the first unknown condition
        if question.ask is not None and fact not in self.known.answers:
            yield fact

    @cached_property
    def deduced(self) -> tuple[Deduced, ...]:
        """What was deduced, in the order of the vocabulary."""
        found: list[Deduced] = []
        for fact in self.rulebook.vocabulary.ordered(self.inference.deduced):
            deduction, index = self.rulebook.deduction_of[fact], self.inference.deduced[fact]
            outcomes = [*deduction.values, deduction.otherwise]
            passed = [Not(outcome.when) for outcome in outcomes[:index] if outcome.when is not None]
            taken = [when for when in [outcomes[index].when] if when is not None]
            made = cited(AllOf((*passed, *taken)), self.facts)
            cites = tuple(self.rulebook.vocabulary.ordered(made))
            found.append(Deduced(fact, outcomes[index].value, outcomes[index].because, cites))
        return tuple(found)

    @cached_property
    def assumed(self) -> tuple[str, ...]:
        """The questions whose answer is an assumption, in the order of the vocabulary."""
        assumed = [name for name, answer in self.profile.answers.items() if answer.assumed]
        return tuple(self.rulebook.vocabulary.ordered(assumed))

    @cached_property
    def unknown(self) -> tuple[str, ...]:
        """The questions that apply, or may, and have no answer."""
        answered = {*self.known.answers, *self.known.waiting}
        return tuple(
            question.id
            for question in self.rulebook.questions
            if question.ask is not None
            and question.id not in answered
            and self.facts.get(question.id) != NOT_APPLICABLE
        )


def _in_order(items: Iterable[Item]) -> tuple[Item, ...]:
    ranked = [(item.rank, item) for item in items if item.rank is not None]
    return tuple(item for _, item in sorted(ranked, key=itemgetter(0)))
