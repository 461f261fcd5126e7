"""Where a rulebook is read from: a folder, or a revision of the git repository in which the command is run.

A revision is written as git writes it: `HEAD~3`, `v2`, or `HEAD~3:rules` where a repository holds several rulebooks.
Its files are taken out into a temporary folder, and what is wrong with them is told under the name of the revision.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath
from typing import TypeVar

from conseil.authoring.cases import Case, load_cases
from conseil.errors import InvalidInput, Problem
from conseil.rulebook import Rulebook, load_rulebook

__all__ = ["State", "opened"]

_T = TypeVar("_T")

_HINT = "donnez un dossier de règles, ou une révision : `HEAD~3`, une étiquette, `HEAD~3:dossier`"


@dataclass(frozen=True, slots=True)
class State:
    """A rulebook and its cases, under the name by which they were asked for."""

    name: str
    rulebook: Rulebook
    cases: tuple[Case, ...]


@contextmanager
def opened(name: str) -> Iterator[State]:
    """Read a rulebook from a folder, or from a git revision, whose files last as long as the block.

    Raises:
        InvalidInput: it is neither, or the rules there are not right.
    """
    folder = Path(name)
    if folder.is_dir():
        yield _state(name, folder)
        return
    revision, _, inside = name.partition(":")
    if folder.exists() or not revision or revision.startswith("-"):
        raise InvalidInput([_problem(name, "ce n’est ni un dossier de règles, ni une révision de git", _HINT)])
    commit = _commit(name, revision)
    folder_there = inside or _only_rulebook(name, commit)
    with tempfile.TemporaryDirectory(prefix="conseil-") as temporary:
        archive = _git(name, "-C", _top(name), "archive", "--format=tar", f"{commit}:{folder_there}")
        if archive is None:
            message = f"pas de dossier `{inside}` dans la révision `{revision}`"
            raise InvalidInput([_problem(name, message, "écrivez-le depuis la racine du dépôt")])
        with tarfile.open(fileobj=io.BytesIO(archive)) as files:
            files.extractall(temporary, filter="data")
        place = f"{revision}:{folder_there}"
        yield _renamed(temporary, place, lambda: _state(name, Path(temporary)))


def _state(name: str, folder: Path) -> State:
    rulebook = load_rulebook(folder)
    return State(name, rulebook, load_cases([folder / "tests"], rulebook))


def _renamed(temporary: str, place: str, read: Callable[[], _T]) -> _T:
    """Tell the problems of a temporary folder as those of its place in the repository."""
    try:
        return read()
    except InvalidInput as error:
        problems = [replace(problem, path=problem.path.replace(temporary, place, 1)) for problem in error.problems]
        raise InvalidInput(problems) from error


def _commit(name: str, revision: str) -> str:
    """Return the commit of a revision."""
    if shutil.which("git") is None:
        raise InvalidInput([_problem(name, "ce n’est pas un dossier, et git n’est pas installé", _HINT)])
    if _git(name, "rev-parse", "--git-dir") is None:
        raise InvalidInput([_problem(name, "dossier introuvable, et nous ne sommes pas dans un dépôt git", _HINT)])
    found = _git(name, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}")
    if found is None:
        raise InvalidInput([_problem(name, f"ce n’est pas un dossier, et git n’a pas de révision `{revision}`", _HINT)])
    return found.decode().strip()


def _top(name: str) -> str:
    """Return the way to the root of the repository: run elsewhere, `git archive` does not see the folders beside."""
    return (_git(name, "rev-parse", "--show-cdup") or b"").decode().strip() or "."


def _only_rulebook(name: str, commit: str) -> str:
    """Return the folder of rules of a commit, or else of an overlay: the highest one, where only one is as high."""
    listed = _git(name, "ls-tree", "-r", "--name-only", "--full-tree", "-z", commit) or b""
    paths = [PurePosixPath(path) for path in listed.decode(errors="replace").split("\0") if path]
    guides, overlays = ([path.parent for path in paths if path.name == head] for head in ("guide.yaml", "overlay.yaml"))
    folders = guides or overlays
    highest = [folder for folder in folders if len(folder.parts) == min(len(other.parts) for other in folders)]
    if len(highest) == 1:
        return "" if highest[0] == PurePosixPath(".") else str(highest[0])
    if not highest:
        raise InvalidInput([_problem(name, "aucun dossier de règles dans cette révision", _HINT)])
    choices = ", ".join(f"`{name}:{folder}`" for folder in sorted(highest))
    raise InvalidInput([_problem(name, "cette révision a plusieurs dossiers de règles", f"nommez-en un : {choices}")])


def _git(name: str, *arguments: str) -> bytes | None:
    """Run git, and return what it printed; nothing where it failed."""
    try:
        done = subprocess.run(["git", *arguments], capture_output=True, check=False)  # noqa: S603, S607 - no shell
    except OSError as error:
        raise InvalidInput([_problem(name, "git ne se lance pas", str(error))]) from error
    return done.stdout if done.returncode == 0 else None


def _problem(name: str, message: str, hint: str) -> Problem:
    return Problem(name, None, None, message, hint)
