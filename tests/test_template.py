"""The profile to fill by hand: valid as it is, and valid once it is filled."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from conseil import load_profile, load_rulebook
from conseil.cli import conseil as command
from conseil.rendering.template import profile_template
from golden_files import ROOT, check_golden

SECOND = ROOT / "tests" / "second_guide" / "rules"


@pytest.mark.golden
def test_a_template_is_what_a_person_fills() -> None:
    check_golden(ROOT / "tests" / "golden" / "ask" / "template.yaml", profile_template(load_rulebook(SECOND)))


@pytest.mark.parametrize("rules", [None, SECOND], ids=["shipped", "second"])
def test_a_template_says_of_everything_that_it_is_unknown(rules: Path | None, tmp_path: Path) -> None:
    book = load_rulebook(rules)
    path = tmp_path / "profil.yaml"
    arguments = ["questions", "--template", *(["--rules", str(rules)] if rules else [])]
    path.write_text(CliRunner().invoke(command, arguments, catch_exceptions=False).output, encoding="utf-8")

    profile = load_profile(path, book)

    assert {name: answer.value for name, answer in profile.answers.items()} == {
        question.id: "unknown" for question in book.questions if question.ask
    }
    assert profile.progress == dict.fromkeys(book.by_id, "unknown")
    planned = CliRunner().invoke(command, ["plan", str(path), *arguments[2:]], catch_exceptions=False)
    assert planned.exit_code == 0


def test_every_answer_that_a_template_names_is_one(tmp_path: Path) -> None:
    """Whoever puts any of the words beside a question in the place of `unknown` has a valid profile."""
    book = load_rulebook()
    text = profile_template(book)
    for question in book.questions:
        if question.ask is None:
            continue
        before = text.split(f"\n  {question.id}: unknown\n")[0]
        block = before.rsplit("\n\n", 1)[1].replace("\N{NO-BREAK SPACE}", " ")
        named = re.findall(r"^  #   (\S+) : ", block, re.MULTILINE)
        if question.type == "boolean":
            named = ["oui", "non"]
        assert named == [*question.values, *(["not_applicable"] if question.not_applicable else [])]
        values = [f"[{value}]" for value in named] if question.type == "choices" else named
        for number, value in enumerate(values or ["1"]):
            path = tmp_path / f"{question.id}-{number}.yaml"
            filled = text.replace(f"\n  {question.id}: unknown\n", f"\n  {question.id}: {value}\n")
            path.write_text(filled, encoding="utf-8")
            assert load_profile(path, book).answers[question.id].value != "unknown"


def test_no_line_is_too_long_to_read() -> None:
    for line in profile_template(load_rulebook()).splitlines():
        assert len(line) <= 100 or " " not in line.strip(" #")
