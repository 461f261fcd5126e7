"""The command line: exit codes, French messages, and files that are written whole or not at all."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import click
import pytest

from conseil import cli, load_rulebook
from golden_files import ROOT, check_golden

COMMANDS = cli.conseil.list_commands(click.Context(cli.conseil))
SECOND = ROOT / "tests" / "second_guide"
BAD_INPUT = ROOT / "tests" / "bad_input"
PLAN = ("plan", "creuse-grand-sud", "--engine", "reference", "--top", "1")
ENTRY = [sys.executable, "-c", "from conseil.cli import main; main()"]


class Ran(NamedTuple):
    """What a command line gave."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Return a way to run the command line in this process."""

    def run(*arguments: object) -> Ran:
        monkeypatch.setattr(sys, "argv", ["conseil", *map(str, arguments)])
        monkeypatch.setenv("COLUMNS", "80")
        with pytest.raises(SystemExit) as caught:
            cli.main()
        assert isinstance(caught.value.code, int)
        return Ran(caught.value.code, *capsys.readouterr())

    return run


def child(
    *arguments: object, cwd: Path | None = None, line: str | None = None, environment: Mapping[str, str] | None = None
) -> Ran:
    """Run the command line as a process of its own, or a line of the shell in which it is `"$@"`."""
    command = [*ENTRY, *map(str, arguments)]
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"}
    env.update(environment or {})
    whole = ["bash", "-c", line, "conseil", *command] if line else command
    done = subprocess.run(whole, cwd=cwd, env=env, capture_output=True, timeout=60, check=False)
    return Ran(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))


# Exit codes and messages


@pytest.mark.parametrize("arguments", [PLAN, ("check",), ("check", "grand-lyon"), ("actions",), ("questions",)])
def test_what_can_be_done_is_done(run: Callable[..., Ran], arguments: tuple[str, ...]) -> None:
    """An answer goes to the output, nothing to the errors, and the exit code is 0."""
    code, out, err = run(*arguments)
    assert (code, err) == (0, "")
    assert out.endswith("\n")


def test_the_version_says_what_runs(run: Callable[..., Ran]) -> None:
    """It names conseil, the rules and the engine."""
    code, out, err = run("--version")
    assert (code, err) == (0, "")
    guide = load_rulebook().guide
    assert re.fullmatch(rf"conseil .+\nrègles {guide.id} {guide.version}\nmoteur .+\n", out)


MISUSES = {
    "no command": ((), None),
    "unknown command": (("pla",), "commande `pla` inconnue\n  aide : vouliez-vous dire `plan` ?"),
    "unknown option": (
        ("plan", "--formt", "md", "x"),
        "option `--formt` inconnue\n  aide : vouliez-vous dire `--format` ?",
    ),
    "unknown short option": (
        ("plan", "-z", "x"),
        "option `-z` inconnue\n  aide : `conseil plan --help` montre comment faire",
    ),
    "missing argument": (("plan",), "argument `PROFIL` manquant\n  aide : `conseil plan --help` montre comment faire"),
    "extra argument": (
        ("plan", "a", "b"),
        "argument en trop : `b`\n  aide : `conseil plan --help` montre comment faire",
    ),
    "extra arguments": (
        ("actions", "a", "b"),
        "argument en trop : `a b`\n  aide : `conseil actions --help` montre comment faire",
    ),
    "option without value": (
        ("plan", "x", "--format"),
        "l’option `--format` attend une valeur\n  aide : `conseil plan --help` montre comment faire",
    ),
    "value without need": (
        ("check", "--help=oui"),
        "l’option `--help` n’attend pas de valeur\n  aide : `conseil check --help` montre comment faire",
    ),
    "bad choice": (
        ("plan", "x", "--format", "jason"),
        "option `--format` : valeur `jason` inconnue\n  aide : vouliez-vous dire `json` ?",
    ),
    "bad engine": (
        ("plan", "x", "--engine", "vapeur"),
        "option `--engine` : valeur `vapeur` inconnue\n  aide : possibilités : `durable`, `compiled`, `reference`",
    ),
    "bad number": (
        ("plan", "x", "--top", "0"),
        "option `--top` : nombre entier d’au moins 1 attendu, et non `0`\n  aide : en chiffres, sans espace ni unité",
    ),
    "number without end": (
        ("plan", "x", "--top", "10000000000"),
        "option `--top` : `10000000000` est trop grand\n  aide : 9 chiffres au plus",
    ),
    "number in words": (
        ("plan", "x", "--top", "dix"),
        "option `--top` : nombre entier d’au moins 1 attendu, et non `dix`\n  aide : en chiffres, sans espace ni unité",
    ),
    "unknown step": (
        ("plan", "grand-lyon", "--step", "Financements"),
        "option `--step` : étape `Financements` inconnue\n  aide : vouliez-vous dire `financement` ?",
    ),
    "step of a whole plan": (
        ("plan", "grand-lyon", "--format", "json", "--step", "financement"),
        "`--step` et `--top` ne vont pas avec `--format json`\n  aide : sous cette forme, le plan est entier",
    ),
    "empty profile": (("plan", ""), "argument `PROFIL` : nom vide\n  aide : une variable sans valeur, peut-être"),
    "empty output": (
        ("plan", "grand-lyon", "-o", " "),
        "option `--output` : nom vide\n  aide : une variable sans valeur, peut-être",
    ),
    "empty rules": (
        ("check", "--rules", ""),
        "option `--rules` : nom vide\n  aide : une variable sans valeur, peut-être",
    ),
}


