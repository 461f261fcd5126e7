"""The profile to fill by hand: valid as it is, and valid once it is filled."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from conseil import load_profile, load_rulebook
from conseil.cli import conseil as command
from conseil.interview import Interview
from conseil.profile_file import ProfileFile
from conseil.rendering.template import profile_template
from golden_files import ROOT, check_golden

SECOND = ROOT / "tests" / "second_guide" / "rules"


@pytest.mark.golden
def test_a_template_is_what_a_person_fills() -> None:
    check_golden(ROOT / "tests" / "golden" / "ask" / "template.yaml", profile_template(load_rulebook(SECOND)))


@pytest.mark.parametrize("rules", [None, SECOND], ids=["shipped", "second"])
def test_a_template_says_nothing_by_itself(rules: Path | None, tmp_path: Path) -> None:
    path = tmp_path / "profil.yaml"
    arguments = ["questions", "--template", *(["--rules", str(rules)] if rules else [])]
    path.write_text(CliRunner().invoke(command, arguments, catch_exceptions=False).output, encoding="utf-8")

    profile = load_profile(path, load_rulebook(*([rules] if rules else [])))

    assert (profile.answers, profile.progress, profile.skipped) == ({}, {}, ())
    planned = CliRunner().invoke(command, ["plan", str(path), *arguments[2:]], catch_exceptions=False)
    assert planned.exit_code == 0


def test_every_entry_of_a_template_counts_once_its_sign_is_taken_away(tmp_path: Path) -> None:
    book = load_rulebook()
    text = profile_template(book)
    entries = re.findall(r"^  #(\S+): unknown$", text, re.MULTILINE)
    questions = [name for name in entries if name in book.vocabulary]
    assert set(questions) == {question.id for question in book.questions if question.ask}
    assert set(entries) - set(questions) == {*book.by_id, "others"}
    path = tmp_path / "profil.yaml"
    for taken in (*([entry] for entry in entries), entries):
        uncommented = text
        for name in taken:
            uncommented = uncommented.replace(f"\n  #{name}: unknown\n", f"\n  {name}: unknown\n")
        path.write_text(uncommented, encoding="utf-8")
        profile = load_profile(path, book)
        assert {*profile.answers, *profile.progress} == set(taken)


def test_a_template_is_completed_by_answers(tmp_path: Path) -> None:
    """Whoever goes on with it in a terminal is asked everything, and keeps its comments."""
    book = load_rulebook(SECOND)
    path = tmp_path / "profil.yaml"
    path.write_text(profile_template(book), encoding="utf-8")
    file = ProfileFile.resume(path, book)

    interview = Interview(book, file.profile).answer("conduite", "asso").report({"affiche": "done"})
    file.save(interview.profile)

    expected = profile_template(book).replace("\nanswers:\n", "\nanswers:\n  conduite: asso\n")
    expected = expected.replace("\nprogress:\n", "\nprogress:\n  affiche: done\n")
    assert path.read_text(encoding="utf-8") == expected
    assert load_profile(path, book) == interview.profile


def test_every_answer_that_a_template_names_is_one(tmp_path: Path) -> None:
    """Whoever takes the sign away, and puts any of the words above in the place of `unknown`, has a valid profile."""
    book = load_rulebook()
    text = profile_template(book)
    for question in book.questions:
        if question.ask is None:
            continue
        entry = f"\n  #{question.id}: unknown\n"
        before = text.split(entry)[0]
        block = before.rsplit("\n\n", 1)[1].replace("\N{NO-BREAK SPACE}", " ")
        named = re.findall(r"^  #   (\S+) : ", block, re.MULTILINE)
        if question.type == "boolean":
            named = ["oui", "non"]
        assert named == [*question.values, *(["not_applicable"] if question.not_applicable else [])]
        values = [f"[{value}]" for value in named] if question.type == "choices" else named
        for number, value in enumerate(values or ["1"]):
            path = tmp_path / f"{question.id}-{number}.yaml"
            path.write_text(text.replace(entry, f"\n  {question.id}: {value}\n"), encoding="utf-8")
            assert load_profile(path, book).answers[question.id].value != "unknown"


def test_no_line_is_too_long_to_read() -> None:
    for line in profile_template(load_rulebook()).splitlines():
        assert len(line) <= 100 or " " not in line.strip(" #")
