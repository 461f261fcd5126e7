"""What editors are told of YAML files: fresh, in French, complete, and never stricter than the loader."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.request import url2pathname

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from conseil import InvalidInput, load_profile, load_rulebook
from conseil.authoring.cases import load_cases
from conseil.authoring.findings import load_accepted
from conseil.authoring.schemas import PLACES, modeline, schemas_of, to_text
from conseil.cli import conseil as command
from golden_files import ROOT, check_golden
from yaml_of_editors import read_as_editors_do

RULES, PROFILES = ROOT / "rules", ROOT / "profiles"
SECOND = ROOT / "tests" / "second_guide"
BAD_INPUT = ROOT / "tests" / "bad_input"
SOUND, SOUND_OVERLAY = BAD_INPUT / "sound", BAD_INPUT / "sound_overlay"
EXAMPLE = ROOT / "docs" / "overlay-example"
CANAL, LOCK = SECOND / "overlays" / "canal", SECOND / "overlays" / "ecluse"
SHIPPED = [*sorted(RULES.rglob("*.yaml")), *sorted(PROFILES.glob("*.yaml")), *sorted(EXAMPLE.rglob("*.yaml"))]
OVERLAYS = [(RULES, EXAMPLE), (SOUND, SOUND_OVERLAY), (SECOND / "rules", CANAL), (SECOND / "rules", CANAL, LOCK)]


def kind_of(path: Path, rules: Path) -> str:
    """Return which schema speaks of a file."""
    if not path.is_relative_to(rules):
        return "profile"
    return path.stem if path.parent == rules else path.parent.name


def refusals(schema: dict[str, Any], text: str) -> list[str]:
    """Return what a schema has against a text, each with its place in it."""
    errors = Draft202012Validator(schema).iter_errors(read_as_editors_do(text))
    return [f"{'.'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in errors]


@pytest.mark.golden
@pytest.mark.parametrize("folder", [RULES, EXAMPLE], ids=lambda folder: folder.name)
def test_the_schemas_are_fresh(folder: Path) -> None:
    made = schemas_of(load_rulebook(folder))
    for name, schema in made.items():
        check_golden(folder / ".schemas" / f"{name}.schema.json", to_text(schema))
    there = sorted(path.name for path in (folder / ".schemas").iterdir())
    assert there == sorted(f"{name}.schema.json" for name in made)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_an_editor_finds_the_schema_of_each_file(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    kind = kind_of(path, EXAMPLE if path.is_relative_to(EXAMPLE) else RULES)
    assert first == modeline(kind, "../rules/.schemas" if kind == "profile" else ".schemas")
    assert (path.parent / first.partition("$schema=")[2]).is_file()


@pytest.mark.parametrize(
    ("rules", "profiles"), [(RULES, PROFILES), (SECOND / "rules", SECOND / "profiles"), (SOUND, SOUND / "profiles")]
)
def test_every_file_that_is_right_is_right_for_its_schema(rules: Path, profiles: Path) -> None:
    made = schemas_of(load_rulebook(rules))
    for schema in made.values():
        Draft202012Validator.check_schema(schema)
    paths = [*rules.rglob("*.yaml"), *profiles.glob("*.yaml")]
    assert len(paths) >= 5
    for path in paths:
        assert refusals(made[kind_of(path, rules)], path.read_text(encoding="utf-8")) == [], path


@pytest.mark.parametrize("folders", OVERLAYS, ids=lambda folders: folders[-1].name)
def test_every_file_of_an_overlay_is_right_for_its_schema(folders: tuple[Path, ...]) -> None:
    made = schemas_of(load_rulebook(*folders))
    assert ("overlay" in made, "guide" in made) == (True, False)
    for schema in made.values():
        Draft202012Validator.check_schema(schema)
    paths = sorted(folders[-1].rglob("*.yaml"))
    assert len(paths) >= 2
    for path in paths:
        assert refusals(made[kind_of(path, folders[-1])], path.read_text(encoding="utf-8")) == [], path


# Wrong files


WRITTEN = """\
step: ouvrir
actions:
  - id: {}
    {}
