"""The file of a profile: only what an answer changes changes, and nobody’s answers are lost."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import action, choice, rule, rulebook
from conseil import InvalidInput, Profile, Rulebook, load_profile, load_rulebook, writing
from conseil.interview import Interview
from conseil.profile import Answer
from conseil.profile_file import ClashingAnswers, ProfileFile
from golden_files import ROOT
from strategies import profiles, rulebooks

COMMENTED = """\
# Rempli le 3 mars, avec le maire.
name: Ici
kind: real
answers:
  foncier: unknown   # à demander

  # vu en réunion
  besoins: [foncier]
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "ici.yaml"
    path.write_text(COMMENTED, encoding="utf-8")
    return path


def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def answered(file: ProfileFile, **answers: str | bool | int) -> Profile:
    interview = Interview(file.rulebook, file.profile)
    for question, value in answers.items():
        interview = interview.answer(question, value)
    return interview.profile


def test_an_answer_changes_its_line_and_no_other(path: Path) -> None:
    file = ProfileFile.resume(path, load_rulebook())

    assert file.save(answered(file, foncier="bati", population=12000)) == ()

    assert text_of(path) == COMMENTED.replace("unknown", "bati") + "  population: 12000\n"
    assert load_profile(path).answers["population"].value == "12000"


def test_what_was_passed_and_what_was_done_are_written(path: Path) -> None:
    file = ProfileFile.resume(path, load_rulebook())
    interview = Interview(file.rulebook, file.profile).skip("scic").skip("progress.financement")

    file.save(interview.report({"marque-territoire": "done"}).profile)
    assert text_of(path) == (
        COMMENTED + "progress:\n  marque-territoire: done\nskipped: [scic, progress.financement]\n"
    )
    file.save(Interview(file.rulebook, file.profile).answer("scic", "aucune").profile)
    assert text_of(path).endswith("skipped: [progress.financement]\n")
    file.save(Interview(file.rulebook, file.profile).forget("progress.financement").forget("scic").profile)
    assert text_of(path) == COMMENTED + "progress:\n  marque-territoire: done\n"


def test_a_new_file_is_what_was_said(tmp_path: Path) -> None:
    path = tmp_path / "là.yaml"

    file = ProfileFile.create(path, Profile(name="Pays : l’été", kind="real"), load_rulebook())

    assert text_of(path) == ('rulebook: {id: filiere-ess, version: "2026.1"}\nname: "Pays : l’été"\nkind: real\n')
    file.save(answered(file, recherche=True))
    assert text_of(path).endswith("kind: real\nanswers:\n  recherche: oui\n")
    with pytest.raises(InvalidInput, match="ce fichier existe déjà"):
        ProfileFile.create(path, Profile(name="Autre", kind="real"), load_rulebook())
    assert "Pays" in text_of(path)
    assert [file.name for file in tmp_path.iterdir()] == ["là.yaml"]  # no lock is left


def test_a_file_is_replaced_through_its_link_with_its_rights_and_its_mark(tmp_path: Path) -> None:
    real, link = tmp_path / "vrai.yaml", tmp_path / "lien.yaml"
    real.write_bytes(b"\xef\xbb\xbf" + COMMENTED.replace("\n", "\r\n").encode())
    real.chmod(0o640)
    link.symlink_to(real)
    file = ProfileFile.resume(link, load_rulebook())

    file.save(answered(file, foncier="bati"))

    assert link.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_bytes() == b"\xef\xbb\xbf" + COMMENTED.replace("unknown", "bati").replace("\n", "\r\n").encode()


def test_a_file_that_went_away_is_written_again(path: Path) -> None:
    file = ProfileFile.resume(path, load_rulebook())
    path.unlink()

    file.save(answered(file, foncier="bati"))

    assert text_of(path) == COMMENTED.replace("unknown", "bati")


