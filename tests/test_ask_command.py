"""`conseil ask` in a real terminal: what is asked, what is written, and that nothing is lost."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Self

import pexpect
import pytest

from conseil import load_profile, load_rulebook
from golden_files import ROOT, check_golden

SECOND = ROOT / "tests" / "second_guide" / "rules"
BOOK = load_rulebook(SECOND)
PROMPT = r"Votre réponse[^\n]*: |Un nombre[^\n]*: "
DOWN, SPACE, ENTER = "\x1b[B", " ", "\r"


class Session:
    """A terminal in which `conseil` runs, and somebody types."""

    def __init__(self, *arguments: object, cwd: Path, term: str = "dumb", rules: Path | None = SECOND) -> None:
        env = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT / "src"),
            "PYTHONIOENCODING": "utf-8",
            "XDG_CACHE_HOME": str(cwd.parent / "cache"),
            "TERM": term,
        }
        chosen = [] if rules is None else ["--rules", str(rules)]
        with warnings.catch_warnings():
            # Python 3.12 and later warn of threads that another test left behind; the child is another program at once
            warnings.simplefilter("ignore", DeprecationWarning)
            self._child = pexpect.spawn(
                sys.executable,
                ["-c", "from conseil.cli import main; main()", *map(str, arguments), *chosen],
                env=env,
                cwd=str(cwd),
                encoding="utf-8",
                dimensions=(50, 80),
                timeout=30,
            )
        self._child.delaybeforesend = None if term == "dumb" else 0.2
        self._seen: list[str] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._child.close(force=True)

    @property
    def transcript(self) -> str:
        """All that stood in the terminal up to now."""
        return "".join(self._seen).replace("\r\n", "\n")

    def until(self, pattern: str, seconds: float = 30) -> str:
        """Wait for something to be shown, and return what was shown before it and with it."""
        try:
            self._child.expect(pattern, timeout=seconds)
        except pexpect.EOF:
            self._seen.append(str(self._child.before))
            raise
        shown = str(self._child.before) + str(self._child.after)
        self._seen.append(shown)
        return shown.replace("\r\n", "\n")

    def says(self, line: str) -> str:
        """Wait to be asked, answer, and return what had been shown."""
        shown = self.until(PROMPT)
        self._child.sendline(line)
        return shown

    def types(self, keys: str) -> None:
        """Press keys."""
        self._child.send(keys)

    def ends(self) -> int:
        """Wait for the end, and return the exit code."""
        with contextlib.suppress(pexpect.EOF):
            self.until("nothing ends so")
        self._child.close()
        assert self._child.exitstatus is not None
        return int(self._child.exitstatus)


@pytest.fixture
def ask(tmp_path: Path) -> Callable[..., Session]:
    folder = tmp_path / "dossier"
    folder.mkdir()

    def begin(*arguments: object, term: str = "dumb", rules: Path | None = SECOND) -> Session:
        return Session("ask", *arguments, cwd=folder, term=term, rules=rules)

    return begin


def begun(session: Session) -> Session:
    """Say of whom one speaks."""
    session.says("Le quartier")
    session.says("2")
    return session


def flat(text: str) -> str:
    """Return what was shown, however it was broken into lines and spaced."""
    return re.sub(r"\s+", " ", text)


def answers(path: Path) -> dict[str, object]:
    return {name: answer.value for name, answer in load_profile(path, BOOK).answers.items()}


CONVERSATION = {
    "Comment s’appelle votre territoire": ["", "Le café d’en bas"],
    "De quel territoire": ["un territoire", "2"],
    "Combien de bénévoles": ["?", "3"],
    "cagnotte": ["r", "1"],
    "savez-vous réparer": ["4", "1 3"],
    "« Préparer »": ["1"],
    "« Ouvrir »": ["?", "Aucune n’est commencée : toutes sont à faire"],
    "Lesquelles sont faites": ["0"],
    "Lesquelles sont en cours": ["r", "2, 1"],
    "autre action": ["2"],
    "Vous pouvez vous arrêter": ["2"],
    "Qui conduit": ["1"],
    "Où en êtes-vous": ["p", "1"],
    "Un nombre": ["beaucoup", "1 200", "1 20"],
    "De quelle salle": ["S"],
}
"""What is typed where something is asked, the first time, the second time…; elsewhere, that one does not know."""


def converse(session: Session, replies: dict[str, list[str]], otherwise: str = "j", at_most: int = 60) -> None:
    """Answer whatever is asked, until the conversation ends."""
    left = {pattern: list(lines) for pattern, lines in replies.items()}
    asked: list[str] = []
    for _ in range(at_most):
        try:
            shown = re.sub(r"\s+", " ", session.until(PROMPT))
        except pexpect.EOF:
            return
        if re.search("── | 1 |Comment s’appelle", shown):  # else it is asked once more
            asked = next((lines for pattern, lines in left.items() if pattern in shown), [])
        session.types((asked.pop(0) if len(asked) > 1 else [*asked, otherwise][0]) + "\n")
    raise AssertionError(session.transcript)


@pytest.mark.golden
def test_a_conversation_is_what_a_person_would_say(ask: Callable[..., Session], tmp_path: Path) -> None:
    with ask("-o", "café.yaml", "--full") as session:
        converse(session, CONVERSATION)
        code = session.ends()

    check_golden(ROOT / "tests" / "golden" / "ask" / "conversation.txt", session.transcript)
    path = tmp_path / "dossier" / "café.yaml"
    check_golden(ROOT / "tests" / "golden" / "ask" / "profile.yaml", path.read_text(encoding="utf-8"))
    assert code == 0


def test_the_plan_at_the_end_is_that_of_the_file(ask: Callable[..., Session], tmp_path: Path) -> None:
    with ask("-o", "ici.yaml") as session:
        converse(session, {"Vous pouvez vous arrêter": ["1"]}, otherwise="1")
        assert session.ends() == 0

    with Session("plan", "ici.yaml", cwd=tmp_path / "dossier") as plan:
        plan.ends()
    assert plan.transcript.strip() in session.transcript


def test_one_is_told_when_one_may_stop_and_may_go_on(ask: Callable[..., Session], tmp_path: Path) -> None:
    with ask("-o", "ici.yaml") as session:
        converse(session, {"Vous pouvez vous arrêter": ["2"]}, otherwise="1")
        assert session.ends() == 0

    told = "Vous pouvez vous arrêter : aucune réponse qui manque ne peut faire entrer ni sortir une action de vos"
    assert flat(session.transcript).count(told) == 1
    assert flat(session.transcript).count("Leur ordre peut encore changer.") == 1
    asked = {question.id for question in BOOK.questions if question.ask} - {"assurance", "moment"}
    assert asked - answers(tmp_path / "dossier" / "ici.yaml").keys() <= {"pannes", "visiteurs", "cagnotte", "salle"}


# Nothing is lost


@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_ctrl_c_loses_nothing_and_one_goes_on_where_one_was(
    ask: Callable[..., Session], tmp_path: Path, term: str
) -> None:
    path = tmp_path / "dossier" / "ici.yaml"
    chosen = "1\n" if term == "dumb" else ENTER
    with ask("-o", "ici.yaml", term=term) as session:
        session.until("territoire")
        session.types("Ici\n" if term == "dumb" else "Ici\r")
        session.until("s’agit-il")
        session.types(chosen)
        session.until("S’arrêter")
        session.types(chosen)
        session.until("S’arrêter")
        session.types("\x03")
        assert session.ends() == 130
    assert "Vos réponses sont dans ici.yaml." in session.transcript
    assert "conseil ask --resume ici.yaml" in session.transcript
    given = answers(path)
    assert len(given) == 1

    with ask("--resume", "ici.yaml", term=term) as session:
        shown = session.until("S’arrêter")
        assert "Comment s’appelle" not in shown
        for name in given:
            assert str(BOOK.vocabulary[name].ask) not in shown
        session.types("\x04" if term == "dumb" else "\x03")
        assert session.ends() == 130
    assert answers(path) == given


def test_one_stops_where_one_wants(ask: Callable[..., Session], tmp_path: Path) -> None:
    with begun(ask()) as session:
        session.says("1")
        session.says("q")
        assert session.ends() == 0

    assert "Plan d’action" not in session.transcript
    assert len(answers(tmp_path / "dossier" / "le-quartier.yaml")) == 1


def test_back_reaches_a_question_that_was_passed(ask: Callable[..., Session], tmp_path: Path) -> None:
    with begun(ask("-o", "ici.yaml")) as session:
        first = flat(session.says("p")).split("──")[-1]
        session.says("r")
        again = flat(session.says("1")).split("──")[-1]
        session.says("q")
        assert session.ends() == 0

    question = first.split(" 1 ")[0].strip()
    assert question
    assert question in again
    assert len(answers(tmp_path / "dossier" / "ici.yaml")) == 1


def test_who_knows_little_is_told_that_the_rest_hangs_on_what_is_to_be_checked(ask: Callable[..., Session]) -> None:
    with ask("-o", "ici.yaml") as session:
        converse(session, {"De quel territoire": ["1"], "Vous pouvez vous arrêter": ["1"]}, otherwise="j")
        assert session.ends() == 0

    shown = flat(session.transcript)
    told = "Vous pouvez vous arrêter : aucune question qui reste à poser ne peut faire entrer ni sortir une action de"
    assert shown.count(told) == 1
    assert "Seul ce que vous ne savez pas encore le peut : vérifiez-le, puis reprenez." in shown
    assert "À vérifier" in shown


def test_a_command_that_is_named_can_be_copied(ask: Callable[..., Session]) -> None:
    with begun(ask("-o", "mon profil.yaml")) as session:
        session.says("q")
        session.ends()

    assert "  conseil ask --resume 'mon profil.yaml'   pour reprendre" in session.transcript
    assert "  conseil plan 'mon profil.yaml'   pour voir" in session.transcript
    with ask("-o", "mon profil.yaml") as session:
        session.ends()
    assert "`conseil ask --resume 'mon profil.yaml'` le reprend" in flat(session.transcript)


@pytest.mark.parametrize("rules", [None, SECOND], ids=["shipped", "second"])
def test_only_ways_of_not_answering_that_exist_are_announced(ask: Callable[..., Session], rules: Path | None) -> None:
    accepted = any(question.not_applicable for question in load_rulebook(*([rules] if rules else [])).questions)
    with begun(ask(rules=rules)) as session:
        welcome = flat(session.says("q")).split("Si vous n’avez pas la réponse, ")[1].split("──")[0]
        session.ends()

    assert welcome.startswith("trois possibilités" if accepted else "deux possibilités")
    assert welcome.count("– ") == (3 if accepted else 2)
    assert ("Sans objet" in welcome) is accepted


def test_a_file_has_the_name_of_its_territory_and_takes_no_others_place(
    ask: Callable[..., Session], tmp_path: Path
) -> None:
    name = "L’Étang-du-Nord / agglomération : " + "été " * 100
    (tmp_path / "dossier" / "é.yaml").write_text("à moi", encoding="utf-8")
    for typed in (name, name, "!?", "\u200b"):
        with ask() as session:
            session.says(typed)
            if typed == "\u200b":
                session.until("Ce nom contient un caractère invisible")
                session.types("Ici\n")
            session.says("1")
            session.says("q")
            session.ends()

    names = sorted(path.name for path in (tmp_path / "dossier").iterdir())
    assert names[:2] == ["ici.yaml", "l-etang-du-nord-agglomeration-ete-ete-ete-ete-ete-ete-ete-et-2.yaml"]
    assert names[3:] == ["profil.yaml", "é.yaml"]
    assert max(map(len, names)) < 80


def test_the_guide_that_conseil_carries_is_asked_by_itself(ask: Callable[..., Session], tmp_path: Path) -> None:
    with ask("-o", "ici.yaml", rules=None) as session:
        begun(session)
        session.says("1")
        session.says("q")
        assert session.ends() == 0

    profile = load_profile(tmp_path / "dossier" / "ici.yaml")
    assert profile.rulebook is not None
    assert profile.rulebook.version == load_rulebook().guide.version
    assert len(profile.answers) == 1


def test_three_ways_of_not_answering_are_written_as_three(ask: Callable[..., Session], tmp_path: Path) -> None:
    path = tmp_path / "dossier" / "ici.yaml"
    replies = {
        "Combien de bénévoles": ["j"],
        "cagnotte": ["p"],
        "De quelle salle": ["s"],
        "arrêter :": ["2"],
        "« Ouvrir »": ["p"],
    }
    with ask("-o", "ici.yaml") as session:
        converse(session, replies, otherwise="1")
        assert session.ends() == 0

    profile = load_profile(path, BOOK)
    assert profile.answers["benevoles"].value == "unknown"
    assert profile.answers["salle"].value == "not_applicable"
    assert set(profile.skipped) == {"cagnotte", "progress.ouvrir"}
    end = flat(session.transcript.split("Ce qui reste à vérifier")[-1])
    assert "Questions passées : " in end
    assert "Que contient la cagnotte" in end


def test_what_one_did_not_know_may_be_asked_again(ask: Callable[..., Session], tmp_path: Path) -> None:
    path = tmp_path / "dossier" / "ici.yaml"
    path.write_text("name: Ici\nkind: real\nanswers: {benevoles: unknown, pannes: unknown}\n", encoding="utf-8")

    with ask("--resume", "ici.yaml") as session:
        shown = flat(session.says("1"))
        assert "Vous aviez répondu « Je ne sais pas » à 2 questions. En savez-vous plus" in shown
        assert "(réponse actuelle : je ne sais pas)" in flat(session.says("?"))
        session.says("1")
        session.says("q")
        session.ends()

    assert sorted(map(str, answers(path).values())) != ["unknown", "unknown"]
    assert answers(path).keys() == {"benevoles", "pannes"}  # what was not asked again is still said


def test_a_copy_is_resumed_and_the_first_file_stays(ask: Callable[..., Session], tmp_path: Path) -> None:
    folder = tmp_path / "dossier"
    (folder / "ici.yaml").write_text("# à moi\nname: Ici\nkind: real\n", encoding="utf-8")

    with ask("--resume", "ici.yaml", "-o", "copie.yaml") as session:
        session.says("1")
        session.says("q")
        session.ends()

    assert (folder / "ici.yaml").read_text(encoding="utf-8") == "# à moi\nname: Ici\nkind: real\n"
    assert (folder / "copie.yaml").read_text(encoding="utf-8").startswith("# à moi\nname: Ici\nkind: real\nanswers:\n")


def test_two_conversations_on_one_file(ask: Callable[..., Session], tmp_path: Path) -> None:
    path = tmp_path / "dossier" / "ici.yaml"
    path.write_text("name: Ici\nkind: real\n", encoding="utf-8")
    with ask("--resume", "ici.yaml") as one, ask("--resume", "ici.yaml") as other:
        one.until(PROMPT)
        other.says("1")
        other.until(PROMPT)
        one.types("2\n")
        shown = one.until(PROMPT)
        assert "Quelqu’un d’autre a répondu autrement, dans le même fichier." in shown
        [(name, kept)] = answers(path).items()
        assert kept == BOOK.vocabulary[name].values[0]
        one.types("2\n")
        one.says("q")
        assert one.ends() == 0
        assert answers(path) == {name: BOOK.vocabulary[name].values[1]}
        other.types("1\n")
        other.until("Le fichier a changé entre-temps")
        other.says("q")
        assert other.ends() == 0
    assert len(answers(path)) == 2
    assert answers(path)[name] == BOOK.vocabulary[name].values[1]


def test_a_file_that_is_broken_meanwhile_is_mended_by_its_owner(ask: Callable[..., Session], tmp_path: Path) -> None:
    path = tmp_path / "dossier" / "ici.yaml"
    path.write_text("name: Ici\nkind: real\n", encoding="utf-8")
    with ask("--resume", "ici.yaml") as session:
        session.until(PROMPT)
        path.write_text("name: Ici\nkind: reel\n", encoding="utf-8")
        session.types("1\n")
        session.until("ici.yaml:2:7: valeur `reel` inconnue")
        session.until(PROMPT)
        path.write_text("name: Ici\nkind: real  # mieux\n", encoding="utf-8")
        session.types("1\n")
        session.says("q")
        assert session.ends() == 0

    assert path.read_text(encoding="utf-8").startswith("name: Ici\nkind: real  # mieux\nanswers:\n")


def test_a_profile_of_other_rules_says_what_is_gone(ask: Callable[..., Session], tmp_path: Path) -> None:
    path = tmp_path / "dossier" / "ici.yaml"
    path.write_text(
        "rulebook: {id: cafe-reparation, version: '6'}\nname: Ici\nkind: real\nanswers:\n  benevole: equipe  # eux\n"
        "skipped: [salon]\n",
        encoding="utf-8",
    )
    with ask("--resume", "ici.yaml") as session:
        session.says("1")
        session.says("q")
        session.ends()

    shown = flat(session.transcript)
    version = BOOK.guide.version
    assert f"Ce profil suit la version 6 des règles ; voici la {version}. Une réponse n’y a plus de sens" in shown
    assert "2 réponses" not in shown  # the passed question is listed, but it holds no answer
    assert "ici.yaml:5:3: question `benevole` disparue" in session.transcript
    assert "ici.yaml:6:11: question `salon` disparue" in session.transcript
    assert "aide : vouliez-vous dire `benevoles` ?" in session.transcript
    text = path.read_text(encoding="utf-8")
    assert "set_aside:\n  benevole: equipe  # eux\n" in text


def test_an_answer_follows_a_question_that_has_another_name(ask: Callable[..., Session], tmp_path: Path) -> None:
    rules = Path(shutil.copytree(SECOND, tmp_path / "regles"))
    questions = rules / "questions" / "bande.yaml"
    text = questions.read_text(encoding="utf-8")
    questions.write_text(
        text.replace("  - id: benevoles\n", "  - id: benevoles\n    renamed_from: [benevole]\n"), encoding="utf-8"
    )
    path = tmp_path / "dossier" / "ici.yaml"
    path.write_text(
        "rulebook: {id: cafe-reparation, version: '6'}\nname: Ici\nkind: real\nanswers:\n  benevole: equipe  # eux\n",
        encoding="utf-8",
    )
    with ask("--resume", "ici.yaml", rules=rules) as session:
        session.says("1")
        session.says("q")
        session.ends()

    assert "`benevole` s’appelle maintenant `benevoles`" in flat(session.transcript)
    assert "answers:\n  benevoles: equipe  # eux\n" in path.read_text(encoding="utf-8")


# Lists in which one moves


def test_lists_are_walked_with_the_arrows(ask: Callable[..., Session], tmp_path: Path) -> None:
    path = tmp_path / "dossier" / "ici.yaml"
    with ask("-o", "ici.yaml", "--full", term="xterm") as session:
        session.until("s’appelle votre territoire")
        session.types("Ici\r")
        session.until("s’agit-il")
        session.types(DOWN + ENTER)
        for _ in range(30):
            try:
                shown = session.until(
                    "S’arrêter|Espace pour cocher|Revenir au choix|Un nombre [(]personnes[)][^:\n]{0,30}:"
                )
            except pexpect.EOF:
                break
            if "Espace pour cocher" in shown:
                session.types(ENTER)  # nothing is ticked: it is refused
                session.types(DOWN + SPACE + ENTER)
            elif "Un nombre" in shown and "S’arrêter" not in shown:
                session.types("12" + ENTER)
            else:
                session.types(ENTER)
        session.ends()

    profile = load_profile(path, BOOK)
    assert profile.kind == "invented"
    assert profile.answers["pannes"].value == ("velo",)
    assert profile.answers["visiteurs"].value == "12"
    assert set(profile.progress) == set(BOOK.by_id)
    assert "Plan d’action : Ici" in flat(session.transcript)


@pytest.mark.parametrize(("term", "lists"), [("xterm", True), ("dumb", False), ("nobody-knows-it", False), ("", False)])
def test_lists_are_for_terminals_whose_cursor_moves(ask: Callable[..., Session], term: str, lists: bool) -> None:
    with ask(term=term) as session:
        shown = session.until("s’appelle votre territoire")
        assert ("\x1b[" in shown) == lists
        session.types("\x03")
        assert session.ends() == 130


def test_a_terminal_that_does_not_say_where_its_cursor_is_gets_no_warning(ask: Callable[..., Session]) -> None:
    with ask(term="xterm") as session:
        session.until("s’appelle votre territoire")
        with pytest.raises(pexpect.TIMEOUT):
            session.until("WARNING", seconds=3)  # prompt_toolkit waits for two


# What cannot be done


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("-o", "ici.yaml"), "le fichier `ici.yaml` existe déjà"),
        (("--resume", "creuse-grand-sud"), "`creuse-grand-sud` est un territoire fourni, qui ne change pas"),
        (("--resume", "ailleurs.yaml"), "ailleurs.yaml: fichier introuvable"),
        (("--resume", "ici.yaml", "-o", "ici.yaml"), "ce fichier existe déjà"),
        (("--resume", "faux.yaml"), "faux.yaml:3:22: choix `personne` inconnu pour `benevoles`"),
    ],
)
def test_what_cannot_be_asked_is_explained(
    ask: Callable[..., Session], tmp_path: Path, arguments: tuple[str, ...], message: str
) -> None:
    folder = tmp_path / "dossier"
    (folder / "ici.yaml").write_text("name: Ici\nkind: real\n", encoding="utf-8")
    (folder / "faux.yaml").write_text(
        "name: Ici\nkind: real\nanswers: {benevoles: personne}\n",
        encoding="utf-8",
    )
    with ask(*arguments) as session:
        assert session.ends() in {1, 2}
    assert message in session.transcript
    assert "aide : " in session.transcript


@pytest.mark.parametrize("redirection", ["</dev/null", "| cat"])
def test_without_a_terminal_the_way_by_a_file_is_named(tmp_path: Path, redirection: str) -> None:
    command = (
        f"{sys.executable} -c 'from conseil.cli import main; main()' ask {redirection}; echo code ${{PIPESTATUS[0]}}"
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # as above
        output = pexpect.run(  # bytes, as no encoding is given
            f'bash -c "{command}"',
            cwd=str(tmp_path),
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT / "src"), "PYTHONIOENCODING": "utf-8"},
        )
    assert isinstance(output, bytes)
    text = output.decode().replace("\r\n", "\n")

    assert "`conseil ask` pose ses questions dans un terminal, et il n’y en a pas ici" in text
    assert "`conseil questions --template > profil.yaml` écrit un profil à remplir" in text
    assert text.endswith("code 2\n")