"""
ACTION_OF_THE_CANAL = "title: Amarrer\n    source: {document: Carnet, section: S, quote: Q}"
RULES_OF_THE_CANAL = (
    "rules: [{id: affiche.x, effect: recommend, when: always, because: B, basis: editorial, rationale: R}]"
)


@pytest.mark.parametrize(
    ("action", "said", "right"),
    [
        ("affiche", RULES_OF_THE_CANAL, True),
        ("affiche", ACTION_OF_THE_CANAL, True),
        ("affiche", f"{ACTION_OF_THE_CANAL}\n    rules: []", True),
        ("affiche", "rules: []", False),
        ("affiche", "rules:", False),
        ("affiche", "title: Amarrer", False),
        ("affiche", f"twin_of: journee-blanche\n    {RULES_OF_THE_CANAL}", False),
        ("neuve", RULES_OF_THE_CANAL, False),
        ("neuve", ACTION_OF_THE_CANAL, False),
        ("neuve", f"{ACTION_OF_THE_CANAL}\n    {RULES_OF_THE_CANAL}", True),
        ("calendrier", RULES_OF_THE_CANAL, False),  # withdrawn
    ],
)
def test_an_overlay_completes_an_action_that_exists_and_writes_a_new_one_whole(
    action: str, said: str, right: bool, tmp_path: Path
) -> None:
    """The loader judges alike, where it is given the same file."""
    made = schemas_of(load_rulebook(SECOND / "rules", CANAL))
    text = WRITTEN.format(action, said).replace("affiche.x", f"{action}.x")
    assert (refusals(made["actions"], text) == []) is right
    folder = Path(shutil.copytree(CANAL, tmp_path / "canal"))
    (folder / "actions" / "ouvrir.yaml").write_text(text, encoding="utf-8")
    if right:
        load_rulebook(SECOND / "rules", folder)
    else:
        with pytest.raises(InvalidInput):
            load_rulebook(SECOND / "rules", folder)


def test_an_overlay_may_withdraw_what_others_have_written() -> None:
    made = schemas_of(load_rulebook(SECOND / "rules", CANAL, LOCK))["overlay"]["$defs"]["Withdrawal"]["properties"]
    names = {kind: made[kind]["anyOf"][0]["enum"] for kind in ("action", "rule", "question", "deduction", "example")}
    assert names["deduction"] == ["elan", "cagnotte"]
    assert names["example"] == ["tilleuls"]
    assert "amarrer-peniche" in names["action"]  # of the overlay below
    assert "peniche" in names["question"]
    assert "affiche.ecluse" not in names["rule"]  # its own
    assert "trouver-salle.peniche" in names["rule"]  # it withdraws that already
    assert "calendrier" not in names["action"]  # the overlay below has withdrawn it


@pytest.mark.parametrize(
    ("written", "right"),
    [
        ("{rule: affiche.savoir-faire, because: B}", True),
        ("{rule: affiche.savoir-faire, action: , because: B}", True),
        ("{rule: affiche.savoir-faire, action: affiche, because: B}", False),
        ("{rule: affiche.savoir-fair, because: B}", False),
        ("{rule: affiche.savoir-faire}", False),
        ("{because: B}", False),
    ],
)
def test_a_withdrawal_is_of_one_thing_that_exists(written: str, right: bool) -> None:
    head = (LOCK / "overlay.yaml").read_text(encoding="utf-8").partition("withdraw:")[0]
    made = schemas_of(load_rulebook(SECOND / "rules", CANAL, LOCK))["overlay"]
    assert (refusals(made, f"{head}withdraw:\n  - {written}\n") == []) is right


def test_only_an_overlay_quotes_another_document() -> None:
    text = "theme: quartier\nquestions:\n  - id: neuve\n    label: L\n    ask: A ?\n    type: boolean\n"
    text += "    actionable: no\n    source: {document: Carnet, section: S, quote: Q}\n"
    guide, overlay = load_rulebook(SECOND / "rules"), load_rulebook(SECOND / "rules", CANAL)
    assert refusals(schemas_of(overlay)["questions"], text) == []
    assert refusals(schemas_of(guide)["questions"], text) != []


@pytest.mark.golden
def test_what_schemas_see_of_wrong_files() -> None:
    """The list of wrong files that a schema underlines, and of those that only the loader refuses."""
    of_guide, of_overlay = schemas_of(load_rulebook(SOUND)), schemas_of(load_rulebook(SOUND, SOUND_OVERLAY))
    seen: dict[str, list[str]] = {"vu par l’éditeur": [], "vu par `conseil check` seul": [], "pas du YAML simple": []}
    folders = [(BAD_INPUT / name).glob("*.yaml") for name in ("rulebooks", "overlays")]
    for path in [*sorted((BAD_INPUT / "profiles").iterdir()), *(path for found in folders for path in sorted(found))]:
        text, kind = path.read_text(encoding="utf-8"), "profile"
        made = of_overlay if path.parent.name == "overlays" else of_guide
        if path.parent.name != "profiles":
            replaced = text.split("\n", 1)[0].removeprefix("# ")
            kind = kind_of(SOUND / replaced, SOUND)
            if kind not in made:  # `guide.yaml` in an overlay
                seen["vu par `conseil check` seul"].append(f"{path.parent.name}/{path.stem}")
                continue
        try:
            found = refusals(made[kind], text)
        except (yaml.YAMLError, TypeError):
            seen["pas du YAML simple"].append(path.stem)
            continue
        where = "vu par l’éditeur" if found else "vu par `conseil check` seul"
        seen[where].append(f"{path.parent.name}/{path.stem}" + (f" : {found[0].split(': ', 1)[0]}" if found else ""))
    lines = [f"# {where}\n" + "".join(f"{name}\n" for name in names) for where, names in seen.items()]
    check_golden(BAD_INPUT / "schemas.txt", "\n".join(lines))


# No false alarm: whatever somebody writes, what the loader accepts, the schema accepts


def places(value: object, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Walk a document: the way to every value in it."""
    yield way
    entries = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in entries:
        yield from places(part, (*way, key))