def test_a_file_that_cannot_be_written_says_so(path: Path) -> None:
    file = ProfileFile.resume(path, load_rulebook())
    path.write_text("name: Ici\nkind: real\nanswers: {foncier: chateau}\n", encoding="utf-8")

    with pytest.raises(InvalidInput, match="choix `chateau` inconnu"):
        file.save(answered(file, foncier="bati"))
    path.write_text(COMMENTED, encoding="utf-8")
    file.save(answered(file, foncier="bati"))
    assert "bati" in text_of(path)

    path.unlink()
    path.mkdir()
    with pytest.raises(InvalidInput, match="dossier"):
        file.save(answered(file, foncier="aucun"))


# Two at once


def test_what_somebody_else_wrote_is_taken_in(path: Path) -> None:
    mine, theirs = (ProfileFile.resume(path, load_rulebook()) for _ in range(2))
    theirs.save(answered(theirs, population=9000, scic="aucune"))

    assert mine.save(answered(mine, foncier="bati")) == ("population", "scic")

    assert text_of(path) == COMMENTED.replace("unknown", "bati") + "  population: 9000\n  scic: aucune\n"
    assert list(mine.profile.answers)[-1] == "foncier"  # what was said last is still last
    assert mine.profile.answers.keys() == {"population", "scic", "besoins", "foncier"}
    assert mine.save(answered(mine, recherche=True)) == ()


def test_two_answers_to_one_question_are_not_chosen_between(path: Path) -> None:
    mine, theirs = (ProfileFile.resume(path, load_rulebook()) for _ in range(2))
    theirs.save(answered(theirs, foncier="terrain", population=9000))
    wanted = answered(mine, foncier="bati", scic="aucune")

    with pytest.raises(ClashingAnswers, match="foncier") as caught:
        mine.save(wanted)
    assert [tuple(clash) for clash in caught.value.clashes] == [("foncier", "bati", "terrain")]
    assert "terrain" in text_of(path)
    assert "scic" not in text_of(path)

    mine.save(wanted, keep="theirs")
    assert "foncier: terrain" in text_of(path)
    assert "scic: aucune" in text_of(path)
    assert {name: mine.profile.answers[name].value for name in ("foncier", "scic", "population")} == {
        "foncier": "terrain",
        "scic": "aucune",
        "population": "9000",
    }


def test_one_may_keep_ones_own_answer(path: Path) -> None:
    mine, theirs = (ProfileFile.resume(path, load_rulebook()) for _ in range(2))
    theirs.save(answered(theirs, foncier="terrain", population=9000))

    mine.save(answered(mine, foncier="bati"), keep="mine")

    assert text_of(path) == COMMENTED.replace("unknown", "bati") + "  population: 9000\n"
    assert mine.profile.answers["foncier"].value == "bati"


def test_the_same_answer_twice_is_no_clash(path: Path) -> None:
    mine, theirs = (ProfileFile.resume(path, load_rulebook()) for _ in range(2))
    theirs.save(answered(theirs, foncier="bati"))

    assert mine.save(answered(mine, foncier="bati")) == ()
    assert text_of(path) == COMMENTED.replace("unknown", "bati")


MANY = """\
import sys
from conseil import load_rulebook
from conseil.interview import Interview
from conseil.profile_file import ProfileFile
from pathlib import Path
book = load_rulebook()
file = ProfileFile.resume(Path(sys.argv[1]), book)
sys.stdin.read(1)
for action in sys.argv[2:]:
    file.save(Interview(book, file.profile).report({action: "done"}).profile)
"""


def test_processes_that_write_at_the_same_time_lose_nothing(path: Path) -> None:
    names = [action.id for action in load_rulebook().actions][:20]
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    running = [
        subprocess.Popen([sys.executable, "-c", MANY, path, *names[start::2]], stdin=subprocess.PIPE, env=env)
        for start in range(2)
    ]

    for process in running:  # both have read the file before either writes
        assert process.stdin is not None
        process.stdin.write(b"x")
        process.stdin.flush()
    for process in running:
        process.communicate(timeout=60)

    assert [process.returncode for process in running] == [0, 0]
    assert load_profile(path).progress == dict.fromkeys(names, "done")
    assert text_of(path).startswith(COMMENTED)
    assert [file.name for file in path.parent.iterdir()] == ["ici.yaml"]


