"""Files that belong to people: read whole, and replaced in one step that keeps the previous version."""

from __future__ import annotations

import errno
import hashlib
import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeVar

from fivestep.errors import SettingsError, UnreachableError

_T = TypeVar("_T")

_ATTEMPTS = 5
_EXCEL_NAME = slice(1, 55)


def version_of(content: bytes) -> str:
    """A short text that is another one for every other content."""
    return hashlib.blake2b(content, digest_size=16).hexdigest()


def load(path: Path) -> bytes:
    """The file's content.

    Raises SettingsError where there is none, UnreachableError where it can't be read now.
    """
    try:
        return path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise SettingsError(f"there is no file {path}; check the name under [pipeline] sheet") from None
    except IsADirectoryError:
        raise SettingsError(f"{path} is a folder; name the file in it under [pipeline] sheet") from None
    except OSError as error:
        raise UnreachableError(f"{path} can't be read: {_cause(error)}") from error


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet. Raises SettingsError where it is, or can't be written."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    except FileExistsError:
        raise SettingsError(f"{path} is there already, and stays as it is; rename or remove it first") from None
    except OSError as error:
        raise SettingsError(f"{path} can't be written: {error.strerror or error}") from error


def write_over(path: Path, text: str) -> None:
    """Write a file of the tool's own, whatever it holds.

    Raises SettingsError where it can't be written.
    """
    try:
        path.write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise SettingsError(f"{path} can't be written: {error.strerror or error}") from error


def sync_folder(folder: Path) -> None:
    """What was renamed in the folder stays so, even where the power fails now."""
    with suppress(OSError):  # Windows, and some network drives, open no folders.
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def others_can_read(file: Path) -> bool:
    """Whether the file's mode lets others read it; on Windows modes say nothing about that."""
    try:
        mode = file.stat().st_mode
    except OSError:
        return False
    return os.name != "nt" and bool(stat.S_IMODE(mode) & (stat.S_IRGRP | stat.S_IROTH))


def check_writable(path: Path) -> None:
    """Raise UnreachableError, with what to do, where the file is open elsewhere or may not be written."""
    target = path.resolve()
    for place in dict.fromkeys((path, target)):
        _check_not_open(place)
    with _faults(path):
        with target.open("r+b"):
            pass
        if not os.access(target.parent, os.W_OK):
            raise PermissionError(errno.EACCES, "no permission to write into its folder")


def rewrite(path: Path, patch: Callable[[bytes], tuple[bytes, _T]], *, backup: bool = True) -> _T:
    """What `patch` made of the file, beside the new content, which is in the file when this returns.

    `patch` is called again, with the newest content, where somebody else saved the file meanwhile. A content that
    is not changed is not saved. The previous version stays beside the file as `NAME.bak`, unless no backup is wanted. A
    link stays a link.
    Raises UnreachableError, with the file as it was, where it can't be written.
    """
    check_writable(path)
    for _ in range(_ATTEMPTS):
        before = load(path)
        after, result = patch(before)
        if after == before or _replaced(path, before, after, backup=backup):
            return result
    raise UnreachableError(f"{path.name} is being changed again and again by another program; nothing was written")


def _replaced(path: Path, before: bytes, after: bytes, *, backup: bool) -> bool:
    """Put `after` in the place of `before`; False, with nothing done, where the file has changed."""
    target = path.resolve()
    new, old = (target.with_name(f".{target.name}.fivestep-{part}") for part in ("new", "old"))
    try:
        with _faults(path):
            _store(new, after, target)
            if backup:
                _store(old, before, target)
            if load(path) != before:
                return False
            if backup:
                old.replace(target.with_name(f"{target.name}.bak"))
            new.replace(target)
            sync_folder(target.parent)
            return True
    finally:
        for left_over in (new, old):
            with suppress(OSError):
                left_over.unlink()


def _store(path: Path, content: bytes, like: Path) -> None:
    """Write a new file, down to the disk, with the mode, owner and attributes of another."""
    path.unlink(missing_ok=True)  # what a killed run left over, or a link that somebody laid there
    with path.open("xb") as file:
        shutil.copystat(like, path)  # before the content is in, which not everybody may read
        if hasattr(os, "chown"):
            with suppress(OSError):
                os.chown(path, like.stat().st_uid, like.stat().st_gid)
        file.write(content)
        file.flush()
        os.utime(path)
        os.fsync(file.fileno())


def _check_not_open(path: Path) -> None:
    libre_office, excel = path.with_name(f".~lock.{path.name}#"), path.with_name(f"~${path.name}")
    for lock, program, who in ((libre_office, "LibreOffice", _libre_office_user), (excel, "Excel", _excel_user)):
        with suppress(OSError):
            user = who(lock.read_bytes())
            raise UnreachableError(
                f"{path.name} is open in {program}{f' ({user})' if user else ''}; close it there and run again. "
                f"If it is not open anywhere, delete {lock}"
            )


def _libre_office_user(lock: bytes) -> str:
    """`,ana,laptop,23.11.2026 09:12,file:///…;` holds a name, a login, a host, a time and a profile."""
    fields = lock.decode("utf-8", "replace").split(",")
    return next((field.strip() for field in fields[:2] if field.strip()), "")


def _excel_user(lock: bytes) -> str:
    """A byte with the length of the name, and the name."""
    name = lock[_EXCEL_NAME][: lock[0] if lock else 0]
    return name.decode("cp1252", "replace").strip(" \0")


@contextmanager
def _faults(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError:
        raise SettingsError(f"there is no file {path}; check the name under [pipeline] sheet") from None
    except OSError as error:
        raise UnreachableError(f"{path} can't be written: {_cause(error)}; nothing was changed") from error


def _cause(error: OSError) -> str:
    match error.errno:
        case errno.EACCES | errno.EPERM:
            return "no permission (or, on Windows, it is open in another program)"
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk is full"
        case errno.EROFS:
            return "the disk is read-only"
        case _:
            return error.strerror or str(error)
