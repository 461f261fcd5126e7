"""What several test files need."""

from __future__ import annotations

import signal
import sys

import pytest

from conseil.errors import EngineUnavailable
from conseil.inference import ENGINES, compile_rulebook
from conseil.rulebook import load_rulebook

# A shell that runs the tests in the background has them ignore Ctrl-C, and so the commands that they start.
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def usable_engines() -> list[str]:
    """Return the engines that run here: all of them, unless this Python has no durable-rules."""
    usable = []
    for name in ENGINES:
        try:
            compile_rulebook(load_rulebook(), name)
        except EngineUnavailable:
            assert sys.version_info >= (3, 13), f"{name} must run on this Python"
            continue
        usable.append(name)
    return usable
