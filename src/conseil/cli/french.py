"""click, in French: its help pages, and what it says of a command line that it does not understand."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from conseil.errors import nearest

if TYPE_CHECKING:
    ParameterType = click.ParamType[Any]
else:
    ParameterType = click.ParamType  # it takes no argument in older versions of click

__all__ = [
    "Choice",
    "FrenchCommand",
    "FrenchGroup",
    "Misuse",
    "Name",
    "NaturalInteger",
    "PositiveInteger",
    "explain_misuse",
]


class Misuse(click.UsageError):
    """A command line that cannot be followed, and what to do about it."""

    def __init__(self, message: str, hint: str) -> None:
        """Keep the message and the hint."""
        super().__init__(message)
        self.hint = hint


def _called(param: click.Parameter | None) -> str:
    """Name an option or an argument as it stands in the help."""
    if isinstance(param, click.Argument):
        return f"argument `{(param.metavar or param.name or '').strip('[]…')}`"
    return f"option `{param.opts[-1]}`" if param else "valeur"


class Choice(ParameterType):
    """One of a few words."""

    name = "choix"

    def __init__(self, choices: list[str]) -> None:
        """Keep the words."""
        self.choices = choices

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str:  # noqa: ARG002 - click's
        """Show the words."""
        return f"[{'|'.join(self.choices)}]"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401, ARG002 - click's
        """Accept one of the words."""
        if value not in self.choices:
            raise Misuse(f"{_called(param)} : valeur `{value}` inconnue", nearest(str(value), self.choices))
        return str(value)


class PositiveInteger(ParameterType):
    """A number from 1 up."""

    name = "nombre"
    least = 1
    _digits = 9

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401, ARG002 - click's
        """Accept digits."""
        text = str(value)
        if not (text.isascii() and text.isdigit()) or (len(text) <= self._digits and int(text) < self.least):
            message = f"{_called(param)} : nombre entier d’au moins {self.least} attendu, et non `{value}`"
            raise Misuse(message, "en chiffres, sans espace ni unité")
        if len(text) > self._digits:
            raise Misuse(f"{_called(param)} : `{value}` est trop grand", f"{self._digits} chiffres au plus")
        return int(text)


class NaturalInteger(PositiveInteger):
    """A number from 0 up."""

    least = 0


class Name(ParameterType):
    """The name of a file, of a folder or of a step."""

    name = "nom"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401, ARG002 - click's
        """Accept any name that is one."""
        if not str(value).strip():
            raise Misuse(f"{_called(param)} : nom vide", "une variable sans valeur, peut-être")
        return str(value)


class _French:
    """What commands and groups share."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Note in which command a fault was made: click does not always."""
        try:
            return super().parse_args(ctx, args)  # type: ignore[misc,no-any-return]
        except click.UsageError as error:
            error.ctx = error.ctx or ctx
            raise

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "Affiche cette aide."
        return option  # type: ignore[no-any-return]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix="Usage : ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        options = [param for param in self.get_params(ctx) if isinstance(param, click.Option)]  # type: ignore[attr-defined]
        records = [
            (record[0], record[1].replace("[required]", "[obligatoire]"))
            for option in options
            if (record := option.get_help_record(ctx))
        ]
        if records:
            with formatter.section("Options "):
                formatter.write_dl(records)


class FrenchCommand(_French, click.Command):
    """A command whose help is in French."""

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Say where the options go."""
        return ["[OPTIONS]" if piece == self.options_metavar else piece for piece in super().collect_usage_pieces(ctx)]


class FrenchGroup(_French, click.Group):
    """A group of commands whose help is in French."""

    command_class = FrenchCommand

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the options, then the commands."""
        super().format_options(ctx, formatter)
        commands = {name: self.get_command(ctx, name) for name in self.list_commands(ctx)}
        rows = [(name, command.get_short_help_str(limit=200)) for name, command in commands.items() if command]
        with formatter.section("Commandes "):
            formatter.write_dl(rows)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Say that a command is expected."""
        return ["[OPTIONS]", "COMMANDE", "[ARGUMENTS]…"]


def explain_misuse(error: click.UsageError) -> str:
    """Say in French what click did not understand, and what to do about it."""
    message, hint = _in_french(error)
    command = error.ctx.command_path if error.ctx else "conseil"
    return f"{message}\n  aide : {hint or f'`{command} --help` montre comment faire'}"


def _in_french(error: click.UsageError) -> tuple[str, str | None]:
    match error:
        case Misuse(message=message, hint=hint):
            return message, hint
        case click.NoSuchOption(option_name=name, possibilities=possibilities):
            return f"option `{name}` inconnue", f"vouliez-vous dire `{possibilities[0]}` ?" if possibilities else None
        case click.MissingParameter(param=param):
            return f"{_called(param)} manquant{'' if isinstance(param, click.Argument) else 'e'}", None
        case click.BadOptionUsage(option_name=name):
            takes = "n’attend pas de valeur" if "does not take" in error.message else "attend une valeur"
            return f"l’option `{name}` {takes}", None
    return _in_french_by_words(error)


def _in_french_by_words(error: click.UsageError) -> tuple[str, str | None]:
    """Explain what click has no class for."""
    found = re.search(r"extra arguments? \((.*)\)", error.message, re.DOTALL)
    if found:
        return f"argument en trop : `{found[1]}`", None
    found = re.search(r"[Nn]o such command '(.*?)'", error.message, re.DOTALL)
    if found:
        group = error.ctx.command if error.ctx else None
        commands = group.list_commands(error.ctx) if error.ctx and isinstance(group, click.Group) else ()
        return f"commande `{found[1]}` inconnue", nearest(found[1], commands)
    return "commande incomplète ou mal écrite", None