@pytest.mark.parametrize(("arguments", "message"), MISUSES.values(), ids=MISUSES)
def test_a_command_line_that_is_not_understood(
    run: Callable[..., Ran], arguments: tuple[str, ...], message: str | None
) -> None:
    """The exit code is 2, and the message says in French what is wrong and what to do."""
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert err == f"{message}\n" if message else err.startswith("Usage : conseil [OPTIONS] COMMANDE")


def test_wrong_input_is_told_whole(run: Callable[..., Ran]) -> None:
    """Every problem of every profile, then their number; the exit code is 1."""
    wrong = [
        BAD_INPUT / "profiles" / f"{name}.yaml" for name in ("unknown_choice", "integer_too_high", "quote_not_closed")
    ]
    code, out, err = run("check", *wrong, "--rules", BAD_INPUT / "sound")
    assert (code, out) == (1, "")
    assert [
        line.removeprefix(f"{wrong[0].parent}/") for line in err.splitlines() if not line.startswith("  aide : ")
    ] == [
        "integer_too_high.yaml:3:16: 100 est hors des valeurs possibles de `age`",
        "quote_not_closed.yaml:3:17: guillemet qui n’est pas refermé",
        "unknown_choice.yaml:4:9: choix `assés` inconnu pour `bras`",
        "unknown_choice.yaml:5:10: choix `moyenne` inconnu pour `force`",
        "4 problèmes",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("plan", "nulle-part.yaml"), "nulle-part.yaml: fichier introuvable"),
        (("plan", "x" * 5000), "fichier introuvable"),
        (("plan", ROOT), "c’est un dossier, et un fichier était attendu"),
        (("plan", "creuse-grand-sdu"), "aide : vouliez-vous dire `creuse-grand-sud` ?"),
        (("check", "--rules", "nulle-part"), "nulle-part: dossier introuvable"),
        (("check", "--rules", ROOT / "src"), "ce n’est pas un dossier de règles"),
        (("check", "grand-lyon", "--rules", SECOND / "rules"), "ce profil est écrit pour les règles `filiere-ess`"),
    ],
)
def test_what_cannot_be_found_or_used(run: Callable[..., Ran], arguments: tuple[object, ...], message: str) -> None:
    """The exit code is 1, and the message names the file."""
    code, out, err = run(*arguments)
    assert (code, out) == (1, "")
    assert message in err
    assert "\n  aide : " in err


@pytest.mark.golden
def test_the_help_is_french(run: Callable[..., Ran]) -> None:
    """Every page of help is as it was read and approved, and no word of click is left in English."""
    pages = [run(*command, "--help") for command in ((), *((name,) for name in COMMANDS))]
    assert [(0, "")] * len(pages) == [(page.code, page.err) for page in pages]
    whole = "\n".join(page.out for page in pages)
    check_golden(ROOT / "tests" / "golden" / "help.txt", whole)
    assert not re.search(
        r"Usage:|Options:|Commands:|\b(Show|this|message|and|exit|the|default|required|ARGS|TEXT)\b", whole
    )
    assert run("plan", "--help") == run("plan", "-h")


# Files


@pytest.mark.parametrize("form", ["text", "md", "json"])
def test_a_plan_is_written_to_a_file(run: Callable[..., Ran], form: str, tmp_path: Path) -> None:
    """The file holds what the terminal would show, and nothing else is left beside it."""
    asked = ("plan", SECOND / "profiles" / "rue-haute.yaml", "--rules", SECOND / "rules", "--format", form)
    target = tmp_path / "plan"
    assert Ran(0, "", "") == run(*asked, "-o", target)
    assert target.read_text(encoding="utf-8") == run(*asked).out
    assert [target] == list(tmp_path.iterdir())


