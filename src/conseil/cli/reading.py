"""The profile that a command reads, though it may be one of older rules."""

from __future__ import annotations

from pathlib import Path

import click

from conseil.errors import InvalidProfile
from conseil.profile import Profile, load_profile
from conseil.rulebook import Rulebook

__all__ = ["read_profile"]


def read_profile(path: Path | str, rulebook: Rulebook) -> Profile:
    """Read a profile; of one for other rules, follow the names that changed, and say what means nothing any more.

    Raises:
        InvalidInput: it cannot be read, or has faults that no other version explains.
    """
    try:
        return load_profile(path, rulebook)
    except InvalidProfile:
        from conseil.profile_file import ProfileFile  # noqa: PLC0415 - for old profiles only

        file = ProfileFile.resume(Path(path), rulebook)  # it fails in the same way where no version explains the faults
    if file.departed:
        said = f"Ce profil suit la version {file.written_for} des règles ; voici la {rulebook.version}."
        click.echo(f"{said} Ce qui n’y a plus de sens est laissé de côté :", err=True)
        for problem in file.departed:
            click.echo(str(problem), err=True)
        click.echo("`conseil migrate` récrit le fichier.", err=True)
    reference = file.profile.rulebook
    if reference is None or file.written_for is None:
        return file.profile
    # the plan says for which version it was written
    written_for = reference.model_copy(update={"version": file.written_for})
    return file.profile.model_copy(update={"rulebook": written_for})
