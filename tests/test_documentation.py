"""What the documentation says is true: sessions are run, the schema is that of the code, links lead somewhere."""

from __future__ import annotations

import doctest
import json
import re
import shlex

import jsonschema
import pytest
from click.testing import CliRunner

import conseil
from conseil.cli import conseil as command
from conseil.rendering import outline
from golden_files import ROOT, check_golden

README = ROOT / "README.md"
DOCUMENTS = [README, ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]


def with_block(text: str, marker: str, block: str) -> str:
    """Put a block after its marker."""
    pattern = re.compile(rf"(<!-- {re.escape(marker)} -->\n```\w+\n).*?(^```$)", re.DOTALL | re.MULTILINE)
    assert pattern.search(text), f"no block for {marker}"
    return pattern.sub(lambda found: found[1] + block + found[2], text)


@pytest.mark.golden
def test_readme_shows_what_the_commands_print_and_what_a_rule_says() -> None:
    text = README.read_text(encoding="utf-8")
    for session in re.findall(r"<!-- session: (.*?) -->", text):
        result = CliRunner().invoke(command, shlex.split(session)[1:], catch_exceptions=False)
        text = with_block(text, f"session: {session}", f"$ {session}\n{result.output}")
    for rule in re.findall(r"<!-- rule: (.*?) -->", text):
        text = with_block(text, f"rule: {rule}", source_of(rule))
        text = with_block(text, f"advice: {rule}", advice_of(rule))
    check_golden(README, text)


def source_of(rule: str) -> str:
    """Return the lines of a rule in its file."""
    for file in sorted((ROOT / "rules" / "actions").glob("*.yaml")):
        found = re.search(
            rf"^( +)- id: {re.escape(rule)}\n(?:\1 +.*\n|\n)*", file.read_text(encoding="utf-8"), re.MULTILINE
        )
        if found:
            indent = len(found[1])
            return "".join(f"{line[indent:]}\n" for line in found[0].rstrip().split("\n"))
    raise AssertionError(rule)


def advice_of(rule: str) -> str:
    """Return what the plan of a territory without money says because of the rule."""
    plan = conseil.advise(conseil.load_profile(ROOT / "profiles" / "cc-des-hautes-combes.yaml"))
    book = plan.rulebook
    title = book.by_id[rule.split(".", maxsplit=1)[0]].title
    because = book.rules[rule].because
    for section in outline(plan).sections:
        for entry in section.entries:
            said = [line for line in entry.lines if line.text.replace("\u202f", " ").replace("\u00a0", " ") == because]
            if entry.title.replace("\u00a0", " ") == title and said:
                lines = [
                    f"{'□' if line.basis == 'editorial' else '■'} {line.label} : {line.text}" for line in entry.lines
                ]
                return "\n".join([f"{section.title} : {entry.title}", *lines]) + "\n"
    raise AssertionError(rule)


def test_readme_python_session_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    failures, tried = doctest.testfile(str(README), module_relative=False, optionflags=doctest.ELLIPSIS)
    assert (failures, tried > 5) == (0, True)


@pytest.mark.golden
def test_the_plan_schema_is_fresh_and_holds() -> None:
    schema = conseil.ExportedPlan.model_json_schema(mode="serialization")
    check_golden(ROOT / "docs" / "plan.schema.json", json.dumps(schema, ensure_ascii=False, indent=2) + "\n")
    for path in conseil.shipped_profiles().values():
        exported = conseil.export(conseil.advise(conseil.load_profile(path)))
        jsonschema.validate(json.loads(exported.model_dump_json()), schema)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document: object) -> None:
    assert isinstance(document, type(README))
    for target in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target


def test_every_module_stands_in_the_architecture() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for path in sorted((ROOT / "src" / "conseil").iterdir()):
        if path.name.startswith("_") or path.suffix not in {"", ".py"}:
            continue
        name = path.stem if path.suffix else f"{path.name}/"
        assert f"`{name}`" in text, name
