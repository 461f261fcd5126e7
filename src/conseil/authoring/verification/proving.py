"""Decides every claim on a rulebook: proved for all territories, refuted by one, or not decided in the time given.

Each territory that z3 finds is given to the engine, and what the claim says is looked for in its plan: a witness is a
territory on which both agree. Its plan then refutes other claims too, which z3 need not be asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from conseil.advice import advise
from conseil.authoring.codes import CODES, PROOFS
from conseil.authoring.findings import Finding, Sifted, load_accepted, sift
from conseil.authoring.verification.answers import Territory, possible_answers
from conseil.authoring.verification.claims import Claim, Example, claims
from conseil.authoring.verification.solving import Found, Model, Solver, Unfound, disagreement
from conseil.authoring.verification.territories import Formula, Given, Meaning, every
from conseil.errors import Fault, InvalidInput, InvalidRulebook, Problem
from conseil.plan import Plan
from conseil.profile import load_profile, shipped_profiles
from conseil.rulebook import Places, Rulebook

__all__ = ["Answer", "Search", "Verdict", "Verification", "Witness", "verify"]

Verdict = Literal["proved", "refuted", "undecided"]

_MOST_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Witness:
    """A complete territory.

    Attributes:
        plans: its plan; and that of the same territory with another answer, where a claim is on a question.
        like: the plan of the carried territory that it resembles, where one was looked for.
    """

    plans: tuple[Plan, ...] = field(repr=False)  # whole rulebooks, each time
    like: Plan | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a claim.

    Attributes:
        claim: the claim.
        verdict: `proved` of all complete territories, `refuted` by the witness, or `undecided`.
        witness: a territory that refutes the claim; of a claim that was proved, one that shows it, if any can.
    """

    claim: Claim
    verdict: Verdict
    witness: Witness | None

    @property
    def is_finding(self) -> bool:
        """Whether it is something to mend or to accept."""
        return self.verdict == ("refuted" if self.claim.wanted else "proved")

    @property
    def key(self) -> tuple[str, str]:
        """The code of the claim, and what it is about."""
        return self.claim.code, self.claim.about


@dataclass(frozen=True)
class Verification:
    """What was proved of a rulebook.

    Attributes:
        rulebook: the rulebook.
        answers: what became of each claim.
        seconds: the time that was given.
        sifted: the findings, told apart by what the authors accept.
    """

    rulebook: Rulebook = field(repr=False)
    answers: tuple[Answer, ...]
    seconds: float
    sifted: Sifted

    @cached_property
    def undecided(self) -> tuple[Answer, ...]:
        """The claims that were not decided in the time given."""
        return tuple(answer for answer in self.answers if answer.verdict == "undecided")

    @cached_property
    def findings(self) -> dict[tuple[str, str], Answer]:
        """The answers that are findings, by code and what they are about; open or accepted."""
        return _findings(self.answers)

    @property
    def holds(self) -> bool:
        """Whether everything was decided, and nothing is left to mend or to accept."""
        return not (self.undecided or self.sifted.open or self.sifted.stale)


def verify(rulebook: Rulebook, seconds: float = _MOST_SECONDS) -> Verification:
    """Decide every claim on a rulebook.

    Args:
        rulebook: the rulebook.
        seconds: after so long, what is left is not decided.

    Raises:
        InvalidRulebook: no territory can answer all questions, or what the authors accept cannot be read.
        EngineError: z3 and the engine disagree about a territory, which is a fault of conseil.

    >>> from conseil import load_rulebook
    >>> {answer.verdict for answer in verify(load_rulebook("tests/second_guide/rules")).answers}
    {...'refuted'...}
    """
    accepted = load_accepted(rulebook.folders, CODES)
    search = Search(rulebook, seconds)
    answers = tuple(search.answers())
    places = Places(rulebook)
    findings = [_finding(answer, places) for answer in _findings(answers).values()]
    open_codes = {answer.claim.code for answer in answers if answer.verdict == "undecided"}
    return Verification(rulebook, answers, seconds, sift(findings, accepted, PROOFS.keys() - open_codes))


def _findings(answers: Sequence[Answer]) -> dict[tuple[str, str], Answer]:
    found = {answer.key: answer for answer in reversed(answers) if answer.is_finding}
    told = [answer for answer in reversed(found.values()) if not any(key in found for key in answer.claim.unless)]
    return {answer.key: answer for answer in told}


