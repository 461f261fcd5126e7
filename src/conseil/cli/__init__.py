"""The command line: thin; it reads, calls the library, and shows.

Exit codes: 0 all is well; 1 something that was given cannot be used; 2 the command line was not understood.
"""

from __future__ import annotations

import os
import sys

import click

from conseil.cli.actions import actions
from conseil.cli.check import check
from conseil.cli.compare import compare
from conseil.cli.explain import explain
from conseil.cli.french import FrenchGroup, explain_misuse
from conseil.cli.output import complain
from conseil.cli.plan import plan
from conseil.cli.questions import questions
from conseil.cli.version import show_version
from conseil.errors import ConseilError, InvalidInput, reason_of

__all__ = ["main"]


@click.group(cls=FrenchGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=show_version,
    help="Affiche la version et le moteur.",
)
@click.pass_context
def conseil(ctx: click.Context) -> None:
    """Un plan d’action priorisé et justifié pour structurer une filière avec et pour l’ESS."""
    if ctx.invoked_subcommand is None:
        complain(ctx.get_help())
        ctx.exit(2)


for _command in (plan, explain, compare, check, actions, questions):
    conseil.add_command(_command)


def main() -> None:
    """Run the command line, and end the process."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal that lacks a character still reads
    sys.exit(_run())


def _run() -> int:
    """Run the command line, and return its exit code."""
    try:
        code = conseil.main(prog_name="conseil", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        complain(explain_misuse(error))
        return 2
    except InvalidInput as error:
        count = len(error.problems)
        complain(f"{error}\n{count} problème{'s' if count > 1 else ''}")
    except ConseilError as error:
        complain(str(error))
    except BrokenPipeError:  # the reader left, as `head` does
        _forget_output()
    except OSError as error:  # files have their own errors: this is where the answer was to be shown
        _forget_output()
        complain(f"affichage impossible\n  aide : {reason_of(error)}")
    except (KeyboardInterrupt, click.Abort):
        complain("interrompu")
        return 130
    else:
        return code if isinstance(code, int) else 0
    return 1


def _forget_output() -> None:
    """Let nothing more be written where it cannot be, not even as Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
