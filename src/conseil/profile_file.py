"""The file of a profile, while somebody answers: written after every answer, and never over what another has written.

Only what an answer changes is changed in the file. Before that the file is looked at again, with every other process
kept out: what somebody else wrote meanwhile is taken in, unless both have answered the same question.

A profile that was written for another version of the rulebook keeps every answer that still means something, under its
name of today; the others move under `set_aside`, where nothing reads them, and where nothing is lost (`migration`).
"""

from __future__ import annotations

import codecs
import errno
import os
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from conseil.conditions import PROGRESS
from conseil.documents import Value, contents, decode
from conseil.errors import ConseilError, InvalidDocument, InvalidInput, Problem, reason_of
from conseil.migration import Keep, Migration, migrated
from conseil.profile import Answer, Profile, read_form
from conseil.rewriting import Way, begun, moved_entry, with_entry, without_entry
from conseil.rulebook import Rulebook
from conseil.writing import alone, replace_whole

__all__ = ["Clash", "ClashingAnswers", "ProfileFile"]

_Said = Mapping[Way, Value]
"""What a profile says, entry by entry; a question that was passed is an entry of its own."""


class Clash(NamedTuple):
    """An entry that was changed in two manners.

    Attributes:
        name: the question, or `progress.<action>`; another key of a profile where it is none of these.
        mine: what was to be written; nothing where the entry was to go.
        theirs: what stands in the file by now.
    """

    name: str
    mine: Value
    theirs: Value


class ClashingAnswers(ConseilError):
    """Somebody else has answered the same questions otherwise: nothing was written."""

    def __init__(self, path: Path, clashes: tuple[Clash, ...]) -> None:
        """Keep the clashes."""
        self.clashes = clashes
        names = ", ".join(f"`{clash.name}`" for clash in clashes)
        super().__init__(f"{path}: quelqu’un d’autre a répondu autrement, entre-temps : {names}")


