"""`conseil check`: what it says, with which exit code, and that it keeps watch over files that are being written."""

from __future__ import annotations

import json
import os
import shutil
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from queue import Empty, Queue
from threading import Thread
from typing import NamedTuple, Self

import jsonschema
import pytest

from conseil import cli
from conseil.authoring.checkup_json import ExportedCheck
from conseil.authoring.watching import saves
from conseil.shipped import rules_folder
from conseil.writing import replace_whole
from golden_files import ROOT, check_golden

SOUND = ROOT / "tests" / "lint"
ACTIONS = "actions/preparer.yaml"
SCHEMA = ExportedCheck.model_json_schema(mode="serialization")
DEADLINE = 30  # of a machine that is busy with something else; what is promised is measured apart


class Ran(NamedTuple):
    """What a command line gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Return a way to run `conseil check` in this process."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["conseil", "check", *map(str, arguments)])
        with pytest.raises(SystemExit) as caught:
            cli.main()
        assert isinstance(caught.value.code, int)
        return Ran(caught.value.code, *capsys.readouterr())

    return run


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a copy of rules with which nothing is wrong."""
    return Path(shutil.copytree(SOUND, tmp_path / "rules"))


def change(path: Path, before: str, after: str) -> None:
    """Replace words in a file, as an editor saves it that never leaves it half written."""
    text = path.read_text(encoding="utf-8")
    assert before in text
    replace_whole(path, text.replace(before, after).encode())


def accept(rules: Path, code: str, about: str) -> None:
    text = f"accepted:\n  - code: {code}\n    about: {about}\n    because: Nous le gardons ainsi.\n"
    (rules / "accepted.yaml").write_text(text, encoding="utf-8")


# Once


@pytest.mark.golden
def test_what_is_said_of_rules_with_warnings(check: Callable[..., Ran], rules: Path) -> None:
    """Each with its place, what to do, and what to copy to accept it; then how many there are."""
    change(rules / ACTIONS, "à l’ombre.", "à l'ombre")
    change(rules / ACTIONS, "title: Creuser", "title: Creuser l'allée")
    change(rules / ACTIONS, "effect: defer", "effect: caution")
    change(rules / ACTIONS, "        unlocked_by: {answers: {bras: [assez], outils: [pelle]}}\n", "")
    accept(rules, "typography", "creuser/title")
    code, out, err = check("--rules", rules)
    assert (code, err) == (0, "")
    check_golden(ROOT / "tests" / "golden" / "check.txt", out.replace(f"{rules.parent}/", ""))


def test_the_shipped_rules_pass_when_warnings_count(check: Callable[..., Ran]) -> None:
    """With their profiles, and nothing but what was accepted."""
    code, out, err = check("--strict", "creuse-grand-sud")
    assert (code, err) == (0, "")
    assert "profil creuse-grand-sud : aucun problème\naucun avertissement, " in out


def test_a_warning_fails_where_it_is_asked_to(check: Callable[..., Ran], rules: Path) -> None:
    """Unless it is accepted; and an acceptance that is no longer needed is a warning too."""
    change(rules / ACTIONS, "title: Creuser", "title: Creuser l'allée")
    assert check("--rules", rules).code == 0
    assert check("--rules", rules, "--strict").code == 1
    accept(rules, "typography", "creuser/title")
    assert check("--rules", rules, "--strict").code == 0
    change(rules / ACTIONS, "l'allée", "l’allée")
    code, out, _ = check("--rules", rules, "--strict")
    assert (code, out.splitlines()[2:]) == (
        1,
        [
            "  constat : stale-acceptance",
            "règles potager 1 : 7 questions, 2 actions, 4 règles, 0 cas, aucun problème",
            "1 avertissement",
            "  aide : corrigez, ou recopiez le constat sous `accepted:` dans `accepted.yaml`, avec `because: …`",
        ],
    )


