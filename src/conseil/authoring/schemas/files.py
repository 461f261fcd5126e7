"""The schema of each kind of file: the records that read it, with the terms of a rulebook in their places."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, get_args

from pydantic import TypeAdapter

from conseil.authoring.cases import PREREQUISITE, Case
from conseil.authoring.findings import Acceptance
from conseil.authoring.schemas.terms import CONDITION, Terms
from conseil.authoring.schemas.values import FLAG, INTEGER, NOTHING, TEXT, Schema, block, list_of, number, one_of, text
from conseil.conditions import RESERVED
from conseil.profile import Profile, shipped_profiles
from conseil.rulebook import EFFECTS, Action, Deduction, EntryKind, Example, Guide, Overlay, Rulebook
from conseil.rulebook.model import EFFECTS_BY_KEY, KEYS_BY_EFFECT
from conseil.vocabulary import Question

__all__ = ["PLACES", "modeline", "schemas_of", "to_text"]

PLACES = {
    "guide": "guide.yaml",
    "overlay": "overlay.yaml",
    "questions": "questions/*.yaml",
    "deductions": "deductions.yaml",
    "actions": "actions/*.yaml",
    "examples": "examples/*.yaml",
    "tests": "tests/*.yaml",
    "accepted": "accepted.yaml",
    "profile": "profils",
}
"""The files of each schema, in the folder of a guide or of an overlay; profiles stand anywhere."""

_RECORDS = (Guide, Overlay, Question, Deduction, Action, Example, Case, Acceptance, Profile)

_MEANINGS = {
    "recommend": "rend l’action pertinente",
    "reinforce": "ajoute ou retire des points",
    "adapt": "dit comment la mener ici",
    "defer": "un obstacle pour l’instant",
    "exclude": "pas pour ce territoire",
    "caution": "un avertissement à côté du conseil",
    "choice": "un choix",
    "choices": "plusieurs choix",
    "boolean": "oui ou non",
    "integer": "un nombre entier",
    "no": "ne pas proposer d’en changer",
    "upward": "seulement vers le mieux",
    "any": "vers n’importe quelle réponse",
    "cited": "cité par le guide",
    "invented": "inventé",
    "real": "réel",
    "editorial": "notre choix, et non celui du guide",
    "+": "un peu plus",
    "++": "plus",
    "+++": "beaucoup plus",
    "-": "un peu moins",
    "--": "moins",
    "---": "beaucoup moins",
}
"""What the words of the records mean."""


def schemas_of(rulebook: Rulebook) -> dict[str, Schema]:
    """Return the schema of each kind of file, by the name of the file or of its folder, and that of profiles.

    With overlays, the files are those of the last one: they name what the whole holds.

    >>> from conseil import load_rulebook
    >>> list(schemas_of(load_rulebook()))
    ['guide', 'questions', 'deductions', 'actions', 'examples', 'tests', 'accepted', 'profile']
    """
    terms, guide = Terms(rulebook), rulebook.guide
    records = _records(terms)
    theme = {"description": "le thème de ce fichier", **one_of({theme.id: theme.title for theme in guide.themes})}
    step = {"description": "l’étape de ce fichier", **one_of({step.id: step.title for step in guide.steps})}
    head = {"overlay": _ref("Overlay")} if rulebook.overlays else {"guide": _ref("Guide")}
    roots = {
        **head,
        "questions": _file(theme=theme, questions=_entries("Question", "les questions du thème, dans l’ordre")),
        "deductions": _file(deductions=_entries("Deduction", "les faits qui se déduisent d’autres faits")),
        "actions": _file(step=step, actions=_entries("Action", "les actions de l’étape, dans l’ordre du guide")),
        "examples": _ref("Example"),
        "tests": _file(cases=_entries("Case", "les cas : une situation, et ce que le plan doit en dire")),
        "accepted": _file(accepted=_entries("Acceptance", "les constats qui restent tels quels, et pourquoi")),
        "profile": _ref("Profile"),
    }
    return {name: _whole(root, records, rulebook) for name, root in roots.items()}


def to_text(schema: Schema) -> str:
    """Write a schema as its file holds it."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def modeline(name: str, folder: str) -> str:
    """Return the first line by which an editor finds the schema of a file.

    Args:
        name: the kind of file.
        folder: where the schemas are: a whole path or URI, or the way to it from the folder of rules.

    >>> modeline("actions", ".schemas")
    '# yaml-language-server: $schema=../.schemas/actions.schema.json'
    """
    up = "../" if "/" in PLACES[name] and not folder.startswith(("/", "file:")) else ""
    return f"# yaml-language-server: $schema={up}{folder}/{name}.schema.json"