WORDS = st.sampled_from([
    "oui", "non", "NON", "yes", "true", "null", "12", "-3", "0x1f", "1e3", "2026.1", "always", "unknown", "done",
    "not_applicable", "todo", "editorial", "choice", "integer", "recommend", "adapt", "++", "-",
])  # fmt: skip


@st.composite
def mended(draw: st.DrawFn, value: Any) -> Any:  # noqa: ANN401 - a document
    """Change one place of a document: take it away, or put another value there, often one from elsewhere in it."""
    ways = [way for way in places(value) if way]
    *outer, last = draw(st.sampled_from(ways))
    copy = json.loads(json.dumps(value))
    holder = copy
    for key in outer:
        holder = holder[key]
    match draw(st.sampled_from(["remove", "word", "move", "empty", "repeat"])):
        case "remove":
            del holder[last]
        case "word":
            holder[last] = draw(WORDS)
        case "move":
            other = value
            for key in draw(st.sampled_from(ways)):
                other = other[key]
            holder[last] = other
        case "empty":
            holder[last] = draw(st.sampled_from([None, [], {}]))
        case _ if isinstance(holder, list):
            holder.append(holder[last])
    return copy


class _AsWritten(yaml.SafeDumper):
    """Write texts without quotation marks wherever they may stand so, as people do."""

    def ignore_aliases(self, _data: object) -> bool:
        return True


def _plain(dumper: _AsWritten, text: str) -> yaml.ScalarNode:
    plain = text and all(letter.isalnum() or letter in "-_.+" for letter in text) and text != "-"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, None if plain else '"')


_AsWritten.yaml_implicit_resolvers = {}
_AsWritten.add_representer(str, _plain)


def sources(*folders: Path) -> dict[Path, Any]:
    return {
        path: yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)  # noqa: S506 - texts only
        for folder in folders
        for path in folder.rglob("*.yaml")
    }


SOURCES = sources(SECOND / "rules", SECOND / "profiles")
SOURCES_OF_OVERLAYS = sources(CANAL, LOCK)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_the_loader_accepts_the_schema_accepts(data: st.DataObject, tmp_path: Path) -> None:
    path = data.draw(st.sampled_from(sorted(SOURCES)))
    text = yaml.dump(data.draw(mended(SOURCES[path])), Dumper=_AsWritten, allow_unicode=True, sort_keys=False)
    rules = tmp_path / "rules"
    shutil.copytree(SECOND, tmp_path, dirs_exist_ok=True)
    changed = tmp_path / path.relative_to(SECOND)
    changed.write_text(text, encoding="utf-8")
    kind = kind_of(changed, rules)
    try:
        rulebook = load_rulebook(rules)
        if kind == "profile":
            load_profile(changed, rulebook)
        load_cases([rules / "tests"], rulebook)
        load_accepted([rules], ())
    except InvalidInput:
        event("refused by the loader")
        return
    event(f"accepted: {kind}")
    assert refusals(schemas_of(rulebook)[kind], text) == []


