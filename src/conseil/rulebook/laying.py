"""Overlays laid over a guide: entry by entry, what each of them adds, replaces by its id, or withdraws.

What comes out has the shape of one rulebook, and is checked as one; each part of it still knows the file in which it
stands. An action and its rules are entries of their own: what an overlay says of an action leaves its rules alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from conseil.documents import Document
from conseil.errors import Fault, Faults, Location, Problem, named, nearest
from conseil.records import validated
from conseil.rulebook.checks import Entry
from conseil.rulebook.layer import GUIDE, OVERLAY, Layer, Place, Raw, mapping
from conseil.rulebook.model import EntryKind, Overlay, Withdrawal

__all__ = ["Laid", "lay"]

_NOUNS: dict[EntryKind, str] = {
    "question": "question",
    "deduction": "déduction",
    "action": "action",
    "rule": "règle",
    "example": "exemple",
}


class Laid:
    """The entries of a rulebook, overlays included.

    Attributes:
        raw: the entries of each kind, in the order of the guide, then of the overlays; rules stand in their actions.
        origins: the overlay that wrote an entry, by kind and id; what the guide wrote is not there.
        overruled: what an overlay wrote and a later one has written anew: the later one, by kind and id.
        withdrawn: where an entry was taken out.
        overlays: what could be read of the overlays themselves.
        problems: what is wrong with the overlays.
        misfits: that overlays were written for other rules, after which nothing else is worth saying.
    """

    def __init__(self, guide: Layer) -> None:
        """Begin with the entries of the guide."""
        self.raw = {kind: [*entries] for kind, entries in guide.raw.items()}
        self.origins: dict[EntryKind, dict[str, str]] = {}
        self.overruled: dict[str, dict[Entry, str]] = {}
        self.withdrawn: dict[Entry, Problem] = {}
        self.overlays: list[Overlay] = []
        self.problems: list[Problem] = []
        self.misfits: list[Problem] = []
        self._quotes: set[tuple[object, object]] = set()
        for document in guide.documents.values():
            for way, source in _sources(document.value):
                quote = source.get("section"), source.get("quote")
                if all(isinstance(part, str) for part in quote):  # else a fault of its own
                    self._quotes.add(quote)
                if "document" in source:
                    message = "`document` ne va que dans une adaptation"
                    hint = "retirez la clé : c’est le guide qui parle"
                    self.problems.append(document.problem(Fault((*way, "document"), message, hint, on_key=True)))

    def entries(self) -> Iterator[tuple[Entry, Raw]]:
        """Walk the entries that have an id, rules included."""
        for kind, entries in self.raw.items():
            for raw in entries:
                name = _id(kind, raw.value)
                if name is not None:
                    yield Entry(kind, name), raw
        for raw in self.raw["action"]:
            for rule in _rules(raw):
                name = _id("rule", rule.value)
                if name is not None:
                    yield Entry("rule", name), rule

    def lay(self, layer: Layer, guide: Document | None) -> None:
        """Lay an overlay over what is there."""
        head = layer.documents.get(OVERLAY)
        overlay = self._overlay(head, guide) if head else None
        if self.misfits:
            return
        if guide is not None:
            self._check_quotes(layer)
        there = {entry for entry, _ in self.entries()}
        name = overlay.id if overlay else ""  # without its head, an overlay is laid to find its other faults
        for kind, entries in layer.raw.items():
            for raw in entries:
                self._put(kind, raw, name)
        if head is not None and overlay is not None:
            self.overlays.append(overlay)
            for index, withdrawal in enumerate(overlay.withdraw):
                self._withdraw(withdrawal, head, ("withdraw", index), layer, there)

    def _overlay(self, head: Document, guide: Document | None) -> Overlay | None:
        try:
            overlay = validated(Overlay, head.value)
        except Faults as error:
            self.problems += [head.problem(fault) for fault in error.faults]
            return None
        frame = mapping(guide) if guide else {}
        self.misfits += [head.problem(fault) for fault in _misfits(overlay, frame)]
        self.problems += [head.problem(fault) for fault in self._taken(overlay, frame)]
        return overlay

    def _taken(self, overlay: Overlay, guide: Mapping[str, Any]) -> Iterator[Fault]:
        """Say what an overlay calls as something else is called already."""
        if overlay.id in {guide.get("id"), *(other.id for other in self.overlays)}:
            yield Fault(("id",), f"`{overlay.id}` est déjà le nom des règles ou d’une autre adaptation", "changez `id`")
        taken = [*_themes(guide), *(theme.id for other in self.overlays for theme in other.themes)]
        for index, theme in enumerate(overlay.themes):
            if theme.id in taken:
                hint = "écrivez vos questions dans un fichier de ce thème, sans le nommer ici"
                yield Fault(("themes", index, "id"), f"le thème `{theme.id}` existe déjà", hint)

    def _check_quotes(self, layer: Layer) -> None:
        """Check that nothing new is put in the guide's mouth: what an overlay quotes names its document."""
        for document in layer.documents.values():
            for way, source in _sources(document.value):
                quote = source.get("section"), source.get("quote")
                if (
                    source.get("document") is None
                    and all(isinstance(part, str) for part in quote)
                    and quote not in self._quotes
                ):
                    message = "cette citation n’est pas dans les règles du guide"
                    hint = "nommez le document cité : `document: …` ; une citation du guide se recopie telle quelle"
                    self.problems.append(document.problem(Fault((*way, "quote"), message, hint)))

    # Withdrawing

    def _withdraw(self, said: Withdrawal, head: Document, way: Location, layer: Layer, there: set[Entry]) -> None:
        entry, place = Entry(said.kind, said.id), (*way, said.kind)
        if entry in layer.places:
            message = f"`{said.id}` est à la fois retirée et écrite dans cette adaptation"
            hint = f"gardez l’un des deux ; l’autre est {_line_of(layer.places[entry].problem(Fault((), '')))}"
            self.problems.append(head.problem(Fault(place, message, hint)))
        elif entry not in there:
            known = [other.id for other in there if other.kind == said.kind]
            unknown = "inconnu" if said.kind == "example" else "inconnue"
            fault = Fault(place, f"{_NOUNS[said.kind]} `{said.id}` {unknown}", nearest(said.id, sorted(known)))
            self.problems.append(head.problem(fault))
        elif entry in self.withdrawn:
            self.problems.append(head.problem(Fault(place, f"`{said.id}` est retirée deux fois", "gardez une raison")))
        else:
            self._take_out(entry, Place(head, place))

    def _take_out(self, entry: Entry, where: Place) -> None:
        self.withdrawn[entry] = where.problem(Fault((), ""))
        if entry.kind != "rule":
            kind = next(kind for kind in self.raw if kind == entry.kind)
            self.raw[kind] = [raw for raw in self.raw[kind] if _id(kind, raw.value) != entry.id]
            return
        for index, action in enumerate(self.raw["action"]):
            rules = _rules(action)
            kept = [rule for rule in rules if _id("rule", rule.value) != entry.id]
            if rules and not kept:
                message = f"l’action `{_id('action', action.value)}` n’aurait plus aucune règle"
                fault = Fault((), message, "retirez l’action elle-même, ou écrivez-lui une autre règle")
                self.problems.append(where.problem(fault))
            elif len(kept) < len(rules):
                self.raw["action"][index] = _action_of(action, kept)

    # Adding and replacing

    def _put(self, kind: EntryKind, raw: Raw, overlay: str) -> None:
        name = _id(kind, raw.value)
        entries = self.raw[kind]
        places = [index for index, other in enumerate(entries) if name is not None and _id(kind, other.value) == name]
        if kind == "action":
            self._note_rules(raw, overlay)
        if not places:
            entries.append(raw)
        elif kind == "action":
            below = entries[places[0]]
            entries[places[0]] = self._over(below, raw)
            if not raw.value.keys() - {"id", "rules"}:
                return  # the action itself is as it was
        else:
            entries[places[0]] = raw
        if name is not None:
            self._note_origin(kind, name, overlay)
            self.withdrawn.pop(Entry(kind, name), None)  # a layer above writes it again

    def _note_rules(self, raw: Raw, overlay: str) -> None:
        for rule in _rules(raw):
            name = _id("rule", rule.value)
            if name is not None:
                self._note_origin("rule", name, overlay)

    def _note_origin(self, kind: EntryKind, name: str, overlay: str) -> None:
        before = self.origins.setdefault(kind, {}).get(name, overlay)
        if before != overlay:
            self.overruled.setdefault(before, {})[Entry(kind, name)] = overlay
        self.origins[kind][name] = overlay

    def _over(self, below: Raw, above: Raw) -> Raw:
        """Return an action with what an overlay says of it: its own words where there are any, and its rules."""
        step, other = (mapping(raw.place.document).get("step") for raw in (below, above))
        if step != other and isinstance(step, str) and isinstance(other, str):
            message = f"l’action `{above.value['id']}` est de l’étape `{step}`"
            self.problems.append(above.problem(Fault(("id",), message, f"écrivez-la dans un fichier `step: {step}`")))
        rewritten, written = bool(above.value.keys() - {"id", "rules"}), above.value.get("rules")
        if written is not None and not isinstance(written, list):
            fault = Fault(("rules",), f"liste attendue, et non {named(written)}", "commencez chaque règle par un tiret")
            self.problems.append(above.problem(fault))
        elif not rewritten and not written:
            hint = "ajoutez `rules:` et des règles, ou récrivez l’action : `title`, `source`…"
            self.problems.append(above.problem(Fault((), "cette entrée n’ajoute rien à l’action", hint)))
        rules = {_id("rule", rule.value) or index: rule for index, rule in enumerate(_rules(below))}
        for index, rule in enumerate(_rules(above)):
            rules[_id("rule", rule.value) or -1 - index] = rule
        return _action_of(above if rewritten else below, list(rules.values()))


