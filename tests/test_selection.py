"""Which engine runs, that it has proved itself first, and what is said where it cannot."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from conseil.conditions import OneOf
from conseil.errors import EngineError, EngineUnavailable
from conseil.inference import (
    ENGINES,
    CompiledEngine,
    DurableEngine,
    Engine,
    EngineStatus,
    ReferenceEngine,
    compile_rulebook,
    engine_status,
    selection,
    self_check,
)
from conseil.profile import Known
from conseil.rulebook import Rulebook
from strategies import durable_or_skip, needs_durable, question, rulebook_of


def small(value: str = "x") -> Rulebook:
    return rulebook_of([question("p", "choice", "x", "y")], [OneOf("p", (value,))])


def forget() -> None:
    """Make this process as if it had just begun."""
    selection._checked_fault.cache_clear()
    selection._engines.clear()


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give each test a cache of its own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    forget()
    yield tmp_path / "cache" / "conseil" / "engines"
    forget()


@pytest.fixture
def checks(monkeypatch: pytest.MonkeyPatch) -> list[str | None]:
    """Say how often the check is run, without running it; it finds nothing, for good."""
    run: list[str | None] = []

    def check() -> tuple[str | None, bool]:
        run.append(None)
        return None, True

    monkeypatch.setattr(selection, "_self_check", check)
    return run


@pytest.fixture
def interpreter(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[str], None]:
    """Give the check another interpreter: a shell script."""

    def install(script: str) -> None:
        path = tmp_path / "python"
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)
        monkeypatch.setattr(sys, "executable", str(path))

    return install


@pytest.fixture
def absent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)


# Where durable-rules runs


@needs_durable
def test_durable_runs_once_it_has_passed_its_check(cache: Path) -> None:
    status = engine_status()
    assert str(status).startswith("durable (durable-rules ")
    assert len(list(cache.iterdir())) == 1
    assert isinstance(compile_rulebook(small()), DurableEngine)


@needs_durable
def test_the_check_is_run_once_for_an_installation(checks: list[str | None]) -> None:
    assert engine_status() == engine_status()
    forget()
    assert engine_status().name == "durable"
    assert len(checks) == 1


@needs_durable
def test_the_check_is_run_again_when_the_extension_or_conseil_changes(
    checks: list[str | None], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    engine_status()
    changed = tmp_path / "selection.py"
    changed.write_text("# another text", encoding="utf-8")
    monkeypatch.setattr(selection, "__file__", str(changed))
    forget()
    engine_status()
    extension = tmp_path / "engine.so"
    for time in (1, 2):
        extension.touch()
        os.utime(extension, (time, time))
        monkeypatch.setattr(sys.modules["durable_rules_engine"], "__file__", str(extension))
        forget()
        engine_status()
    assert len(checks) == 4


@needs_durable
@pytest.mark.parametrize("content", [b"", b"{", b"bidon", b"\x00\xff"])
def test_a_cache_that_cannot_be_read_is_no_error(content: bytes, cache: Path, checks: list[str | None]) -> None:
    engine_status()
    (kept,) = cache.iterdir()
    kept.write_bytes(content)
    for _ in range(2):
        forget()
        assert engine_status().name == "durable"
    assert len(checks) == 2


@needs_durable
def test_a_check_that_others_could_have_written_is_done_again(cache: Path, checks: list[str | None]) -> None:
    engine_status()
    (kept,) = cache.iterdir()
    kept.chmod(0o666)
    forget()
    assert engine_status().name == "durable"
    assert len(checks) == 2


@needs_durable
def test_a_pipe_in_the_cache_does_not_make_anybody_wait(cache: Path, checks: list[str | None]) -> None:
    engine_status()
    (kept,) = cache.iterdir()
    kept.unlink()
    os.mkfifo(kept)
    forget()
    assert engine_status().name == "durable"
    assert len(checks) == 2


@needs_durable
def test_a_cache_folder_that_is_no_whole_path_is_not_used(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, checks: list[str | None]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert engine_status().name == "durable"
    assert not (tmp_path / "here").exists()
    assert len(checks) == 1


@needs_durable
def test_a_cache_that_cannot_be_written_is_no_error(cache: Path, checks: list[str | None]) -> None:
    cache.parent.parent.parent.mkdir(exist_ok=True)
    cache.parent.parent.write_text("a file where a folder should be", encoding="utf-8")
    assert engine_status().name == "durable"
    assert engine_status().name == "durable"
    assert len(checks) == 1  # remembered by the process
    forget()
    assert engine_status().name == "durable"
    assert len(checks) == 2


@needs_durable
@pytest.mark.usefixtures("checks")
def test_without_a_home_folder_there_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def homeless() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", homeless)
    assert engine_status().name == "durable"


@needs_durable
def test_threads_that_come_first_together_wait_for_one_check(checks: list[str | None]) -> None:
    rulebook = small()
    with ThreadPoolExecutor(8) as pool:
        engines = set(pool.map(lambda _: id(compile_rulebook(rulebook)), range(16)))
    assert len(engines) == 1
    assert len(checks) == 1


# Where it fails its check


@needs_durable
@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("kill -SEGV $$", "durable-rules échoue à son autocontrôle (arrêt par le signal 11)"),
        ("exit 3", "durable-rules échoue à son autocontrôle (résultats faux)"),
    ],
)
def test_an_engine_that_fails_its_check_is_not_used(
    script: str, reason: str, interpreter: Callable[[str], None]
) -> None:
    interpreter(script)
    assert engine_status() == EngineStatus("compiled", reason)
    assert isinstance(compile_rulebook(small()), CompiledEngine)
    interpreter("exit 0")
    forget()
    assert engine_status() == EngineStatus("compiled", reason)  # remembered


@needs_durable
def test_a_check_that_is_itself_broken_is_done_again_another_time(interpreter: Callable[[str], None]) -> None:
    interpreter("exit 1")
    assert engine_status().reason == "l’autocontrôle de durable-rules n’a pas pu se dérouler (code 1)"
    interpreter("exit 0")
    forget()
    assert engine_status().name == "durable"


@needs_durable
def test_a_check_that_takes_too_long_is_done_again_another_time(
    interpreter: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    interpreter("exec sleep 30")
    monkeypatch.setattr(selection, "_CHECK_SECONDS", 0.2)
    assert str(engine_status()) == "compiled : durable-rules n’a pas fini son autocontrôle en 0 secondes"
    interpreter("exit 0")
    monkeypatch.setattr(selection, "_CHECK_SECONDS", 60)
    forget()
    assert engine_status().name == "durable"


@needs_durable
def test_a_check_that_cannot_be_started_is_no_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", str(tmp_path / "missing"))
    assert engine_status().name == "compiled"
    monkeypatch.setattr(sys, "frozen", True, raising=False)  # another `-m` would start the whole program again
    forget()
    assert engine_status() == EngineStatus("compiled", "durable-rules n’a pas pu être contrôlé dans ce programme")


@needs_durable
def test_the_check_finds_an_engine_that_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(self_check, "_profiles", lambda: iter([Known({"a": "x"}, {}), Known({"a": "y"}, {})]))
    assert self_check.main() == 0
    nothing = ReferenceEngine(self_check._rulebook(self_check._CONDITIONS)).infer(Known({}, {}))
    monkeypatch.setattr(DurableEngine, "infer", lambda *_: nothing)
    assert self_check.main() == 3
    assert capsys.readouterr().err.count("wrong: ") == 3

    def fail(*_: object) -> None:
        raise EngineError("durable-rules a refusé un fait (code 2)")

    monkeypatch.setattr(DurableEngine, "infer", fail)
    assert self_check.main() == 3
    assert capsys.readouterr().err == "wrong: durable-rules a refusé un fait (code 2)\n"


@needs_durable
def test_the_check_is_a_program() -> None:
    command = [sys.executable, "-W", "error", "-m", "conseil.inference.self_check"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


# Where durable-rules is missing


@pytest.mark.usefixtures("absent")
def test_without_durable_rules_another_engine_takes_over_and_says_why(cache: Path) -> None:
    python = f"Python {sys.version_info.major}.{sys.version_info.minor}"
    assert str(engine_status()) == f"compiled : durable-rules n’est pas installé ({python})"
    assert isinstance(compile_rulebook(small()), CompiledEngine)
    assert not cache.exists()  # it may be installed the next moment


@pytest.mark.usefixtures("absent")
def test_asking_for_an_engine_that_is_missing_is_an_error() -> None:
    with pytest.raises(EngineUnavailable, match="le moteur `durable` ne peut pas servir ici : durable-rules n’est pas"):
        compile_rulebook(small(), "durable")


# Engines by name


def test_an_unknown_engine_is_an_error_that_lists_those_there_are() -> None:
    with pytest.raises(EngineUnavailable) as caught:
        compile_rulebook(small(), "prolog")
    assert str(caught.value).startswith("moteur `prolog` inconnu\n  aide : ")
    assert all(f"`{name}`" in str(caught.value) for name in ENGINES)


@pytest.mark.parametrize("name", [durable_or_skip, *(name for name in ENGINES if name != "durable")])
@pytest.mark.usefixtures("checks")
def test_engines_carry_their_names(name: str) -> None:
    assert compile_rulebook(small(), name).name == name


def test_rulebooks_that_say_the_same_share_an_engine() -> None:
    engine = compile_rulebook(small(), "reference")
    assert compile_rulebook(small(), "reference") is engine
    assert compile_rulebook(small("y"), "reference") is not engine


def test_few_engines_are_kept() -> None:
    asked = question("p", "choice", *(f"c{index}" for index in range(12)))
    books = [rulebook_of([asked], [OneOf("p", (f"c{index}",))]) for index in range(12)]
    first = compile_rulebook(books[0], "reference")
    for book in books[1:]:
        compile_rulebook(book, "reference")
    assert len(selection._engines) == 8
    assert compile_rulebook(books[0], "reference") is not first


def test_a_rulebook_is_compiled_once_and_keeps_no_other_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    slow, quick = (rulebook_of([question(name, "boolean")], {}) for name in ("slow", "quick"))
    begun, go_on = Event(), Event()
    made: list[str] = []

    class Patient(ReferenceEngine):
        def __init__(self, rulebook: Rulebook) -> None:
            super().__init__(rulebook)
            made.append(rulebook.sha256)
            if rulebook is slow:
                begun.set()
                assert go_on.wait(30)

    monkeypatch.setattr(selection, "ENGINES", {"patient": Patient})
    with ThreadPoolExecutor(2) as threads:
        twice = [threads.submit(compile_rulebook, slow, "patient") for _ in range(2)]
        assert begun.wait(30)
        compile_rulebook(quick, "patient")  # in this thread, while another is at the slow one
        go_on.set()
        first, second = (one.result(30) for one in twice)

    assert first is second
    assert made == [slow.sha256, quick.sha256]
    assert not selection._making


def test_an_engine_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rulebook = rulebook_of([question("fails", "boolean")], {})

    def fail(_rulebook: Rulebook) -> Engine:
        raise EngineError("raté")

    monkeypatch.setattr(selection, "ENGINES", {"failing": fail})
    with pytest.raises(EngineError, match="raté"):
        compile_rulebook(rulebook, "failing")
    assert not selection._making
    monkeypatch.setattr(selection, "ENGINES", {"failing": ReferenceEngine})
    assert compile_rulebook(rulebook, "failing").name == "reference"