CODES = ("unread-question",)

# What the overlays of the second guide leave out: examples, deductions, findings that are accepted.
FOUND = {
    "examples/port.yaml": {
        "id": "port",
        "name": "Le port",
        "did": [
            {
                "actions": ["calendrier", "affiche"],  # the first one is withdrawn
                "source": {"document": "Carnet de bord", "section": "ESCALES", "quote": "Une affiche sur le quai"},
            }
        ],
    },
    "deductions.yaml": {
        "deductions": [
            {
                "fact": "cagnotte",
                "values": [{"value": "garnie", "when": {"peniche": "oui"}, "because": "La péniche paie."}],
                "otherwise": {"value": "vide", "because": "Personne ne paie."},
                "basis": "editorial",
                "rationale": "Le patron de la péniche est généreux.",
            }
        ]
    },
    "accepted.yaml": {"accepted": [{"code": "unread-question", "about": "peniche", "because": "On verra."}]},
}


@settings(max_examples=2500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_the_loader_accepts_of_an_overlay_the_schema_accepts(data: st.DataObject, tmp_path: Path) -> None:
    shutil.copytree(SECOND, tmp_path, dirs_exist_ok=True)
    canal, lock = tmp_path / "overlays" / "canal", tmp_path / "overlays" / "ecluse"
    found = SOURCES_OF_OVERLAYS | {CANAL / name: value for name, value in FOUND.items()}
    for path, value in found.items():
        moved = tmp_path / path.relative_to(SECOND)
        moved.parent.mkdir(exist_ok=True)
        moved.write_text(yaml.dump(value, Dumper=_AsWritten, allow_unicode=True, sort_keys=False), encoding="utf-8")
    path = data.draw(st.sampled_from(sorted(found)))
    text = yaml.dump(data.draw(mended(found[path])), Dumper=_AsWritten, allow_unicode=True, sort_keys=False)
    changed = tmp_path / path.relative_to(SECOND)
    changed.write_text(text, encoding="utf-8")
    folders = [tmp_path / "rules", canal] if changed.is_relative_to(canal) else [tmp_path / "rules", canal, lock]
    try:
        rulebook = load_rulebook(*folders)
        load_cases([folders[-1] / "tests"], rulebook)
        load_accepted([folders[-1]], CODES)
    except InvalidInput:
        event("refused by the loader")
        return
    kind = kind_of(changed, folders[-1])
    event(f"accepted: {kind}")
    assert refusals(schemas_of(rulebook)[kind], text) == []


CASES = [
    case
    for path in sorted((RULES / "tests").glob("*.yaml"))
    for case in yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader)["cases"]  # noqa: S506 - texts only
]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_accepted_of_a_case_the_schema_accepts(data: st.DataObject, tmp_path: Path) -> None:
    case = data.draw(mended(data.draw(st.sampled_from(CASES))))
    text = yaml.dump({"cases": [case]}, Dumper=_AsWritten, allow_unicode=True, sort_keys=False)
    (tmp_path / "cas.yaml").write_text(text, encoding="utf-8")
    try:
        load_cases([tmp_path], load_rulebook())
    except InvalidInput:
        event("refused by the loader")
        return
    event("accepted")
    assert refusals(schemas_of(load_rulebook())["tests"], text) == []


@pytest.mark.parametrize(
    "written",
    [
        "name: 2026",
        "name: true",
        "answers:",
        "progress:",
        "answers: {foncier: unknown}",
        'answers: {foncier: {value: "bati", assumed: OUI, note: 3}}',
        "answers: {foncier: {value: bati, source: null}}",
        'answers: {population: "12000"}',
        "answers: {population: 012000}",
        "answers: {population: unknown}",
        "answers: {recherche: true}",
        "answers: {recherche: NON}",
        "answers: {besoins: []}",
        "answers: {besoins: unknown}",
        "answers: {besoins: [debouches, foncier]}",
        "progress: {others: unknown, acces-foncier: doing}",
        "territory: {code: 23000, siren: 200044014}",
        "set_aside: {ancienne: [a, 12], autre: {value: x, assumed: non}}",
        "rulebook: {id: filiere-ess, version: 2026.1}",
        "rulebook:",
        "skipped: [foncier, progress.financement]",
    ],
)
def test_what_is_written_in_another_way_is_right_all_the_same(written: str, tmp_path: Path) -> None:
    rulebook, path = load_rulebook(RULES), tmp_path / "profil.yaml"
    name = "" if written.startswith("name") else "name: Ici\n"
    path.write_text(f"{name}kind: real\n{written}\n", encoding="utf-8")
    load_profile(path, rulebook)
    assert refusals(schemas_of(rulebook)["profile"], path.read_text(encoding="utf-8")) == []


