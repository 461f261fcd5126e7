"""What editors are told of YAML files: fresh, in French, complete, and never stricter than the loader."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

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
SOUND = BAD_INPUT / "sound"
SHIPPED = [*sorted(RULES.rglob("*.yaml")), *sorted(PROFILES.glob("*.yaml"))]


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
def test_the_schemas_are_fresh() -> None:
    made = schemas_of(load_rulebook(RULES))
    for name, schema in made.items():
        check_golden(RULES / ".schemas" / f"{name}.schema.json", to_text(schema))
    there = sorted(path.name for path in (RULES / ".schemas").iterdir())
    assert there == sorted(f"{name}.schema.json" for name in made)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_an_editor_finds_the_schema_of_each_file(path: Path) -> None:
    first = path.read_text(encoding="utf-8").split("\n", 1)[0]
    kind = kind_of(path, RULES)
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


# Wrong files


@pytest.mark.golden
def test_what_schemas_see_of_wrong_files() -> None:
    """The list of wrong files that a schema underlines, and of those that only the loader refuses."""
    made = schemas_of(load_rulebook(SOUND))
    seen: dict[str, list[str]] = {"vu par l’éditeur": [], "vu par `conseil check` seul": [], "pas du YAML simple": []}
    for path in [*sorted((BAD_INPUT / "profiles").iterdir()), *sorted((BAD_INPUT / "rulebooks").glob("*.yaml"))]:
        text, kind = path.read_text(encoding="utf-8"), "profile"
        if path.parent.name == "rulebooks":
            replaced = text.split("\n", 1)[0].removeprefix("# ")
            kind = kind_of(SOUND / replaced, SOUND)
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
SOURCES = {path: yaml.load(path.read_text(encoding="utf-8"), yaml.BaseLoader) for path in SECOND.rglob("*.yaml")}  # noqa: S506 - texts only


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
    for name, schema in schemas_of(load_rulebook(RULES)).items():
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
    for name in PLACES:
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


def test_a_folder_that_cannot_be_made_is_one_problem(tmp_path: Path) -> None:
    (tmp_path / "fichier").touch()
    result = CliRunner().invoke(command, ["schemas", "-o", str(tmp_path / "fichier")])
    assert isinstance(result.exception, InvalidInput)
    assert "dossier impossible à créer" in str(result.exception)
