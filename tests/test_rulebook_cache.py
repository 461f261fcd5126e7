"""A rulebook that was validated is remembered, and what is remembered never changes an answer."""

from __future__ import annotations

import ast
import os
import pickle
import shutil
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import pydantic
import pytest

from conseil import cache
from conseil.errors import InvalidRulebook
from conseil.rulebook import Rulebook, load_rulebook, loading, remembered
from golden_files import ROOT

SECOND = ROOT / "tests" / "second_guide" / "rules"
PLAN = ("plan", "creuse-grand-sud", "--engine", "reference")
MAIN = "from conseil.cli import main; main()"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a cache of its own, and return the folder of its rulebooks."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "conseil" / "rulebooks"


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return rules that a test may change."""
    return Path(shutil.copytree(SECOND, tmp_path / "rules"))


@pytest.fixture
def validations(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Say which folders are validated."""
    done: list[Path] = []
    validate = loading._Reader._validate

    def counted(reader: Any) -> Rulebook:  # noqa: ANN401 - a private class
        done.extend(reader.folders)
        return validate(reader)

    monkeypatch.setattr(loading._Reader, "_validate", counted)
    return done


def test_a_rulebook_is_validated_once(rules: Path, validations: list[Path]) -> None:
    first, again = load_rulebook(rules), load_rulebook(rules)

    assert validations == [rules]
    assert again == first
    assert again is not first
    assert again.sha256 == first.sha256
    assert again.model_dump_json() == first.model_dump_json()


def test_the_same_rules_in_another_folder_are_known(rules: Path, tmp_path: Path, validations: list[Path]) -> None:
    load_rulebook(rules)
    moved = rules.rename(tmp_path / "elsewhere")
    (moved / "LISEZ-MOI.md").write_text("Ne fait pas partie des règles.", encoding="utf-8")

    load_rulebook(moved)

    assert validations == [rules]


# What changes the rules


def edit_a_sentence(rules: Path) -> None:
    path = rules / "guide.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("title: ", "title: Autre, ", 1), encoding="utf-8")


def remove_a_file(rules: Path) -> None:
    shutil.rmtree(rules / "examples")
    path = rules / "actions" / "2-ouvrir.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(", example: tilleuls", ""), encoding="utf-8")


def swap_two_files(rules: Path) -> None:
    one, two = sorted((rules / "questions").iterdir())[:2]
    one.rename(rules / "questions" / "passing.yaml")
    two.rename(one)
    (rules / "questions" / "passing.yaml").rename(two)


@pytest.mark.parametrize("change", [edit_a_sentence, remove_a_file, swap_two_files])
def test_rules_that_changed_are_validated_again(
    rules: Path, validations: list[Path], change: Callable[[Path], None]
) -> None:
    """The file may keep its date and its size: only what it holds counts."""
    load_rulebook(rules)
    dates = {path: path.stat() for path in rules.rglob("*.yaml")}
    change(rules)
    for path in rules.rglob("*.yaml"):
        if path in dates:
            os.utime(path, ns=(dates[path].st_atime_ns, dates[path].st_mtime_ns))

    changed = load_rulebook(rules)

    assert validations == [rules, rules]
    shutil.rmtree(os.environ["XDG_CACHE_HOME"])
    assert changed == load_rulebook(rules)


@pytest.mark.parametrize("name", ["intrus.txt", "actions/9-vide.yaml", "tests/notes.txt", "actions/intrus.yaml/x.yaml"])
def test_rules_that_are_no_longer_right_are_refused(rules: Path, name: str) -> None:
    load_rulebook(rules)
    path = rules / name
    path.parent.mkdir(exist_ok=True)
    path.touch()

    with pytest.raises(InvalidRulebook):
        load_rulebook(rules)


def test_rules_that_are_not_right_are_not_remembered(rules: Path, folder: Path) -> None:
    (rules / "guide.yaml").write_text("id: sans-suite\n", encoding="utf-8")

    with pytest.raises(InvalidRulebook) as first:
        load_rulebook(rules)
    with pytest.raises(InvalidRulebook) as second:
        load_rulebook(rules)

    assert str(first.value) == str(second.value)
    assert not folder.exists()


def test_names_and_contents_are_told_apart() -> None:
    """No two folders share a key because a name or a file ends where another begins."""
    folders = [{"ab": b"c"}, {"a": b"bc"}, {"a": b"b", "c": b""}, {"a": b"", "b": b"c"}, {"a": b"b"}, {"a": b"b\0"}]

    assert len({remembered.key_of(files) for files in folders}) == len(folders)


