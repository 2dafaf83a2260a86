"""Settings files that are looked after while they may change."""

from __future__ import annotations

import logging
import tomllib
from collections.abc import Container, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fivestep.config.settings.load import default_file, load_settings
from fivestep.config.settings.model import Settings
from fivestep.errors import FivestepError, SettingsError

log = logging.getLogger(__name__)


class News(NamedTuple):
    """What has changed since the last look."""

    settings: Mapping[str, Settings]
    """Files that are new, or say something else than before."""
    broken: Mapping[str, FivestepError]
    """Files that have changed and can't be used; what they said before still holds."""
    gone: Sequence[str]

    def require_some(self) -> None:
        """Raise SettingsError, with all mistakes, where there is nothing that can be used."""
        if not self.settings:
            faults = "\n".join(map(str, self.broken.values()))
            raise SettingsError(faults or "there are no settings here: name a file, or a folder of them")

    def tell_of_broken(self, in_use: Container[str]) -> None:
        """Say in the log which files can't be used; `in_use` are those whose former settings still hold."""
        for file, fault in self.broken.items():
            so = "what it said before still holds" if file in in_use else "it is left out until it is mended"
            log.error("%s can't be used, and %s: %s", file, so, fault, extra={"fields": {"file": file}})


def places_named(places: Sequence[str | Path], environ: Mapping[str, str]) -> list[Path]:
    """The files and folders that were named; where none was, the one file that is taken then."""
    return [Path(place) for place in places] or [default_file(environ)]


class SettingsFiles:
    """Settings files, and folders of them.

    In a folder each `.toml` file with a table `[pipeline]` counts. A pipeline has one file only.
    """

    def __init__(self, places: Sequence[Path], environ: Mapping[str, str]) -> None:
        self._places = places
        self._environ = environ
        self._contents: dict[Path, bytes | None] = {}
        self._pipelines: dict[str, tuple[str, str]] = {}
        """File to what its pipeline is known by: its ledger and its name."""
        self._refused: set[Path] = set()
        """Files whose pipeline is another one's: where anything changes, they may not be any more."""

    def look(self) -> News:
        """What has changed since the last time this was called; the first time, everything is new."""
        now = dict(self._read())
        changed = [
            file for file, content in now.items() if file not in self._contents or self._contents[file] != content
        ]
        gone = [str(file) for file in self._contents if file not in now]
        if changed or gone:
            changed += [file for file in self._refused if file in now and file not in changed]
        before = {str(file): self._pipelines.pop(str(file), None) for file in (*changed, *gone)}
        settings: dict[str, Settings] = {}
        broken: dict[str, FivestepError] = {}
        for file in changed:
            try:
                settings[str(file)] = self._load(file)
            except FivestepError as fault:
                broken[str(file)] = fault
                if (kept := before[str(file)]) is not None:
                    self._pipelines[str(file)] = kept
        self._contents = now
        return News(settings, broken, gone)

    def _load(self, file: Path) -> Settings:
        settings = load_settings(file, self._environ)
        pipeline = settings.ledger_url, settings.pipeline.name
        self._refused.discard(file)
        for other, known in self._pipelines.items():
            if known == pipeline:
                self._refused.add(file)
                raise SettingsError(
                    f"{file} has the name {settings.pipeline.name!r} of the pipeline in {other}, and its ledger: one "
                    "of them needs another name under [pipeline]"
                )
        self._pipelines[str(file)] = pipeline
        return settings

    def _read(self) -> Iterator[tuple[Path, bytes | None]]:
        """Each file with its content; None where it can't be read just now."""
        for place in self._places:
            files = sorted(place.glob("*.toml")) if place.is_dir() else [place]
            for file in filter(Path.is_file, files):
                try:
                    content = file.read_bytes()
                except OSError:
                    if not place.is_dir() or file in self._contents:
                        yield file, None
                    continue
                if not place.is_dir() or file in self._contents or _is_of_a_pipeline(content):
                    yield file, content


def _is_of_a_pipeline(content: bytes) -> bool:
    """Whether this is a settings file, as far as can be seen: what is no TOML may become one."""
    try:
        return "pipeline" in tomllib.loads(content.decode("utf-8-sig"))
    except ValueError:
        return b"[pipeline]" in content
