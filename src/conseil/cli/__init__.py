"""The command line: thin; it reads, calls the library, and shows.

Exit codes: 0 all is well; 1 something that was given cannot be used; 2 the command line was not understood.
"""

from __future__ import annotations

import os
import sys

import click

from conseil.cli.actions import actions
from conseil.cli.check import check
from conseil.cli.french import FrenchGroup, usage_message
from conseil.cli.output import complain
from conseil.cli.plan import plan
from conseil.cli.questions import questions
from conseil.cli.version import show_version
from conseil.errors import ConseilError, InvalidInput

__all__ = ["main"]


@click.group(cls=FrenchGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    expose_value=False,
    is_eager=True,
    callback=show_version,
    help="Affiche la version et le moteur.",
)
def conseil() -> None:
    """Un plan d’action priorisé et justifié pour structurer une filière avec et pour l’ESS."""


for _command in (plan, check, actions, questions):
    conseil.add_command(_command)


def main() -> None:
    """Run the command line, and end the process."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal that lacks a character still reads
    try:
        code = conseil.main(prog_name="conseil", standalone_mode=False)
        sys.stdout.flush()
    except click.UsageError as error:
        command = error.ctx.command_path if error.ctx else "conseil"
        complain(f"{usage_message(error)}\n  aide : `{command} --help` montre comment faire")
        sys.exit(2)
    except InvalidInput as error:
        count = len(error.problems)
        complain(f"{error}\n{count} problème{'s' if count > 1 else ''}")
        sys.exit(1)
    except ConseilError as error:
        complain(str(error))
        sys.exit(1)
    except BrokenPipeError:  # the reader left, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        complain("interrompu")
        sys.exit(130)
    sys.exit(code if isinstance(code, int) else 0)