def lay(layers: Sequence[Layer]) -> Laid:
    """Return the entries of a guide with its overlays over it, in their order."""
    guide, *overlays = layers
    laid = Laid(guide)
    for layer in overlays:
        laid.lay(layer, guide.documents.get(GUIDE))
    return laid


def _misfits(overlay: Overlay, guide: Mapping[str, Any]) -> Iterator[Fault]:
    """Say that an overlay was written for another guide, or for another version of it."""
    name, version, adapts = guide.get("id"), guide.get("version"), overlay.adapts
    if isinstance(name, str) and adapts.id != name:
        message = f"cette adaptation est écrite pour les règles `{adapts.id}`, et non `{name}`"
        yield Fault(("adapts", "id"), message, "indiquez le dossier de ces règles avant celui de l’adaptation")
    elif isinstance(version, str) and adapts.version != version:
        message = f"cette adaptation est écrite pour la version `{adapts.version}` des règles, et non `{version}`"
        hint = f"relisez-la à côté des règles d’aujourd’hui, puis écrivez `version: {_quoted(version)}`"
        yield Fault(("adapts", "version"), message, hint)


def _id(kind: str, value: object) -> str | None:
    name = value.get("fact" if kind == "deduction" else "id") if isinstance(value, dict) else None
    return name if isinstance(name, str) else None