@dataclass
class ProfileFile:
    """A profile and its file, as it was when it was last read or written.

    Attributes:
        path: the file.
        rulebook: that by which its answers are read.
        profile: what it says.
        departed: answers of another version of the rulebook that mean nothing in this one, and why.
    """

    path: Path
    rulebook: Rulebook
    profile: Profile
    departed: tuple[Problem, ...]
    _data: bytes
    _said: _Said
    _migration: Migration
    _keep: Keep | None = None
    _old: bool | None = None

    @property
    def written_for(self) -> str | None:
        """The version of the rulebook that the file names."""
        reference = self._said.get(("rulebook",))
        version = reference.get("version") if isinstance(reference, dict) else None
        return None if version is None else str(version)

    @property
    def renamed(self) -> Mapping[str, str]:
        """What goes by another name, by the one that it has in the file: see `Migration`."""
        return self._migration.renamed

    @property
    def stale(self) -> bool:
        """Whether the file does not say it in the words of its rulebook."""
        return bool(_changes(self._said, _said(self.profile)))

    @property
    def leaving(self) -> tuple[str, ...]:
        """The entries that go under `set_aside` when something is saved next, by the name that they get there."""
        return tuple(name for name in self.profile.set_aside if ("set_aside", name) not in self._said)

    @classmethod
    def create(cls, path: Path, profile: Profile, rulebook: Rulebook) -> ProfileFile:
        """Write a new file.

        Raises:
            InvalidInput: there is such a file already, or it cannot be written.
        """
        guide = rulebook.guide
        head: dict[str, Value] = {
            "rulebook": {"id": guide.id, "version": rulebook.version},
            "name": profile.name,
            "kind": profile.kind,
        }
        said = {way: value for way, value in _said(profile).items() if way[0] not in head}
        return cls._written_new(path, _rewritten(begun(head), {}, said, {}).encode(), rulebook)

    @classmethod
    def copy(cls, source: ProfileFile, path: Path) -> ProfileFile:
        """Write the file of another profile once more, as it is, under a new name.

        Raises:
            InvalidInput: there is such a file already, or it cannot be written.
        """
        return cls._written_new(path, source._data, source.rulebook)

    @classmethod
    def copy_in_todays_words(cls, source: ProfileFile, path: Path) -> ProfileFile:
        """Write the file of another profile under a new name, as its rulebook reads it.

        Raises:
            InvalidInput: there is such a file already, or it cannot be written.
        """
        changes = _changes(source._said, _said(source.profile))
        return cls._written_new(path, source._with(source._data, source._said, changes), source.rulebook)

    @classmethod
    def _written_new(cls, path: Path, data: bytes, rulebook: Rulebook) -> ProfileFile:
        try:
            if path.is_dir():  # nothing can be locked beside `.` or `/`
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            with alone(path):
                if os.path.lexists(path):
                    resuming = f"conseil ask --resume {shlex.quote(str(path))}"
                    hint = f"pour continuer ce profil : `{resuming}` ; sinon, donnez un autre nom"
                    raise InvalidInput([Problem(str(path), None, None, "ce fichier existe déjà", hint)])
                replace_whole(path, data)
        except OSError as error:
            raise _unwritable(path, error) from error
        return cls.resume(path, rulebook)

    @classmethod
    def resume(
        cls, path: Path, rulebook: Rulebook, keep: Keep | None = None, *, old: bool | None = None
    ) -> ProfileFile:
        """Read a file in order to go on with it.

        Args:
            path: the file.
            rulebook: that by which it is read.
            keep: which answer counts where one question was answered under two of its names.
            old: whether it is of another version, where it does not say for which it was written.

        Raises:
            InvalidInput: it cannot be read, is not a profile, has faults that another version does not explain, or
                answers one question in two manners while `keep` does not say which counts.
        """
        data = contents(path)
        document = decode(data, str(path))
        migration = migrated(document, rulebook, keep, old=old)
        said = _said(read_form(document.value))
        return cls(path, rulebook, migration.profile, migration.departed, data, said, migration, keep, old)

    def save(self, profile: Profile, keep: Literal["mine", "theirs"] | None = None) -> tuple[str, ...]:
        """Write what a profile changes.

        Args:
            profile: what is to be said from now on; what somebody else wrote is added to it.
            keep: which answers count where somebody else answered the same questions.

        Returns:
            The names of the entries that somebody else changed meanwhile.

        Raises:
            ClashingAnswers: somebody else answered the same question otherwise, and `keep` does not say what to do.
            InvalidInput: the file cannot be read or written any more.
        """
        target = Path(os.path.realpath(self.path))  # through a link, the file that it names is replaced
        try:
            with alone(target):
                return self._save(target, profile, keep)
        except OSError as error:
            raise _unwritable(self.path, error) from error

    def _save(self, target: Path, profile: Profile, keep: Literal["mine", "theirs"] | None) -> tuple[str, ...]:
        data = contents(target) if target.exists() else self._data  # what was removed is written again
        there = self._said
        if data != self._data:
            document = decode(data, str(self.path))
            migrated(document, self.rulebook, self._keep, old=self._old)  # what somebody else wrote has to be right too
            there = _said(read_form(document.value))
        wanted = _said(profile)
        mine, theirs = _changes(self._said, wanted), _changes(self._said, there)
        clashing = [way for way in mine if way in theirs and mine[way] != theirs[way]]
        if clashing and keep is None:
            raise ClashingAnswers(self.path, tuple(Clash(_name(way), mine[way], theirs[way]) for way in clashing))
        mine = {way: value for way, value in mine.items() if keep != "theirs" or way not in clashing}
        foreign = {way: value for way, value in theirs.items() if way not in mine}
        says = _with_changes(there, mine)
        written = self._with(data, there, mine)
        if written != data or not target.exists():
            replace_whole(target, written)
        if foreign:  # what was answered here comes last: it is what the conversation is about
            profile = read_form(_nested({**foreign, **_with_changes(wanted, foreign)}))
        self.profile, self._data, self._said = profile, written, says
        return tuple(map(_name, foreign))

    def _with(self, data: bytes, there: _Said, changes: _Said) -> bytes:
        """Return a file with changes put into it, each entry going where it has moved."""
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        try:
            return mark + _rewritten(data.removeprefix(mark).decode(), there, changes, self._migration.moves).encode()
        except InvalidDocument as error:
            raise InvalidInput(replace(problem, path=str(self.path)) for problem in error.problems) from error