# What changes conseil


def test_every_source_that_makes_a_rulebook_is_part_of_its_key() -> None:
    """Whatever `conseil.rulebook` loads could change what is remembered."""
    script = "import sys, conseil.rulebook; print([n for n in sys.modules if n.startswith('conseil.')])"
    loaded = ast.literal_eval(subprocess.check_output([sys.executable, "-c", script], text=True))
    package = ROOT / "src" / "conseil"
    hashed = {path.relative_to(package) for pattern in remembered._SOURCES for path in package.glob(f"{pattern}.py")}
    # where the carried rules are, and when modules are loaded, say nothing of what rules mean
    apart = {"conseil.rulebook", "conseil.shipped", "conseil.on_demand"}

    assert {Path(*name.split(".")[1:]).with_suffix(".py") for name in loaded if name not in apart} <= hashed
    assert Path("rulebook/__init__.py") in hashed


def add_a_line(path: Path) -> None:
    path.write_text(path.read_text(encoding="utf-8") + "# another state\n", encoding="utf-8")


def test_another_state_of_the_code_has_another_key(tmp_path: Path, folder: Path) -> None:
    """A checkout may share its cache with what is installed: what one wrote, the other does not read."""
    load_rulebook(SECOND)
    package = Path(shutil.copytree(ROOT / "src" / "conseil", tmp_path / "src" / "conseil"))
    script = f"import conseil; conseil.load_rulebook({str(SECOND)!r})"

    def load() -> int:
        environment = {**os.environ, "PYTHONPATH": str(tmp_path / "src")}
        subprocess.run([sys.executable, "-c", script], env=environment, check=True)
        return len(list(folder.iterdir()))

    assert load() == 1
    add_a_line(package / "sentences.py")  # which has no part in reading rules
    assert load() == 1
    add_a_line(package / "conditions.py")
    assert load() == 2


def test_another_pydantic_has_another_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its version is read where it stands, and the file that is read is the one that says it."""
    before = remembered._identity()
    told = remembered._PYDANTIC.read_text(encoding="utf-8")
    assert f"VERSION = '{pydantic.VERSION}'" in told

    another = tmp_path / "version.py"
    another.write_text(told.replace(pydantic.VERSION, "99.0"), encoding="utf-8")
    monkeypatch.setattr(remembered, "_PYDANTIC", another)
    assert remembered._identity() not in {None, before}


@pytest.mark.parametrize("where", ["sys.version", "yaml.__version__"])
def test_another_version_has_another_key(monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    before = remembered._identity()
    monkeypatch.setattr(where, "another")

    assert remembered._identity() != before


def test_code_without_sources_remembers_nothing(
    rules: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What cannot be told apart from another state of the code is validated each time."""
    monkeypatch.setattr(remembered, "_PACKAGE", tmp_path)
    monkeypatch.setattr(remembered, "_IDENTITY", remembered._identity())

    assert load_rulebook(rules) == load_rulebook(rules)
    assert not folder.exists()


# What is wrong with the cache


