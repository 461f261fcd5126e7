"""The vocabulary of a guide: its questions, the values that they accept, and which conditions make sense.

A question has four states: answered, unknown ("je ne sais pas"), not applicable ("sans objet"), and not yet asked,
which counts as unknown.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from conseil.authority import Authority, Source
from conseil.conditions import (
    NOT_APPLICABLE,
    PROGRESS,
    PROGRESS_VALUES,
    RESERVED,
    Between,
    Condition,
    ConditionField,
    FactValue,
    Leaf,
    OneOf,
    Several,
    integer,
    leaves,
)
from conseil.errors import Fault, Faults, Location, nearest
from conseil.records import Identifier, Record, Text

__all__ = ["UNKNOWN", "YES_NO", "Choice", "Flag", "Integer", "Question", "Vocabulary", "read_answer"]

UNKNOWN = "unknown"
"""The answer "je ne sais pas"."""

_YES = frozenset({"oui", "yes", "true"})
_NO = frozenset({"non", "no", "false"})


def _read_integer(raw: object) -> int:
    number = integer(raw)
    if number is None:
        message = f"nombre entier attendu, et non `{raw}`"
        raise Faults([Fault((), message, "en chiffres, sans espace ni unité")])
    return number


def _read_flag(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in _YES | _NO:
        return raw.lower() in _YES
    raise Faults([Fault((), f"oui ou non attendu, et non `{raw}`")])


Integer = Annotated[int, BeforeValidator(_read_integer)]
"""A whole number, written in digits."""

Flag = Annotated[bool, BeforeValidator(_read_flag)]
"""A yes or a no."""


class Choice(Record):
    """One of the values of a question; `source` where the guide names it."""

    id: Identifier
    label: Text = Field(description="se lit après « Libellé de la question : »")
    source: Source | None = None


YES_NO = (Choice(id="oui", label="oui"), Choice(id="non", label="non"))
"""The choices of a yes/no question."""


class Question(Authority):
    """A fact about a territory, and how it is asked.

    Without `ask` it is never asked: a deduction gives it.
    """

    id: Identifier
    label: Text = Field(description="nom court, dans les phrases du plan")
    ask: Text | None = None
    help: Text | None = None
    type: Literal["choice", "choices", "boolean", "integer"]
    choices: tuple[Choice, ...] = ()
    unit: Text | None = None
    min: Integer | None = None
    max: Integer | None = None
    asked_when: ConditionField | None = None
    not_applicable: Flag = Field(default=False, description="« sans objet » est une réponse possible")
    ask_whom: Text | None = None
    actionable: Literal["no", "upward", "any"] = Field(
        description="peut-on proposer d’en changer ? upward : seulement vers le mieux, du premier choix au dernier"
    )

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        yield from super()._faults(raw)
        kind, choices = raw.get("type"), raw.get("choices")
        if kind in {"choice", "choices"} and not choices:
            yield Fault((), f"la question `{raw.get('id')}` n’a pas de `choices`")
        if kind in {"boolean", "integer"} and choices:
            yield Fault(("choices",), f"une question `{kind}` n’a pas de `choices`", on_key=True)
        low, high = integer(raw.get("min")), integer(raw.get("max"))
        if low is not None and high is not None and low > high:
            yield Fault(("min",), f"`min` ({low}) dépasse `max` ({high})")
        for key in ("unit", "min", "max"):
            if kind != "integer" and raw.get(key) is not None:
                yield Fault((key,), f"`{key}` ne vaut que pour une question `integer`", on_key=True)
        yield from repeated("choix", choices, "choices")

    @property
    def options(self) -> tuple[Choice, ...]:
        """The choices, those of a yes/no question included; none for an integer."""
        return YES_NO if self.type == "boolean" else self.choices

    @property
    def values(self) -> tuple[str, ...]:
        """The ids of the choices."""
        return tuple(choice.id for choice in self.options)

    def shown(self, value: FactValue | None) -> str:
        """Say a value in French.

        >>> Question(id="x", label="X", type="boolean", actionable="no", basis="editorial", rationale="Z").shown("oui")
        'oui'
        """
        if value is None:
            return "inconnu"
        if value == NOT_APPLICABLE:
            return "sans objet"
        labels = {choice.id: choice.label for choice in self.options}
        if isinstance(value, tuple):
            return ", ".join(labels[choice] for choice in value) if value else "aucune des réponses proposées"
        if isinstance(value, int):
            grouped = f"{value:,}".replace(",", "\N{NARROW NO-BREAK SPACE}")
            return f"{grouped} {self.unit}" if self.unit else grouped
        return labels[value]


class Vocabulary(Mapping[str, Question]):
    """The questions of a rulebook, by id, in their order; and the actions whose progress is a fact."""

    def __init__(self, questions: Iterable[Question], actions: Iterable[str], unread: Iterable[str] = ()) -> None:
        """Index the questions.

        Args:
            questions: in their order.
            actions: the ids of the rulebook's actions.
            unread: ids of questions that exist and have faults of their own: nothing is said of tests on them.
        """
        self._unread = frozenset(unread)
        self._questions = {question.id: question for question in questions}
        self._actions = dict.fromkeys(actions)
        facts = [*self._questions, *(PROGRESS + action for action in self._actions)]
        self._order = {fact: index for index, fact in enumerate(facts)}

    def __getitem__(self, fact: str) -> Question:
        """Return the question of that id."""
        return self._questions[fact]

    def __iter__(self) -> Iterator[str]:
        """Walk the ids of the questions."""
        return iter(self._questions)

    def __len__(self) -> int:
        """Count the questions."""
        return len(self._questions)

    def ordered(self, facts: Iterable[str]) -> list[str]:
        """Sort facts as the vocabulary orders them, progress of actions last; each once."""
        return sorted(dict.fromkeys(facts), key=self._order.__getitem__)

    def faults(self, condition: Condition, way: Location = ()) -> Iterator[Fault]:
        """Say what in a condition the vocabulary does not allow: unknown facts, impossible values, wrong tests."""
        for place, leaf in leaves(condition, way):
            yield from self._faults_of_leaf(leaf, place)

    def _faults_of_leaf(self, leaf: Leaf, way: Location) -> Iterator[Fault]:
        if leaf.fact.startswith(PROGRESS):
            yield from self._faults_of_progress(leaf, way)
            return
        question = self._questions.get(leaf.fact)
        if leaf.fact in self._unread:
            return
        if question is None:
            hint = nearest(leaf.fact, self._questions)
            if leaf.fact in self._actions:
                hint = f"pour l’avancement de cette action, écrivez `{PROGRESS}{leaf.fact}`"
            yield Fault(way, f"question `{leaf.fact}` inconnue", hint, on_key=True)
            return
        match leaf, question.type:
            case Between(low=low, high=high), "integer":
                for key, bound in (("min", low), ("max", high)):
                    if bound is not None and not _within(question, bound):
                        yield Fault((*way, key), f"{bound} est hors des valeurs possibles de `{question.id}`")
            case Several(quantifier=quantifier, values=values), "choices":
                yield from _unknown_choices(question, values, (*way, quantifier))
            case OneOf(values=values), "choice" | "boolean":
                yield from _unknown_choices(question, values, way)
            case _, "integer":
                hint = "écrivez `{min: …}`, `{max: …}` ou les deux"
                yield Fault(way, f"`{question.id}` est un nombre : il se teste par des bornes", hint)
            case _, "choices":
                hint = "écrivez `{any: […]}`, `{all: […]}` ou `{none: […]}`"
                yield Fault(way, f"`{question.id}` admet plusieurs choix : un test dit lesquels", hint)
            case _:
                hint = "écrivez un choix, ou une liste de choix"
                yield Fault(way, f"`{question.id}` n’admet qu’un choix : ce test ne lui convient pas", hint)

    def _faults_of_progress(self, leaf: Leaf, way: Location) -> Iterator[Fault]:
        action = leaf.fact.removeprefix(PROGRESS)
        if action not in self._actions:
            yield Fault(way, f"action `{action}` inconnue", nearest(action, self._actions), on_key=True)
        if not isinstance(leaf, OneOf):
            yield Fault(way, "l’avancement d’une action ne se teste pas ainsi", "écrivez todo, doing ou done")
            return
        for value in leaf.values:
            if value not in PROGRESS_VALUES:
                yield Fault(way, f"avancement `{value}` inconnu", nearest(value, PROGRESS_VALUES))


def repeated(what: str, entries: object, *prefix: str | int) -> Iterator[Fault]:
    """Say which ids of a raw list are written twice, or are words of the language."""
    seen: set[object] = set()
    for index, entry in enumerate(entries if isinstance(entries, list | tuple) else ()):
        if not isinstance(entry, Mapping) or not isinstance(name := entry.get("id"), str):
            continue
        if name in seen:
            yield Fault((*prefix, index, "id"), f"{what} `{name}` écrit deux fois")
        if name in RESERVED:
            yield Fault((*prefix, index, "id"), f"`{name}` est un mot réservé", "choisissez un autre identifiant")
        seen.add(name)


def _unknown_choices(question: Question, values: Iterable[str], way: Location) -> Iterator[Fault]:
    for value in values:
        if value not in question.values:
            yield Fault(way, f"choix `{value}` inconnu pour `{question.id}`", nearest(value, question.values))


def _within(question: Question, number: int) -> bool:
    return (question.min is None or number >= question.min) and (question.max is None or number <= question.max)


def read_answer(question: Question, raw: object) -> FactValue | None:
    """Read what was answered to a question; unknown is `None`.

    Raises:
        Faults: the answer is not one that the question accepts; the message says which are.
    """
    if raw is None:
        hint = "écrivez `unknown` si vous ne savez pas, ou retirez la ligne"
        raise Faults([Fault((), f"réponse vide à `{question.id}`", hint)])
    if raw == UNKNOWN:
        return None
    if raw == NOT_APPLICABLE:
        if question.not_applicable:
            return NOT_APPLICABLE
        message = f"« sans objet » n’est pas une réponse possible à `{question.id}`"
        raise Faults([Fault((), message, "écrivez `unknown` si vous ne savez pas")])
    match question.type:
        case "integer":
            return _read_number(question, raw)
        case "boolean":
            if not isinstance(raw, bool) and not (isinstance(raw, str) and raw.lower() in _YES | _NO):
                raise Faults([Fault((), f"oui ou non attendu pour `{question.id}`, et non `{raw}`")])
            return "oui" if _read_flag(raw) else "non"
        case "choice":
            if isinstance(raw, list | tuple):
                raise Faults([Fault((), f"`{question.id}` n’admet qu’un choix", "retirez les crochets")])
            return _read_choice(question, raw, ())
        case "choices":
            if not isinstance(raw, list | tuple):
                raise Faults([Fault((), f"`{question.id}` admet plusieurs choix", f"écrivez `[{raw}]`")])
            return _read_choices(question, raw)


def _read_number(question: Question, raw: object) -> int:
    number = integer(raw)
    if number is None:
        message = f"nombre entier attendu pour `{question.id}`, et non `{raw}`"
        raise Faults([Fault((), message, "en chiffres, sans espace ni unité")])
    if not _within(question, number):
        low, high = question.min, question.max
        bounds = [f"au moins {low}" if low is not None else "", f"au plus {high}" if high is not None else ""]
        message = f"{number} est hors des valeurs possibles de `{question.id}`"
        raise Faults([Fault((), message, ", ".join(bound for bound in bounds if bound))])
    return number


def _read_choice(question: Question, raw: object, way: Location) -> str:
    word = str(raw)
    if word not in question.values:
        message = f"choix `{word}` inconnu pour `{question.id}`"
        raise Faults([Fault(way, message, nearest(word, question.values))])
    return word


def _read_choices(question: Question, raw: list[object] | tuple[object, ...]) -> tuple[str, ...]:
    made: set[str] = set()
    faults: list[Fault] = []
    for index, word in enumerate(raw):
        try:
            choice = _read_choice(question, word, (index,))
        except Faults as found:
            faults += found.faults
            continue
        if choice in made:
            faults.append(Fault((index,), f"choix `{choice}` écrit deux fois"))
        made.add(choice)
    if faults:
        raise Faults(faults)
    return tuple(choice for choice in question.values if choice in made)  # in the order of the question
