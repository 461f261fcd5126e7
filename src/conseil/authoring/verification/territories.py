"""All possible territories of a rulebook at once, as propositions that z3 can reason about.

The meaning is that of `inference.reference`, `plan.status`, `plan.score` and `plan.building`, on *complete*
territories: every question that applies has its answer, or is left to its deduction where it has one (a question that
is never asked always is); what does not apply is not answered; a stage belongs to its scenario; the progress of every
action is known. There no verdict is unknown, so that a condition is a plain proposition about the answers.

**Why complete territories suffice.** Kleene logic is monotone: an answer more never takes back a verdict that is true
or false (`inference.reference` has answers wait for that reason), and every territory can be completed: by an answer
where one is missing, by a stage of the scenario where another was ignored, and by "todo" where a progress is not known,
which is how a status reads it. So what is true of a rule, a status or a value on *some* territory is true on a complete
one, and a proof that it never happens holds for all. It does not work the other way round: what is "always" so is so
once everything is answered; before, it may be to confirm. Nor is a total monotone, since it counts what is sure so far:
"never high" says that no territory is high once all is answered (a plan says by its interval, and by `certain`, what
may still change). An unknown capacity is the middle one, which a complete territory can have too, and none is 0:
whether a first wave is empty does not rest on it.

Answers to a question that is never asked, which only somebody who edits a profile by hand could give, are left out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeAlias

import z3

from conseil.authoring.verification.answers import Possible, Territory
from conseil.conditions import (
    NOT_APPLICABLE,
    PROGRESS,
    PROGRESS_VALUES,
    AllOf,
    AnyOf,
    Condition,
    Everything,
    FactValue,
    Leaf,
    Not,
    Several,
    evaluate,
)
from conseil.inference.reference import fact_order
from conseil.plan import Status, points_of
from conseil.profile import Progress
from conseil.rulebook import AXES, Action, Axis, Deduction, Effect, Rulebook

__all__ = ["Formula", "Given", "Meaning", "Number", "every", "no", "some"]

Formula: TypeAlias = Any
"""A proposition about the answers of a territory: a `z3.BoolRef`, of which z3 tells no types."""

Number: TypeAlias = Any
"""A whole number that rests on the answers of a territory: a `z3.ArithRef`."""

_HIGHEST = 100


def every(parts: Iterable[Formula]) -> Formula:
    """Return that all of these hold."""
    return z3.And(*parts)


def some(parts: Iterable[Formula]) -> Formula:
    """Return that at least one of these holds."""
    return z3.Or(*parts)


def no(part: Formula) -> Formula:
    """Return that this does not hold."""
    return z3.Not(part)


class Given:
    """What is answered, and how far each action is: the propositions on which all others rest.

    Attributes:
        possible: what can be answered to each question.
        sound: what holds of everything that can be answered.
    """

    def __init__(self, possible: Mapping[str, Possible], rulebooks: Sequence[Rulebook]) -> None:
        """Name the propositions; every rulebook that is given must accept the answers."""
        self.possible = possible
        self._values = {
            question: {value: z3.Bool(f"{question}={value}") for value in one.values}
            for question, one in possible.items()
        }
        self._answered = {question: _answered(question, one) for question, one in possible.items()}
        actions = dict.fromkeys(action for rulebook in rulebooks for action in rulebook.by_id)
        self._progress = {
            action: {state: z3.Bool(f"{PROGRESS}{action}={state}") for state in PROGRESS_VALUES} for action in actions
        }
        self.sound: list[Formula] = [_one_of(states.values()) for states in self._progress.values()]
        for question, values in self._values.items():
            self.sound.append(_together(values) if possible[question].several else _one_of(values.values()))
        for rulebook in rulebooks:
            self.sound += self._stages_of_scenarios(rulebook)

    def _stages_of_scenarios(self, rulebook: Rulebook) -> Iterable[Formula]:
        """Say which stages each scenario has: another one would be ignored, and missing."""
        roles = rulebook.guide.roles
        for scenario, chosen in self._values[roles.scenario].items():
            stance = rulebook.stance_of.get(str(scenario))
            if stance is not None:
                stages = self._values[roles.stage]
                having = [stages[described.stage] for described in stance.stages if described.stage in stages]
                yield z3.Implies(chosen, some(having))

    def values(self, question: str) -> Mapping[FactValue, Formula]:
        """Return, for each value, that it is answered: in vain, where the question does not apply."""
        return self._values[question]

    def answered(self, question: str) -> Formula:
        """Return that a question is answered, and not left to its deduction."""
        return self._answered[question]

    @property
    def actions(self) -> Iterable[str]:
        """Every action whose progress is given."""
        return self._progress

    def progress(self, action: str) -> Mapping[Progress, Formula]:
        """Return, for each progress, that the action has it."""
        return self._progress[action]

    def otherwise(self, question: str) -> list[tuple[Formula, Formula]]:
        """Return the propositions about one question, each with another one: a second answer to it."""
        own = [*self._values[question].values()]
        if self.possible[question].reading == "either":
            own.append(self._answered[question])
        return [(one, z3.Bool(f"{one}'")) for one in own]


def _answered(question: str, possible: Possible) -> Formula:
    if possible.reading == "either":
        return z3.Bool(f"{question}?")
    return z3.BoolVal(possible.reading == "given")


def _one_of(formulas: Iterable[Formula]) -> Formula:
    each = list(formulas)
    return z3.And(z3.Or(*each), z3.AtMost(*each, 1)) if len(each) > 1 else each[0]


def _together(values: Mapping[FactValue, Formula]) -> Formula:
    """Several choices may be made, or the question may be said not to apply."""
    if NOT_APPLICABLE not in values:
        return z3.BoolVal(val=True)
    made = some(chosen for value, chosen in values.items() if value != NOT_APPLICABLE)
    return z3.Implies(values[NOT_APPLICABLE], no(made))


class Meaning:
    """What a rulebook says of a territory, as formulas on what is given there.

    Attributes:
        applies: for each question, that it applies.
        outcomes: for each fact that can be deduced, that each of its outcomes gives it, `otherwise` last; whether or
            not an answer then wins.
        rules: for each rule, that it is true.
        criteria: likewise for each criterion of each stage.
    """

    def __init__(self, rulebook: Rulebook, given: Given, names: Mapping[str, str] | None = None) -> None:
        """Write down the facts in the order in which they are settled, then all that rests on them.

        Args:
            rulebook: the rulebook.
            given: what is answered, of which other rulebooks may have a meaning too.
            names: under which name questions are answered there, if not under their own.
        """
        self.rulebook = rulebook
        self.given = given
        self._names = names or {}
        self.applies: dict[str, Formula] = {}
        self.outcomes: dict[str, list[Formula]] = {}
        self._facts: dict[str, dict[FactValue, Formula]] = {
            PROGRESS + action: dict(given.progress(action).items()) for action in rulebook.by_id
        }
        for fact in fact_order(rulebook):
            self._settle(fact)
        self.rules = {rule.id: self.condition(rule.when) for rule in rulebook.rules.values()}
        self.criteria = {place: self.condition(criterion.when) for place, criterion in rulebook.criteria.items()}

    def _name(self, fact: str) -> str:
        return self._names.get(fact, fact)

    def territory(self, model: z3.ModelRef, instead: Sequence[tuple[Formula, Formula]] = ()) -> Territory:
        """Return the territory that a model of z3 describes, as far as this rulebook asks about it.

        Args:
            model: what makes propositions true or false.
            instead: propositions that are read instead of others: see `Given.otherwise`.
        """

        def holds(formula: Formula) -> bool:
            return bool(z3.is_true(model.eval(z3.substitute(formula, *instead), model_completion=True)))

        answers: dict[str, FactValue] = {}
        for question, applies in self.applies.items():
            name = self._name(question)
            if holds(applies) and holds(self.given.answered(name)):
                made = [value for value, chosen in self.given.values(name).items() if holds(chosen)]
                several = self.given.possible[name].several and made != [NOT_APPLICABLE]
                answers[question] = tuple(map(str, made)) if several else made[0]
        begun: dict[str, Progress] = {}
        for action in self.rulebook.by_id:
            for state in PROGRESS_VALUES[1:]:
                if holds(self.given.progress(action)[state]):
                    begun[action] = state
        return Territory(answers, begun)

    # Facts

    def _settle(self, fact: str) -> None:
        """Write down when a fact has which value: see `inference.reference`."""
        asked_when = self.rulebook.vocabulary[fact].asked_when
        applies = z3.BoolVal(val=True) if asked_when is None else self.condition(asked_when)
        given, answered = self.given.values(self._name(fact)), self.given.answered(self._name(fact))
        values = {value: z3.And(applies, answered, chosen) for value, chosen in given.items()}
        values[NOT_APPLICABLE] = z3.Or(no(applies), values.get(NOT_APPLICABLE, z3.BoolVal(val=False)))
        deduction = self.rulebook.deduction_of.get(fact)
        if deduction is not None:
            self.outcomes[fact] = self._outcomes(deduction)
            left = z3.And(applies, no(answered))
            for outcome, gives in zip((*deduction.values, deduction.otherwise), self.outcomes[fact], strict=True):
                before = values.get(outcome.value, z3.BoolVal(val=False))
                values[outcome.value] = z3.Or(before, z3.And(left, gives))
        self.applies[fact] = applies
        self._facts[fact] = values

    def _outcomes(self, deduction: Deduction) -> list[Formula]:
        """Say of each outcome that it is the first whose condition is true."""
        found: list[Formula] = []
        reached: Formula = z3.BoolVal(val=True)
        for outcome in deduction.values:
            holds = z3.BoolVal(val=True) if outcome.when is None else self.condition(outcome.when)
            found.append(z3.And(reached, holds))
            reached = z3.And(reached, no(holds))
        return [*found, reached]

    def values(self, fact: str) -> Mapping[FactValue, Formula]:
        """Return, for each value of a fact, that it has it; of several choices, that each is made."""
        return self._facts[fact]

    def condition(self, condition: Condition) -> Formula:
        """Return that a condition is true."""
        match condition:
            case Not(part):
                return no(self.condition(part))
            case Everything(parts) | AllOf(parts):
                return every([self.condition(part) for part in parts])
            case AnyOf(parts):
                return some([self.condition(part) for part in parts])
            case _:
                return self._test(condition)

    def _test(self, leaf: Leaf) -> Formula:
        values = self._facts[leaf.fact]
        if isinstance(leaf, Several):
            made = [values.get(choice, z3.BoolVal(val=False)) for choice in leaf.values]
            return every(made) if leaf.quantifier == "all" else _any(made, wanted=leaf.quantifier == "any")
        return some([holds for value, holds in values.items() if evaluate(leaf, {leaf.fact: value})])

    # Statuses

    @cached_property
    def statuses(self) -> dict[str, dict[Status, Formula]]:
        """For each action, that it has each status: see `plan.status`."""
        found: dict[str, dict[Status, Formula]] = {}
        for action in self.rulebook.prerequisites_first:
            progress = self.given.progress(action.id)
            waiting = some([self._effect(action, "defer"), *(found[one.action]["deferred"] for one in action.requires)])
            excluded, wanted = self._effect(action, "exclude"), self._effect(action, "recommend")
            found[action.id] = {
                "done": progress["done"],
                "in_progress": progress["doing"],
                "recommended": z3.And(progress["todo"], no(excluded), wanted, no(waiting)),
                "deferred": z3.And(progress["todo"], no(excluded), wanted, waiting),
                "not_retained": z3.And(progress["todo"], no(excluded), no(wanted)),
                "excluded": z3.And(progress["todo"], excluded),
            }
        return found

    def _effect(self, action: Action, effect: Effect) -> Formula:
        return some([self.rules[rule.id] for rule in action.rules if rule.effect == effect])

    def is_live(self, action: str) -> Formula:
        """Return that an action is recommended or under way."""
        return z3.Or(self.statuses[action]["recommended"], self.statuses[action]["in_progress"])

    def is_to_launch(self, action: str) -> Formula:
        """Return that an action is recommended, and not folded under a twin."""
        lead = self.rulebook.lead_of.get(action)
        folded = self.is_live(lead) if lead else z3.BoolVal(val=False)
        return z3.And(self.statuses[action]["recommended"], no(folded))

    def is_ready(self, action: str) -> Formula:
        """Return that an action to launch is in the first wave: it waits for no other."""
        waited_for = [self.is_live(needed.action) for needed in self.rulebook.by_id[action].requires]
        return z3.And(self.is_to_launch(action), no(some(waited_for)))

    # Scores

    def total(self, action: str) -> Number:
        """Return the total of an action, times a hundred, before it is rounded: see `plan.score`."""
        weights = self.rulebook.guide.score.weights
        return weights.impact * self.axis(action, "impact") + weights.feasibility * self.axis(action, "feasibility")

    def axis(self, action: str, axis: Axis) -> Number:
        """Return what an action has on an axis, clipped."""
        counted, own = self.rulebook.guide.score, self.rulebook.by_id[action]
        base = counted.base
        if axis == AXES[0] and action in self.rulebook.essential_of:
            base += counted.essential
        points = [(points_of(getattr(rule.points, axis), self.rulebook), self.rules[rule.id]) for rule in own.rules]
        brought = z3.Sum([z3.IntVal(base), *(z3.If(holds, worth, 0) for worth, holds in points if worth)])
        return z3.If(brought < 0, 0, z3.If(brought > _HIGHEST, _HIGHEST, brought))

    def reaches(self, action: str, total: int) -> Formula:
        """Return that the rounded total of an action is at least this."""
        return self.total(action) + _HIGHEST // 2 >= _HIGHEST * total


def _any(made: Sequence[Formula], *, wanted: bool) -> Formula:
    return some(made) if wanted else no(some(made))
