"""Which statuses can differ between two states of a rulebook: a territory for each action, or a proof that none can.

What is compared are complete territories that both states read: every question of either is answered, by an answer that
both accept where both have the question, or is left to its deduction where both deduce it. A choice, or a number, that
only one state accepts is therefore not compared, and neither is an action that only one has; a question that only one
has, or of which no answer suits both, is answered for that state alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from conseil.advice import advise
from conseil.authoring.verification.answers import Possible, possible_answers
from conseil.authoring.verification.solving import Found, Model, Solver, disagreement
from conseil.authoring.verification.territories import Formula, Given, Meaning, every, no, some
from conseil.plan import Plan
from conseil.rulebook import Rulebook

__all__ = ["Proof", "proofs"]

Side = tuple[Plan, Plan]


@dataclass(frozen=True, slots=True)
class Proof:
    """Whether the status of an action can differ.

    Attributes:
        action: its id.
        verdict: `proved` that it never differs, `refuted` by the plans of one territory, or `undecided`.
        plans: of the witness, before and after.
    """

    action: str
    verdict: Literal["proved", "refuted", "undecided"]
    plans: Side | None = field(default=None, repr=False)  # whole rulebooks, each time


def proofs(before: Rulebook, after: Rulebook, seconds: float) -> tuple[Proof, ...] | None:
    """Decide for each action that both states have whether its status can differ.

    Args:
        before: the first state.
        after: the second one.
        seconds: after so long, what is left is not decided.

    Returns:
        An answer for each action; nothing where no territory can be read by both.

    Raises:
        EngineError: z3 and the engine disagree about a territory, which is a fault of conseil.
    """
    names = _names_of_what_differs(before, after)
    if {before.guide.roles.scenario, before.guide.roles.stage} & names[0].keys():
        return None
    if {after.guide.roles.scenario, after.guide.roles.stage} & names[1].keys():
        return None
    given = Given(_possible(before, after, names), [before, after])
    solver = Solver(given, seconds)
    if not solver.is_possible():
        return None
    meanings = Meaning(before, given, names[0]), Meaning(after, given, names[1])
    shared = [action.id for action in after.actions if action.id in before.by_id]
    return tuple(_proof(action, meanings, solver) for action in shared)


Names = tuple[dict[str, str], dict[str, str]]
"""For each state, under which name questions are answered that have no answer in common."""


def _names_of_what_differs(before: Rulebook, after: Rulebook) -> Names:
    shared = possible_answers(before, after)
    first, second = (
        {question.id: f"{question.id}@{side}" for question in rulebook.questions if question.id not in shared}
        for side, rulebook in enumerate((before, after))
    )
    return first, second


def _possible(before: Rulebook, after: Rulebook, names: Names) -> dict[str, Possible]:
    found = possible_answers(before, after)
    for rulebook, named in zip((before, after), names, strict=True):
        alone = possible_answers(rulebook)
        found |= {name: alone[question] for question, name in named.items()}
    return found


def _proof(action: str, meanings: tuple[Meaning, Meaning], solver: Solver) -> Proof:
    found = solver.find(_differs(action, *meanings), plain=True)
    if not isinstance(found, Found):
        return Proof(action, found)
    first, second = (_replayed(meaning, found.model, action) for meaning in meanings)
    if first.item(action).status == second.item(action).status:
        raise disagreement(f"ce que devient `{action}`")
    return Proof(action, "refuted", (first, second))


def _differs(action: str, before: Meaning, after: Meaning) -> Formula:
    old, new = before.statuses[action], after.statuses[action]
    return some([every([formula, no(new[status])]) for status, formula in old.items()])


def _replayed(meaning: Meaning, model: Model, action: str) -> Plan:
    territory = meaning.territory(model)
    return advise(territory.profile(f"Territoire témoin de {action}", meaning.rulebook), meaning.rulebook)
