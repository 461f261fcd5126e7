"""The command line: thin; it reads, calls the library, and shows.

Exit codes: 0 all is well; 1 something that was given cannot be used; 2 the command line was not understood.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from importlib import import_module

import click

from conseil.cli.french import FrenchGroup, explain_misuse
from conseil.errors import ConseilError, InvalidInput, reason_of

__all__ = ["main"]

_COMMANDS = (
    "actions",
    "ask",
    "check",
    "compare",
    "diff",
    "docs",
    "explain",
    "migrate",
    "plan",
    "questions",
    "schemas",
    "test",
    "verify",
)
"""The commands; each is a function in the module of its name."""

_OBJECTS_BETWEEN_COLLECTIONS = 200_000


class _Commands(FrenchGroup):
    """Loads a command when it is asked for, and no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's
        """Return the names of the commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's
        """Load a command."""
        if cmd_name not in _COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"conseil.cli.{cmd_name}"), cmd_name)
        return command


def _show_version(ctx: click.Context, _param: click.Parameter, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        from conseil.cli.version import versions  # noqa: PLC0415 - loaded when it is asked for, as a command is

        click.echo(versions())
        ctx.exit()


@click.group(cls=_Commands, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=_show_version,
    help="Affiche la version et le moteur.",
)
@click.pass_context
def conseil(ctx: click.Context) -> None:
    """Un plan d’action priorisé et justifié pour structurer une filière avec et pour l’ESS."""
    if ctx.invoked_subcommand is None:
        _complain(ctx.get_help())
        ctx.exit(2)


def main() -> None:
    """Run the command line, and end the process."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal that lacks a character still reads
    # A command lasts a moment. To look for cycles again and again while modules load, and once more through all that
    # the system is about to take back, would be a good part of it.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    atexit.register(gc.freeze)
    sys.exit(_run())


def _run() -> int:
    """Run the command line, and return its exit code."""
    try:
        code = conseil.main(prog_name="conseil", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        _complain(explain_misuse(error))
        return 2
    except InvalidInput as error:
        _complain(error.report)
    except ConseilError as error:
        _complain(str(error))
    except BrokenPipeError:  # the reader left, as `head` does
        _forget_output()
    except OSError as error:  # files have their own errors: this is where the answer was to be shown
        _forget_output()
        _complain(f"affichage impossible\n  aide : {reason_of(error)}")
    except (KeyboardInterrupt, click.Abort):
        _complain("interrompu")
        return 130
    else:
        return code if isinstance(code, int) else 0
    return 1


def _complain(text: str) -> None:
    """Print a message for people on the error output."""
    print(text, file=sys.stderr)  # noqa: T201 - the terminal is this module's business


def _forget_output() -> None:
    """Let nothing more be written where it cannot be, not even as Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
