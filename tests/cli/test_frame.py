"""How every command ends: exit codes, one JSON document, no traceback for what is expected."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence

import click
import pytest

from fivestep import errors
from fivestep.cli import frame
from fivestep.errors import FivestepError, Mistake, SettingsError


def _ends(fault: BaseException, *arguments: str) -> int:
    """The exit code of a command that ends with this fault."""

    @click.group()
    def commands() -> None:
        """A group of one."""

    @commands.command()
    @frame.common()
    def fail(call: frame.Call) -> int:
        """Fail."""
        raise fault

    return frame.call(commands, ["fail", *arguments])


class Offline(errors.UnreachableError):
    """What a connector raises may be a case of its own."""


@pytest.mark.parametrize(
    ("fault", "code", "kind"),
    [
        (errors.SettingsError("mend it"), 2, "settings"),
        (errors.CredentialsError("log in"), 3, "credentials"),
        (errors.UnreachableError("close the file"), 4, "unreachable"),
        (errors.LostAnswerError("look again"), 4, "unreachable"),
        (Offline("no network"), 4, "unreachable"),
        (errors.BrakeError("look first"), 5, "brake"),
        (errors.BusyError("wait"), 6, "busy"),
    ],
)
def test_an_expected_fault_is_one_message(
    fault: FivestepError, code: int, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _ends(fault) == code
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", f"fivestep: {fault}\n")

    assert _ends(fault, "--json") == code
    shown = capsys.readouterr()
    assert shown.err == ""
    assert json.loads(shown.out) == {"error": {"kind": kind, "message": str(fault), "mistakes": []}}


def test_all_mistakes_are_in_the_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert _ends(SettingsError([Mistake("fivestep.toml", "drafts.per_run", "'x'", "a number")]), "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["mistakes"] == [
        {"file": "fivestep.toml", "place": "drafts.per_run", "found": "'x'", "expected": "a number"}
    ]


def test_a_defect_says_so_and_shows_where_only_on_request(capsys: pytest.CaptureFixture[str]) -> None:
    assert _ends(KeyError("stage")) == 1
    shown = capsys.readouterr().err
    assert "this is a defect of fivestep" in shown
    assert "Traceback" not in shown
    assert _ends(KeyError("stage"), "--verbose") == 1
    assert "Traceback" in capsys.readouterr().err
    assert _ends(KeyError("stage"), "--json") == 1
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "defect"


@pytest.mark.parametrize("arguments", [[], ["--verbose"]])
def test_ctrl_c_is_no_defect_and_no_question(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _ends(KeyboardInterrupt(), *arguments) == 130
    assert "Stopped. `fivestep history` says how far a run came" in capsys.readouterr().err


@pytest.mark.parametrize("end", [EOFError(), click.Abort()])
def test_a_question_that_nobody_answers_is_named(end: BaseException, capsys: pytest.CaptureFixture[str]) -> None:
    assert _ends(end) == 130
    assert "it asked for an answer, and none came" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [["--nonsense"], ["--as-of", "yesterday"], ["--as-of", "2026-02-30"], ["surplus"]]
)
def test_wrong_usage_is_2(arguments: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert _ends(AssertionError("must not run"), *arguments) == 2
    assert capsys.readouterr().out == ""
    assert _ends(AssertionError("must not run"), *arguments, "--json") == 2
    assert json.loads(capsys.readouterr().out)["error"]["kind"] == "usage"


_MUCH = """
import click
from fivestep.cli import frame

@click.group()
def commands(): ...

@commands.command()
def much():
    for _ in range(100_000):
        click.echo("a line \\u2713 \\ud800")

raise SystemExit(frame.call(commands, ["much"]))
"""


def test_a_reader_that_leaves_early_hears_no_complaint() -> None:
    process = subprocess.Popen([sys.executable, "-c", _MUCH], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    assert process.stderr is not None
    with process.stdout, process.stderr:
        assert process.stdout.readline() == "a line ✓ \\ud800\n".encode()
        process.stdout.close()
        assert process.stderr.read() == b""
    process.wait(timeout=20)


def test_any_locale_gets_utf_8() -> None:
    environment = {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "PYTHONUTF8": "0"}
    code = _MUCH.replace("100_000", "1")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment, check=True)
    assert done.stdout == "a line ✓ \\ud800\n".encode()