COUNTING = """\
import sys
from pathlib import Path
from conseil.writing import alone
path = Path(sys.argv[1])
sys.stdin.read(1)
for _ in range(200):
    with alone(path):
        path.write_text(str(int(path.read_text()) + 1))
"""


def test_only_one_process_at_a_time_has_a_lock(tmp_path: Path) -> None:
    path = tmp_path / "compte"
    path.write_text("0", encoding="utf-8")
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    running = [
        subprocess.Popen([sys.executable, "-c", COUNTING, path], stdin=subprocess.PIPE, env=env) for _ in range(3)
    ]

    for process in running:
        assert process.stdin is not None
        process.stdin.write(b"x")
        process.stdin.flush()
    for process in running:
        process.communicate(timeout=60)

    assert path.read_text(encoding="utf-8") == "600"


def test_a_lock_that_its_holder_removed_locks_nobody_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Between its opening and its locking, its holder may have let go, and another may have made a new one."""
    fcntl = pytest.importorskip("fcntl")
    lock, flock = tmp_path / "lock", fcntl.flock

    def late(file: int, operation: int) -> None:
        lock.unlink()
        lock.touch()
        monkeypatch.setattr(fcntl, "flock", flock)
        flock(file, operation)

    monkeypatch.setattr(fcntl, "flock", late)

    assert writing._held(lock) is None
    held = writing._held(lock)
    assert held is not None
    assert writing._held(lock) is None
    os.close(held)


KILLED = """\
import os, sys
from pathlib import Path
from conseil.writing import alone
with alone(Path(sys.argv[1])):
    os._exit(9)
"""


def test_a_lock_goes_with_its_process(path: Path) -> None:
    env = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    subprocess.run([sys.executable, "-c", KILLED, path], env=env, check=False, timeout=60)
    assert len(list(path.parent.iterdir())) == 2  # what it left behind locks nobody out
    file = ProfileFile.resume(path, load_rulebook())

    file.save(answered(file, foncier="bati"))

    assert [file.name for file in path.parent.iterdir()] == ["ici.yaml"]


def test_a_lock_is_never_somebody_elses_file(path: Path) -> None:
    file = ProfileFile.resume(path, load_rulebook())
    path.with_name(".ici.yaml.lock").symlink_to(path.with_name("autre"))

    with pytest.raises(InvalidInput, match="écriture impossible"):
        file.save(answered(file, foncier="bati"))

    assert not path.with_name("autre").exists()
    assert text_of(path) == COMMENTED


# Another version of the rulebook


def new_rulebook() -> Rulebook:
    several: dict[str, Any] = {**choice("needs", "land", "money"), "type": "choices"}
    only = {**choice("one", "x", "y"), "type": "choices"}
    number = {"id": "people", "label": "people", "ask": "people ?", "type": "integer", "max": 10, "actionable": "no"}
    number |= {"basis": "editorial", "rationale": "Parce que."}
    return rulebook(action("plan-it", rule("recommend")), questions=[several, only, number])


OLD = """\
rulebook: {id: small, version: "0"}  # l’ancien guide
name: Ici
kind: real
answers:
  a: yes  # toujours
  b: maybe   # b n’a plus ce choix
  neds: {value: [land], note: vu en mars}
  # les besoins
  needs: [land, luck]
  one: x
  people: 12
  c: not_applicable