# French, and complete


def test_every_key_is_explained_in_french() -> None:
    made = [*schemas_of(load_rulebook(RULES)).items(), *schemas_of(load_rulebook(EXAMPLE)).items()]
    for name, schema in made:
        for record, part in [(name, schema), *schema["$defs"].items()]:
            assert "description" not in part, record  # those of records are docstrings
            for key, described in part.get("properties", {}).items():
                assert described.get("description"), f"{record}.{key}"


def test_conditions_name_each_question_action_and_choice() -> None:
    condition = schemas_of(load_rulebook(RULES))["actions"]["$defs"]["Condition"]["properties"]
    rulebook = load_rulebook(RULES)
    facts = [question.id for question in rulebook.questions] + [f"progress.{name}" for name in rulebook.by_id]
    assert list(condition) == ["not", "any", "all", *facts]
    foncier = rulebook.vocabulary["foncier"]
    one = condition["foncier"]["anyOf"][0]
    assert (one["enum"], one["enumDescriptions"]) == (
        list(foncier.values),
        [choice.label for choice in foncier.choices],
    )


# The command


def test_the_command_writes_them_where_it_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "ici" / "schémas"
    result = CliRunner().invoke(command, ["schemas", "--rules", str(RULES), "-o", str(folder)], catch_exceptions=False)
    assert result.exit_code == 0
    for name in PLACES.keys() - {"overlay"}:
        written = (folder / f"{name}.schema.json").read_text(encoding="utf-8")
        assert written == (RULES / ".schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    line = next(line for line in result.output.split("\n") if "actions/*.yaml" in line)
    found = RULES / "actions" / line.partition("$schema=")[2]
    assert found.resolve() == (folder / "actions.schema.json").resolve()


def test_a_rulebook_with_its_schemas_beside_it_still_loads(tmp_path: Path) -> None:
    shutil.copytree(SOUND, tmp_path / "rules")
    result = CliRunner().invoke(command, ["schemas", "--rules", str(tmp_path / "rules")], catch_exceptions=False)
    assert result.output.startswith(f"8 schémas écrits dans {tmp_path / 'rules' / '.schemas'}\n")
    assert load_rulebook(tmp_path / "rules").sha256 == load_rulebook(SOUND).sha256


def test_the_schemas_of_an_overlay_stand_in_its_own_folder(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CANAL, tmp_path / "canal"))
    arguments = ["schemas", "--rules", str(SECOND / "rules"), "--rules", str(folder)]
    result = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert result.output.startswith(f"8 schémas écrits dans {folder / '.schemas'}\n")
    assert "   overlay.yaml       # yaml-language-server: $schema=.schemas/overlay.schema.json\n" in result.output
    assert "guide.yaml" not in result.output
    assert not (SECOND / "rules" / ".schemas").exists()


def test_an_editor_is_told_of_a_folder_with_a_space_by_its_uri(tmp_path: Path) -> None:
    """An editor reads the first line up to a space."""
    folder = tmp_path / "mon dossier #1"
    result = CliRunner().invoke(command, ["schemas", "--rules", str(SOUND), "-o", str(folder)], catch_exceptions=False)
    lines = [line.partition("$schema=")[2] for line in result.output.split("\n") if "$schema=" in line]
    assert len(lines) == 8
    for line in lines:
        assert Path(url2pathname(line.removeprefix("file:"))).is_file(), line


def test_a_folder_that_cannot_be_made_is_one_problem(tmp_path: Path) -> None:
    (tmp_path / "fichier").touch()
    result = CliRunner().invoke(command, ["schemas", "-o", str(tmp_path / "fichier")])
    assert isinstance(result.exception, InvalidInput)
    assert "dossier impossible à créer" in str(result.exception)