def test_problems_come_first(check: Callable[..., Ran], rules: Path) -> None:
    """Of profiles, cases and acceptances at once; warnings wait until there are none."""
    change(rules / ACTIONS, "title: Creuser", "title: Creuser l'allée")
    accept(rules, "typographie", "creuser/title")
    (rules / "tests").mkdir()
    (rules / "tests" / "cas.yaml").write_text("cases:\n  - name: Rien\n    expect: {}\n", encoding="utf-8")
    code, out, err = check("--rules", rules, "nulle-part")
    assert (code, out) == (1, "")
    assert [line.rsplit("/", 1)[-1] for line in err.splitlines() if not line.startswith("  aide")] == [
        "accepted.yaml:2:11: code `typographie` inconnu",
        "cas.yaml:3:13: ce cas n’attend rien",
        "nulle-part: fichier introuvable",
        "3 problèmes",
    ]


@pytest.mark.parametrize("arguments", [(), ("--strict",)])
def test_json_is_all_that_is_written(check: Callable[..., Ran], rules: Path, arguments: tuple[str, ...]) -> None:
    """Whatever is wrong: it fits the schema, and the exit code is that of the text."""
    folder = ("--rules", rules, "--format", "json", *arguments)
    seen = []
    for before, after in (
        ("title: Creuser", "title: Creuser l'allée"),
        ("effect: defer", "effect: differ"),
        ("a", ":"),
    ):
        change(rules / ACTIONS, before, after)
        code, out, err = check(*folder)
        data = json.loads(out)
        jsonschema.validate(data, SCHEMA)
        assert err == ""
        seen.append((code, data["rulebook"] is None, [problem["severity"] for problem in data["problems"]][:1]))
    strict = bool(arguments)
    assert seen == [(int(strict), False, ["warning"]), (1, True, ["error"]), (1, True, ["error"])]


def test_watching_is_not_failing(check: Callable[..., Ran]) -> None:
    code, out, err = check("--watch", "--strict")
    assert (code, out) == (2, "")
    assert err.startswith("`--strict` et `--watch` ne vont pas ensemble\n  aide : ")


# Again and again


class Watch:
    """`conseil check --watch` in a process of its own, and the lines that it writes, as they come."""

    def __init__(self, *arguments: object, folder: Path) -> None:
        env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
        env["XDG_CACHE_HOME"] = str(folder / "cache")
        self._child = subprocess.Popen(
            [sys.executable, "-c", "from conseil.cli import main; main()", "check", "--watch", *map(str, arguments)],
            env=env, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8",
        )  # fmt: skip
        self._lines: Queue[str] = Queue()
        self._reader = Thread(target=self._read)
        self._reader.start()

    def _read(self) -> None:
        for line in self._child.stdout or ():
            self._lines.put(line.rstrip("\n"))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._child.kill()
        self._child.wait()
        self._reader.join()
        if self._child.stdout:
            self._child.stdout.close()

    def until(self, words: str) -> list[str]:
        """Return the lines up to the first that holds these words."""
        lines: list[str] = []
        end = time.monotonic() + DEADLINE
        while not lines or words not in lines[-1]:
            try:
                lines.append(self._lines.get(timeout=max(0.0, end - time.monotonic())))
            except Empty:
                raise AssertionError(f"no line holds « {words} »: {lines}") from None
        return lines

    def silent(self, seconds: float) -> bool:
        """Say whether nothing is written for some time."""
        time.sleep(seconds)
        return self._lines.empty()

    def interrupt(self) -> int:
        """Press Ctrl-C, and return the exit code."""
        self._child.send_signal(signal.SIGINT)
        return self._child.wait(DEADLINE)


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[..., Watch]]:
    """Return a way to keep watch, which ends with the test."""
    started: list[Watch] = []

    def start(*arguments: object) -> Watch:
        started.append(Watch(*arguments, folder=tmp_path))
        return started[-1]

    yield start
    for one in started:
        one.__exit__()


