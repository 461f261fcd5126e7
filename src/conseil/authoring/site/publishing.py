"""A site in its folder: its files are replaced whole, and nobody else's are touched."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from conseil.errors import InvalidInput, Problem, reason_of
from conseil.writing import replace_whole

__all__ = ["publish"]

_LIST = ".conseil-docs"
"""The file that lists what was written, so that a later run knows what is its own."""


def publish(pages: Mapping[str, str], folder: Path) -> None:
    """Write the files of a site into a folder that is new, empty, or held a site before.

    What an earlier run wrote there and this one does not is removed; other files stay.

    Raises:
        InvalidInput: the folder holds something else, or cannot be written; nothing is written over then.
    """
    try:
        written = _written_before(folder)
        for name, text in pages.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            replace_whole(path, text.encode())
        for name in written - pages.keys():
            (folder / name).unlink(missing_ok=True)
        replace_whole(folder / _LIST, "".join(f"{name}\n" for name in sorted(pages)).encode())
    except OSError as error:
        raise InvalidInput([Problem(str(folder), None, None, "écriture impossible", reason_of(error))]) from error


def _written_before(folder: Path) -> set[str]:
    """Return the files that an earlier run wrote there, or refuse a folder that holds something else."""
    if not folder.exists():
        return set()
    if (folder / _LIST).is_file():
        names = (folder / _LIST).read_text(encoding="utf-8").split("\n")
        return {name for name in names if name and ".." not in PurePosixPath(name).parts and not name.startswith("/")}
    if any(folder.iterdir()):
        hint = "donnez un dossier vide ou nouveau, ou celui d’un site écrit par `conseil docs`"
        raise InvalidInput([Problem(str(folder), None, None, "ce dossier contient déjà autre chose", hint)])
    return set()
