"""One folder of rules, of a guide or of an overlay: what its files hold, and where each entry stands.

A layer is read as far as it can be, and says what it could not read; what its entries mean is the business of others.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Any, NamedTuple

from conseil.documents import Document, contents, decode
from conseil.errors import Fault, InvalidDocument, InvalidRulebook, Location, Problem, named, nearest, reason_of
from conseil.rulebook.checks import Entry
from conseil.rulebook.model import EntryKind

__all__ = ["GUIDE", "KINDS", "OVERLAY", "Layer", "Place", "Raw", "mapping"]

GUIDE = "guide.yaml"
OVERLAY = "overlay.yaml"
KINDS: dict[str, EntryKind] = {
    "questions": "question",
    "actions": "action",
    "examples": "example",
    "deductions.yaml": "deduction",
}
"""What each file or folder holds."""

_FOLDERS = ("questions", "actions", "examples", "tests")
_CONTENTS = {
    GUIDE: "un dossier de règles contient `guide.yaml`, `questions/` et `actions/`",
    OVERLAY: "une adaptation contient `overlay.yaml`, et ce qu’elle ajoute : `questions/`, `actions/`…",
}
_EXPECTED = (
    "attendus : `{}`, `deductions.yaml`, `accepted.yaml`, "
    "et des `.yaml` dans `questions/`, `actions/`, `examples/`, `tests/`"
)
_BLOCK = "écrivez chaque `clé: valeur` sur sa ligne"


class Place(NamedTuple):
    """Where an entry stands: its file, and the way to it."""

    document: Document
    way: Location

    def problem(self, fault: Fault) -> Problem:
        """Return a problem where a fault of the entry stands."""
        return self.document.problem(fault.under(*self.way))


@dataclass(slots=True)
class Raw:
    """An entry as written, and where it stands; what another layer laid into it stands there."""

    value: Any
    place: Place
    parts: dict[Location, Place] = field(default_factory=dict)

    def problem(self, fault: Fault) -> Problem:
        """Return a problem where a fault of the entry stands."""
        for size in range(len(fault.location), 0, -1):
            part = self.parts.get(fault.location[:size])
            if part is not None:
                return part.problem(Fault(fault.location[size:], fault.message, fault.hint, fault.on_key))
        return self.place.problem(fault)


class Layer:
    """A folder, its files and its entries; problems are collected until nothing more can be found."""

    def __init__(self, folder: Path, head: str) -> None:
        """Name the folder, and the file that says what it is: `guide.yaml` or `overlay.yaml`."""
        self.folder = folder
        self.head = head
        self._contents = _CONTENTS[head]
        self.problems: list[Problem] = []
        self.contents: dict[str, bytes] = {}
        self.documents: dict[str, Document] = {}
        self.raw: dict[EntryKind, list[Raw]] = {kind: [] for kind in KINDS.values()}
        self.places: dict[Entry, Place] = {}
        self.incomplete: set[str] = set()  # the kinds of which some entries cannot be read

    def find_files(self) -> None:
        """Take what every file holds, and report those that have no place here or cannot be read.

        Raises:
            InvalidRulebook: it is no folder of rules.
        """
        found = self._children(self.folder)
        if not {self.head, "questions", "actions"} & {path.name for path in found}:
            raise InvalidRulebook(
                [Problem(str(self.folder), None, None, "ce n’est pas un dossier de règles", self._contents)]
            )
        for path in found:
            if path.name in {self.head, "deductions.yaml"}:
                self._take(path, path.name)
            elif path.name in _FOLDERS:
                self._find_in(path)
            elif path.name != "accepted.yaml":  # read by those who find fault with the rules
                self._unexpected(path)

    def parse_files(self) -> None:
        """Read what the files hold."""
        for name, data in self.contents.items():
            try:
                document = decode(data, str(self.folder / name))
            except InvalidDocument as error:
                self._cannot_read(name, error.problems)
                continue
            if isinstance(document.value, dict):
                self.documents[name] = document
            else:
                fault = Fault((), f"bloc `clé: valeur` attendu, et non {named(document.value)}", _BLOCK)
                self._cannot_read(name, [document.problem(fault)])

    def need(self, name: str, message: str) -> None:
        """Report that nothing of that name was found, unless what was found is at fault itself."""
        found = any(PurePath(read).parts[0] == name for read in self.documents)
        kind = KINDS.get(name, "guide")
        if not found and kind not in self.incomplete:
            self.problems.append(Problem(str(self.folder / name), None, None, message, self._contents))
            self.incomplete.add(kind)

    def files(self, folder: str) -> Iterator[tuple[Document, dict[str, Any]]]:
        """Walk the files of a folder that could be read."""
        for name, document in self.documents.items():
            if PurePath(name).parts[0] == folder:
                yield document, mapping(document)

    def note_entries(self) -> None:
        """Remember where each entry stands."""
        for folder, keys in (
            ("questions", ("theme", "questions")),
            ("deductions.yaml", ("deductions",)),
            ("actions", ("step", "actions")),
        ):
            for document, value in self.files(folder):
                self._only_keys(document, value, keys)
                self._note_list(KINDS[folder], document, value, keys[-1])
        for document, value in self.files("examples"):
            self._note("example", document, (), value)
        for document, value in self.files(self.head):
            self.places[Entry(self.head.removesuffix(".yaml"), str(value.get("id")))] = Place(document, ())
        for raw in self.raw["action"]:
            rules = raw.value.get("rules") if isinstance(raw.value, dict) else None
            document, way = raw.place
            for index, rule in enumerate(rules if isinstance(rules, list) else ()):
                self._note("rule", document, (*way, "rules", index), rule)

    # Files

    def _find_in(self, folder: Path) -> None:
        for path in self._children(folder):
            if path.suffix != ".yaml":
                self._unexpected(path)
            elif folder.name != "tests":  # cases are read by those who run them
                self._take(path, f"{folder.name}/{path.name}")

    def _children(self, folder: Path) -> list[Path]:
        """List a folder, without what a person, an editor or a system leaves beside the rules."""
        try:
            return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and path.suffix != ".md")
        except FileNotFoundError:
            problem = Problem(str(folder), None, None, "dossier introuvable", "vérifiez le chemin")
        except NotADirectoryError:
            problem = Problem(str(folder), None, None, "ce n’est pas un dossier", self._contents)
        except OSError as error:
            problem = Problem(str(folder), None, None, "dossier illisible", reason_of(error))
        except ValueError:  # a path that no folder can have, such as one with a null character
            problem = Problem(str(folder), None, None, "chemin de dossier impossible", self._contents)
        raise InvalidRulebook([*self.problems, problem])

    def _unexpected(self, path: Path) -> None:
        what = "dossier inattendu" if path.is_dir() else "fichier inattendu"
        self.problems.append(Problem(str(path), None, None, what, _EXPECTED.format(self.head)))

    def _take(self, path: Path, name: str) -> None:
        try:
            self.contents[name] = contents(path)
        except InvalidDocument as error:
            self._cannot_read(name, error.problems)

    def _cannot_read(self, name: str, problems: Iterable[Problem]) -> None:
        self.problems += problems
        self.incomplete.add(KINDS.get(PurePath(name).parts[0], "guide"))

    # Entries

    def _note_list(self, kind: EntryKind, document: Document, value: dict[str, Any], key: str) -> None:
        entries = value.get(key)
        if isinstance(entries, list):
            for index, entry in enumerate(entries):
                self._note(kind, document, (key, index), entry)
            return
        self.incomplete.add(kind)
        if key in value:
            message = "liste vide" if entries is None else f"liste attendue, et non {named(entries)}"
            fault = Fault((key,), message, "commencez chaque entrée par un tiret")
            self.problems.append(document.problem(fault))

    def _note(self, kind: EntryKind, document: Document, way: Location, value: object) -> None:
        """Remember where an entry stands; two with one id are a problem."""
        if kind != "rule":  # a rule is a part of its action
            self.raw[kind].append(Raw(value, Place(document, way)))
        id_key = "fact" if kind == "deduction" else "id"
        name = value.get(id_key) if isinstance(value, dict) else None
        if not isinstance(name, str):
            self.incomplete.add(kind)
            return
        entry = Entry(kind, name)
        if entry not in self.places:
            self.places[entry] = Place(document, way)
            return
        first = self.places[entry]
        line = first.problem(Fault((), "")).line
        fault = Fault((*way, id_key), f"`{name}` existe déjà", f"première fois : {first.document.path}, ligne {line}")
        self.problems.append(document.problem(fault))

    def _only_keys(self, document: Document, value: dict[str, Any], keys: tuple[str, ...]) -> None:
        for key in value:
            if key not in keys:
                fault = Fault((key,), f"clé `{key}` inconnue", nearest(key, keys), on_key=True)
                self.problems.append(document.problem(fault))
        for key in keys:
            if key not in value:
                self.problems.append(document.problem(Fault((), f"clé `{key}` manquante", f"ajoutez `{key}: …`")))


def mapping(document: Document) -> dict[str, Any]:
    """Return what a document holds, if it is a mapping."""
    return document.value if isinstance(document.value, dict) else {}