class Touch:
    """Would make a file, if it were ever unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


def rewritten(path: Path, kept: bytes) -> None:
    """Put something else into a remembered file, as well made as the original."""
    key = bytes.fromhex(path.name)
    path.write_bytes(key + sha256(kept).digest() + kept)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[-100] ^= 1
    path.write_bytes(bytes(data))


def run_code(path: Path) -> None:
    rewritten(path, pickle.dumps(Touch(path.parent / "ran")))


def other_key(path: Path) -> None:
    """As if the file of other rules had been renamed."""
    data = path.read_bytes()
    path.write_bytes(bytes(32) + data[32:])


def link(path: Path) -> None:
    shutil.copy(path, path.with_name("target"))
    path.unlink()
    path.symlink_to(path.with_name("target"))


def pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def directory(path: Path) -> None:
    path.unlink()
    path.mkdir()


DAMAGE: dict[str, Callable[[Path], object]] = {
    "empty": lambda path: path.write_bytes(b""),
    "truncated in its head": lambda path: os.truncate(path, 40),
    "truncated": lambda path: os.truncate(path, path.stat().st_size - 1),
    "longer": lambda path: path.write_bytes(path.read_bytes() + b"."),
    "garbage": lambda path: path.write_bytes(os.urandom(10_000)),
    "one bit": flip,
    "for other rules": other_key,
    "another thing": lambda path: rewritten(path, pickle.dumps({"guide": None})),
    "no pickle": lambda path: rewritten(path, b"{}"),
    "a pickle cut short": lambda path: rewritten(path, pickle.dumps(load_rulebook(SECOND))[:-20]),
    "an unknown class": lambda path: rewritten(path, b"cconseil.rulebook.model\nNothing\n."),
    "code": run_code,
    "a link": link,
    "a pipe": pipe,
    "a folder": directory,
    "writable by its group": lambda path: path.chmod(0o660),
    "writable by others": lambda path: path.chmod(0o602),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_a_broken_file_counts_as_none(
    rules: Path, folder: Path, validations: list[Path], damage: Callable[[Path], object]
) -> None:
    first = load_rulebook(rules)
    [path] = folder.iterdir()
    damage(path)
    validations.clear()

    assert load_rulebook(rules) == first
    assert validations == [rules] or damage is DAMAGE["a pickle cut short"]  # which loads the same rules itself
    assert not (folder / "ran").exists()
    if not path.is_dir():  # what was broken has been replaced
        validations.clear()
        assert load_rulebook(rules) == first
        assert validations == []


def test_only_the_user_can_read_and_write_what_is_remembered(rules: Path, folder: Path) -> None:
    load_rulebook(rules)

    [path] = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_counts_as_none(rules: Path, folder: Path, validations: list[Path]) -> None:
    load_rulebook(rules)
    [path] = folder.iterdir()
    os.chown(path, 12345, -1)
    load_rulebook(rules)

    assert validations == [rules, rules]


def test_the_cache_does_not_grow_for_ever(folder: Path) -> None:
    keys = [sha256(bytes([number])).digest() for number in range(40)]
    for place, key in enumerate(keys):
        cache.remember("rulebooks", key, b"kept")
        os.utime(folder / key.hex(), (place, place))

    assert len(list(folder.iterdir())) == 16
    assert cache.remembered("rulebooks", keys[-1]) == b"kept"
    assert cache.remembered("rulebooks", keys[0]) is None


# Through processes of their own


def child(*arguments: str, limit: str = "", **environment: str) -> bytes:
    """Run the command line; `limit` is a line of the shell before it."""
    env = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8", **environment}
    command = ["bash", "-c", f'{limit}\nexec "$@"', "conseil", sys.executable, "-c", MAIN, *arguments]
    done = subprocess.run(command, env=env, capture_output=True, timeout=120, check=False, cwd="/")
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


@pytest.fixture(scope="module")
def without_cache() -> bytes:
    """Return a plan made where nothing can be remembered."""
    return child(*PLAN, XDG_CACHE_HOME="/dev/null/none")


def test_the_answer_is_the_same_with_a_cold_cache_and_a_warm_one(without_cache: bytes, folder: Path) -> None:
    where = {"XDG_CACHE_HOME": str(folder.parents[1])}

    cold = child(*PLAN, **where)
    assert list(folder.iterdir())
    warm = child(*PLAN, **where)

    assert cold == warm == without_cache
    forms = [child(*PLAN, "--format", form, **where) for form in ("json", "md")]
    shutil.rmtree(folder)
    assert forms == [child(*PLAN, "--format", form, **where) for form in ("json", "md")]


@pytest.mark.parametrize(
    ("limit", "environment"),
    [
        ("", {"HOME": "/dev/null"}),
        ("unset HOME", {}),
        ("ulimit -f 0", {}),
        ("", {"XDG_CACHE_HOME": "relative", "HOME": "/dev/null"}),
    ],
    ids=["no folder can be made", "no home", "full disk", "a relative folder"],
)
def test_a_cache_that_cannot_be_written_is_no_error(
    without_cache: bytes, tmp_path: Path, limit: str, environment: dict[str, str]
) -> None:
    where = {"XDG_CACHE_HOME": str(tmp_path / "cache")} if limit.startswith("ulimit") else {}

    assert child(*PLAN, limit=limit, **where, **environment) == without_cache
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_processes_that_begin_together_answer_alike(without_cache: bytes, folder: Path) -> None:
    together = 'for i in 1 2 3; do "$@" >$XDG_CACHE_HOME.$i & done; wait; cat $XDG_CACHE_HOME.[123]; exit'

    assert child(*PLAN, limit=together, XDG_CACHE_HOME=str(folder.parents[1])) == without_cache * 3
    [path] = folder.iterdir()
    assert len(path.name) == 64


@pytest.fixture(autouse=True)
def _nothing_is_left(tmp_path: Path) -> Iterator[None]:
    yield
    assert not (ROOT / "relative").exists()
    shutil.rmtree(tmp_path, ignore_errors=True)
