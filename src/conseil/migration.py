"""A profile of older rules, read by today's: answers follow names that changed, what means nothing any more is kept.

The rules say how their questions, choices and actions were called (`renamed_from`). No entry bears a name that another
one has had, so that a name is followed whatever the version of the profile. What has no meaning left is a fault, unless
the profile was written for another version: then it goes under `set_aside`, where nothing reads it, and is listed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import count
from typing import Literal

from conseil.conditions import NOT_APPLICABLE, PROGRESS, PROGRESS_VALUES
from conseil.documents import Document
from conseil.errors import Fault, Faults, InvalidProfile, Problem, nearest
from conseil.profile import OTHERS, Answer, Given, Profile, RulebookReference, faults_of, located, profile_of, read_form
from conseil.rewriting import Way
from conseil.rulebook import Rulebook
from conseil.vocabulary import UNKNOWN, Question, read_answer

__all__ = ["Keep", "Migration", "migrated"]

Keep = Literal["old", "new"]
"""Which answer counts where one question was answered under two of its names."""


@dataclass(frozen=True, slots=True)
class Migration:
    """What today's rules make of a profile.

    Attributes:
        profile: what it says in their words.
        moves: the entries that stand elsewhere now, or will: under another name, or under `set_aside`.
        departed: what means nothing any more, and why.
        choices: the choices that go by another name now: the question, the old name and the new one.
    """

    profile: Profile
    moves: Mapping[Way, Way]
    departed: tuple[Problem, ...]
    choices: tuple[tuple[str, str, str], ...] = ()

    @property
    def renamed(self) -> dict[str, str]:
        """The questions, actions and choices (`question=choice`) that go by another name now, by the old one."""
        entries = {_name(old): _name(new) for old, new in self.moves.items() if new[0] != "set_aside"}
        return entries | {f"{question}={old}": f"{question}={new}" for question, old, new in self.choices}


def migrated(document: Document, rulebook: Rulebook, keep: Keep | None = None, *, old: bool | None = None) -> Migration:
    """Read the profile that a document holds by these rules, whatever the version for which it was written.

    Args:
        document: the file of the profile.
        rulebook: today's rules.
        keep: which answer counts where one question was answered under two of its names.
        old: whether the profile is of another version; what it says of itself, unless somebody knows better.

    Raises:
        InvalidProfile: it is no profile, or has faults that another version does not explain, or answers one question
            in two manners while `keep` does not say which counts.
    """
    try:
        written = read_form(document.value)
    except Faults:
        return Migration(profile_of(document, rulebook), {}, ())  # it says every fault with its line
    reference = written.rulebook
    if reference is not None and reference.id != rulebook.guide.id:
        return Migration(profile_of(document, rulebook), {}, ())
    if reference is not None and reference.version is not None:
        old = reference.version != rulebook.version
    reading = _Reading(document, rulebook, written)
    reading.follow_names(keep)
    if not old:
        return reading.as_it_is()
    return reading.of_another_version()


class _Reading:
    """A profile while it is put into the words of other rules."""

    def __init__(self, document: Document, rulebook: Rulebook, written: Profile) -> None:
        self.document = document
        self.rulebook = rulebook
        self.written = written
        self.answers: dict[str, Answer] = {}
        self.progress: dict[str, str] = {}
        self.skipped: tuple[str, ...] = ()
        self.aside = dict(written.set_aside)
        self.faults: list[Fault] = []
        self.moves: dict[Way, Way] = {}
        self.choices: list[tuple[str, str, str]] = []
        self._names: dict[Way, str] = {}  # how an entry is called in the document

    # Names that changed

    def follow_names(self, keep: Keep | None) -> None:
        """Give every answer its name of today.

        Raises:
            InvalidProfile: two answers to one question, and `keep` does not say which counts.
        """
        book, clashes = self.rulebook, list[Fault]()
        answers = {name: self._in_todays_words(name, answer) for name, answer in self.written.answers.items()}
        for name, called in _by_todays_name(answers, book.renamed_questions).items():
            told = [answers[old] for old in called]
            if len({_sayable(answer.value) for answer in told}) > 1 and keep is None:
                clashes += [_clash("answers", old, called) for old in called[1:]]
            kept = called[-1] if keep == "old" else called[0]
            self.answers[name] = answers[kept]
            self._settle("answers", name, kept, [old for old in called if answers[old] != answers[kept]])
        progress = self.written.progress
        for name, called in _by_todays_name(progress, book.renamed_actions).items():
            if len({progress[old] for old in called}) > 1 and keep is None:
                clashes += [_clash("progress", old, called) for old in called[1:]]
            kept = called[-1] if keep == "old" else called[0]
            self.progress[name] = progress[kept]
            self._settle("progress", name, kept, [old for old in called if progress[old] != progress[kept]])
        self.skipped = tuple(dict.fromkeys(book.renamed_questions.get(name, name) for name in self.written.skipped))
        if clashes:
            raise InvalidProfile(self.document.problem(fault) for fault in clashes)

    def _in_todays_words(self, name: str, answer: Answer) -> Answer:
        """Return an answer whose choices have their names of today."""
        question = self.rulebook.vocabulary.get(self.rulebook.renamed_questions.get(name, name))
        if question is None or not question.renamed:
            return answer
        value: Given = answer.value
        given = value if isinstance(value, tuple) else (value,)
        self.choices += [(question.id, old, new) for old, new in question.renamed.items() if old in given]
        if isinstance(value, str):
            value = question.renamed.get(value, value)
        elif isinstance(value, tuple):
            value = tuple(dict.fromkeys(question.renamed.get(choice, choice) for choice in value))
        return answer if value == answer.value else answer.model_copy(update={"value": value})

    def _settle(self, block: str, name: str, kept: str, losing: list[str]) -> None:
        """Note where an entry goes that has another name, and put aside what another answer replaces."""
        if kept != name:
            self.moves[block, kept] = (block, name)
        self._names[block, name] = kept
        for old in losing:
            message = f"`{kept}` compte, et non `{old}` : c’est la même chose sous deux noms"
            self.faults.append(Fault((block, old), message, "elle est gardée sous `set_aside`", on_key=True))
            self._put_aside(block, old)

    def _put_aside(self, block: str, written: str) -> None:
        """Keep an entry, as it was written, where nothing reads it."""
        name = PROGRESS + written if block == "progress" else written
        free = _free(name, self.aside)
        progress = block == "progress"
        self.aside[free] = Answer(value=self.written.progress[written]) if progress else self.written.answers[written]
        self.moves[block, written] = ("set_aside", free)

    # What still means something

    def as_it_is(self) -> Migration:
        """Return a profile of this version: what it says must all mean something.

        Raises:
            InvalidProfile: something does not; every fault with its line.
        """
        profile = self._profile()
        faults = [self._as_written(fault) for fault in faults_of(profile, self.rulebook)]
        if faults:
            raise InvalidProfile(located(self.document, faults))
        return self._migration(profile)

    def of_another_version(self) -> Migration:
        """Return a profile of another version, without what means nothing any more."""
        for name, answer in list(self.answers.items()):
            kept, faults = _still(name, answer, self.rulebook)
            self.faults += [self._as_written(fault) for fault in faults]
            if kept is None:
                del self.answers[name]
            else:
                self.answers[name] = kept
            if faults and kept is not None:  # it is both: what is left, and the whole as it was
                self.aside[_free(name, self.aside)] = self.written.answers[self._names["answers", name]]
            elif faults:
                self._put_aside("answers", self._names["answers", name])
        for action, state in list(self.progress.items()):
            fault = _departed_progress(action, state, self.rulebook)
            if fault is not None:
                self.faults.append(self._as_written(fault))
                del self.progress[action]
                self._put_aside("progress", self._names["progress", action])
        skipped = []
        for index, name in enumerate(self.skipped):
            if name in self.rulebook.vocabulary or name.removeprefix(PROGRESS) in self.rulebook.step_order:
                skipped.append(name)
            else:
                hint = nearest(name, self.rulebook.vocabulary)
                self.faults.append(Fault(("skipped", index), f"question `{name}` disparue", hint))
        self.skipped = tuple(skipped)
        reference = RulebookReference(id=self.rulebook.guide.id, version=self.rulebook.version)
        profile = self._profile().model_copy(update={"rulebook": reference})
        return self._migration(profile)

    def _profile(self) -> Profile:
        return self.written.model_copy(
            update={
                "answers": self.answers,
                "progress": self.progress,
                "skipped": self.skipped,
                "set_aside": self.aside,
            }
        )

    def _migration(self, profile: Profile) -> Migration:
        departed = tuple(located(self.document, self.faults))
        return Migration(profile, self.moves, departed, tuple(self.choices))

    def _as_written(self, fault: Fault) -> Fault:
        """Return a fault where the document has it, under the name that it bears there."""
        block, name, *rest = (*fault.location, "", "")[: max(2, len(fault.location))]
        written = self._names.get((str(block), str(name)))
        return replace(fault, location=(block, written, *rest)) if written else fault


def _by_todays_name(entries: Mapping[str, object], renamed: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the names under which each entry stands, that of today first, then from the last that it had."""
    order = {old: place for place, old in enumerate(renamed)}
    found: dict[str, list[str]] = {}
    for name in entries:
        found.setdefault(renamed.get(name, name), []).append(name)
    return {name: sorted(called, key=lambda old: order.get(old, -1)) for name, called in found.items()}