def test_a_file_is_replaced_and_keeps_its_rights(run: Callable[..., Ran], tmp_path: Path) -> None:
    """A new file gets what the system gives; one that existed stays as open, or as closed, as it was."""
    target = tmp_path / "plan.txt"
    run(*PLAN, "-o", target)
    plain = tmp_path / "simple"
    plain.touch()
    assert stat.S_IMODE(plain.stat().st_mode) == stat.S_IMODE(target.stat().st_mode)
    target.write_text("avant", encoding="utf-8")
    target.chmod(0o640)
    run(*PLAN, "-o", target)
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert target.read_text(encoding="utf-8").startswith("═")


def test_through_a_link_the_file_that_it_names_is_replaced(run: Callable[..., Ran], tmp_path: Path) -> None:
    """The link stays a link."""
    target, link = tmp_path / "plan.txt", tmp_path / "lien"
    target.write_text("avant", encoding="utf-8")
    link.symlink_to(target)
    assert run(*PLAN, "-o", link).code == 0
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8").startswith("═")


@pytest.mark.parametrize(
    "arguments",
    [
        ("plan", BAD_INPUT / "profiles" / "unknown_choice.yaml"),
        ("plan", "grand-lyon", "--rules", BAD_INPUT / "profiles"),
        ("plan", "grand-lyon", "--step", "nulle-part"),
        ("plan", "grand-lyon", "--format", "pdf"),
    ],
)
def test_a_failure_leaves_the_file_as_it_was(
    run: Callable[..., Ran], arguments: tuple[object, ...], tmp_path: Path
) -> None:
    """Whatever goes wrong, an existing file keeps its content, and no new one appears."""
    target = tmp_path / "plan.txt"
    target.write_text("avant", encoding="utf-8")
    assert run(*arguments, "-o", target).code in {1, 2}
    assert run(*arguments, "-o", tmp_path / "autre.txt").code in {1, 2}
    assert target.read_text(encoding="utf-8") == "avant"
    assert [target] == list(tmp_path.iterdir())


