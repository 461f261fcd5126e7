"""One chunk of a table of territories: its columns, read into one bit for each row and each value that can be tested.

A column is named after a question, `progress.<action>`, or `progress.others`, and is as long as the others. How it
answers depends on its kind:

- **whole numbers** (an array of integers; or of floats, where `nan` is unknown): the place of the choice, from 0; of
  yes or no, 1 and 0; of the progress of an action, 0 (todo), 1 (doing), 2 (done). -1 is unknown, -2 not applicable.
  Where a question asks for a number they are that number, and only `nan` is unknown.
- **true and false** (an array of booleans): yes and no.
- **two dimensions** (a column for each choice, of booleans or of 0 and 1): the choices made. A row full of -1 is
  unknown, one full of -2 not applicable.
- **text, objects, a Python list**: each answer as a profile writes it; `None`, `nan` and the `NA` of pandas are unknown
  too. The slow way.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from operator import eq
from types import NoneType
from typing import Any, Literal, NamedTuple, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

from conseil.conditions import NOT_APPLICABLE, PROGRESS, PROGRESS_VALUES, Between, FactValue, leaves
from conseil.errors import Fault, Faults, InvalidProfile, Problem, named, nearest
from conseil.profile import OTHERS
from conseil.rulebook import Rulebook
from conseil.vocabulary import UNKNOWN, Question, read_answer

__all__ = [
    "NOT_APPLICABLE_CODE",
    "UNKNOWN_CODE",
    "Chunk",
    "ChunkReader",
    "Column",
    "FactMasks",
    "Mask",
    "Value",
    "coded",
    "nowhere",
    "unpacked",
]

Mask: TypeAlias = npt.NDArray[np.uint8]
"""One bit for each row of a chunk, eight to a byte; the bits after the last row say nothing."""

Column: TypeAlias = npt.ArrayLike | Sequence[object]
"""What answers a question in every row of a chunk: see above."""


class _Frame(Protocol):
    """Columns by name, as a mapping gives them, or a DataFrame of pandas."""

    def items(self) -> Iterable[tuple[Any, Any]]: ...


class _Arrow(Protocol):
    """Columns and their names, as a Table or a RecordBatch of Arrow has them."""

    @property
    def column_names(self) -> Iterable[str]: ...

    @property
    def columns(self) -> Iterable[Any]: ...


Chunk: TypeAlias = Mapping[str, Column] | _Frame | _Arrow
"""The columns of some territories, by name: a mapping, a DataFrame of pandas, a Table or a RecordBatch of Arrow."""

Value = str | int
"""What a fact is tested for: a choice, a progress, or the least number that passes a test."""

UNKNOWN_CODE = -1
"""The number of "je ne sais pas", in a column of numbers that stand for choices."""

NOT_APPLICABLE_CODE = -2
"""The number of "sans objet", in such a column."""

_EXACT = 2**53  # beyond it, a float no longer tells a whole number from the next

_Array: TypeAlias = npt.NDArray[Any]
_Rows: TypeAlias = npt.NDArray[np.bool_]


class FactMasks(NamedTuple):
    """A fact in every row: where it is known, where it does not apply, and where it has each value.

    Of several choices, a row has each that was made. Of a number, a row has each least number that it reaches. A fact
    that does not apply is known, and has no value.
    """

    known: Mask
    not_applicable: Mask
    values: Mapping[Value, Mask]


def _packed(rows: npt.NDArray[np.bool_]) -> Mask:
    """Put one truth for each row into bits."""
    return np.packbits(rows)


def nowhere(size: int) -> Mask:
    """Return a mask of no row."""
    return np.zeros((size + 7) // 8, np.uint8)


def unpacked(mask: Mask, size: int) -> npt.NDArray[np.int8]:
    """Return 1 or 0 for each of the rows."""
    return np.unpackbits(mask, count=size).view(np.int8)


def coded(question: Question) -> tuple[str, ...]:
    """Return the choices for which the numbers 0, 1, 2… stand in a column: of yes and no, 0 is no."""
    return tuple(reversed(question.values)) if question.type == "boolean" else question.values


@dataclass(frozen=True, slots=True)
class _Fact:
    """What a column may say of a fact.

    Attributes:
        coded: the values for which the numbers 0, 1, 2… stand; none where a number is a number.
        tested: the values that conditions may tell apart.
        lowest: the lowest number that is no choice: -2 where the question may not apply, else -1.
        possible: the numbers that a question accepts, bounds included; a missing bound is no bound.
        read: what reads an answer as a profile writes it, and raises `Faults`.
    """

    name: str
    type: Literal["choice", "choices", "boolean", "integer"]
    coded: tuple[str, ...]
    tested: tuple[Value, ...]
    lowest: int
    possible: Between
    read: Callable[[object], FactValue | None]


class _Wrong(NamedTuple):
    """What is wrong with a column, the first row where it is, and how many other rows are wrong."""

    message: str
    hint: str | None = None
    row: int | None = None
    others: int = 0


class ChunkReader:
    """What reads the chunks of a table, with the vocabulary of a rulebook."""

    def __init__(self, rulebook: Rulebook) -> None:
        """Note the columns that there can be, and what they may say."""
        self._actions = frozenset(rulebook.by_id)
        starts: dict[str, set[int]] = {question.id: set() for question in rulebook.questions}
        for condition in rulebook.conditions:
            for _, leaf in leaves(condition):
                if isinstance(leaf, Between):
                    bounds = (leaf.low, None if leaf.high is None else leaf.high + 1)
                    starts[leaf.fact] |= {bound for bound in bounds if bound is not None}
        self._questions = {question.id: _asked(question, starts[question.id]) for question in rulebook.questions}
        self._progress = {PROGRESS + action: _progress(PROGRESS + action) for action in rulebook.by_id}
        self._others = _progress(PROGRESS + OTHERS)

    def read(self, chunk: Chunk, place: int) -> tuple[int, dict[str, FactMasks]]:
        """Return the number of rows, and every question and progress as it was given in each.

        Args:
            chunk: the columns by name; what has none is unknown in every row.
            place: which chunk of the table it is, from 0.

        Raises:
            InvalidProfile: a problem for each column that cannot be used, with the first row and value at fault.
        """
        columns: dict[str, list[object] | _Array] = {}
        wrong: list[tuple[str, _Wrong]] = []
        for name, column in _named_columns(chunk, place):
            if name in columns:
                wrong.append((name, _Wrong("deux colonnes ont ce nom", "gardez-en une")))
            columns[name] = list(column) if isinstance(column, list | tuple) else np.asanyarray(column)
        wrong += [*self._unknown_names(columns), *_wrong_lengths(columns)]
        read: dict[str, FactMasks] = {}
        for fact in (*self._questions.values(), *self._progress.values(), self._others):
            if fact.name in columns:
                found = _read(fact, columns[fact.name])
                if isinstance(found, _Wrong):
                    wrong.append((fact.name, found))
                else:
                    read[fact.name] = found
        if wrong:
            raise InvalidProfile(_problem(place, name, found) for name, found in wrong)
        size = len(next(iter(columns.values())))
        others = read.pop(self._others.name, None) or _unknown(self._others, size)
        unanswered = {name: _unknown(fact, size) for name, fact in self._questions.items()}
        return size, {**dict.fromkeys(self._progress, others), **unanswered, **read}

    def _unknown_names(self, columns: Iterable[str]) -> Iterator[tuple[str, _Wrong]]:
        known = {*self._questions, *self._progress, self._others.name}
        for name in columns:
            if name in known:
                continue
            what, close = ("action", self._progress) if name.startswith(PROGRESS) else ("question", self._questions)
            hint = nearest(name, close, f"la commande `conseil {what}s` les liste toutes")
            if name in self._actions:
                hint = f"pour l’avancement de cette action, écrivez `{PROGRESS}{name}`"
            yield name, _Wrong(f"{what} `{name.removeprefix(PROGRESS)}` inconnue", hint)


def _named_columns(chunk: Chunk, place: int) -> list[tuple[str, Any]]:
    """Return the columns of a chunk with their names.

    Raises:
        InvalidProfile: it has none.
    """
    if isinstance(chunk, Mapping) or (hasattr(chunk, "items") and hasattr(chunk, "columns")):
        return [(str(name), column) for name, column in chunk.items()]
    if hasattr(chunk, "column_names") and hasattr(chunk, "columns"):
        return list(zip(map(str, chunk.column_names), chunk.columns, strict=True))
    message = f"un bloc de colonnes est un dictionnaire ou une table, et non {type(chunk).__name__}"
    hint = "un nom, une colonne : `{nom: colonne, …}`, ou une table d’Arrow ou de pandas"
    raise InvalidProfile([Problem(f"bloc d’indice {place}", None, None, message, hint)])


def _asked(question: Question, starts: Iterable[int]) -> _Fact:
    """Return what a column may say of a question."""
    tested = tuple(sorted(starts)) if question.type == "integer" else question.values
    lowest = NOT_APPLICABLE_CODE if question.not_applicable else UNKNOWN_CODE
    possible = Between(question.id, question.min, question.max)
    return _Fact(question.id, question.type, coded(question), tested, lowest, possible, partial(read_answer, question))


def _progress(name: str) -> _Fact:
    """Return what a column may say of the progress of an action."""

    def read(raw: object) -> FactValue | None:
        if raw != UNKNOWN and raw not in PROGRESS_VALUES:
            hint = nearest(str(raw), [*PROGRESS_VALUES, UNKNOWN])
            raise Faults([Fault((), f"avancement {named(raw)} inconnu", hint)])
        return None if raw == UNKNOWN else str(raw)

    return _Fact(name, "choice", PROGRESS_VALUES, PROGRESS_VALUES, UNKNOWN_CODE, Between(name, None, None), read)


def _unknown(fact: _Fact, size: int) -> FactMasks:
    none = nowhere(size)
    return FactMasks(none, none, dict.fromkeys(fact.tested, none))


def _wrong_lengths(columns: Mapping[str, list[object] | _Array]) -> Iterator[tuple[str, _Wrong]]:
    if not columns:
        yield "", _Wrong("aucune colonne", "il en faut au moins une, qui dise combien il y a de lignes")
    lengths = {name: len(column) for name, column in columns.items() if isinstance(column, list) or column.ndim}
    for name, length in lengths.items():
        first = next(iter(lengths))
        if length != lengths[first]:
            message = f"{length} ligne{'s' * (length > 1)}, et {lengths[first]} dans la colonne `{first}`"
            yield name, _Wrong(message, "toutes les colonnes d’un bloc ont le même nombre de lignes")


def _problem(place: int, name: str, wrong: _Wrong) -> Problem:
    plural = wrong.others > 1
    where = [f"bloc d’indice {place}"]
    where += [f"colonne `{name}`"] if name else []
    where += [f"ligne d’indice {wrong.row}"] if wrong.row is not None else []
    others = f" (et {wrong.others} autre{'s' * plural} ligne{'s' * plural})" if wrong.others else ""
    return Problem(", ".join(where), None, None, wrong.message + others, wrong.hint)


# Columns, by kind


def _read(fact: _Fact, column: list[object] | _Array) -> FactMasks | _Wrong:
    if isinstance(column, list):
        return _read_each(fact, column)
    masked = isinstance(column, np.ma.MaskedArray)  # what is masked could be unknown, or not applicable
    match column.dtype.kind, column.ndim, fact.type:
        case _ if masked:
            pass
        case "U" | "T" | "O", 1, _:
            return _read_each(fact, column.tolist())
        case "i" | "u" | "f", 1, "integer":
            return _read_numbers(fact, column)
        case ("b", 1, "boolean") | ("i" | "u" | "f", 1, "choice" | "boolean"):
            return _read_places(fact, column)
        case "b" | "i" | "u", 2, "choices" if column.shape[1] == len(fact.tested):
            return _read_choices(fact, column)
    kind = f"une colonne{' masquée' if masked else ''} de type `{column.dtype}`"
    shape = f" à {column.ndim} dimension{'s' * (column.ndim > 1)}" if column.ndim != 1 else ""
    first = f", avec {_shown(column[0])}," if column.ndim and len(column) else ""
    message = f"{kind}{shape}{first} ne peut pas répondre à `{fact.name}`"
    return _Wrong(message, _expected(fact), row=0 if first else None)


def _expected(fact: _Fact) -> str:
    match fact.type:
        case "integer":
            kind = "des nombres entiers ; `nan`, parmi des flottants, veut dire inconnu"
        case "choices":
            choices = ", ".join(f"`{choice}`" for choice in fact.coded)
            kind = f"des booléens en deux dimensions, une colonne pour chaque choix : {choices}"
        case "boolean":
            kind = f"des booléens, ou des entiers : {_codes(fact)}"
        case _:
            kind = f"des entiers : {_codes(fact)}"
    return f"{kind} ; ou des réponses écrites comme dans un profil"


def _codes(fact: _Fact) -> str:
    words = {UNKNOWN_CODE: "inconnu", NOT_APPLICABLE_CODE: "sans objet"}
    others = [f"{code} = {word}" for code, word in words.items() if code >= fact.lowest]
    return ", ".join([*(f"{place} = {choice}" for place, choice in enumerate(fact.coded)), *others])


def _shown(value: Any) -> str:  # noqa: ANN401 - whatever a column holds
    """Show a value of an array: a row of several choices as it is written in Python."""
    return f"`{value.tolist()}`" if isinstance(value, np.ndarray) else f"`{value}`"


def _first(wrong: _Rows, message: str, hint: str | None) -> _Wrong:
    """Speak of the first of the rows that are wrong."""
    rows = np.flatnonzero(wrong)
    return _Wrong(message, hint, int(rows[0]), len(rows) - 1)


def _whole(fact: _Fact, column: _Array) -> tuple[_Array, _Rows] | _Wrong:
    """Return whole numbers, and where they are known."""
    if column.dtype.kind != "f":
        return column, np.ones(len(column), np.bool_)
    known = ~np.isnan(column)
    wrong = known & ((column != np.trunc(column)) | (np.abs(column) > _EXACT))
    if wrong.any():
        return _first(wrong, f"nombre entier attendu, et non {_shown(column[wrong][0])}", _expected(fact))
    return np.where(known, column, UNKNOWN_CODE).astype(np.int64), known


def _read_places(fact: _Fact, column: _Array) -> FactMasks | _Wrong:
    whole = _whole(fact, column)
    if isinstance(whole, _Wrong):
        return whole
    places = whole[0]
    wrong = (places < fact.lowest) | (places >= len(fact.coded))
    if wrong.any():
        message = f"{_shown(places[wrong][0])} n’est pas une réponse possible à `{fact.name}`"
        return _first(wrong, message, _codes(fact))
    small = places.astype(np.min_scalar_type(-len(fact.coded)))  # numbers of few bytes are compared faster
    values: dict[Value, Mask] = {value: _packed(small == place) for place, value in enumerate(fact.coded)}
    return FactMasks(_packed(small != UNKNOWN_CODE), _packed(small == NOT_APPLICABLE_CODE), values)


def _read_numbers(fact: _Fact, column: _Array) -> FactMasks | _Wrong:
    whole = _whole(fact, column)
    if isinstance(whole, _Wrong):
        return whole
    numbers, known = whole
    low, high = fact.possible.low, fact.possible.high
    wrong = known & ((numbers < low if low is not None else False) | (numbers > high if high is not None else False))
    if wrong.any():
        message = f"{numbers[wrong][0]} est hors des valeurs possibles de `{fact.name}`"
        bounds = (("au moins", low), ("au plus", high))
        return _first(wrong, message, ", ".join(f"{word} {bound}" for word, bound in bounds if bound is not None))
    values = {start: _packed(known & (numbers >= start)) for start in fact.tested}
    return FactMasks(_packed(known), nowhere(len(column)), values)


def _read_choices(fact: _Fact, column: _Array) -> FactMasks | _Wrong:
    unknown = (column == UNKNOWN_CODE).all(axis=1)
    not_applicable = (column == NOT_APPLICABLE_CODE).all(axis=1) & (fact.lowest == NOT_APPLICABLE_CODE)
    wrong = ~(((column == 0) | (column == 1)).all(axis=1) | unknown | not_applicable)
    if wrong.any():
        message = f"{_shown(column[wrong][0])} n’est pas une réponse possible à `{fact.name}`"
        hint = "0 ou 1 pour chaque choix ; -1 partout = inconnu"
        return _first(wrong, message, f"{hint}, -2 partout = sans objet" if fact.lowest < UNKNOWN_CODE else hint)
    values: dict[Value, Mask] = {choice: _packed(column[:, place] == 1) for place, choice in enumerate(fact.coded)}
    return FactMasks(_packed(~unknown), _packed(not_applicable), values)


def _read_each(fact: _Fact, values: list[object]) -> FactMasks | _Wrong:
    """Read answers as a profile writes them, each distinct one once."""
    keys: list[object] = values
    if not set(map(type, values)) <= {str, NoneType}:
        values = [value.tolist() if isinstance(value, np.generic | np.ndarray) else value for value in values]
        keys = [(type(value), repr(value)) for value in values]  # 1 and True are equal, and not alike
    distinct = dict(zip(keys, values, strict=True))
    places = {key: place for place, key in enumerate(distinct)}
    rows = np.fromiter(map(places.__getitem__, keys), np.intp, len(keys))
    answers: list[FactValue | None] = [None] * len(distinct)
    faults: dict[int, Fault] = {}
    for place, value in enumerate(distinct.values()):
        if not _is_missing(value):
            try:
                answers[place] = fact.read(value)
            except Faults as error:
                faults[place] = error.faults[0]
            except (TypeError, ValueError):  # it cannot even be compared
                message = f"valeur de type `{type(value).__name__}` impossible à lire"
                faults[place] = Fault((), message, _expected(fact))
    if faults:
        wrong = np.isin(rows, list(faults))
        first = faults[int(rows[wrong][0])]
        return _first(wrong, first.message, first.hint)

    def where(test: Callable[[FactValue | None], bool]) -> Mask:
        return _packed(np.fromiter(map(test, answers), np.bool_, len(answers))[rows])

    return FactMasks(
        known=where(lambda answer: answer is not None),
        not_applicable=where(lambda answer: answer == NOT_APPLICABLE),
        values={value: where(partial(_has, value)) for value in fact.tested},
    )


def _is_missing(value: object) -> bool:
    """Say whether a value says that there is none: `nan` is not equal to itself, and the `NA` of pandas cannot tell."""
    return value is None or type(value).__name__ == "NAType" or eq(value, value) is False


def _has(value: Value, answer: FactValue | None) -> bool:
    """Say whether an answer has a value that is tested."""
    match answer:
        case int():
            return isinstance(value, int) and answer >= value
        case tuple():
            return value in answer
        case _:
            return answer == value
