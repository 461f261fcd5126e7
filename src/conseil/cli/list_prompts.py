"""Lists in which one moves with the arrows, by questionary: for a terminal whose cursor moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click
import questionary

from conseil.cli.prompts import Command, Option, Reply
from conseil.rendering.typography import typographic

__all__ = ["ListPrompts"]

_ONE = "(↑ et ↓, puis Entrée)"
_SEVERAL = "(↑ et ↓, Espace pour cocher, Entrée pour valider)"
_STYLE = questionary.Style(
    [
        ("question", "bold"),
        ("instruction", "fg:ansibrightblack"),
        ("pointer", "bold"),
        ("nbsp", "nounderline ansidefault"),
    ]
)


class ListPrompts:
    """Everything stands in a list, commands below the answers."""

    def say(self, text: str, *, title: bool = False) -> None:
        """Show a text."""
        click.echo(f"\n{click.style(text, bold=True)}" if title else text)

    def one(self, ask: str, options: Sequence[Option], commands: Sequence[Command] = ()) -> Reply:
        """Have one answer chosen in a list."""
        choices: list[questionary.Choice | questionary.Separator] = [
            questionary.Choice(typographic(option.label), value=(option.key,)) for option in options
        ]
        if commands:
            choices.append(questionary.Separator(" "))
            choices += [questionary.Choice(typographic(command.label), value=command) for command in commands]
        reply: Reply = questionary.select(
            typographic(ask), choices, qmark="", instruction=_ONE, style=_STYLE
        ).unsafe_ask()
        return reply

    def several(self, ask: str, options: Sequence[Option], none: str, commands: Sequence[Command] = ()) -> Reply:
        """Have it chosen first whether there is something to tick, then what."""
        menu = [Option("some", "Choisir dans la liste (plusieurs réponses possibles)"), Option("none", none)]
        reply = self.one(ask, menu, commands)
        if reply != ("some",):
            return () if reply == ("none",) else reply
        ticked: list[str] = questionary.checkbox(
            typographic(ask),
            [questionary.Choice(typographic(option.label), value=option.key) for option in options],
            qmark="",
            instruction=_SEVERAL,
            validate=lambda chosen: bool(chosen) or "Cochez au moins une réponse, avec la barre d’espace.",
            style=_STYLE,
        ).unsafe_ask()
        return tuple(ticked)

    def line(
        self, ask: str, wrong: Callable[[str], str | None], commands: Sequence[Command] = (), label: str = ""
    ) -> Reply:
        """Have a line typed, once it was chosen to."""
        if commands:
            reply = self.one(ask, [Option("type", label)], commands)
            if isinstance(reply, Command):
                return reply
        typed: str = questionary.text(
            typographic(ask if not commands else f"{label} :"),
            qmark="",
            validate=lambda said: wrong(said.strip()) or True,
            style=_STYLE,
        ).unsafe_ask()
        return (typed.strip(),)
