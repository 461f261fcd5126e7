"""What is remembered from one run to the next, in the user's cache folder: each file whole, and of this user only.

What is remembered here can be lost at any time, and nothing but time is lost with it. So a file that is missing,
damaged, not for this key, or that somebody else could have written counts as none, and one that cannot be written is
none either: neither is an error.

A file holds the key for which it was written, the hash of what it remembers, then that. The hash finds what a disk or a
person has changed; it is no signature. Against other users, the rights that the system gives are what counts.
"""

from __future__ import annotations

import hashlib
import os
import stat
import threading
from contextlib import suppress
from pathlib import Path

__all__ = ["cache_folder", "remember", "remembered"]

_DIGEST = 32  # bytes of a SHA-256
_MOST_BYTES = 64 * 1024 * 1024
_MOST_FILES = 16
_WRITABLE_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH
_NO_LINK_NO_WAIT = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)  # a pipe could make us wait for ever


def cache_folder() -> Path | None:
    """Return the folder in which conseil remembers things, which may not exist; nothing where the user has no home."""
    given = os.environ.get("XDG_CACHE_HOME", "")
    try:
        base = Path(given) if Path(given).is_absolute() else Path.home() / ".cache"
    except RuntimeError:
        return None
    return base / "conseil"


def remembered(kind: str, key: bytes) -> bytes | None:
    """Return what was remembered under a key, or nothing.

    Args:
        kind: the folder, inside the cache, of what is remembered.
        key: a hash of all that it depends on.
    """
    path = _path(kind, key)
    if path is None:
        return None
    try:
        data = _read_own(path)
    except (OSError, ValueError):  # ValueError: a home folder with a null character
        return None
    start = len(key) + _DIGEST
    kept = data[start:]
    return kept if data[:start] == key + hashlib.sha256(kept).digest() else None


def remember(kind: str, key: bytes, kept: bytes) -> None:
    """Remember something under a key, and forget all but the last few; that it cannot be done is no error."""
    path = _path(kind, key)
    if path is None:
        return
    with suppress(OSError, ValueError):
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # each writer has a file of its own, and a reader sees the old one or the new one
        unfinished = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}")
        try:
            with open(unfinished, "xb", opener=_private) as file:
                file.write(key + hashlib.sha256(kept).digest() + kept)
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        for old in sorted(path.parent.iterdir(), key=_written)[:-_MOST_FILES]:
            old.unlink(missing_ok=True)


def _path(kind: str, key: bytes) -> Path | None:
    folder = cache_folder()
    return folder / kind / key.hex() if folder else None


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


def _careful(path: str, flags: int) -> int:
    return os.open(path, flags | _NO_LINK_NO_WAIT)


def _read_own(path: Path) -> bytes:
    """Read a file that this user wrote, and that no other can write.

    Raises:
        OSError: there is none.
    """
    with open(path, "rb", opener=_careful) as file:
        status = os.fstat(file.fileno())
        # Windows has no owners to compare: there, a user's cache folder is closed to others as it is made
        ours = not hasattr(os, "geteuid") or (
            status.st_uid == os.geteuid() and not status.st_mode & _WRITABLE_BY_OTHERS
        )
        if not ours or not stat.S_ISREG(status.st_mode) or status.st_size > _MOST_BYTES:
            raise PermissionError(path)
        return file.read()


def _written(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except FileNotFoundError:  # another process forgot it meanwhile
        return 0.0