def _ref(record: str) -> Schema:
    return {"$ref": f"#/$defs/{record}"}


def _entries(record: str, description: str) -> Schema:
    return {"description": description, "type": "array", "items": _ref(record)}


def _file(**keys: Schema) -> Schema:
    return block(keys, required=list(keys))


def _whole(root: Schema, records: Mapping[str, Schema], rulebook: Rulebook) -> Schema:
    """Return a schema that stands alone: with the records that it needs, and no others."""
    needed: dict[str, Schema] = {}
    waiting = [root]
    while waiting:
        for name in _named(waiting.pop()):
            if name not in needed:
                needed[name] = records[name]
                waiting.append(records[name])
    about = f"Règles {rulebook.guide.id} {rulebook.version}"
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "$comment": about}
    return {**head, **root, "$defs": dict(sorted(needed.items()))}


def _named(node: object) -> Iterator[str]:
    """Walk the records to which a schema refers."""
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"].removeprefix("#/$defs/")
        for part in node.values():
            yield from _named(part)
    elif isinstance(node, list):
        for part in node:
            yield from _named(part)


# Records


def _records(terms: Terms) -> dict[str, Schema]:
    """Return the schema of every record, as an editor sees it."""
    made = TypeAdapter.json_schemas([(one.__name__, "validation", TypeAdapter(one)) for one in _RECORDS])[1]["$defs"]
    records = {name: _as_seen(schema, terms) for name, schema in made.items()}
    records["Condition"] = terms.condition()
    for name, schema in records.items():
        if {"source", "basis", "rationale"} <= schema["properties"].keys():
            _add(schema, *_AUTHORITY)
        if name in {"Action", "Choice", "Essential", "Question", "Step", "Theme"}:
            schema["properties"]["id"] |= _NOT_RESERVED
    _add(records["Question"], *_QUESTION)
    _add(records["Rule"], *_rule())
    _add(records["Deduction"], *terms.outcomes())
    records["Unlock"] |= {"minProperties": 1}
    records["Expectation"] |= {"minProperties": 1}
    _put(records, "Outcome", "value", TEXT)
    del records["Action"]["properties"]["step"]  # that of the file
    records["Action"]["required"].remove("step")
    _put(records, "Unlock", "answers", terms.unlocking_answers())
    _bound_numbers(records)
    _add(records["Deduction"], _DEDUCTION)
    _add(records["Answer"], {"if": _said("source"), "then": _without("assumed")})
    _name_roles(records, terms)
    _name_situations(records, terms)
    _name_expectations(records, terms)
    if terms.rulebook.overlays:
        _say_of_an_overlay(records, terms, terms.rulebook.overlays[-1])
    else:
        del records["Source"]["properties"]["document"]  # the guide speaks, and nobody else
    return records


def _as_seen(schema: Schema, terms: Terms) -> Schema:
    """Return what pydantic says of a record as an editor sees it: only its fields have a description, in French."""
    seen = _part(schema, terms)
    seen.pop("description", None)
    return seen