def test_a_save_is_answered_within_a_second(watch: Callable[..., Watch], tmp_path: Path) -> None:
    """From the save to the last line, on the rules that conseil carries; the median, since machines have moods."""
    rules = Path(shutil.copytree(rules_folder(), tmp_path / "rules"))
    path = next(path for path in sorted((rules / "actions").iterdir()) if "because: " in path.read_text("utf-8"))
    right = path.read_text(encoding="utf-8")
    wrong = right.replace("because: ", "becuase: ", 1)
    watching = watch("--rules", rules)
    watching.until("aucun avertissement")
    seconds: dict[str, list[float]] = {"problème": [], "aucun avertissement": []}
    for place, (text, answer) in enumerate([(wrong, "problème"), (right, "aucun avertissement")] * 5):
        time.sleep(0.3 + place * 0.03)  # nobody saves right after an answer: by then it looks at long intervals
        saved = time.monotonic()
        path.write_text(text, encoding="utf-8")
        if text == wrong:  # a file that is half saved may be answered first: it is another problem
            watching.until("clé `becuase` inconnue")
        watching.until(answer)
        seconds[answer].append(time.monotonic() - saved)
    assert {answer: times for answer, times in seconds.items() if statistics.median(times) >= 1} == {}
    assert watching.interrupt() == 130
    watching.until("interrompu")


def test_nothing_is_said_while_nothing_is_saved(watch: Callable[..., Watch], rules: Path) -> None:
    """One check a save, with its time, and none between."""
    watching = watch("--rules", rules)
    lines = watching.until("aucun avertissement")
    assert lines[0].startswith("vérification de ")
    assert watching.silent(1)
    change(rules / ACTIONS, "title: Creuser", "title: Creuser l'allée")
    watching.until("1 avertissement")
    watching.until("aide : corrigez")
    assert watching.silent(1)


def test_it_lives_through_all_that_happens_to_files(watch: Callable[..., Watch], rules: Path) -> None:
    """Half a file, a file that an editor puts in the place of another, no file, no folder, another folder."""
    watching = watch("--rules", rules)
    watching.until("aucun avertissement")
    path = rules / ACTIONS
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole[: len(whole) // 2] + '"', encoding="utf-8")
    watching.until("problème")
    new = path.with_suffix(".yaml.new")
    new.write_text(whole, encoding="utf-8")
    new.replace(path)
    watching.until("aucun avertissement")
    path.unlink()
    watching.until("problème")
    path.write_text(whole, encoding="utf-8")
    watching.until("aucun avertissement")
    shutil.rmtree(rules)
    watching.until("rules: dossier introuvable")
    shutil.copytree(SOUND, rules)
    watching.until("aucun avertissement")
    change(path, "title: Creuser", "title: Creuser l'allée")
    watching.until("1 avertissement")
    assert watching.interrupt() == 130


def test_profiles_are_watched_too(watch: Callable[..., Watch], rules: Path, tmp_path: Path) -> None:
    """One that is not there yet is checked as soon as it is."""
    watching = watch("ici.yaml", "--rules", rules)
    watching.until("ici.yaml: fichier introuvable")
    profile = tmp_path / "ici.yaml"
    profile.write_text("name: Ici\nkind: real\nanswers: {bras: beaucoup}\n", encoding="utf-8")
    watching.until("ici.yaml:3:17: choix `beaucoup` inconnu pour `bras`")
    profile.write_text("name: Ici\nkind: real\nanswers: {bras: peu}\n", encoding="utf-8")
    watching.until("profil ici.yaml : aucun problème")


def test_each_check_is_one_line_of_json(watch: Callable[..., Watch], rules: Path) -> None:
    watching = watch("--rules", rules, "--format", "json")
    first = json.loads(watching.until("}")[-1])
    change(rules / ACTIONS, "effect: defer", "effect: differ")
    second = json.loads(watching.until("}")[-1])
    assert [data["counts"]["errors"] for data in (first, second)] == [0, 1]


def test_what_changes_during_a_check_is_checked_again(tmp_path: Path) -> None:
    """Nothing is lost between two looks."""
    path = tmp_path / "rules.yaml"
    told = saves([path, tmp_path / "absent"])
    next(told)
    path.write_text("a: b\n", encoding="utf-8")  # while the first check runs
    next(told)
    path.write_text("a: c\n", encoding="utf-8")
    next(told)