@pytest.mark.parametrize("failing", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_write_that_fails_half_way_leaves_the_file_as_it_was(
    run: Callable[..., Ran], failing: str, error: BaseException, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk, or somebody who stops the command, costs nothing."""

    def fail(*_: object) -> None:
        raise error

    target = tmp_path / "plan.txt"
    target.write_text("avant", encoding="utf-8")
    monkeypatch.setattr(os if failing == "fsync" else Path, failing, fail)
    code, out, err = run(*PLAN, "-o", target)
    monkeypatch.undo()
    expected = (1, f"{target}: écriture impossible\n  aide : le disque est plein\n1 problème\n")
    assert ("", (130, "\ninterrompu\n") if isinstance(error, KeyboardInterrupt) else expected) == (out, (code, err))
    assert target.read_text(encoding="utf-8") == "avant"
    assert [target] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("dossier", "c’est un dossier ; donnez le nom d’un fichier"),
        ("absent/plan.txt", "le dossier n’existe pas"),
        ("fichier/plan.txt", "un fichier tient la place d’un dossier dans ce chemin"),
        ("x" * 300, "le nom est trop long"),
    ],
)
def test_where_nothing_can_be_written(run: Callable[..., Ran], name: str, reason: str, tmp_path: Path) -> None:
    """The message says why; nothing was written."""
    (tmp_path / "dossier").mkdir()
    (tmp_path / "fichier").touch()
    expected = f"{tmp_path / name}: écriture impossible\n  aide : {reason}\n1 problème\n"
    assert Ran(1, "", expected) == run(*PLAN, "-o", tmp_path / name)
    assert {"dossier", "fichier"} == {path.name for path in tmp_path.iterdir()}


def test_a_folder_that_may_not_be_written(
    run: Callable[..., Ran], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system's refusal is told in French."""

    def refuse(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", lambda *_, **__: refuse())
    assert "vous n’en avez pas le droit" in run(*PLAN, "-o", tmp_path / "plan.txt").err


def test_a_profile_is_not_replaced_by_its_plan(run: Callable[..., Ran], tmp_path: Path) -> None:
    """A slip of the hand does not cost the answers."""
    profile = Path(shutil.copy(ROOT / "profiles" / "grand-lyon.yaml", tmp_path / "profil.yaml"))
    before = profile.read_bytes()
    (tmp_path / "lien").symlink_to(profile)
    for name in ("profil.yaml", "lien"):
        code, _, err = run("plan", profile, "-o", tmp_path / name)
        assert code == 1
        assert "c’est le fichier du profil, qui serait perdu" in err
    assert before == profile.read_bytes()


# Processes


def test_a_shipped_profile_is_found_from_any_folder(tmp_path: Path) -> None:
    """Its name is enough; a file of that name, where one is, comes first."""
    assert "Creuse Grand Sud" in child(*PLAN, cwd=tmp_path).out
    (tmp_path / "creuse-grand-sud").write_text("name: Ici\nkind: real\n", encoding="utf-8")
    assert "Plan d’action\u00a0: Ici" in child(*PLAN, cwd=tmp_path).out


def test_a_profile_that_is_a_pipe_is_refused(tmp_path: Path) -> None:
    """Nothing waits for somebody to write to it."""
    os.mkfifo(tmp_path / "tube")
    code, out, err = child("plan", "tube", cwd=tmp_path)
    assert (code, out) == (1, "")
    assert "tube: ce n’est pas un fichier ordinaire\n  aide : enregistrez son contenu dans un fichier YAML\n" in err


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_reader_who_leaves_early_is_no_error(form: str) -> None:
    """`conseil plan … | head` shows the first lines, and no traceback."""
    code, out, err = child("plan", "creuse-grand-sud", "--format", form, line='"$@" | head -n 1')
    assert (code, err) == (0, "")
    assert out.count("\n") == 1


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
@pytest.mark.parametrize("arguments", [("plan", "grand-lyon"), ("plan", "grand-lyon", "--format", "json"), ("check",)])
def test_an_output_that_is_full_is_told(arguments: tuple[str, ...]) -> None:
    """What cannot be shown is not passed over in silence, nor told twice."""
    code, _, err = child(*arguments, line='"$@" > /dev/full')
    assert (code, err) == (1, "affichage impossible\n  aide : le disque est plein\n")


def test_a_plan_can_be_sent_to_a_pipe() -> None:
    """A pipe is written to, and not replaced."""
    code, out, err = child(*PLAN, "-o", "/dev/stdout", line='"$@" | tail -n +2 | head -n 1')
    assert (code, out, err) == (0, "Plan d’action\u00a0: Communauté de communes Creuse Grand Sud\n", "")


@pytest.mark.parametrize("environment", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_what_is_piped_is_plain(environment: dict[str, str]) -> None:
    """No colour, and 80 columns, where no terminal reads."""
    code, out, _ = child(*PLAN, environment=environment)
    assert code == 0
    assert "\x1b" not in out
    assert max(map(len, out.splitlines())) == 80


def test_colours_can_be_refused() -> None:
    """On a terminal there are some, and NO_COLOR takes them away."""
    script = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]))"

    def on_a_terminal(**more: str) -> str:
        spawned = f"{sys.executable} -c '{script}' \"$@\" </dev/null"
        return child(*PLAN, line=spawned, environment={"TERM": "xterm-256color", **more}).out

    assert re.search(r"\x1b\[[\d;]*3\dm", on_a_terminal())
    assert not re.search(r"\x1b\[[\d;]*3\dm", on_a_terminal(NO_COLOR="1"))


@pytest.mark.parametrize(
    "environment",
    [{"LC_ALL": "C", "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}],
)
def test_a_terminal_that_lacks_letters_still_reads(environment: dict[str, str], tmp_path: Path) -> None:
    """Letters that cannot be shown are replaced, on both outputs; files stay in UTF-8."""
    code, out, err = child(*PLAN, environment=environment)
    assert (code, err) == (0, "")
    assert "Creuse Grand Sud" in out
    code, out, err = child("plan", "absent-é.yaml", cwd=tmp_path, environment=environment)
    assert (code, out) == (1, "")
    assert "fichier introuvable" in err
    assert child("plan", "é", "à", environment=environment).code == 2
    assert child(*PLAN, "-o", "plan-é.txt", cwd=tmp_path, environment=environment).code == 0
    (written,) = tmp_path.iterdir()
    assert "Communauté" in written.read_text(encoding="utf-8")


def test_a_name_that_is_not_text_is_shown_all_the_same(tmp_path: Path) -> None:
    """A file name in another encoding breaks no message."""
    name = os.fsdecode(b"\xff\x1b[31m.yaml")
    code, out, err = child("plan", name, cwd=tmp_path)
    assert (code, out) == (1, "")
    assert "<U+DCFF><U+001B>[31m.yaml: fichier introuvable" in err


@pytest.mark.parametrize("path", sorted((BAD_INPUT / "profiles").iterdir())[::12], ids=lambda path: path.stem)
def test_no_traceback_escapes(path: Path) -> None:
    """A wrong profile ends with exit code 1 and its problems."""
    code, out, err = child("plan", path, "--rules", BAD_INPUT / "sound")
    assert (code, out) == (1, "")
    assert "Traceback" not in err
    assert re.search(r"\n\d+ problèmes?\n$", err)
