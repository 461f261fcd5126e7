"""Files that are written whole or not at all, and by one process at a time."""

from __future__ import annotations

import errno
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["alone", "replace_whole"]

_PATIENCE = 10.0  # seconds; to write a file takes a few thousandths of one
_PAUSE = 0.01


def replace_whole(target: Path, data: bytes) -> None:
    """Put a file in the place of another, complete: whoever reads sees the old one or the new one, never a part.

    Raises:
        OSError: it cannot be written there; the old one stays as it was.
    """
    import tempfile  # noqa: PLC0415 - much to load, where most answers are shown

    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666 & ~_umask()
    with tempfile.NamedTemporaryFile("wb", dir=target.parent, prefix=".conseil-", delete=False) as file:
        try:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            Path(file.name).chmod(mode)
            Path(file.name).replace(target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


@contextmanager
def alone(target: Path) -> Iterator[None]:
    """Keep every other process that asks the same out, as long as the block lasts.

    The lock is a hidden file beside the target, which the system frees when its process ends, however it ends.

    Raises:
        OSError: no file can be made there; `TimeoutError` where another process does not let go.
    """
    lock = target.with_name(f".{target.name}.lock")
    deadline = time.monotonic() + _PATIENCE
    while (held := _held(lock)) is None:
        if time.monotonic() > deadline:
            raise TimeoutError(errno.ETIMEDOUT, os.strerror(errno.ETIMEDOUT))
        time.sleep(_PAUSE)
    try:
        yield
    finally:
        if sys.platform != "win32":
            lock.unlink(missing_ok=True)  # before it is freed: whoever waits sees that it is no longer the lock
        os.close(held)


def _held(lock: Path) -> int | None:
    """Take a lock, or return nothing where another process has it."""
    if sys.platform == "win32":
        try:
            return os.open(lock, os.O_CREAT | os.O_EXCL | os.O_TEMPORARY)  # removed as it is closed
        except (FileExistsError, PermissionError):
            return None
    import fcntl  # noqa: PLC0415 - Windows has none

    try:
        file = os.open(lock, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    except PermissionError:
        if lock.exists():  # somebody else's, who has not finished
            return None
        raise
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(file), lock.stat()):
            return file
    except (BlockingIOError, FileNotFoundError):
        pass
    except BaseException:
        os.close(file)
        raise
    os.close(file)
    return None
