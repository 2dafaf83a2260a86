"""One run of a pipeline at a time on one computer, by a lock file that ends with its process."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from fivestep.errors import BusyError, UnreachableError


@contextmanager
def hold(database: Path, pipeline: str) -> Iterator[None]:
    """Holds the pipeline for as long as the block lasts.

    Raises BusyError at once where somebody else holds it, UnreachableError where no lock file can be made.
    """
    file = lock_file(database, pipeline)
    lock = FileLock(file, blocking=False)
    try:
        lock.acquire()
    except Timeout:
        raise BusyError(
            f"another run of {pipeline!r} is under way: wait for it to end. If you know of none, look for a fivestep "
            f"left over on this computer; whatever holds {file} is the one"
        ) from None
    except OSError as error:
        raise UnreachableError(
            f"{file} can't be opened ({error.strerror or error}): allow yourself to write to its folder"
        ) from error
    try:
        yield
    finally:
        lock.release()


def lock_file(database: Path, pipeline: str) -> Path:
    """The lock's file, beside the database however that is named: through a link, or relative."""
    place = database.resolve()
    words = re.sub(r"[^a-z0-9]+", "-", pipeline.casefold()).strip("-")[:40]
    digest = hashlib.sha256(pipeline.encode("utf-8", "surrogatepass")).hexdigest()[:8]
    return place.with_name(f"{place.name}.{words}-{digest}.lock")