progress: {plan-it: done, plan-that: doing, others: finished}
skipped: [staff, stuff]
set_aside: {b: perhaps}
"""


def test_a_profile_of_another_version_keeps_what_still_means_something(tmp_path: Path) -> None:
    path = tmp_path / "ici.yaml"
    path.write_text(OLD, encoding="utf-8")

    file = ProfileFile.resume(path, new_rulebook())

    assert {name: answer.value for name, answer in file.profile.answers.items()} == {
        "a": "yes",
        "needs": ("land",),
        "one": ("x",),
    }
    assert (file.profile.progress, file.profile.skipped) == ({"plan-it": "done"}, ("staff",))
    assert [str(problem).replace(f"{tmp_path}/", "").split("\n  aide : ") for problem in file.departed] == [
        ["ici.yaml:6:6: choix `maybe` disparu de `b`", "possibilités : `yes`, `no`"],
        ["ici.yaml:7:3: question `neds` disparue", "vouliez-vous dire `needs` ?"],
        ["ici.yaml:9:10: choix `luck` disparu de `needs`", "possibilités : `land`, `money`"],
        ["ici.yaml:11:11: 12 est hors des valeurs possibles de `people`", "au plus 10"],
        [
            "ici.yaml:12:6: « sans objet » n’est pas une réponse possible à `c`",
            "écrivez `unknown` si vous ne savez pas",
        ],
        ["ici.yaml:13:27: action `plan-that` disparue", "vouliez-vous dire `plan-it` ?"],
        [
            "ici.yaml:13:53: avancement `finished` disparu de `others`",
            "possibilités : `todo`, `doing`, `done`, `unknown`",
        ],
        ["ici.yaml:14:18: question `stuff` disparue", "vouliez-vous dire `staff` ?"],
    ]


def test_what_means_nothing_any_more_is_put_aside_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "ici.yaml"
    path.write_text(OLD, encoding="utf-8")
    file = ProfileFile.resume(path, new_rulebook())
    assert text_of(path) == OLD  # nothing is written before something is said
    assert file.written_for == "0"
    assert len(file.leaving) == 7  # what was there before, and a passed question, are not among them

    file.save(answered(file, a="no"))

    assert not file.leaving
    assert (
        text_of(path)
        == """\
rulebook: {id: small, version: 1}  # l’ancien guide
name: Ici
kind: real
answers:
  a: no  # toujours
  # b n’a plus ce choix
  # les besoins
  needs: [land]
  one: [x]
progress: {plan-it: done}
skipped: [staff]
set_aside: {b: perhaps, b.2: maybe, neds: {value: [land], note: vu en mars}, people: 12,
            c: not_applicable, progress.plan-that: doing, progress.others: finished,
            needs: [land, luck]}
"""
    )
    assert load_profile(path, new_rulebook()).set_aside["neds"] == Answer(value=("land",), note="vu en mars")
    assert ProfileFile.resume(path, new_rulebook()).departed == ()


def test_a_fault_that_no_other_version_explains_is_still_one(tmp_path: Path) -> None:
    path = tmp_path / "ici.yaml"
    for head in ("rulebook: {id: small, version: 1}\n", "rulebook: {id: small}\n", ""):
        path.write_text(f"{head}name: Ici\nkind: real\nanswers: {{d: yes}}\n", encoding="utf-8")
        with pytest.raises(InvalidInput, match="question `d` inconnue"):
            ProfileFile.resume(path, new_rulebook())
    path.write_text(OLD.replace("small", "other"), encoding="utf-8")
    with pytest.raises(InvalidInput, match="écrit pour les règles `other`"):
        ProfileFile.resume(path, new_rulebook())


# Whatever is said


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_what_is_saved_is_what_is_read(data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    book = data.draw(rulebooks())
    before, after = (data.draw(profiles(book).filter(can_be_typed)) for _ in range(2))
    path = tmp_path_factory.mktemp("profiles") / "ici.yaml"

    file = ProfileFile.create(path, before, book)
    path.write_text(f"# avant\n{text_of(path)}# après\n", encoding="utf-8")
    file = ProfileFile.resume(path, book)
    assert same(file.profile, before)
    file.save(after)

    assert same(ProfileFile.resume(path, book).profile, after)
    assert text_of(path).startswith("# avant\n")
    assert "# après" in text_of(path)


def can_be_typed(profile: Profile) -> bool:
    """Say whether a file can hold what a profile says: numbers of endless length are refused there."""
    return all(abs(answer.value) < 10**9 for answer in profile.answers.values() if isinstance(answer.value, int))


def same(one: Profile, other: Profile) -> bool:
    """Say whether two profiles say the same: in a file everything is text."""

    def told(profile: Profile) -> object:
        answers = {name: str(answer.value).replace("'", "") for name, answer in profile.answers.items()}
        return profile.name, answers, dict(profile.progress), profile.skipped

    return told(one) == told(other)
