"""What people are told of the files they got wrong: clear, in French, with the place and what to do.

Each fixture of `bad_input/` is named after its fault. `profiles/` are read with the rulebook `sound/`; a file of
`rulebooks/` replaces the one that its first line names in a copy of `sound/`, and a folder of `rulebooks/` is laid over
it; `overlays/` likewise, of `sound_overlay/`, which adapts `sound/`.

What is said of them all stands in `bad_input/*.txt`, to be read aloud: `make golden` rewrites it.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conseil import InvalidDocument, InvalidInput, Problem, load_profile, load_rulebook
from conseil.documents import MAX_BYTES, MAX_DEPTH, read
from golden_files import check_golden

BAD_INPUT = Path(__file__).parent / "bad_input"
SOUND = BAD_INPUT / "sound"
PROFILES = sorted((BAD_INPUT / "profiles").iterdir())
RULEBOOKS = sorted((BAD_INPUT / "rulebooks").iterdir())
SOUND_OVERLAY = BAD_INPUT / "sound_overlay"
OVERLAYS = sorted((BAD_INPUT / "overlays").iterdir())
PROFILE = "name: Ici\nkind: real\nanswers: {bras: peu}\n"

BYTES: dict[str, str | bytes] = {
    "alias_bomb": "a: &a [x, x]\n" + "".join(f"{n}: &{n} [{'*a, ' * 9}]\n" for n in "bcdefghi"),
    "bell_character": "name: I\x07ci\nkind: real\n",
    "byte_order_mark": "\ufeff" + PROFILE.replace("peu", "pe"),
    "byte_order_mark_inside": "name: Ici\n\ufeffkind: real\n",
    "byte_order_mark_only": "\ufeff",
    "delete_character": "name: I\x7fci\nkind: real\n",
    "empty": "",
    "invisible_line_end": "name: I\u2028ci\nkind: r\u0085eal\n",
    "latin_1": "name: Évry\nkind: réel\n".encode("latin-1"),
    "latin_1_after_utf_8": (PROFILE + "# Où ça ? À É").encode() + b"vry, H\xe9nin",
    "lines_that_end_as_on_windows": PROFILE.replace("peu", "pe").replace("\n", "\r\n"),
    "lines_that_end_as_on_old_macs": PROFILE.replace("peu", "pe").replace("\n", "\r"),
    "nested_blocks": "a: " + "{a: " * 100_000,
    "nested_keys": "? " * 100_000,
    "nested_lists": "[" * 100_000,
    "nested_lists_closed": "[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1),
    "null_character": "name: I\0ci\nkind: real\n",
    "right_to_left_text": "name: \u202eici\nkind: real\n",
    "thousands_of_aliases": "a: [" + "*a, " * 5000 + "]\n",
    "utf_16": PROFILE.encode("utf-16"),
}
"""Faults that an editor would mend, or that no diff could show."""


def made_of(raw: str | bytes) -> bytes:
    return raw if isinstance(raw, bytes) else raw.encode("utf-8", "surrogatepass")


def problems_of(reading: Callable[[], object]) -> tuple[Problem, ...]:
    with pytest.raises(InvalidInput) as caught:
        reading()
    return caught.value.problems


def said(problems: tuple[Problem, ...], folder: Path) -> str:
    """Return what a person reads, without the folder in which the test happens to run."""
    return "\n".join(str(problem) for problem in problems).replace(f"{folder}/", "") + "\n"


def profile_problems(path: Path) -> tuple[Problem, ...]:
    return problems_of(lambda: load_profile(path, load_rulebook(SOUND)))


def rulebook_problems(fixture: Path, folder: Path) -> tuple[Problem, ...]:
    """Load the sound rulebook with a fixture laid over it."""
    lay_fixture(SOUND, fixture, folder)
    return problems_of(lambda: load_rulebook(folder))


def overlay_problems(fixture: Path, folder: Path) -> tuple[Problem, ...]:
    """Load the sound rulebook, and over it the sound overlay with a fixture laid over that."""
    shutil.copytree(SOUND, folder / "guide", dirs_exist_ok=True)
    lay_fixture(SOUND_OVERLAY, fixture, folder / "region")
    return problems_of(lambda: load_rulebook(folder / "guide", folder / "region"))


def lay_fixture(sound: Path, fixture: Path, folder: Path) -> None:
    shutil.copytree(sound, folder, dirs_exist_ok=True)
    if fixture.is_dir():
        shutil.copytree(fixture, folder, dirs_exist_ok=True)
    else:
        replaced, text = fixture.read_text(encoding="utf-8").split("\n", 1)
        (folder / replaced.removeprefix("# ")).write_text(f"#\n{text}", encoding="utf-8")  # the same lines as there


def faults_of_language(problem: Problem) -> Iterator[str]:
    """Say what in a problem a civil servant would stumble on."""
    for text in (problem.message, problem.hint or ""):
        prose = re.sub(r"`[^`]*`|«[^»]*»", "", text)
        if not text:
            yield "no hint"
        if re.search(r"['\"]", prose):
            yield "a straight quote"
        if re.search(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e]", text):
            yield "an invisible character"
        if prose.rstrip().endswith(".") or re.match(r"[A-ZÉÀ]", prose):
            yield "a full stop, or a capital"
        if re.search(r"\b(the|expected|found|invalid|should|must|input|not|unable|value|field|None|True)\b", prose):
            yield "English"
        if len(text) > 1000 or re.search(r"`[^`]{61,}`", text):
            yield "an endless word"


@pytest.mark.golden
def test_what_is_said_of_every_wrong_profile() -> None:
    """The messages on profiles are those that were read and approved."""
    lines = [f"== {path.stem}\n{said(profile_problems(path), path.parent)}" for path in PROFILES]
    check_golden(BAD_INPUT / "profiles.txt", "\n".join(lines))


@pytest.mark.golden
def test_what_is_said_of_every_wrong_rulebook(tmp_path: Path) -> None:
    """The messages on rulebooks are those that were read and approved."""
    lines = []
    for fixture in RULEBOOKS:
        folder = tmp_path / fixture.stem
        lines.append(f"== {fixture.stem}\n{said(rulebook_problems(fixture, folder), folder)}")
    check_golden(BAD_INPUT / "rulebooks.txt", "\n".join(lines))


@pytest.mark.golden
def test_what_is_said_of_every_wrong_overlay(tmp_path: Path) -> None:
    """The messages on overlays are those that were read and approved."""
    lines = []
    for fixture in OVERLAYS:
        folder = tmp_path / fixture.stem
        lines.append(f"== {fixture.stem}\n{said(overlay_problems(fixture, folder), folder)}")
    check_golden(BAD_INPUT / "overlays.txt", "\n".join(lines))


@pytest.mark.golden
def test_what_is_said_of_every_wrong_file(tmp_path: Path) -> None:
    """The messages on files that are hardly text are those that were read and approved."""
    lines = []
    for name, raw in BYTES.items():
        path = tmp_path / f"{name}.yaml"
        path.write_bytes(made_of(raw))
        lines.append(f"== {name}\n{said(profile_problems(path), tmp_path)}")
    check_golden(BAD_INPUT / "files.txt", "\n".join(lines))


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_a_wrong_profile_is_explained(path: Path) -> None:
    """Each problem has its line and column, a hint, and words that can be read aloud."""
    problems = profile_problems(path)
    assert [(str(problem), fault) for problem in problems for fault in faults_of_language(problem)] == []
    assert all(problem.line and problem.column for problem in problems)


@pytest.mark.parametrize("fixture", RULEBOOKS, ids=lambda path: path.stem)
def test_a_wrong_rulebook_is_explained(fixture: Path, tmp_path: Path) -> None:
    """Each problem names its file, and has a hint and clear words; all are sorted, and each is said once."""
    problems = rulebook_problems(fixture, tmp_path)
    assert [(str(problem), fault) for problem in problems for fault in faults_of_language(problem)] == []
    assert sorted({problem.order for problem in problems}) == [problem.order for problem in problems]
    assert all(Path(problem.path).is_relative_to(tmp_path) for problem in problems)


@pytest.mark.parametrize("fixture", OVERLAYS, ids=lambda path: path.stem)
def test_a_wrong_overlay_is_explained(fixture: Path, tmp_path: Path) -> None:
    """Each problem names its file, of the guide or of the overlay, and has a hint and clear words."""
    problems = overlay_problems(fixture, tmp_path)
    assert [(str(problem), fault) for problem in problems for fault in faults_of_language(problem)] == []
    assert all(Path(problem.path).is_relative_to(tmp_path) for problem in problems)


@pytest.mark.parametrize("path", PROFILES, ids=lambda path: path.stem)
def test_a_place_is_in_the_file(path: Path) -> None:
    """A line and a column lie in the text, or just after it."""
    lines = [*path.read_text(encoding="utf-8").split("\n"), ""]
    for problem in profile_problems(path):
        assert problem.line is not None
        assert problem.column is not None
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1


def test_the_sound_rulebook_has_no_problem() -> None:
    """Otherwise every fixture would prove something else."""
    assert load_rulebook(SOUND).guide.id == "petit"
    assert load_rulebook(SOUND, SOUND_OVERLAY).version == "1+region@1"


def test_a_fault_in_every_file_is_told_in_one_run(tmp_path: Path) -> None:
    """One run reports the problems of all files, in the order of the files."""
    problems = rulebook_problems(BAD_INPUT / "rulebooks" / "a_fault_in_every_file", tmp_path)
    expected = ["actions/pas.yaml", "deductions.yaml", "examples/ici.yaml", "guide.yaml", "questions/theme.yaml"]
    assert expected == list(dict.fromkeys(Path(problem.path).relative_to(tmp_path).as_posix() for problem in problems))


def test_one_unreadable_file_is_one_problem(tmp_path: Path) -> None:
    """What the other files say of the entries that cannot be read is not reported as unknown."""
    problems = rulebook_problems(BAD_INPUT / "rulebooks" / "one_file_that_cannot_be_read", tmp_path)
    assert [Path(problem.path).relative_to(tmp_path).as_posix() for problem in problems] == ["questions/theme.yaml"]


@pytest.mark.parametrize("missing", ["guide.yaml", "questions/theme.yaml", "actions/pas.yaml"])
def test_a_missing_file_is_one_problem(missing: str, tmp_path: Path) -> None:
    """A file that a rulebook needs is asked for, and nothing else is made of its absence."""
    shutil.copytree(SOUND, tmp_path, dirs_exist_ok=True)
    (tmp_path / missing).unlink()
    (problem,) = problems_of(lambda: load_rulebook(tmp_path))
    assert str(tmp_path / missing.split("/", maxsplit=1)[0]) == problem.path
    assert problem.hint == "un dossier de règles contient `guide.yaml`, `questions/` et `actions/`"


def test_a_folder_that_holds_no_rules_is_not_searched(tmp_path: Path) -> None:
    """A folder given by mistake, were it the whole disk, is one problem."""
    (tmp_path / "photos" / "été").mkdir(parents=True)
    (problem,) = problems_of(lambda: load_rulebook(tmp_path))
    assert problem.message == "ce n’est pas un dossier de règles"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("nulle-part", "dossier introuvable"),
        ("fichier.yaml", "ce n’est pas un dossier"),
        ("x\0y", "chemin de dossier impossible"),
        ("x" * 5000, "dossier illisible"),
    ],
)
def test_what_is_not_a_folder_of_rules(name: str, message: str, tmp_path: Path) -> None:
    """A folder that cannot be opened is one problem, whatever the reason."""
    (tmp_path / "fichier.yaml").touch()
    (problem,) = problems_of(lambda: load_rulebook(tmp_path / name))
    assert message == problem.message
    assert problem.hint


@pytest.mark.parametrize(
    ("name", "message", "hint"),
    [
        ("absent.yaml", "fichier introuvable", "vérifiez le chemin et l’orthographe du nom"),
        ("dossier", "c’est un dossier, et un fichier était attendu", "donnez le nom d’un fichier YAML"),
        ("tube", "ce n’est pas un fichier ordinaire", "enregistrez son contenu dans un fichier YAML"),
        ("boucle", "fichier illisible", "les liens tournent en rond"),
        ("grand.yaml", "fichier trop grand", "au plus 1 Mo ; est-ce le bon fichier ?"),
        ("x\0y", "chemin de fichier impossible", "retirez le caractère invisible du chemin"),
        ("x" * 5000, "fichier illisible", "le nom est trop long"),
        ("fichier/sous-fichier", "fichier illisible", "un fichier tient la place d’un dossier dans ce chemin"),
    ],
)
def test_what_is_not_a_file_to_read(name: str, message: str, hint: str, tmp_path: Path) -> None:
    """A file that cannot be read is one problem, without a line, and nothing waits for ever."""
    (tmp_path / "dossier").mkdir()
    (tmp_path / "fichier").touch()
    (tmp_path / "boucle").symlink_to(tmp_path / "boucle")
    os.mkfifo(tmp_path / "tube")
    with (tmp_path / "grand.yaml").open("wb") as file:
        file.truncate(50 * MAX_BYTES)
    with pytest.raises(InvalidDocument) as caught:
        read(tmp_path / name)
    (problem,) = caught.value.problems
    assert (message, hint, None) == (problem.message, problem.hint, problem.line)


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The system's refusal is told in French."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "secret.yaml"
    path.touch()
    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(InvalidDocument) as caught:
        read(path)
    assert str(caught.value).removeprefix(f"{path}: ") == "fichier illisible\n  aide : vous n’en avez pas le droit"


def test_the_largest_file_is_read(tmp_path: Path) -> None:
    """A file of the size that is allowed is read; one byte more is too much."""
    path = tmp_path / "limite.yaml"
    path.write_bytes(b"a: " + b"x" * (MAX_BYTES - 3))
    assert isinstance(read(path).value, dict)
    with path.open("ab") as file:
        file.write(b"x")
    (problem,) = problems_of(lambda: read(path))
    assert problem.message == "fichier trop grand"


def test_what_lies_beside_the_rules_is_left_alone(tmp_path: Path) -> None:
    """Notes, and what editors and systems hide, are no part of a rulebook."""
    shutil.copytree(SOUND, tmp_path, dirs_exist_ok=True)
    for name in ("LISEZMOI.md", ".DS_Store", "actions/.pas.yaml.swp", "actions/._pas.yaml", "questions/notes.md"):
        (tmp_path / name).write_text("a: [", encoding="utf-8")
    assert load_rulebook(SOUND).sha256 == load_rulebook(tmp_path).sha256
