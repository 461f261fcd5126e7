"""The file of a profile, while somebody answers: written after every answer, and never over what another has written.

Only what an answer changes is changed in the file. Before that the file is looked at again, with every other process
kept out: what somebody else wrote meanwhile is taken in, unless both have answered the same question.

A profile that was written for another version of the rulebook keeps every answer that still means something; the others
move under `set_aside`, where nothing reads them, and where nothing is lost.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

from conseil.conditions import PROGRESS
from conseil.documents import Document, Value, contents, decode
from conseil.errors import ConseilError, Fault, Faults, InvalidInput, Problem, nearest, reason_of
from conseil.profile import OTHERS, Answer, Profile, RulebookReference, profile_of, read_form
from conseil.rewriting import Way, with_entry, without_entry
from conseil.rulebook import Rulebook
from conseil.vocabulary import read_answer
from conseil.writing import alone, replace_whole

__all__ = ["Clash", "ClashingAnswers", "ProfileFile"]

_Said = Mapping[Way, Value]
"""What a profile says, entry by entry; a question that was passed is an entry of its own."""

_HEAD = ("rulebook", "name", "kind")


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

    @classmethod
    def create(cls, path: Path, profile: Profile, rulebook: Rulebook) -> ProfileFile:
        """Write a new file.

        Raises:
            InvalidInput: there is such a file already, or it cannot be written.
        """
        guide = rulebook.guide
        dated = profile.model_copy(update={"rulebook": RulebookReference(id=guide.id, version=guide.version)})
        said = _said(dated)
        text = "name: x\n"
        for way in (*((key,) for key in _HEAD), *said):
            text = with_entry(text, way, said[way]) if way[0] != "skipped" else text
        text = _with_skipped(without_entry(with_entry(text, ("rulebook",), said["rulebook",]), ("name",)), dated)
        text = with_entry(text, ("name",), profile.name)
        return cls._written_new(path, text.encode(), rulebook)

    @classmethod
    def copy(cls, source: ProfileFile, path: Path) -> ProfileFile:
        """Write the file of another profile once more, as it is, under a new name.

        Raises:
            InvalidInput: there is such a file already, or it cannot be written.
        """
        return cls._written_new(path, source._data, source.rulebook)

    @classmethod
    def _written_new(cls, path: Path, data: bytes, rulebook: Rulebook) -> ProfileFile:
        try:
            with alone(path):
                if os.path.lexists(path):
                    hint = f"pour continuer ce profil : `conseil ask --resume {path}` ; sinon, donnez un autre nom"
                    raise InvalidInput([Problem(str(path), None, None, "ce fichier existe déjà", hint)])
                replace_whole(path, data)
        except OSError as error:
            raise _unwritable(path, error) from error
        return cls.resume(path, rulebook)

    @classmethod
    def resume(cls, path: Path, rulebook: Rulebook) -> ProfileFile:
        """Read a file in order to go on with it.

        Raises:
            InvalidInput: it cannot be read, is not a profile, or has faults that another version does not explain.
        """
        data = contents(path)
        document = decode(data, str(path))
        profile, departed = _adapted(document, rulebook)
        return cls(path, rulebook, profile, departed, data, _said(read_form(document.value)))

    def save(self, profile: Profile, keep: Literal["mine", "theirs"] | None = None) -> tuple[str, ...]:
        """Write what a profile changes.

        Args:
            profile: what is to be said from now on; `profile` is that, and what somebody else wrote, once it is written.
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
        wanted = _said(profile)
        mine = _changes(self._said, wanted)
        theirs: dict[Way, Value] = {}
        there = self._said
        if data != self._data:
            document = decode(data, str(self.path))
            _adapted(document, self.rulebook)  # what somebody else wrote is to be right too
            there = _said(read_form(document.value))
            theirs = _changes(self._said, there)
        clashing = [way for way in mine if way in theirs and mine[way] != theirs[way]]
        if clashing and keep is None:
            raise ClashingAnswers(self.path, tuple(Clash(_name(way), mine[way], theirs[way]) for way in clashing))
        if keep == "theirs":
            mine = {way: value for way, value in mine.items() if way not in clashing}
        foreign = {way: value for way, value in theirs.items() if way not in mine}
        says = _with_changes(there, mine)
        written = self._rewritten(data, mine, says)
        if written != data or not target.exists():
            replace_whole(target, written)
        self.profile = _profile(_with_changes(wanted, foreign), profile, foreign)
        self._data, self._said = written, says
        return tuple(map(_name, foreign))

    def _rewritten(self, data: bytes, mine: _Said, says: _Said) -> bytes:
        """Put changes into the text of the file, and nothing else."""
        mark = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
        text = data.removeprefix(mark).decode()
        for way, value in mine.items():
            if way[0] == "skipped":
                continue
            if value is not None:
                text = with_entry(text, way, value)
            elif _has(decode(text.encode(), str(self.path)).value, way):
                text = without_entry(text, way)
        if any(way[0] == "skipped" for way in mine):
            skipped: list[Value] = [way[1] for way in says if len(way) == 2 and way[0] == "skipped"]
            if skipped:
                text = with_entry(text, ("skipped",), skipped)
            elif _has(decode(text.encode(), str(self.path)).value, ("skipped",)):
                text = without_entry(text, ("skipped",))
        return mark + text.encode()
