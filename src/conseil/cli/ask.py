"""`conseil ask`: the questionnaire, in a terminal."""

from __future__ import annotations

import os
import shlex
import sys
from dataclasses import replace
from itertools import count
from pathlib import Path

import click

from conseil.advice import advise
from conseil.cli.conversation import Conversation
from conseil.cli.french import FrenchCommand, Misuse, Name
from conseil.cli.options import profile_path, rules_option
from conseil.cli.output import deliver
from conseil.cli.prompts import Option, PlainPrompts, Prompts, wrapped
from conseil.errors import folded
from conseil.interview import Interview
from conseil.profile import Profile
from conseil.profile_file import ProfileFile
from conseil.rendering import outline
from conseil.rendering.asked import to_check_section
from conseil.rulebook import Rulebook, load_rulebook

__all__ = ["ask"]

_KINDS = [
    Option("real", "un territoire réel"),
    Option("invented", "un territoire inventé, pour essayer"),
    Option("cited", "un territoire que le guide cite"),
]


_LONGEST_NAME = 60  # of a file, in characters: systems stop at 255 bytes


@click.command(cls=FrenchCommand)
@click.option(
    "-o", "--output", type=Name(), metavar="PROFIL", help="Enregistre les réponses dans ce fichier, qui est nouveau."
)
@click.option("--resume", type=Name(), metavar="PROFIL", help="Reprend ce profil ; avec `-o`, une copie de ce profil.")
@click.option("--full", is_flag=True, help="Pose toutes les questions, même celles qui ne changent plus le plan.")
@rules_option
def ask(output: str | None, resume: str | None, full: bool, rules: tuple[str, ...]) -> None:
    """Pose les questions utiles, puis donne le plan d’action.

    Chaque réponse est enregistrée aussitôt : on peut s’arrêter quand on veut, et reprendre avec `--resume`.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        message = "`conseil ask` pose ses questions dans un terminal, et il n’y en a pas ici"
        hint = "`conseil questions --template > profil.yaml` écrit un profil à remplir ; `conseil plan` le lit ensuite"
        raise Misuse(message, hint)
    rulebook = load_rulebook(*rules)
    prompts = _prompts()
    try:
        file = _opened(output, resume, rulebook, prompts)
        conversation = Conversation(Interview(rulebook, file.profile, full), file, prompts)
        _converse(conversation, file, prompts)
    except EOFError as error:  # Ctrl-D
        raise click.Abort from error


def _converse(conversation: Conversation, file: ProfileFile, prompts: Prompts) -> None:
    try:
        finished = conversation.run()
    except (KeyboardInterrupt, EOFError):
        _say_where(file, prompts)
        raise
    if not finished:
        _say_where(file, prompts)
        return
    interview = conversation.interview
    whole = outline(advise(interview.profile, interview.rulebook))
    section = to_check_section(interview)
    prompts.say("")
    deliver(replace(whole, sections=(*whole.sections, section)) if section else whole, "text", None)
    prompts.say(wrapped(f"Profil enregistré : {file.path}"), title=True)


def _say_where(file: ProfileFile, prompts: Prompts) -> None:
    prompts.say(wrapped(f"Vos réponses sont dans {file.path}."), title=True)
    path = shlex.quote(str(file.path))
    prompts.say(f"  conseil ask --resume {path}   pour reprendre")
    prompts.say(f"  conseil plan {path}   pour voir le plan dès maintenant")


def _prompts() -> Prompts:
    """Return lists in which one moves, where the terminal can, else plain prompts."""
    if not _moves_its_cursor():
        return PlainPrompts()
    # else a terminal that does not say where its cursor stands gets a warning, in English
    os.environ.setdefault("PROMPT_TOOLKIT_NO_CPR", "1")
    from conseil.cli.list_prompts import ListPrompts  # noqa: PLC0415 - questionary is much to load

    return ListPrompts()


def _moves_its_cursor() -> bool:
    """Say whether the terminal can go back up a line."""
    if sys.platform == "win32":
        return True
    import curses  # noqa: PLC0415 - Windows has none

    try:
        curses.setupterm()
    except curses.error:  # nobody knows this terminal
        return False
    return curses.tigetstr("cuu1") is not None


def _opened(output: str | None, resume: str | None, rulebook: Rulebook, prompts: Prompts) -> ProfileFile:
    """Return the file in which answers are kept: a new one, or the one to go on with."""
    if resume is None:
        return _begun(output, rulebook, prompts)
    source = profile_path(resume)
    if output is None and source != resume:
        hint = f"ajoutez `-o {resume}.yaml` pour en reprendre une copie"
        raise Misuse(f"`{resume}` est un territoire fourni, qui ne change pas", hint)
    file = ProfileFile.resume(Path(source), rulebook)
    if output is not None:
        file = ProfileFile.copy(file, Path(output))
    if file.departed or file.renamed:
        prompts.say(wrapped(_other_version(file)))
        for old, new in file.renamed.items():
            prompts.say(f"  `{old}` s’appelle maintenant `{new}`")
        for problem in file.departed:
            prompts.say(str(problem))
    return file


def _other_version(file: ProfileFile) -> str:
    """Say that a profile was written for another version of the rules, and what becomes of its answers."""
    written_for = f"la version {file.written_for}" if file.written_for else "une autre version"
    said = f"Ce profil suit {written_for} des règles ; voici la {file.rulebook.version}."
    match len(file.leaving):
        case 0:
            return said
        case 1:
            return f"{said} Une réponse n’y a plus de sens : elle reste dans le fichier, sous `set_aside`."
        case many:
            return f"{said} {many} réponses n’y ont plus de sens : elles restent dans le fichier, sous `set_aside`."


def _begun(output: str | None, rulebook: Rulebook, prompts: Prompts) -> ProfileFile:
    """Ask of whom one speaks, and make the file."""
    if output is not None and os.path.lexists(output):
        hint = f"`conseil ask --resume {shlex.quote(output)}` le reprend ; sinon, donnez un autre nom"
        raise Misuse(f"le fichier `{output}` existe déjà", hint)
    name = prompts.line("Comment s’appelle votre territoire ?", _no_name)[0]
    kind = prompts.one("De quel territoire s’agit-il ?", _KINDS)[0]
    profile = Profile.model_validate({"name": name, "kind": kind})
    return ProfileFile.create(Path(output or _free(profile.name)), profile, rulebook)


def _no_name(said: str) -> str | None:
    if not said:
        return "Donnez un nom : il sera le titre du plan."
    return None if " ".join(said.split()).isprintable() else "Ce nom contient un caractère invisible : retapez-le."


def _free(name: str) -> str:
    """Return the name of a file that does not exist yet, after that of the territory."""
    words = "".join(letter if letter.isalnum() else " " for letter in folded(name)).split()
    base = "-".join(words)[:_LONGEST_NAME] or "profil"
    names = (f"{base}.yaml" if number == 1 else f"{base}-{number}.yaml" for number in count(1))
    return next(free for free in names if not os.path.lexists(free))
