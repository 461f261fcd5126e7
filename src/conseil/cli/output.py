"""Where a command's answer goes: the terminal, or a file that is written whole or not at all."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from conseil.errors import InvalidInput, Problem, reason_of
from conseil.rendering.outline import Outline
from conseil.rendering.text import render_text
from conseil.writing import replace_whole

if TYPE_CHECKING:
    from conseil.contract import Contract

__all__ = ["deliver", "make_folder", "write_whole"]

_COLUMNS = 80
_WIDEST = 100  # longer lines are hard to read


def _show(outline: Outline) -> None:
    """Print an outline, with colours where the terminal has them."""
    if not _may_have_colours():
        click.echo(render_text(outline, _COLUMNS).plain, nl=False)
        return
    from rich.console import Console  # noqa: PLC0415 - for a terminal alone: it is much to load
    from rich.text import Text  # noqa: PLC0415 - the same

    console = Console(highlight=False, markup=False, emoji=False)
    styled = Text()
    for line in render_text(outline, min(console.width, _WIDEST) if console.is_terminal else _COLUMNS).lines:
        shown = Text(line.text, style=line.style)
        shown.stylize("bold", *line.bold)
        styled.append_text(shown).append("\n")
    console.print(styled, soft_wrap=True, end="")


def _may_have_colours() -> bool:
    """Say whether rich has to be asked: what is piped has no colours, unless the environment wants them."""
    return sys.stdout.isatty() or bool(os.environ.keys() & {"FORCE_COLOR", "TTY_COMPATIBLE"})


def deliver(answer: Outline | Contract | str, form: str, output: str | None, *sources: Path) -> None:
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
    elif not isinstance(answer, Outline):
        text = answer.model_dump_json(indent=2) + "\n"
    elif form == "md":
        from conseil.rendering.markdown import render_markdown  # noqa: PLC0415 - loaded when it is asked for

        text = render_markdown(answer)
    elif output is None:
        _show(answer)
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
            # through a link, the file that it names is replaced
            replace_whole(Path(os.path.realpath(path)), text.encode())
    except OSError as error:
        raise InvalidInput([Problem(str(path), None, None, "écriture impossible", reason_of(error))]) from error


def make_folder(folder: Path) -> None:
    """Make a folder, and those above it, where there is none.

    Raises:
        InvalidInput: it cannot be made there.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = Problem(str(folder), None, None, "dossier impossible à créer", reason_of(error))
        raise InvalidInput([problem]) from error