def _part(node: Schema, terms: Terms) -> Schema:
    kept = {key: value for key, value in node.items() if key not in {"title", "default"}}
    about = {"description": kept.pop("description")} if "description" in kept else {}
    match kept:
        case {"known": "conditions"}:
            always = {"type": "string", "const": "always", "description": "toujours"}
            return about | {"anyOf": [CONDITION, always]}
        case {"known": str(kind)}:
            named: Schema = getattr(terms, kind)()
            return about | named
        case {"enum": [*words]}:
            return about | one_of({word: _MEANINGS[word] for word in words})
        case {"const": str(word)}:
            return about | one_of({word: _MEANINGS[word]})
        case {"type": "string", "pattern": pattern}:
            return about | text(pattern, _IDENTIFIER, kept["maxLength"])
        case {"type": "string"}:
            return about | TEXT
        case {"type": "integer"}:
            return about | INTEGER
        case {"type": "boolean"}:
            return about | FLAG
        case {"type": "null"}:
            return NOTHING
    return about | {key: _inner(key, value, terms) for key, value in kept.items()}


def _inner(key: str, value: Any, terms: Terms) -> Any:  # noqa: ANN401 - any part of a JSON Schema
    match key, value:
        case "properties", dict():
            return {name: _part(part, terms) for name, part in value.items()}
        case (("items" | "additionalProperties"), dict()):
            return _part(value, terms)
        case (("anyOf" | "prefixItems"), list()):
            return [_part(part, terms) for part in value]
    return value


def _put(records: Mapping[str, Schema], record: str, field: str, schema: Schema) -> None:
    """Say better than pydantic what a field may be; its description stays."""
    properties = records[record]["properties"]
    properties[field] = {"description": properties[field]["description"], **schema}


def _add(schema: Schema, *conditions: Schema) -> None:
    schema["allOf"] = [*schema.get("allOf", ()), *conditions]


# What a record says beyond its fields

_IDENTIFIER = "en minuscules sans accent, chiffres et tirets"
_NOT_RESERVED = text(
    rf"^(?!({'|'.join(sorted(RESERVED))})$)[a-z0-9]+([-_][a-z0-9]+)*$",
    f"{_IDENTIFIER} ; et pas un mot réservé ({', '.join(sorted(RESERVED))})",
    80,
)


def _said(key: str) -> Schema:
    """Say that a key is there and has a value."""
    return {"required": [key], "properties": {key: {"not": NOTHING}}}


def _is(key: str, *words: str) -> Schema:
    return {"required": [key], "properties": {key: {"enum": list(words)}}}


def _without(*keys: str) -> Schema:
    """Say that keys have no value."""
    return {"properties": {key: {"type": "null", "errorMessage": f"`{key}` n’a pas sa place ici"} for key in keys}}


_AUTHORITY: tuple[Schema, ...] = (
    {"anyOf": [{"required": ["source"]}, {"required": ["basis"]}]},
    {"if": _said("source"), "then": _without("basis", "rationale"), "else": {"required": ["basis", "rationale"]}},
)
_QUESTION: tuple[Schema, ...] = (
    {"if": _is("type", "choice", "choices"), "then": {"required": ["choices"]}},
    {"if": _is("type", "choice", "choices", "boolean"), "then": _without("unit", "min", "max")},
    {"if": _is("type", "boolean", "integer"), "then": {"properties": {"choices": {"maxItems": 0}}}},
)


_DEDUCTION: Schema = {
    "properties": {"values": {"items": _said("when")}, "otherwise": {"properties": {"when": {"not": {}}}}}
}


def _bound_numbers(records: Mapping[str, Schema]) -> None:
    """Say between which numbers a score is made."""
    percent = number(0, 100)
    for record, keys in (
        ("Score", ("base", "essential")),
        ("Weights", ("impact", "feasibility")),
        ("Thresholds", ("high", "medium")),
    ):
        for key in keys:
            _put(records, record, key, percent)
    records["Score"]["properties"]["points"]["prefixItems"] = [number(1)] * 3
    records["CapacityRole"]["properties"]["at_most"]["additionalProperties"] = number(1)


def _rule() -> Iterator[Schema]:
    """Say which keys go with which effect."""
    for effect, keys in KEYS_BY_EFFECT.items():
        yield {"if": _is("effect", effect), "then": {"required": list(keys)}}
    for key, effects in EFFECTS_BY_KEY.items():
        others = [effect for effect in EFFECTS if effect not in effects]
        yield {"if": _is("effect", *others), "then": _without(key)}


