"""A command loads what it needs, and no more: it should answer at once."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from conseil import cli
from golden_files import ROOT

SCRIPT = """\
import atexit, sys
from conseil.cli import main
atexit.register(lambda: print(sorted(sys.modules), file=sys.stderr))
main()
"""

# What no plan needs in a file or a pipe, and what is much to load: everything below these names too.
NEEDLESS = [
    "conseil.authoring", "conseil.comparison", "conseil.contract", "conseil.evolution", "conseil.explanation",
    "conseil.exported", "conseil.inference.columns", "conseil.interview", "conseil.plan.table",
    "conseil.profile_file", "conseil.rendering.compared", "conseil.rendering.compared_json",
    "conseil.rendering.explained", "conseil.rendering.markdown", "conseil.rendering.pictures", "conseil.robustness",
    "conseil.turning", "conseil.worlds", "email", "importlib.metadata", "jinja2", "jsonschema", "numpy",
    "prompt_toolkit", "pydantic", "pydantic_core", "questionary", "rich.console", "rich.text", "subprocess",
    "tempfile", "xml",
]  # fmt: skip


def loaded(tmp_path: Path, *arguments: str) -> set[str]:
    """Return the modules that a command loads the second time, when the rules are known."""
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONIOENCODING": "utf-8",
        "XDG_CACHE_HOME": str(tmp_path),
    }
    command = [sys.executable, "-c", SCRIPT, *arguments]
    first, done = (subprocess.run(command, env=env, capture_output=True, timeout=120, check=True) for _ in range(2))
    assert first.stdout == done.stdout
    return set(ast.literal_eval(done.stderr.decode()))


@pytest.mark.parametrize("engine", [(), ("--engine", "reference")], ids=["default", "reference"])
def test_a_plan_loads_nothing_needless(tmp_path: Path, engine: tuple[str, ...]) -> None:
    modules = loaded(tmp_path, "plan", "creuse-grand-sud", *engine)

    assert "conseil.cli.plan" in modules
    assert [name for name in NEEDLESS if name in modules] == []


@pytest.mark.parametrize("command", ["questions", "actions"])
def test_what_shows_the_rules_loads_no_pydantic(tmp_path: Path, command: str) -> None:
    assert loaded(tmp_path, command).isdisjoint({"pydantic", "pydantic_core"})


@pytest.mark.parametrize("command", cli._COMMANDS)
def test_the_help_of_a_command_loads_no_other_command(tmp_path: Path, command: str) -> None:
    modules = loaded(tmp_path, command, "--help")

    assert {name for name in cli._COMMANDS if f"conseil.cli.{name}" in modules} == {command}


def test_the_package_alone_loads_nothing() -> None:
    script = "import conseil, sys; print(sorted(name for name in sys.modules if name.startswith('conseil')))"

    assert ast.literal_eval(subprocess.check_output([sys.executable, "-c", script], text=True)) == [
        "conseil",
        "conseil.on_demand",
    ]


@pytest.mark.parametrize("package", ["conseil", "conseil.rendering"])
def test_every_name_of_a_package_is_there_when_it_is_asked_for(package: str) -> None:
    """In any order, and whatever modules were loaded before: no module hides a function of its name."""
    module = import_module(package)
    names = module.__all__
    checks = "; ".join(f"assert not isinstance(package.{name}, type(sys))" for name in [*names, *reversed(names)])
    script = f"import sys, conseil.cli.plan, conseil.cli.compare, {package} as package; {checks}"

    subprocess.run([sys.executable, "-c", script], check=True)
    with pytest.raises(AttributeError, match="nothing_of_that_name"):
        _ = module.nothing_of_that_name
