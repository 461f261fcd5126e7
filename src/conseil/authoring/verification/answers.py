"""What can be answered to the questions of a rulebook, and complete territories that are made of such answers.

Only answers that some condition can tell apart are told apart: of a number, one stands for each class that the bounds
make. Several rulebooks may read the same answers (`conseil diff`): what is possible is then what each of them accepts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from conseil.conditions import NOT_APPLICABLE, PROGRESS_VALUES, Between, FactValue, leaves
from conseil.inference import compile_rulebook
from conseil.profile import OTHERS, Answer, Profile, Progress, RulebookReference, known
from conseil.rulebook import Rulebook
from conseil.vocabulary import Question

__all__ = ["Possible", "Territory", "possible_answers", "random_territories", "without_what_is_ignored"]

Reading = Literal["given", "deduced", "either"]


@dataclass(frozen=True, slots=True)
class Possible:
    """What can be answered to a question.

    Attributes:
        values: the answers of which one is given, `not_applicable` among them where it is accepted; of a question with
            several choices, the choices, and `not_applicable`.
        several: whether several of the values can be given together.
        reading: whether a complete territory answers it, leaves it to its deduction, or does either.
    """

    values: tuple[FactValue, ...]
    several: bool
    reading: Reading

    def standing_for(self, answer: FactValue) -> FactValue:
        """Return the value that stands for an answer: of a number, the highest that is not above it, else the first.

        >>> Possible((1, 20_001), several=False, reading="given").standing_for(11_957)
        1
        """
        if not isinstance(answer, int):
            return answer
        numbers = [value for value in self.values if isinstance(value, int)]
        return max((number for number in numbers if number <= answer), default=min(numbers))


@dataclass(frozen=True, slots=True)
class Territory:
    """A complete territory: what it answers, and which actions it has begun; the others are to do."""

    answers: Mapping[str, FactValue]
    begun: Mapping[str, Progress]

    def profile(self, name: str, rulebook: Rulebook) -> Profile:
        """Return it as somebody could have written it, in the order of the questions."""
        answers = {
            question: Answer(value=self.answers[question]) for question in rulebook.vocabulary.ordered(self.answers)
        }
        written_for = RulebookReference(id=rulebook.guide.id, version=rulebook.guide.version)
        progress: dict[str, str] = {OTHERS: "todo", **self.begun}
        return Profile(rulebook=written_for, name=name, kind="invented", answers=answers, progress=progress)


def possible_answers(*rulebooks: Rulebook) -> dict[str, Possible]:
    """Return what can be answered to each question, so that every rulebook that has it accepts the answer.

    A question which they have under one id, and of which no answer suits all, is left out: nothing is possible.

    >>> from conseil import load_rulebook
    >>> possible_answers(load_rulebook())["foncier"]
    Possible(values=('aucun', 'temporaire', 'terrain', 'bati'), several=False, reading='given')
    """
    found: dict[str, Possible] = {}
    for name in dict.fromkeys(question.id for rulebook in rulebooks for question in rulebook.questions):
        having = [rulebook for rulebook in rulebooks if name in rulebook.vocabulary]
        questions = [rulebook.vocabulary[name] for rulebook in having]
        values = _values(name, questions, having)
        if values:
            found[name] = Possible(values, questions[0].type == "choices", _reading(name, questions, having))
    return found


def _values(name: str, questions: Sequence[Question], rulebooks: Sequence[Rulebook]) -> tuple[FactValue, ...]:
    if len({question.type == "integer" for question in questions}) > 1:
        return ()
    if len({question.type == "choices" for question in questions}) > 1:
        return ()
    if questions[0].type == "integer":
        values: tuple[FactValue, ...] = _numbers(name, questions, rulebooks)
    else:
        accepted = [question.values for question in questions]
        values = tuple(value for value in accepted[0] if all(value in others for others in accepted))
    refused = not all(question.not_applicable for question in questions)
    return values if refused or not values else (*values, NOT_APPLICABLE)


def _numbers(name: str, questions: Sequence[Question], rulebooks: Sequence[Rulebook]) -> tuple[int, ...]:
    """Return a number for each class that the bounds of all conditions make."""
    tests = [leaf for rulebook in rulebooks for when in rulebook.conditions for _, leaf in leaves(when)]
    bounds = [test for test in tests if isinstance(test, Between) and test.fact == name]
    starts = {test.low for test in bounds if test.low is not None}
    starts |= {test.high + 1 for test in bounds if test.high is not None}
    low = max((question.min for question in questions if question.min is not None), default=None)
    high = min((question.max for question in questions if question.max is not None), default=None)
    before = min([0, *starts], default=0) - 1 if low is None else low
    return tuple(
        number for number in sorted({before, *starts}) if (low is None or number >= low) and number <= _or(high, number)
    )


def _or(bound: int | None, number: int) -> int:
    return number if bound is None else bound


def _reading(name: str, questions: Sequence[Question], rulebooks: Sequence[Rulebook]) -> Reading:
    if any(name not in rulebook.deduction_of for rulebook in rulebooks):
        return "given"
    return "deduced" if all(question.ask is None for question in questions) else "either"


def random_territories(rulebook: Rulebook, chance: Random) -> Iterator[Territory]:
    """Walk complete territories without end: the first have begun nothing, the others more and more."""
    possible = possible_answers(rulebook)
    actions = list(rulebook.by_id)
    share = 0.0
    while True:
        answers = {name: _answer(one, chance) for name, one in possible.items() if _is_given(one, chance)}
        _agree(answers, rulebook, chance)
        begun = {action: chance.choice(PROGRESS_VALUES[1:]) for action in actions if chance.random() < share}
        yield without_what_is_ignored(Territory(answers, begun), rulebook)
        share = chance.choice((0.0, 0.0, 0.1, 0.4, 0.8))


def _is_given(possible: Possible, chance: Random) -> bool:
    return possible.reading == "given" or (possible.reading == "either" and chance.random() < 1 / 2)


def _answer(possible: Possible, chance: Random) -> FactValue:
    if not possible.several:
        return chance.choice(possible.values)
    if NOT_APPLICABLE in possible.values and chance.random() < 1 / len(possible.values):
        return NOT_APPLICABLE
    share = chance.choice((0.2, 0.5, 0.8))
    return tuple(str(choice) for choice in possible.values if choice != NOT_APPLICABLE and chance.random() < share)


def _agree(answers: dict[str, FactValue], rulebook: Rulebook, chance: Random) -> None:
    """Give a stage that the scenario has."""
    roles = rulebook.guide.roles
    stance = rulebook.stance_of.get(str(answers[roles.scenario]))
    if stance is not None:
        answers[roles.stage] = chance.choice([stage.stage for stage in stance.stages])


def without_what_is_ignored(territory: Territory, rulebook: Rulebook) -> Territory:
    """Return a territory without the answers to questions that do not apply: nobody would be asked."""
    read = known(territory.profile("-", rulebook), rulebook)
    ignored = compile_rulebook(rulebook, "reference").infer(read).ignored
    answers = {question: value for question, value in territory.answers.items() if question not in ignored}
    return Territory(answers, territory.begun)
