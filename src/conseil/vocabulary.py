"""The vocabulary of a guide: its questions, the values that they accept, and which conditions make sense.

A question has four states: answered, unknown ("je ne sais pas"), not applicable ("sans objet"), and not yet asked,
which counts as unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

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
    not_an_integer,
)
from conseil.errors import Fault, Faults, Location, named, nearest
from conseil.fields import Identifier, Text, before, field
from conseil.records import Record

__all__ = [
    "UNKNOWN",
    "YES_NO",
    "Choice",
    "Flag",
    "Integer",
    "Question",
    "Vocabulary",
    "faults_of_renames",
    "read_answer",
    "repeated",
    "reserved",
    "twice",
    "withdrawn_fault",
]

UNKNOWN = "unknown"
"""The answer "je ne sais pas"."""

_YES = frozenset({"oui", "yes", "true"})
_NO = frozenset({"non", "no", "false"})


def _read_integer(raw: object) -> int:
    number = integer(raw)
    if number is None:
        raise Faults([not_an_integer(raw)])
    return number


def _read_flag(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in _YES | _NO:
        return raw.lower() in _YES
    raise Faults([Fault((), f"oui ou non attendu, et non {named(raw)}", "écrivez `oui` ou `non`")])


Integer = Annotated[int, before(_read_integer)]
"""A whole number, written in digits."""

Flag = Annotated[bool, before(_read_flag)]
"""A yes or a no."""


class Choice(Record):
    """One of the values of a question; `source` where the guide names it."""

    id: Identifier = field(
        description="le nom du choix dans les règles et les profils : minuscules sans accent, chiffres et tirets"
    )
    label: Text = field(description="se lit après « Libellé de la question : »")
    source: Source | None = field(default=None, description="la citation, quand le guide nomme ce choix")
    renamed_from: tuple[Identifier, ...] = field(default=(), description="ses anciens noms, le plus récent d’abord")


YES_NO = (Choice.model_construct(id="oui", label="oui"), Choice.model_construct(id="non", label="non"))
"""The choices of a yes/no question."""


class Question(Authority):
    """A fact about a territory, and how it is asked.

    Without `ask` it is never asked: a deduction gives it.
    """

    id: Identifier = field(
        description="le nom de la question dans les conditions et les profils : minuscules sans accent"
    )
    label: Text = field(description="nom court, dans les phrases du plan")
    ask: Text | None = field(
        default=None, description="la question posée à l’agent ; sans elle, le fait est toujours déduit"
    )
    help: Text | None = field(default=None, description="une précision, montrée sous la question")
    type: Literal["choice", "choices", "boolean", "integer"] = field(
        description="un choix (choice), plusieurs (choices), oui ou non (boolean), ou un nombre entier (integer)"
    )
    choices: tuple[Choice, ...] = field(
        default=(), description="les réponses possibles, dans l’ordre où elles sont montrées"
    )
    unit: Text | None = field(default=None, description="l’unité d’un nombre, au pluriel : habitants")
    min: Integer | None = field(default=None, description="le plus petit nombre possible")
    max: Integer | None = field(default=None, description="le plus grand nombre possible")
    asked_when: ConditionField | None = field(
        default=None, description="quand la question se pose ; sinon, elle est sans objet"
    )
    not_applicable: Flag = field(default=False, description="« sans objet » est une réponse possible")
    ask_whom: Text | None = field(default=None, description="qui le sait dans la collectivité")
    actionable: Literal["no", "upward", "any"] = field(
        description="peut-on proposer d’en changer ? upward : seulement vers le mieux, du premier choix au dernier"
    )
    renamed_from: tuple[Identifier, ...] = field(default=(), description="ses anciens noms, le plus récent d’abord")

    @classmethod
    def _faults(cls, raw: Mapping[str, Any]) -> Iterator[Fault]:
        yield from super()._faults(raw)
        kind, choices = raw.get("type"), raw.get("choices")
        kind = kind if isinstance(kind, str) else None  # a list or a block has a fault of its own
        if kind in {"choice", "choices"} and not choices:
            hint = "ajoutez `choices: [{id: …, label: …}, …]`"
            yield Fault((), f"clé `choices` manquante : une question `{kind}` en a besoin", hint)
        if kind in {"boolean", "integer"} and choices:
            message = f"une question `{kind}` n’a pas de `choices`"
            yield Fault(("choices",), message, "retirez la clé, ou changez `type`", on_key=True)
        low, high = integer(raw.get("min")), integer(raw.get("max"))
        if low is not None and high is not None and low > high:
            yield Fault(("min",), f"`min` ({low}) dépasse `max` ({high})", "échangez les deux bornes")
        for key in ("unit", "min", "max"):
            if kind != "integer" and raw.get(key) is not None:
                message = f"`{key}` ne vaut que pour une question `integer`"
                yield Fault((key,), message, "retirez la clé, ou changez `type`", on_key=True)
        yield from repeated(choices, "choices")
        yield from (fault.under("choices") for fault in faults_of_renames(choices))
        yield from reserved(raw)

    @property
    def options(self) -> tuple[Choice, ...]:
        """The choices, those of a yes/no question included; none for an integer."""
        return YES_NO if self.type == "boolean" else self.choices

    @cached_property
    def renamed(self) -> dict[str, str]:
        """The choices by the names that they had."""
        return {old: choice.id for choice in self.choices for old in choice.renamed_from}

    @cached_property
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


_NOT_READ: Any = object()

_MOST_KEPT = 10_000
"""The answers that are kept once they were read: numbers are endless."""


class Vocabulary(Mapping[str, Question]):
    """The questions of a rulebook, by id, in their order; and the actions whose progress is a fact."""

    def __init__(
        self,
        questions: Iterable[Question],
        actions: Iterable[str] | None,
        unread: Container[str] | None = frozenset(),
        withdrawn: Mapping[str, str] | None = None,
    ) -> None:
        """Index the questions.

        Args:
            questions: in their order.
            actions: the ids of the rulebook's actions; nothing where some could not be read, and none can be missed.
            unread: ids of questions that exist and have faults of their own, so that nothing is said of tests on them;
                nothing where any question could be one of them.
            withdrawn: where an overlay took out what conditions may still name, by kind and id: `question foncier`.
        """
        self._unread = unread
        self._withdrawn = withdrawn or {}
        self._all_actions = actions is not None
        self._questions = {question.id: question for question in questions}
        self._actions = dict.fromkeys(actions or ())
        facts = [*self._questions, *(PROGRESS + action for action in self._actions)]
        self._accepted: dict[tuple[str, type, object], FactValue | None] = {}
        self._order = {fact: index for index, fact in enumerate(facts)}

    def __getitem__(self, fact: str) -> Question:
        """Return the question of that id."""
        return self._questions[fact]

    def __contains__(self, fact: object) -> bool:
        """Say whether there is a question of that id."""
        return fact in self._questions

    def __iter__(self) -> Iterator[str]:
        """Walk the ids of the questions."""
        return iter(self._questions)

    def __len__(self) -> int:
        """Count the questions."""
        return len(self._questions)

    def read(self, name: str, raw: str | int | bool | tuple[str, ...]) -> FactValue | None:  # noqa: FBT001 - an answer
        """Read what was answered to a question, as `read_answer` does; what was read before is kept.

        Raises:
            KeyError: there is no such question.
            Faults: the answer is not one that the question accepts.
        """
        key = name, raw.__class__, raw  # `True` is no 1 here
        found: FactValue | None = self._accepted.get(key, _NOT_READ)
        if found is _NOT_READ:
            found = read_answer(self[name], raw)
            if len(self._accepted) >= _MOST_KEPT:
                self._accepted.clear()
            self._accepted[key] = found
        return found

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
        if question is None:
            yield from self._unknown(leaf.fact, way)
            return
        match leaf, question.type:
            case Between(low=low, high=high), "integer":
                for key, bound in (("min", low), ("max", high)):
                    if bound is not None and not _within(question, bound):
                        message = f"{bound} est hors des valeurs possibles de `{question.id}`"
                        yield Fault((*way, key), message, _bounds(question))
            case Several(quantifier=quantifier, values=values), "choices":
                yield from _unknown_choices(question, values, (*way, quantifier))
            case OneOf(values=values), "choice" | "boolean":
                yield from _unknown_choices(question, values, way)
            case _:
                wrong, hint = _WRONG_TEST[question.type]
                yield Fault(way, f"`{question.id}` {wrong}", hint)

    def faults_of_choices(self, fact: str, choices: Iterable[str], way: Location) -> Iterator[Fault]:
        """Say which of these choices a question does not have."""
        question = self._questions.get(fact)
        if question is None:
            yield from self._unknown(fact, way)
        elif question.type == "integer":
            yield Fault(way, f"`{fact}` est un nombre, et n’a pas de choix", "nommez une question à choix", on_key=True)
        else:
            yield from _unknown_choices(question, choices, way)

    def _unknown(self, fact: str, way: Location) -> Iterator[Fault]:
        gone = self._withdrawn.get(f"question {fact}")
        if gone:
            yield withdrawn_fault(f"question `{fact}`", gone, way)
        elif self._unread is not None and fact not in self._unread:
            now = [question.id for question in self._questions.values() if fact in question.renamed_from]
            hint = f"elle s’appelle maintenant `{now[0]}`" if now else nearest(fact, self._questions)
            if fact in self._actions:
                hint = f"pour l’avancement de cette action, écrivez `{PROGRESS}{fact}`"
            yield Fault(way, f"question `{fact}` inconnue", hint, on_key=True)

    def _faults_of_progress(self, leaf: Leaf, way: Location) -> Iterator[Fault]:
        action = leaf.fact.removeprefix(PROGRESS)
        gone = self._withdrawn.get(f"action {action}")
        if gone:
            yield withdrawn_fault(f"action `{action}`", gone, way)
        elif self._all_actions and action not in self._actions:
            yield Fault(way, f"action `{action}` inconnue", nearest(action, self._actions), on_key=True)
        if not isinstance(leaf, OneOf):
            yield Fault(
                way, "l’avancement d’une action ne se teste pas ainsi", "écrivez `todo`, `doing`, `done`, ou une liste"
            )
            return
        for index, value in enumerate(leaf.values):
            if value not in PROGRESS_VALUES:
                yield Fault((*way, index), f"avancement `{value}` inconnu", nearest(value, PROGRESS_VALUES))


def withdrawn_fault(name: str, place: str, way: Location) -> Fault:
    """Say that an entry still reads what an overlay has withdrawn."""
    hint = f"le retrait est dans {place} ; récrivez ou retirez aussi cette entrée, ou renoncez au retrait"
    gone = "retiré, et lu" if name.startswith("exemple") else "retirée, et lue"
    return Fault(way, f"{name} {gone} ici", hint, on_key=True)


def repeated(entries: object, *prefix: str | int) -> Iterator[Fault]:
    """Say which ids of a raw list are written twice, or are words of the language."""
    seen: set[str] = set()
    for index, entry in enumerate(entries if isinstance(entries, list | tuple) else ()):
        if not isinstance(entry, Mapping) or not isinstance(name := entry.get("id"), str):
            continue
        if name in seen:
            hint = "donnez un autre identifiant à l’une des deux entrées"
            yield Fault((*prefix, index, "id"), f"`{name}` existe déjà dans cette liste", hint)
        yield from (fault.under(*prefix, index) for fault in reserved(entry))
        seen.add(name)


def twice(entries: object, key: str | None, *prefix: str | int) -> Iterator[Fault]:
    """Say which entries of a raw list name what another one names; `key` is where they name it."""
    seen: set[str] = set()
    for index, entry in enumerate(entries if isinstance(entries, list | tuple) else ()):
        name = entry.get(key) if key and isinstance(entry, Mapping) else entry
        if isinstance(name, str) and name in seen:
            way = (*prefix, index, key) if key else (*prefix, index)
            yield Fault(way, f"`{name}` est nommé deux fois", "gardez une seule des deux entrées")
        seen.update([name] if isinstance(name, str) else [])


def faults_of_renames(entries: object) -> Iterator[Fault]:
    """Say which entries of a raw list claim a name that is that of another, or that another has had."""
    read = [entry if isinstance(entry, Mapping) else {} for entry in (entries if isinstance(entries, list) else ())]
    now = {name for name in (entry.get("id") for entry in read) if isinstance(name, str)}
    claimed: dict[str, object] = {}
    for index, entry in enumerate(read):
        names = entry.get("renamed_from")
        for place, name in enumerate(names if isinstance(names, list | tuple) else ()):
            if not isinstance(name, str):
                continue
            way = (index, "renamed_from", place)
            if name in now:
                hint = "un ancien nom n’est plus porté par personne : retirez-le d’ici, ou renommez l’autre"
                yield Fault(way, f"`{name}` n’est pas un ancien nom : quelque chose s’appelle encore ainsi", hint)
            elif name in claimed:
                message = f"`{name}` est déjà l’ancien nom de `{claimed[name]}`"
                yield Fault(way, message, "une réponse ne peut passer qu’à un seul nom : gardez-en un")
            claimed.setdefault(name, entry.get("id"))


def reserved(entry: Mapping[str, Any]) -> Iterator[Fault]:
    """Say that the id of a raw entry is a word of the language."""
    if isinstance(name := entry.get("id"), str) and name in RESERVED:
        yield Fault(("id",), f"`{name}` est un mot réservé", "choisissez un autre identifiant")


def _unknown_choices(question: Question, values: Iterable[str], way: Location) -> Iterator[Fault]:
    for index, value in enumerate(values):
        if value not in question.values:
            message = f"choix `{value}` inconnu pour `{question.id}`"
            now = question.renamed.get(value)
            hint = f"il s’appelle maintenant `{now}`" if now else nearest(value, question.values)
            if value in {UNKNOWN, NOT_APPLICABLE}:
                hint = f"`{value}` ne se teste pas ; nommez des choix"
            yield Fault((*way, index), message, hint)


_WRONG_TEST = {  # what is said of a question that a test does not suit, and what would
    "integer": ("est un nombre : il se teste par des bornes", "écrivez `{min: …}`, `{max: …}` ou les deux"),
    "choices": (
        "admet plusieurs choix : un test dit lesquels",
        "écrivez `{any: […]}`, `{all: […]}` ou `{none: […]}`",
    ),
    "choice": ("n’admet qu’un choix : ce test ne lui convient pas", "écrivez un choix, ou une liste de choix"),
    "boolean": ("se répond par oui ou par non : ce test ne lui convient pas", "écrivez `oui` ou `non`"),
}


def _bounds(question: Question) -> str:
    bounds = (("au moins", question.min), ("au plus", question.max))
    return ", ".join(f"{word} {bound}" for word, bound in bounds if bound is not None)


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
    return _READERS[question.type](question, raw)


def _read_number(question: Question, raw: object) -> FactValue:
    number = integer(raw)
    if number is None:
        raise Faults([not_an_integer(raw, question.id)])
    if not _within(question, number):
        raise Faults([Fault((), f"{number} est hors des valeurs possibles de `{question.id}`", _bounds(question))])
    return number


def _read_yes_or_no(question: Question, raw: object) -> FactValue:
    if not isinstance(raw, bool) and not (isinstance(raw, str) and raw.lower() in _YES | _NO):
        message = f"oui ou non attendu pour `{question.id}`, et non {named(raw)}"
        raise Faults([Fault((), message, "écrivez `oui`, `non` ou `unknown`")])
    return "oui" if _read_flag(raw) else "non"


def _read_one_choice(question: Question, raw: object) -> FactValue:
    if isinstance(raw, list | tuple):
        raise Faults([Fault((), f"`{question.id}` n’admet qu’un choix, et non une liste", "retirez les crochets")])
    return _read_choice(question, raw, ())


def _read_choice(question: Question, raw: object, way: Location) -> str:
    word = named(raw).strip("`") if isinstance(raw, bool) else str(raw)
    if word not in question.values:
        message = f"choix `{word}` inconnu pour `{question.id}`"
        hint = nearest(word, question.values)
        if word in {UNKNOWN, NOT_APPLICABLE}:  # among other choices
            hint = f"`{word}` se répond seul, sans crochets"
        raise Faults([Fault(way, message, hint)])
    return word


def _read_choices(question: Question, raw: object) -> FactValue:
    if not isinstance(raw, list | tuple):
        raise Faults([Fault((), f"`{question.id}` attend une liste de choix", f"écrivez `[{raw}]`")])
    made: set[str] = set()
    faults: list[Fault] = []
    for index, word in enumerate(raw):
        try:
            choice = _read_choice(question, word, (index,))
        except Faults as found:
            faults += found.faults
            continue
        if choice in made:
            faults.append(Fault((index,), f"choix `{choice}` écrit deux fois", "gardez-en un"))
        made.add(choice)
    if faults:
        raise Faults(faults)
    return tuple(choice for choice in question.values if choice in made)  # in the order of the question


_READERS: Mapping[str, Callable[[Question, object], FactValue]] = {
    "integer": _read_number,
    "boolean": _read_yes_or_no,
    "choice": _read_one_choice,
    "choices": _read_choices,
}