def _unwritable(path: Path, error: OSError) -> InvalidInput:
    hint = reason_of(error)
    if isinstance(error, TimeoutError):
        hint = "un autre programme garde ce fichier pour lui ; fermez-le, puis recommencez"
    return InvalidInput([Problem(str(path), None, None, "écriture impossible", hint)])


# What a profile says, entry by entry


def _said(profile: Profile) -> _Said:
    said: dict[Way, Value] = {("name",): profile.name, ("kind",): profile.kind}
    if profile.rulebook is not None:
        said["rulebook",] = profile.rulebook.model_dump(exclude_none=True)
    if profile.territory:
        said["territory",] = dict(profile.territory)
    said |= {("answers", name): _raw(answer) for name, answer in profile.answers.items()}
    said |= {("progress", action): state for action, state in profile.progress.items()}
    said |= {("skipped", name): name for name in profile.skipped}
    return said | {("set_aside", name): _raw(answer) for name, answer in profile.set_aside.items()}


def _raw(answer: Answer) -> Value:
    """Return an answer as a document writes it: on its own, unless something is said about it."""
    match answer.value:
        case bool():
            value: Value = "oui" if answer.value else "non"
        case tuple():
            value = list(answer.value)
        case _:
            value = str(answer.value)
    about = answer.model_dump(mode="json", exclude={"value"}, exclude_defaults=True)
    if not about:
        return value
    if "assumed" in about:
        about["assumed"] = "true"
    return {"value": value, **about}


def _nested(said: _Said) -> dict[str, Any]:
    """Return a raw profile that says this."""
    raw: dict[str, Any] = {}
    for way, value in said.items():
        match way:
            case (key,):
                raw[key] = value
            case ("skipped", name):
                raw.setdefault("skipped", []).append(name)
            case (key, name):
                raw.setdefault(key, {})[name] = value
    return raw


def _name(way: Way) -> str:
    return PROGRESS + way[1] if way[0] == "progress" else way[-1]


def _changes(before: _Said, after: _Said) -> dict[Way, Value]:
    """Return what has another value; nothing is the value of what is gone."""
    ways = dict.fromkeys([*before, *after])
    return {way: after.get(way) for way in ways if before.get(way) != after.get(way)}


def _with_changes(said: _Said, changes: _Said) -> _Said:
    changed = {**said, **changes}
    return {way: value for way, value in changed.items() if value is not None}


def _rewritten(text: str, there: _Said, changes: _Said, moves: Mapping[Way, Way]) -> str:
    """Put changes into a text that says what is there; an entry that has moved takes its comments along."""
    said = dict(there)
    for old, new in sorted(moves.items(), key=lambda move: move[1][0] != "set_aside"):  # these make room for others
        if new in changes and new not in said and old in said and old in changes:
            text = moved_entry(text, old, new)
            said[new] = said.pop(old)
    for way, value in changes.items():
        if way[0] == "skipped" or said.get(way) == value:
            continue
        text = without_entry(text, way) if value is None else with_entry(text, way, value)
    if any(way[0] == "skipped" for way in changes):
        skipped: list[Value] = [way[1] for way in _with_changes(there, changes) if way[0] == "skipped"]
        text = with_entry(text, ("skipped",), skipped) if skipped else without_entry(text, ("skipped",))
    return text
