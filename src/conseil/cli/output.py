"""Where a command's answer goes: the terminal, or a file that is written whole or not at all."""

from __future__ import annotations

import errno
import os
import sys
import tempfile
from pathlib import Path

import click
from pydantic import BaseModel
from rich.console import Console
from rich.text import Text

from conseil.errors import InvalidInput, Problem, reason_of
from conseil.rendering import Outline, render_markdown, render_text

__all__ = ["columns", "complain", "deliver", "show", "write_whole"]

_COLUMNS = 80
_WIDEST = 100  # longer lines are hard to read


def show(text: Text | str) -> None:
    """Print an answer, with colours where the terminal has them."""
    console = Console(highlight=False, markup=False, emoji=False)
    console.print(text, soft_wrap=True, end="")


def columns() -> int:
    """Return how many columns a text may take."""
    console = Console()
    return min(console.width, _WIDEST) if console.is_terminal else _COLUMNS


def deliver(answer: Outline | BaseModel | str, form: str, output: str | None, *sources: Path) -> None:
    """Show an answer, or write it in a file.

    Args:
        answer: an outline, what crosses the border as JSON, or a picture that is already written.
        form: `text` or `md`, of an outline.
        output: the file to write, if any.
        sources: the profiles from which the answer was made.

    Raises:
        InvalidInput: it cannot be written there.
    """
    if isinstance(answer, str):
        text = answer
    elif isinstance(answer, BaseModel):
        text = answer.model_dump_json(indent=2) + "\n"
    elif form == "md":
        text = render_markdown(answer)
    elif output is None:
        show(render_text(answer, columns()))
        return
    else:
        text = render_text(answer).plain
    if output is None:
        click.echo(text, nl=False)
    else:
        write_whole(Path(output), text, *sources)


def write_whole(path: Path, text: str, *sources: Path) -> None:
    """Write a file whole or not at all: a file that existed stays as it was until the new one is complete.

    Raises:
        InvalidInput: it cannot be written there, or it is a profile from which the answer was made.
    """
    try:
        if path.exists() and any(map(path.samefile, sources)):
            hint = "donnez un autre nom de fichier"
            raise InvalidInput([Problem(str(path), None, None, "c’est le fichier du profil, qui serait perdu", hint)])
        if path.exists() and not path.is_file() and not path.is_dir():  # a pipe, a terminal: nothing to replace
            path.write_text(text, encoding="utf-8")
        else:
            _replace(Path(os.path.realpath(path)), text)  # through a link, the file that it names is replaced
    except OSError as error:
        raise InvalidInput([Problem(str(path), None, None, "écriture impossible", reason_of(error))]) from error


def _replace(target: Path, text: str) -> None:
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", dir=target.parent, prefix=".conseil-", delete=False
    ) as file:
        try:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(mode)
            Path(file.name).replace(target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def complain(text: str) -> None:
    """Print a message for people on the error output."""
    print(text, file=sys.stderr)  # noqa: T201 - the terminal is this module's business
