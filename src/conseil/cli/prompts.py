"""What a conversation asks of a terminal, whatever the terminal can do; and the plain manner, for any."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Callable, Sequence
from typing import NamedTuple, Protocol

import click

from conseil.errors import folded
from conseil.rendering.typography import typographic

__all__ = ["Command", "Option", "PlainPrompts", "Prompts", "Reply", "wrapped"]

_WIDEST = 100  # longer lines are hard to read


class Option(NamedTuple):
    """An answer to choose."""

    key: str
    label: str


class Command(NamedTuple):
    """What one may say instead of answering.

    Attributes:
        letter: what to type where one types.
        label: what it does, in French.
    """

    letter: str
    label: str


Reply = Command | tuple[str, ...]
"""A command, or what was chosen or typed."""


class Prompts(Protocol):
    """A manner of asking. Ctrl-C raises `KeyboardInterrupt`, the end of the input `EOFError`."""

    def say(self, text: str, *, title: bool = False) -> None:
        """Show a text."""

    def one(self, ask: str, options: Sequence[Option], commands: Sequence[Command] = ()) -> Reply:
        """Have one answer chosen."""

    def several(self, ask: str, options: Sequence[Option], none: str, commands: Sequence[Command] = ()) -> Reply:
        """Have answers chosen; `none` is how it is said that none of them is right: nothing is chosen by silence."""

    def line(
        self, ask: str, wrong: Callable[[str], str | None], commands: Sequence[Command] = (), label: str = ""
    ) -> Reply:
        """Have a line typed; `wrong` says what is wrong with it, `label` what to type where there are commands."""


def wrapped(text: str, indent: str = "", hanging: str = "") -> str:
    """Lay a text out for the terminal, breaking it at plain spaces only."""
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    return textwrap.fill(
        typographic(text),
        max(width, 40),
        initial_indent=indent,
        subsequent_indent=indent + hanging,
        break_long_words=False,
        break_on_hyphens=False,
    )


class PlainPrompts:
    """Numbers for answers, letters for the rest: needs a terminal that can show lines, and no more."""

    def say(self, text: str, *, title: bool = False) -> None:
        """Show a text."""
        click.echo(("\n" if title else "") + text)

    def one(self, ask: str, options: Sequence[Option], commands: Sequence[Command] = ()) -> Reply:
        """Have the number of an answer typed, or its words."""
        self._list(ask, options, commands)
        while True:
            said = self._read("Votre réponse (un numéro ou une lettre) : " if commands else "Votre réponse : ")
            found = _command(said, commands) or _chosen(said, options)
            if found is not None:
                return found
            self.say(typographic(f"« {said} » n’est ni un des numéros ni une des lettres ci-dessus."))

    def several(self, ask: str, options: Sequence[Option], none: str, commands: Sequence[Command] = ()) -> Reply:
        """Have numbers typed."""
        self._list(ask, options, commands, none)
        while True:
            said = self._read("Votre réponse (un ou plusieurs numéros, par exemple 1 3) : ")
            command = _command(said, commands)
            if command is not None:
                return command
            parts = said.replace(",", " ").split()
            if parts == ["0"]:
                return ()
            chosen = [_chosen(part, options) for part in parts]
            if parts and None not in chosen:
                keys = {found[0] for found in chosen if found is not None}
                return tuple(option.key for option in options if option.key in keys)
            hint = "tapez des numéros séparés par des espaces, ou une des lettres ci-dessus"
            self.say(typographic(f"« {said} » n’a pas été compris : {hint}."))

    def line(
        self, ask: str, wrong: Callable[[str], str | None], commands: Sequence[Command] = (), label: str = ""
    ) -> Reply:
        """Have a line typed."""
        self._list(ask, (), commands)
        while True:
            said = self._read(f"{typographic(label or 'Votre réponse')}\N{NO-BREAK SPACE}: ")
            command = _command(said, commands)
            if command is not None:
                return command
            fault = wrong(said)
            if fault is None:
                return (said,)
            self.say(typographic(fault))

    def _list(self, ask: str, options: Sequence[Option], commands: Sequence[Command], none: str = "") -> None:
        self.say(wrapped(ask))
        for number, option in enumerate(options, start=1):
            self.say(wrapped(f"{number:>4}  {option.label}", hanging="      "))
        if none:
            self.say(wrapped(f"   0  {none}", hanging="      "))
        for command in commands:
            self.say(wrapped(f"   {command.letter}  {command.label}", hanging="      "))

    def _read(self, prompt: str) -> str:
        return input(typographic(prompt)).strip()


def _command(said: str, commands: Sequence[Command]) -> Command | None:
    return next((command for command in commands if command.letter == said.lower()), None)


def _chosen(said: str, options: Sequence[Option]) -> tuple[str] | None:
    """Return the answer that a number or words name."""
    for number, option in enumerate(options, start=1):
        if said == str(number) or folded(said) in {folded(option.key), folded(option.label)}:
            return (option.key,)
    return None
