"""Which engine runs: `durable` where it has proved itself, else `compiled`; and why.

That durable-rules imports is not enough: it is C code of 2020, built on the machine where it runs, and what is wrong
with it crashes the process. So it must first pass a check, in a process of its own (`self_check`). That is done once
for each installation, and remembered in a file of the user's cache; where it cannot be kept, once for each process.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from types import MappingProxyType

from conseil import cache
from conseil.errors import EngineUnavailable, nearest
from conseil.inference import durable
from conseil.inference.compiled import CompiledEngine
from conseil.inference.durable import DurableEngine, load_rete
from conseil.inference.model import Engine
from conseil.inference.reference import ReferenceEngine
from conseil.rulebook import Rulebook

__all__ = ["ENGINES", "EngineStatus", "compile_rulebook", "engine_status"]

ENGINES: Mapping[str, Callable[[Rulebook], Engine]] = MappingProxyType(
    {"durable": DurableEngine, "compiled": CompiledEngine, "reference": ReferenceEngine}
)
"""The engines by name, the default one first."""

_CHECK_SECONDS = 60.0
_WRONG = 3  # with which `self_check` ends when durable-rules was wrong; an exception of Python ends with 1
_KEPT_ENGINES = 8
_KIND = "engines"  # of what the cache remembers

_Key = tuple[str, str]
"""The hash of a rulebook, and the name of an engine."""

_engines: OrderedDict[_Key, Engine] = OrderedDict()
_making: dict[_Key, Lock] = {}  # of those that are being made
_lock = Lock()


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The engine that runs when none is asked for, and why that one.

    >>> print(EngineStatus("compiled", "durable-rules n’est pas installé (Python 3.13)"))
    compiled : durable-rules n’est pas installé (Python 3.13)
    """

    name: str
    reason: str

    def __str__(self) -> str:
        """Say it in one line; a reason is a fault unless `durable` runs."""
        return f"{self.name} ({self.reason})" if self.name == "durable" else f"{self.name} : {self.reason}"


def engine_status() -> EngineStatus:
    """Return the engine that runs when none is asked for; the first call on a machine takes about a second."""
    fault = _durable_fault()
    if fault is None:
        return EngineStatus("durable", f"durable-rules {durable.version()}")
    return EngineStatus("compiled", fault)


def compile_rulebook(rulebook: Rulebook, name: str | None = None) -> Engine:
    """Return an engine for a rulebook, made at most once for rulebooks that say the same.

    Args:
        rulebook: what to compile.
        name: one of `ENGINES`; without it, the one that `engine_status` gives.

    Raises:
        EngineUnavailable: no engine has that name, or it cannot run here.
        RulebookTooLarge: it cannot take the rulebook.
    """
    if name is None:
        name = "durable" if _durable_fault() is None else "compiled"
    if name not in ENGINES:
        raise EngineUnavailable(f"moteur `{name}` inconnu\n  aide : {nearest(name, ENGINES)}")
    fault = _durable_fault() if name == "durable" else None
    if fault is not None:
        raise EngineUnavailable(f"le moteur `durable` ne peut pas servir ici : {fault}")
    key = (rulebook.sha256, name)
    with _lock:
        if key in _engines:
            _engines.move_to_end(key)
            return _engines[key]
        making = _making.setdefault(key, Lock())
    with making:  # whoever wants this engine waits for it, and nobody who wants another one
        try:
            engine = _engines.get(key) or ENGINES[name](rulebook)
            with _lock:
                _engines[key] = engine
                while len(_engines) > _KEPT_ENGINES:
                    _engines.popitem(last=False)
        finally:
            with _lock:
                _making.pop(key, None)
    return engine


_fault_lock = Lock()


def _durable_fault() -> str | None:
    with _fault_lock:  # threads that come first together wait for one check
        return _checked_fault()


@lru_cache(maxsize=1)
def _checked_fault() -> str | None:
    """Say what keeps durable-rules from being used here, in French; nothing where it can be."""
    try:
        rete = load_rete()
    except EngineUnavailable as error:
        return str(error)
    installation = _installation(rete)
    remembered = cache.remembered(_KIND, installation)
    if remembered is not None:
        return remembered.decode() or None
    fault, lasting = _self_check()
    if lasting:
        cache.remember(_KIND, installation, (fault or "").encode())
    return fault


def _installation(rete: object) -> bytes:
    """Return what a check holds for: it is done again when Python, the compiled extension or conseil changes."""
    extension = Path(getattr(rete, "__file__", None) or "")
    changed = extension.stat().st_mtime_ns if extension.is_file() else 0
    # a checkout changes, and keeps its version
    sources = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))]
    identity = json.dumps([sys.version, str(extension), changed, sources or _version()])
    return hashlib.sha256(identity.encode()).digest()


def _version() -> str:
    """Return the version of conseil, where it has no sources: in a zip archive there are none."""
    from importlib import metadata  # noqa: PLC0415 - much to load, for this alone

    return metadata.version("conseil")


def _self_check() -> tuple[str | None, bool]:
    """Run the check in a child process; return the fault, and whether it would be the same another time."""
    if not sys.executable or getattr(sys, "frozen", False):
        return "durable-rules n’a pas pu être contrôlé dans ce programme", False
    import subprocess  # noqa: PLC0415 - needed once for each installation

    paths = os.pathsep.join(path for path in sys.path if path)
    try:
        run = subprocess.run(  # our interpreter, on our own module
            [sys.executable, "-m", "conseil.inference.self_check"],
            env={**os.environ, "PYTHONPATH": paths},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_CHECK_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"durable-rules n’a pas fini son autocontrôle en {_CHECK_SECONDS:.0f} secondes", False
    except OSError as error:
        return f"durable-rules n’a pas pu être contrôlé ({error.strerror})", False
    if run.returncode == 0:
        return None, True
    if run.returncode < 0:
        return f"durable-rules échoue à son autocontrôle (arrêt par le signal {-run.returncode})", True
    if run.returncode == _WRONG:
        return "durable-rules échoue à son autocontrôle (résultats faux)", True
    # the fault is in the check itself, or in the way it was started
    return f"l’autocontrôle de durable-rules n’a pas pu se dérouler (code {run.returncode})", False
