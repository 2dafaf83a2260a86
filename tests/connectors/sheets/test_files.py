"""Files replaced in one step, whatever happens meanwhile."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from fivestep.connectors.system.files import load, rewrite, version_of
from fivestep.errors import SettingsError, UnreachableError


def shouted(content: bytes) -> tuple[bytes, str]:
    return content.upper(), "shouted"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "deals.csv"
    path.write_bytes(b"quiet")
    return path


def names(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir())


def test_what_the_patch_made_is_in_the_file(path: Path) -> None:
    assert rewrite(path, shouted) == "shouted"
    assert path.read_bytes() == b"QUIET"
    assert path.with_name("deals.csv.bak").read_bytes() == b"quiet"


def test_somebody_saved_meanwhile_so_it_starts_again_from_that(path: Path) -> None:
    seen: list[bytes] = []

    def patch(content: bytes) -> tuple[bytes, None]:
        seen.append(content)
        if len(seen) == 1:
            path.write_bytes(b"somebody's")
        return content + b"+", None

    rewrite(path, patch)
    assert seen == [b"quiet", b"somebody's"]
    assert path.read_bytes() == b"somebody's+"
    assert path.with_name("deals.csv.bak").read_bytes() == b"somebody's"


def test_a_file_that_never_rests_is_given_up(path: Path) -> None:
    def patch(content: bytes) -> tuple[bytes, None]:
        path.write_bytes(content + b".")
        return content + b"+", None

    with pytest.raises(UnreachableError, match="again and again"):
        rewrite(path, patch)
    assert path.read_bytes() == b"quiet....."
    assert names(path) == ["deals.csv"]


CALLS = (
    "fivestep.connectors.system.files.os.fsync",
    "fivestep.connectors.system.files.os.utime",
    "pathlib.Path.replace",
)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("nth", range(1, 4))
@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "the disk is full; nothing was changed"),
        (OSError(errno.EROFS, "Read-only file system"), "the disk is read-only"),
        (OSError(errno.EIO, "Input/output error"), "Input/output error"),
    ],
    ids=["full", "read-only", "broken"],
)
def test_a_fault_at_any_point_leaves_one_whole_version(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str, nth: int, fault: OSError, said: str
) -> None:
    failing_at(monkeypatch, call, nth, fault)
    try:
        rewrite(path, shouted)
        raised = None
    except UnreachableError as error:
        raised = error
    if raised is None:
        assert path.read_bytes() == b"QUIET"  # the fault lay behind the last step, or came to nobody
    else:
        assert said in str(raised)
        assert path.read_bytes() == b"quiet"
    assert set(names(path)) <= {"deals.csv", "deals.csv.bak"}


class KilledError(BaseException):
    """Stands for the end of the process: nothing that expects an Exception sees it."""


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("nth", range(1, 4))
def test_killed_at_any_point_a_whole_version_is_there_and_the_next_run_works(
    path: Path, monkeypatch: pytest.MonkeyPatch, call: str, nth: int
) -> None:
    with monkeypatch.context() as patched:
        failing_at(patched, call, nth, KilledError())
        patched.setattr("pathlib.Path.unlink", lambda *_args, **_options: None)  # nothing is cleared away either
        with suppress(KilledError):
            rewrite(path, shouted)
    assert path.read_bytes() in (b"quiet", b"QUIET")
    backup = path.with_name("deals.csv.bak")
    assert not backup.exists() or backup.read_bytes() == b"quiet"
    rewrite(path, lambda content: (content.upper() + b"!", None))
    assert path.read_bytes() == b"QUIET!"
    assert names(path) == ["deals.csv", "deals.csv.bak"]


def failing_at(monkeypatch: pytest.MonkeyPatch, call: str, nth: int, fault: BaseException) -> None:
    """Let the nth call of a function raise."""
    owner, _, name = call.rpartition(".")
    real: Callable[..., object] = getattr(Path if owner == "pathlib.Path" else os, name)
    calls = iter(range(1, 1000))

    def failing(*args: object, **options: object) -> object:
        if next(calls) == nth:
            raise fault
        return real(*args, **options)

    monkeypatch.setattr(call, failing)


def test_a_lock_without_a_name_in_it(path: Path) -> None:
    lock = path.with_name(".~lock.deals.csv#")
    lock.write_bytes(b"")
    with pytest.raises(UnreachableError) as fault:
        rewrite(path, shouted)
    assert str(fault.value) == (
        f"deals.csv is open in LibreOffice; close it there and run again. If it is not open anywhere, delete {lock}"
    )


def test_what_can_not_be_loaded(path: Path) -> None:
    with pytest.raises(SettingsError, match="is a folder"):
        load(path.parent)
    with pytest.raises(SettingsError, match="there is no file"):
        load(path / "below.csv")


def test_versions_tell_contents_apart() -> None:
    assert version_of(b"a") == version_of(b"a") != version_of(b"b")
