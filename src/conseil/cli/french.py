"""click, in French: its help pages, and what it says of a command line that it does not understand."""

from __future__ import annotations

import re
from typing import Any

import click

__all__ = ["Choice", "FrenchCommand", "FrenchGroup", "PositiveInteger", "usage_message"]


class Choice(click.Choice[str]):
    """A choice whose error is in French."""

    def get_missing_message(self, param: click.Parameter, ctx: click.Context | None) -> str:  # noqa: ARG002 - click's
        """Say what can be chosen."""
        return f"choix possibles : {', '.join(self.choices)}"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401 - click's
        """Accept one of the choices."""
        if value not in self.choices:
            self.fail(f"`{value}` n’est pas un choix possible ({', '.join(self.choices)})", param, ctx)
        return str(value)


class PositiveInteger(click.ParamType):
    """A number from 1 up."""

    name = "nombre"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:  # noqa: ANN401 - click's
        """Accept digits."""
        text = str(value)
        if not (text.isascii() and text.isdigit() and 0 < len(text) < 10 and int(text) > 0):  # noqa: PLR2004
            self.fail(f"nombre entier d’au moins 1 attendu, et non `{value}`", param, ctx)
        return int(text)


class _French:
    """What commands and groups share."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        option = super().get_help_option(ctx)  # type: ignore[misc]
        if option is not None:
            option.help = "Affiche cette aide."
        return option  # type: ignore[no-any-return]

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        pieces = self.collect_usage_pieces(ctx)  # type: ignore[attr-defined]
        formatter.write_usage(ctx.command_path, " ".join(pieces), prefix="Usage : ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        records = [record for param in self.get_params(ctx) if (record := param.get_help_record(ctx))]  # type: ignore[attr-defined]
        if records:
            with formatter.section("Options"):
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
        rows = [(name, self.commands[name].get_short_help_str(60)) for name in self.list_commands(ctx)]
        with formatter.section("Commandes"):
            formatter.write_dl(rows)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Say that a command is expected."""
        return ["[OPTIONS]", "COMMANDE", "[ARGUMENTS]…"]


def usage_message(error: click.UsageError) -> str:
    """Say in French what click did not understand."""
    match error:
        case click.NoSuchOption(option_name=name, possibilities=possibilities):
            hint = f"\n  aide : vouliez-vous dire `{possibilities[0]}` ?" if possibilities else ""
            return f"option `{name}` inconnue{hint}"
        case click.MissingParameter(param=param):
            return f"`{param.make_metavar(error.ctx) if param and error.ctx else '?'}` manque"
        case click.BadParameter(param=param, message=message):
            return f"option `{param.opts[-1]}` : {message}" if isinstance(param, click.Option) else message
        case click.BadOptionUsage(option_name=name):
            return f"l’option `{name}` est mal employée : elle attend une valeur, ou n’en attend pas"
    found = re.search(r"\((.*)\)\s*$", error.message)
    if "extra argument" in error.message and found:
        return f"argument en trop : `{found[1]}`"
    found = re.search(r"[Nn]o such command '(.*?)'", error.message)
    if found:
        commands = list(error.ctx.command.commands) if error.ctx and isinstance(error.ctx.command, click.Group) else []
        return f"commande `{found[1]}` inconnue\n  aide : commandes possibles : {', '.join(commands)}"
    if "Missing command" in error.message:
        return "commande manquante"
    return error.message