def _clash(block: str, old: str, called: list[str]) -> Fault:
    message = f"`{called[0]}` dit autre chose, et c’est la même chose que `{old}` sous un autre nom"
    hint = "effacez celle qui ne vaut plus, ou décidez : `conseil migrate … --keep new`, ou `--keep old`"
    return Fault((block, old), message, hint, on_key=True)


def _sayable(value: Given) -> object:
    """Return a value that another writing of the same answer equals."""
    return frozenset(value) if isinstance(value, tuple) else str(value)


def _still(name: str, answer: Answer, rulebook: Rulebook) -> tuple[Answer | None, list[Fault]]:
    """Return what is left of an answer, and why that is not all of it."""
    place = ("answers", name)
    question = rulebook.vocabulary.get(name)
    if question is None:
        return None, [Fault(place, f"question `{name}` disparue", nearest(name, rulebook.vocabulary), on_key=True)]
    try:
        read_answer(question, answer.value)
    except Faults as error:
        values = answer.value if isinstance(answer.value, tuple) else (answer.value,)
        if _of_no_choice(question, answer.value):
            return None, [Fault(place, fault.message, fault.hint) for fault in error.faults]
        known = tuple(str(value) for value in values if value in question.values)
        gone = [str(value) for value in values if value not in question.values]
        left = (known if question.type == "choices" else known[0]) if known else None
        return (
            None if left is None else answer.model_copy(update={"value": left}),
            [Fault(place, f"choix `{value}` disparu de `{name}`", nearest(value, question.values)) for value in gone],
        )
    return answer, []


def _of_no_choice(question: Question, value: Given) -> bool:
    """Say whether no single choice of an answer can be what is wrong with it."""
    several = isinstance(value, tuple) and len(value) > 1
    return question.type in {"integer", "boolean"} or value == NOT_APPLICABLE or (question.type == "choice" and several)


def _departed_progress(action: str, state: str, rulebook: Rulebook) -> Fault | None:
    """Say why the progress of an action means nothing any more."""
    if action != OTHERS and action not in rulebook.by_id:
        return Fault(("progress", action), f"action `{action}` disparue", nearest(action, rulebook.by_id), on_key=True)
    if state not in {*PROGRESS_VALUES, UNKNOWN}:
        hint = nearest(state, [*PROGRESS_VALUES, UNKNOWN])
        return Fault(("progress", action), f"avancement `{state}` disparu de `{action}`", hint)
    return None


def _free(name: str, taken: Mapping[str, Answer]) -> str:
    """Return a name under which nothing was put aside yet."""
    names = (name if number == 1 else f"{name}.{number}" for number in count(1))
    return next(free for free in names if free not in taken)


def _name(way: Way) -> str:
    return PROGRESS + way[1] if way[0] == "progress" else way[-1]
