"""Answers from a copy, as a person asks for them; none needs a server."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from cli.mirror.copy import ListCopy
from cli.mirror.copy_file import CopyUnreadableError
from cli.mirror.feed import DivisionUnknownError, Mirrored
from cli.mirror.lookup import CopyMissingError, look_up
from cli.mirror.reading import read_contents, read_lists
from cli.mirror.tree import DigestTree
from cli.sample.codes import credit_code
from safetycredit.scoring.v1.list_entry_pb2 import ListKind
from safetycredit.type.v1.field_pb2 import Field
from services.common.database import Database
from tests.fakes.list_entries import entry, removal
from tests.fakes.list_feed import DirectFeed
from tests.fakes.list_mirrors import BLACK, execute, mirror_of
from tests.fakes.list_sync_server import publish

CODE, ABSENT, ELSEWHERE = (
    credit_code("91", division, serial)
    for division, serial in (("110105", 1), ("110105", 2), ("120101", 1))
)


@pytest.fixture
def checked(store: Database, path: Path) -> Callable[..., Result]:
    """Publish one entry, copy it, and ask the copy as a person types it."""
    publish(store, [entry(1, name="样例化工", credit_code=CODE)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    runner = CliRunner()
    return lambda *words, **given: runner.invoke(
        app, ["mirror", "check", *words, "--from", str(path)], **given
    )


@pytest.mark.parametrize(
    "text",
    [
        f" {CODE.lower()} ",
        f"{CODE[:8]} {CODE[8:]}",
        f"{CODE[:8]}-{CODE[8:]}",
        f"{CODE[:8]}\u2014{CODE[8:]}",
        CODE.translate({letter: letter + 0xFEE0 for letter in range(0x21, 0x7F)}),
        "e-1001",
        " E - 1001",
        "\uff45\uff0d\uff11\uff10\uff10\uff11",
    ],
    ids=[
        "small-letters",
        "a-blank",
        "a-hyphen",
        "a-dash",
        "wide-letters",
        "an-identifier",
        "a-spaced-identifier",
        "a-wide-identifier",
    ],
)
def test_a_subject_is_read_as_people_write_it(checked: Callable[..., Result], text: str) -> None:
    """Wide and small letters, blanks and hyphens make no other code of it."""
    assert "样例化工" in checked(text).output


@pytest.mark.parametrize(
    "text",
    ["NO-CODE", "样例化工", f"{CODE[:-1]}{'A' if CODE[-1] == 'B' else 'B'}", "e-01001", "e1001"],
    ids=["no-code", "a-name", "a-typing-mistake", "a-leading-nought", "no-hyphen"],
)
def test_what_can_be_on_no_list_is_not_said_to_be_on_none(
    checked: Callable[..., Result], text: str
) -> None:
    """An answer to another question than the one that was meant would be a wrong one."""
    found = checked(text)

    assert found.exit_code == 1
    assert "SUBJECT_MALFORMED" in found.stderr


def test_an_answer_in_json_says_the_version_it_stands_on(checked: Callable[..., Result]) -> None:
    """For one who is listed and for one who is not."""
    listed, absent = (json.loads(checked(code, "--json").output) for code in (CODE, ABSENT))

    assert (listed["listed"], absent["listed"]) == (True, False)
    assert [one["name"] for one in listed["entries"]] == ["样例化工"]
    assert absent["entries"] == []
    assert listed["lists"] == absent["lists"]
    (field,) = [one for one in listed["lists"] if one["version"]]
    assert (field["version"], field["entry_count"], len(field["digest"])) == (1, 1, 64)


def test_several_are_answered_at_once(
    checked: Callable[..., Result], path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each by itself and once, in the order in which they were asked for, by one digest."""
    digested: list[Path] = []

    def counted(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 -- passes all on.
        digested.append(path)
        return read_contents(*arguments, **options)

    monkeypatch.setattr("cli.mirror.lookup.read_contents", counted)

    found = checked(ABSENT, CODE, "e-1001", CODE.lower())

    assert (found.exit_code, len(digested)) == (0, 1)
    lines = found.output.splitlines()
    assert lines[0] == f"{ABSENT} is on no blacklist of this copy"
    assert [line.split() for line in lines if "样例化工" in line] == [
        ["listed", "样例化工", CODE],
        ["listed", "样例化工", CODE],
    ]
    assert len([line for line in lines if "confirmed this copy" in line]) == 1


@pytest.mark.parametrize("count", [1, 2], ids=["one", "several"])
def test_a_file_of_codes_is_answered_line_by_line(
    checked: Callable[..., Result], tmp_path: Path, count: int
) -> None:
    """However many there are; blank lines and the mark of a text are none."""
    codes = [credit_code("91", "110105", serial) for serial in range(1, count + 1)]
    file = tmp_path / "codes.txt"
    file.write_text("\n\n".join(codes) + "\n", encoding="utf-8-sig")

    typed = checked("--codes", str(file), "--json")
    given = checked("--codes", "-", "--json", input="\n".join(codes))

    answers = [json.loads(line) for line in typed.output.splitlines()]
    assert [one["subject"] for one in answers] == codes
    assert [one["listed"] for one in answers] == [True] + [False] * (count - 1)
    assert (given.exit_code, given.output) == (0, typed.output)


def test_a_file_with_a_wrong_code_is_not_answered_in_part(
    checked: Callable[..., Result], tmp_path: Path
) -> None:
    """Every wrong line is named, so that all can be put right at once."""
    file = tmp_path / "codes.txt"
    file.write_text(f"{CODE}\n样例化工\n{CODE[:-1]}\n", encoding="utf-8")

    found = checked("--codes", str(file))

    assert (found.exit_code, found.output.count(CODE)) == (1, 0)
    told = "".join(found.stderr.split())
    assert "codes.txt:2:'样例化工'(CREDIT_CODE_MALFORMED" in told
    assert f"codes.txt:3:'{CODE[:-1]}'(CREDIT_CODE_MALFORMED" in told


def test_what_is_no_file_of_codes_is_said(checked: Callable[..., Result], tmp_path: Path) -> None:
    """None is there, or it is no text; one that came out empty says of nobody that he is listed."""
    wide = tmp_path / "wide.txt"
    wide.write_bytes(CODE.encode("utf-16"))
    empty = tmp_path / "empty.txt"
    empty.write_text("\n \n", encoding="utf-8")

    missing, other = (checked("--codes", str(tmp_path / "none")), checked("--codes", str(wide)))
    nothing, nobody = checked("--codes", str(empty), "--json"), checked()

    assert [missing.exit_code, other.exit_code, nothing.exit_code, nobody.exit_code] == [1, 1, 2, 2]
    for found in (missing, other):
        assert "SUBJECTS_UNREADABLE" in found.stderr
    assert "there is none in" in " ".join(nothing.stderr.split())
    assert nothing.stdout == ""


def test_a_listed_person_does_not_make_the_enterprise_listed(store: Database, path: Path) -> None:
    """His entry names the enterprise in whose case he is; it stands beside the answer."""
    fallen = entry(1, credit_code=CODE, name="样例化工")
    person = entry(2, credit_code=CODE, person=True, subject_id=7, name="王＊")
    publish(store, [fallen, person])
    publish(store, [removal(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    def checked(*words: str) -> str:
        return CliRunner().invoke(app, ["mirror", "check", *words, "--from", str(path)]).output

    said = checked(CODE).splitlines()
    assert said[0] == f"{CODE} is on no blacklist of this copy"
    assert said[1] == f"persons who are listed in a case of {CODE}, and not itself:"
    assert said[2].split() == ["listed", "王＊", "p-7"]
    answer, his = (json.loads(checked(code, "--json")) for code in (CODE, "p-7"))
    assert (answer["listed"], answer["entries"]) == (False, [])
    assert [one["subject_id"] for one in answer["related_entries"]] == ["p-7"]
    assert (his["listed"], his["related_entries"]) == (True, [])
    assert [one["entry_id"] for one in his["entries"]] == ["l-2"]


def test_an_enterprise_that_is_listed_with_a_person_is_listed(store: Database, path: Path) -> None:
    """Each by an entry of its own."""
    person = entry(2, credit_code=CODE, person=True, subject_id=7, name="王＊")
    publish(store, [entry(1, credit_code=CODE), person])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    command = ["mirror", "check", CODE, "--from", str(path), "--json"]

    answer = json.loads(CliRunner().invoke(app, command).output)

    assert answer["listed"]
    assert [one["entry_id"] for one in answer["entries"]] == ["l-1"]
    assert [one["entry_id"] for one in answer["related_entries"]] == ["l-2"]


def test_persons_stand_beside_an_enterprise_by_whatever_it_is_asked_for(
    store: Database, path: Path
) -> None:
    """Its identifier finds those of its cases as its code does, and nobody else's."""
    person = entry(2, credit_code=CODE, person=True, subject_id=7, name="王＊")
    other = entry(3, credit_code=ELSEWHERE, person=True, subject_id=8, name="李＊")
    publish(store, [entry(1, credit_code=CODE), person, other])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    for asked in (("e-1001",), ("e-1001", CODE), ("p-7", "e-1001")):
        found = look_up(path, *asked)
        assert [one.entry_id for one in found.entries["e-1001"]] == ["l-1"]
        assert [one.entry_id for one in found.related["e-1001"]] == ["l-2"]
        assert CODE not in asked or found.related[CODE] == found.related["e-1001"]
        assert not found.related.get("p-7")


def test_a_division_of_which_the_service_knows_nobody_is_not_copied(
    store: Database, path: Path
) -> None:
    """A slip in its number would clear everybody."""
    publish(store, [entry(1, credit_code=CODE, division=110105)])
    for division in ("110150", "999900"):
        slip = replace(BLACK, division=division)

        with pytest.raises(DivisionUnknownError):
            mirror_of(path, DirectFeed.of(store, slip), mirrored=slip).run(once=True)

        assert not path.exists()


@pytest.mark.parametrize(("emptied", "told"), [(False, False), (True, True)])
def test_a_copy_of_an_empty_division_says_so(
    store: Database, path: Path, *, emptied: bool, told: bool
) -> None:
    """Whoever asks about it sees that it speaks of nobody at all."""
    part = replace(BLACK, division="110105")
    publish(store, [entry(1, credit_code=CODE, division=110105)])
    if emptied:
        publish(store, [removal(1)])
    mirror_of(path, DirectFeed.of(store, part), mirrored=part).run(once=True)

    for command in (["check", ABSENT], ["status"]):
        said = CliRunner().invoke(app, ["mirror", *command, "--from", str(path)]).output

        assert ("no entry at all" in " ".join(said.split())) is told


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE notes SET value = '320613' WHERE name = 'division'",
        "UPDATE lists SET version = version + 1 WHERE version = 1",
        "DELETE FROM entries",
        "UPDATE entries SET body = x'ff'",
        "DELETE FROM notes WHERE name = 'confirm_time'",
        "UPDATE notes SET value = '2025-06-01T00:00:00' WHERE name = 'confirm_time'",
        "UPDATE lists SET entry_count = 'many'",
        "UPDATE entries SET body = CAST(replace(body, '91', '92') AS BLOB)",
    ],
    ids=[
        "a-division-is-another",
        "a-version-is-another",
        "an-entry-is-lost",
        "a-body-is-no-entry",
        "a-note-is-lost",
        "a-time-without-a-zone",
        "a-count-is-a-word",
        "a-code-is-another",
    ],
)
def test_a_damaged_copy_does_not_answer(
    checked: Callable[..., Result], path: Path, damage: str
) -> None:
    """It says what to do, and never that somebody is on no list."""
    execute(path, damage)

    for codes in ([CODE], [CODE, ABSENT]):
        found = checked(*codes)

        assert found.exit_code == 1
        assert "COPY_UNREADABLE" in found.stderr
        assert "mirror run" in found.stderr


@pytest.mark.parametrize(
    ("start", "end", "standing"),
    [
        (date(2999, 1, 1), date(3002, 1, 1), "to be listed"),
        (date(2020, 1, 1), date(2023, 1, 1), "term over"),
        (date(2020, 1, 1), date(2999, 1, 1), "listed"),
    ],
)
def test_dates_of_an_entry_are_held_against_today(
    store: Database, path: Path, start: date, end: date, standing: str
) -> None:
    """A copy holds what was published; whether somebody is listed today is for its dates."""
    publish(store, [entry(1, credit_code=CODE, start_date=start, end_date=end)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)

    command = ["mirror", "check", CODE, "--from", str(path)]
    lines = CliRunner().invoke(app, command).output.splitlines()

    assert lines[0].startswith(f"{standing} ")


def test_the_age_of_a_copy_is_when_the_service_last_confirmed_it(
    store: Database, path: Path
) -> None:
    """A run that changes nothing makes the copy younger all the same."""
    publish(store, [entry(1)])
    morning = datetime(2025, 6, 1, 1, tzinfo=UTC)
    feed = DirectFeed.of(store, BLACK)
    mirror_of(path, feed, now=lambda: morning).run(once=True)

    mirror_of(path, feed, now=lambda: morning + timedelta(hours=3)).run(once=True)

    assert look_up(path).confirm_time == morning + timedelta(hours=3)


def test_a_copy_that_does_not_exist_is_said_to(path: Path) -> None:
    """Looking up makes no file."""
    with pytest.raises(CopyMissingError):
        look_up(path)

    assert not path.exists()


def test_a_copy_of_another_form_is_said_to_be_one(store: Database, path: Path) -> None:
    """Whatever tables that form has: an upgraded program does not call its own old copy rubbish."""
    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    execute(path, "UPDATE notes SET value = '1' WHERE name = 'format'")
    execute(path, "DROP TABLE entries")

    with pytest.raises(CopyUnreadableError, match="another form"):
        look_up(path)


def test_a_copy_of_a_part_says_of_which(store: Database, path: Path) -> None:
    """Who is listed elsewhere is not in it, and is not to be taken for clean."""
    part = Mirrored(ListKind.LIST_KIND_BLACKLIST, Field.FIELD_WORK_SAFETY, "110000")
    publish(store, [entry(1, credit_code=ELSEWHERE, division=120101), entry(2, division=110105)])
    mirror_of(path, DirectFeed.of(store, part), mirrored=part).run(once=True)
    command = ["mirror", "check", ELSEWHERE, "--from", str(path)]

    said = CliRunner().invoke(app, command).output
    answer = json.loads(CliRunner().invoke(app, [*command, "--json"]).output)

    assert "field work_safety, division 110000 alone" in said
    assert (answer["listed"], answer["field"], answer["division"]) == (
        False,
        "work_safety",
        "110000",
    )


def test_a_copy_of_everything_says_so(store: Database, path: Path) -> None:
    """Then there is nothing that it does not know."""
    whole = Mirrored(ListKind.LIST_KIND_BLACKLIST, Field.FIELD_UNSPECIFIED, "")
    mirror_of(path, DirectFeed.of(store, whole), mirrored=whole).run(once=True)
    command = ["mirror", "check", CODE, "--from", str(path)]

    said = CliRunner().invoke(app, command).output
    answer = json.loads(CliRunner().invoke(app, [*command, "--json"]).output)

    assert "every field, every division\n" in said
    assert (answer["field"], answer["division"]) == (None, None)


@pytest.mark.parametrize(
    ("ahead", "age"),
    [(timedelta(days=400), "lies in the future"), (timedelta(), "0 min ago")],
    ids=["ahead", "right"],
)
def test_a_time_that_has_not_come_tells_no_age(
    store: Database, path: Path, ahead: timedelta, age: str
) -> None:
    """A clock that was ahead would make an old copy look fresh."""
    feed = DirectFeed.of(store, BLACK)
    mirror_of(path, feed, now=lambda: datetime.now(UTC) + ahead).run(once=True)

    assert age in CliRunner().invoke(app, ["mirror", "check", CODE, "--from", str(path)]).output


def test_a_copy_is_verified_as_it_stands_at_one_moment(
    store: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mirror that applies changes between two looks does not make it look damaged."""
    publish(store, [entry(1)])
    feed = DirectFeed.of(store, BLACK)
    mirror_of(path, feed).run(once=True)

    def applied(connection: sqlite3.Connection) -> Any:  # noqa: ANN401 -- what it reads.
        read = read_lists(connection)
        apply_changes(store, path)
        return read

    monkeypatch.setattr("cli.mirror.lookup.read_lists", applied)

    found = CliRunner().invoke(app, ["mirror", "status", "--verify", "--from", str(path)])

    assert (found.exit_code, "verified" in found.output) == (0, True)


def apply_changes(store: Database, path: Path) -> None:
    """Publish something, and apply it through a connection of its own."""
    publish(store, [entry(1, cause=datetime.now(UTC).isoformat())])
    copy = ListCopy(path)
    page = DirectFeed.of(store, BLACK).changes(copy.cursor())
    copy.apply(page.deltas, page.cursor, confirmed=datetime.now(UTC))
    copy.close()


def test_an_open_copy_is_sound_while_another_connection_writes(store: Database, path: Path) -> None:
    """What it holds and what it notes are of one moment."""

    class Disturbed(ListCopy):
        def _read_trees(self) -> dict[int, DigestTree]:
            trees = super()._read_trees()
            apply_changes(store, path)
            return trees

    publish(store, [entry(1)])
    mirror_of(path, DirectFeed.of(store, BLACK)).run(once=True)
    copy = Disturbed(path)

    assert copy.sound()
    copy.close()
