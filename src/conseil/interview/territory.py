"""A territory as an interview sees it: what was answered, and what follows for the first ten actions.

Thousands of near territories are judged for one question, so that nothing is built here that they do not need.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from threading import Lock
from typing import NamedTuple

from conseil.conditions import NOT_APPLICABLE, PROGRESS, FactValue, leaves
from conseil.inference import Inference, Verdicts, compile_rulebook
from conseil.plan import LIVE, Item, in_rank_order, judge
from conseil.plan.status import DECIDING
from conseil.profile import Known, Progress, known_from
from conseil.robustness import FIRST
from conseil.rulebook import Effect, Rulebook, fact_dependencies
from conseil.worlds import with_prerequisites

__all__ = ["NOTHING", "Judgement", "Questions", "Territories", "bits"]

NOTHING: frozenset[str] = frozenset()
"""No question."""


class Judgement(NamedTuple):
    """What follows from some answers.

    Attributes:
        known: the answers, as the rulebook reads them.
        inference: every fact and verdict.
        judged: the status, wave and score of every action.
        first: the first ten live actions, or as many as there are, in rank order.
    """

    known: Known
    inference: Inference
    judged: Mapping[str, Item]
    first: tuple[str, ...]


class Questions:
    """What the questions of a rulebook can do, whatever the territory; worked out once for each rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Keep the rulebook; the rest is worked out when it is asked for."""
        self.rulebook = rulebook

    @cached_property
    def undeduced(self) -> Rulebook:
        """The rulebook without its deductions."""
        return self.rulebook.model_copy(update={"deductions": ()})

    @cached_property
    def asked(self) -> tuple[str, ...]:
        """The questions that can be asked, in the order of the rulebook."""
        return tuple(question.id for question in self.rulebook.questions if question.ask is not None)

    @cached_property
    def answers(self) -> dict[str, tuple[FactValue, ...]]:
        """The answers to each question that the rules can tell apart, "sans objet" included where it is one."""
        vocabulary = self.rulebook.vocabulary
        return {
            question: (
                *self.rulebook.distinct_answers(question),
                *([NOT_APPLICABLE] if vocabulary[question].not_applicable else []),
            )
            for question in self.asked
        }

    @cached_property
    def depends(self) -> dict[str, tuple[str, ...]]:
        """The questions whose answers say whether each question is asked, or what it can be answered."""
        rulebook, roles = self.rulebook, self.rulebook.guide.roles
        found = {
            question.id: tuple(leaf.fact for _, leaf in leaves(question.asked_when)) if question.asked_when else ()
            for question in rulebook.questions
        }
        return found | {roles.stage: (*found[roles.stage], roles.scenario)}

    def can_try(self, question: str) -> bool:
        """Say whether `answers` has every answer that can matter: of a number without a lowest value, it has not."""
        asked = self.rulebook.vocabulary[question]
        return asked.type != "integer" or asked.min is not None

    @cached_property
    def moves(self) -> dict[str, int]:
        """The rules whose verdict rests on each question, as bits; only those that bear on a status or a score."""
        rulebook, places = self.rulebook, self.rulebook.rule_places
        found = dict.fromkeys(rulebook.vocabulary, 0)
        for rule in rulebook.rules.values():
            if rule.effect in DECIDING or rule.has_points:
                for fact in self._behind(leaf.fact for _, leaf in leaves(rule.when)):
                    found[fact] |= 1 << places[rule.id]
        return {question: found[question] for question in self.asked}

    @cached_property
    def _rests(self) -> dict[str, list[str]]:
        """What each fact rests on; a stage counts where its scenario has it."""
        rulebook, roles = self.rulebook, self.rulebook.guide.roles
        rests = fact_dependencies(rulebook.questions, rulebook.deductions)
        rests.setdefault(roles.stage, []).append(roles.scenario)
        return rests

    def _behind(self, facts: Iterable[str]) -> set[str]:
        found: set[str] = set()
        waiting = list(facts)
        while waiting:
            fact = waiting.pop()
            if fact not in found and not fact.startswith(PROGRESS):
                found.add(fact)
                waiting += self._rests.get(fact, [])
        return found

    @cached_property
    def effects(self) -> dict[str, dict[Effect, int]]:
        """The rules of each action by effect, as bits."""
        places = self.rulebook.rule_places
        return {
            action.id: {
                effect: sum(1 << places[rule.id] for rule in action.rules if rule.effect == effect)
                for effect in DECIDING
            }
            for action in self.rulebook.actions
        }

    @cached_property
    def behind(self) -> dict[str, int]:
        """The rules of each action and of those that it requires, as bits."""
        rulebook, places = self.rulebook, self.rulebook.rule_places
        return {
            action.id: sum(1 << places[rule.id] for one in with_prerequisites(rulebook, action) for rule in one.rules)
            for action in rulebook.actions
        }


_KEPT = 8
_kept: OrderedDict[str, Questions] = OrderedDict()
_lock = Lock()


def _questions_of(rulebook: Rulebook) -> Questions:
    """Return what the questions of a rulebook can do: one and the same for rulebooks that say the same."""
    with _lock:
        found = _kept.pop(rulebook.sha256, None) or Questions(rulebook)
        _kept[rulebook.sha256] = found
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
        return found


class Territories:
    """Judges territories that differ by their answers; the progress of actions is as it is given."""

    def __init__(self, rulebook: Rulebook, progress: Mapping[str, Progress]) -> None:
        """Compile the rulebook, unless that was done before."""
        self.rulebook = rulebook
        self.progress = progress
        self.questions = _questions_of(rulebook)
        self._engine = compile_rulebook(rulebook, "compiled")
        # what follows from answers alone is never taken back: what was deduced is, by an answer
        self._undeduced = compile_rulebook(self.questions.undeduced, "compiled")

    def judge(self, answers: Mapping[str, FactValue]) -> Judgement:
        """Judge one territory."""
        known = known_from(answers, self.progress, self.rulebook)
        inference = self._engine.infer(known)
        judged = judge(self.rulebook, known, inference)
        first = tuple(self.rulebook.actions[place].id for place in in_rank_order(judged)[0][:FIRST])
        return Judgement(known, inference, judged.by_id(), first)

    def may_live(self, item: Item, verdicts: Verdicts[str], moving: int) -> bool:
        """Say whether an action is live, or can still be, when only the rules of these bits can still be settled."""
        if item.status in LIVE:
            return True
        rules, stuck = self.questions.effects[item.id], verdicts.unknown & ~moving
        can_be_recommended = rules["recommend"] & (verdicts.true | verdicts.unknown & moving)
        return (
            "recommended" in item.possible
            and not stuck & (rules["exclude"] | rules["defer"])
            and bool(can_be_recommended)
        )

    def open(self, answers: Mapping[str, FactValue], judgement: Judgement) -> list[str]:
        """Return the questions without an answer that apply, or may, and could still move an action.

        What is deduced does not settle them: somebody may answer otherwise than it was deduced.
        """
        facts = judgement.inference.facts
        return [name for name in self.may_open(answers) if facts.get(name) != NOT_APPLICABLE]

    def may_open(self, answers: Mapping[str, FactValue]) -> list[str]:
        """Return the questions that are open, or can be once others are answered: this list only becomes shorter."""
        inference = self._undeduced.infer(known_from(answers, self.progress, self.rulebook))
        unknown = Verdicts.of(inference.rules, self.rulebook.rule_places).unknown
        return [
            name
            for name in self.questions.asked
            if name not in answers
            and inference.facts.get(name) != NOT_APPLICABLE
            and unknown & self.questions.moves[name]
        ]

    def waiting_for(self, question: str, answers: Mapping[str, FactValue]) -> list[str]:
        """Return the actions whose status or score can still be moved by an answer to a question."""
        inference = self._undeduced.infer(known_from(answers, self.progress, self.rulebook))
        verdicts = Verdicts.of(inference.rules, self.rulebook.rule_places)
        rules = frozenset(verdicts.names(verdicts.unknown & self.questions.moves[question]))
        return [action.id for action in self.rulebook.actions if any(rule.id in rules for rule in action.rules)]

    def answers_to(self, question: str, answers: Mapping[str, FactValue]) -> Sequence[FactValue]:
        """Return the answers that can be given to a question: a stage is one of its scenario."""
        roles, possible = self.rulebook.guide.roles, self.questions.answers[question]
        stance = self.rulebook.stance_of.get(str(answers.get(roles.scenario)))
        if question != roles.stage or stance is None:
            return possible
        stages = {described.stage for described in stance.stages}
        return [stage for stage in possible if stage in stages or stage == NOT_APPLICABLE]


def bits(rulebook: Rulebook, judgement: Judgement) -> Verdicts[str]:
    """Return the verdicts of all rules as bits."""
    return Verdicts.of(judgement.inference.rules, rulebook.rule_places)