def _rules(action: Raw) -> list[Raw]:
    """Return the rules of an action as written, each with its place."""
    rules = action.value.get("rules") if isinstance(action.value, dict) else None
    document, way = action.place
    return [
        Raw(rule, action.parts.get(("rules", index), Place(document, (*way, "rules", index))))
        for index, rule in enumerate(rules if isinstance(rules, list) else ())
    ]


def _action_of(action: Raw, rules: list[Raw]) -> Raw:
    """Return an action with these rules, each standing where it stands."""
    value = {**action.value, "rules": [rule.value for rule in rules]}
    parts: dict[Location, Place] = {("rules", index): rule.place for index, rule in enumerate(rules)}
    return replace(action, value=value, parts=parts)


def _sources(value: object, way: Location = ()) -> Iterator[tuple[Location, dict[str, Any]]]:
    """Walk what a document quotes."""
    match value:
        case dict():
            for key, inner in value.items():
                if key in {"source", "said"} and isinstance(inner, dict):
                    yield (*way, key), inner
                else:
                    yield from _sources(inner, (*way, key))
        case list():
            for index, inner in enumerate(value):
                yield from _sources(inner, (*way, index))


def _themes(guide: Mapping[str, Any]) -> list[object]:
    themes = guide.get("themes")
    return [theme.get("id") for theme in themes if isinstance(theme, dict)] if isinstance(themes, list) else []


def _line_of(place: Problem) -> str:
    return f"dans {place.path}, ligne {place.line}"


def _quoted(version: str) -> str:
    return f'"{version}"' if version.replace(".", "").isdigit() else version