def _name_roles(records: Mapping[str, Schema], terms: Terms) -> None:
    guide = terms.rulebook.guide
    for role in ("scenario", "stage", "maturity"):
        _put(records, "Roles", role, terms.questions("choice"))
    _put(records, "Roles", "population", {"anyOf": [terms.questions("integer"), NOTHING]})
    for role in ("LevelRole", "CapacityRole"):
        _put(records, role, "question", terms.questions("choice"))
    _put(records, "Stance", "scenario", terms.choices(guide.roles.scenario))
    _put(records, "Stage", "stage", terms.choices(guide.roles.stage))
    if guide.roles.level is not None:
        official = {"type": "object", "additionalProperties": terms.choices(guide.roles.level.question)}
        _put(records, "LevelRole", "official", official)


def _name_situations(records: dict[str, Schema], terms: Terms) -> None:
    """Say what may be answered, in a profile and in a case."""
    answers, progress = block(terms.answers(records["Answer"])), block(terms.progress())
    records |= {"Answers": answers, "Progress": progress}
    for key in ("answers", "progress"):
        _put(records, "Profile", key, {"anyOf": [_ref(key.capitalize()), NOTHING]})
        _put(records, "Case", key, _ref(key.capitalize()))
    _put(records, "Profile", "skipped", list_of(terms.skipped()))
    _put(records, "Case", "profile", {"anyOf": [one_of(list(shipped_profiles())), NOTHING]})
    _put(records, "RulebookReference", "id", one_of([terms.rulebook.guide.id]))


def _name_expectations(records: Mapping[str, Schema], terms: Terms) -> None:
    """Say which actions, rules and stages a case may name."""
    stages = {stage.stage: stage.title for stance in terms.rulebook.guide.stances for stage in stance.stages}
    for key, schema in records["Expectation"]["properties"].items():
        if key in {"stage", "next_stage"}:
            _put(records, "Expectation", key, {"anyOf": [one_of(stages), NOTHING]})
        elif schema.get("type") == "array":
            _put(records, "Expectation", key, {"type": "array", "items": terms.actions()})
    waits = {
        action: one_of(rules | {PREREQUISITE: "un prérequis attend lui-même"})
        for action, rules in terms.rules_by_action("defer").items()
    }
    _put(records, "Expectation", "deferred", block(waits))
    for key, effect in (("warns", "caution"), ("adapted", "adapt")):
        having = {action: one_of(rules) for action, rules in terms.rules_by_action(effect).items() if rules}
        _put(
            records,
            "Expectation",
            key,
            block({action: {"type": "array", "items": rules} for action, rules in having.items()}),
        )


# What only an overlay may write


def _say_of_an_overlay(records: Mapping[str, Schema], terms: Terms, overlay: Overlay) -> None:
    """Say what the files of an overlay may hold and name."""
    _put(records, "Adapted", "id", one_of([terms.rulebook.guide.id]))
    _put(records, "Adapted", "version", one_of([terms.rulebook.guide.version]))
    for kind, names in terms.withdrawable(overlay).items():
        _put(records, "Withdrawal", kind, {"anyOf": [names, NOTHING]})
    _add(records["Withdrawal"], {"oneOf": [_said(kind) for kind in get_args(EntryKind)]})
    _put(records, "Deed", "actions", {"type": "array", "items": terms.illustrated()})
    action = records["Action"]
    action["required"] = ["id"]
    _put(records, "Action", "rules", {"anyOf": [{"type": "array", "items": _ref("Rule")}, NOTHING]})
    ours = {"required": ["title", "source"]}
    some = {"required": ["rules"], "properties": {"rules": {"type": "array", "minItems": 1}}}
    of_rules_alone = {"propertyNames": {"enum": ["id", "rules"]}}
    completed = one_of(terms.completed(overlay))["enum"]
    _add(
        action,
        {
            "if": {"required": ["id"], "properties": {"id": {"enum": completed}}},
            "then": {"if": of_rules_alone, "then": some, "else": ours},
            "else": {"allOf": [ours, some]},
        },
    )