def _finding(answer: Answer, places: Places) -> Finding:
    claim = answer.claim
    message, hint = claim.problem(answer.witness.plans[0] if answer.witness else None)
    key = "fact" if claim.entry.kind == "deduction" else "id"
    problem = places.problem(claim.entry, Fault((key,), message, hint))
    return Finding(claim.code, claim.about, problem)


class Search:
    """Looks for territories, as long as there is time."""

    def __init__(self, rulebook: Rulebook, seconds: float) -> None:
        """Write the rulebook down for z3, and see that there is a territory at all."""
        self._rulebook = rulebook
        self._given = Given(possible_answers(rulebook), [rulebook])
        self._meaning = Meaning(rulebook, self._given)
        self._solver = Solver(self._given, seconds)
        self._seen: list[Witness] = []
        if not self._solver.is_possible():
            raise InvalidRulebook([_no_territory(rulebook)])

    def answers(self) -> Iterator[Answer]:
        """Decide every claim, in their order."""
        for claim in claims(self._meaning):
            yield self._answer(claim)

    def _answer(self, claim: Claim) -> Answer:
        if not claim.wanted and claim.question is None:  # else its witness is shown, and is to be a plain one
            for witness in self._seen:
                if claim.refuted_in(witness.plans[:1]):
                    return Answer(claim, "refuted", witness)
        found = self._find(claim.against, claim, plain=claim.wanted)
        if isinstance(found, Witness):
            if not claim.refuted_in(found.plans):
                raise disagreement(f"`{claim.code}` de `{claim.about}`")
            return Answer(claim, "refuted", found)
        if found == "undecided":
            return Answer(claim, "undecided", None)
        return Answer(claim, "proved", self._shown(claim, claim.example) if claim.example else None)

    def _shown(self, claim: Claim, example: Example) -> Witness | None:
        """Return the best territory that shows what was proved, if there is one and it is found in time."""
        best: Witness | None = None
        formula = example.formula
        while isinstance(found := self._find(formula, claim, plain=True), Witness):
            if not example.shown_in(found.plans[0]):
                raise disagreement(f"`{claim.code}` de `{claim.about}`")
            best = found
            if example.better is None:
                break
            formula = every([example.formula, example.better(found.plans[0])])
        return best

    def _find(self, formula: Formula, claim: Claim, *, plain: bool) -> Witness | Unfound:
        """Return a territory of which a formula holds, replayed; or why there is none."""
        found = self._solver.find(formula, plain=plain)
        if not isinstance(found, Found):
            return found
        like: Plan | None = None
        if plain and not claim.facts:  # all of it matters: it is to look like a territory that one knows
            for plan in self._carried:
                other = self._solver.find(formula, like=plan.known.answers, plain=True)
                if isinstance(other, Found) and other.granted > found.granted:
                    found, like = other, plan
        return self._witness(found.model, claim, like)

    @cached_property
    def _carried(self) -> list[Plan]:
        """The plans of the territories that conseil carries, as far as they are of this guide."""
        plans: list[Plan] = []
        for path in shipped_profiles().values():
            with suppress(InvalidInput):
                plans.append(advise(load_profile(path, self._rulebook), self._rulebook))
        return plans

    def _witness(self, model: Model, claim: Claim, like: Plan | None) -> Witness:
        """Replay the territory of a model, and the one with another answer where the claim is on a question."""
        meaning = self._meaning
        territories = [meaning.territory(model)]
        if claim.question is not None:
            territories.append(meaning.territory(model, self._given.otherwise(claim.question)))
        name = f"Territoire témoin de {claim.code}, {claim.about}"
        if like is not None:
            territories = [self._with_numbers_of(like, territory) for territory in territories]
        profiles = [territory.profile(name, self._rulebook) for territory in territories]
        witness = Witness(tuple(advise(profile, self._rulebook) for profile in profiles), like)
        self._seen.append(witness)
        return witness

    def _with_numbers_of(self, like: Plan, territory: Territory) -> Territory:
        """Return a territory with the numbers of another one, where no bound tells them apart."""
        possible = self._given.possible
        numbers = {
            question: number
            for question, number in like.known.answers.items()
            if isinstance(number, int) and territory.answers.get(question) == possible[question].standing_for(number)
        }
        return Territory({**territory.answers, **numbers}, territory.begun)


def _no_territory(rulebook: Rulebook) -> Problem:
    message = "aucun territoire ne peut répondre à toutes les questions"
    return Problem(
        rulebook.folders[0] if rulebook.folders else rulebook.guide.id,
        None,
        None,
        message,
        "vérifiez les étapes de chaque scénario",
    )
