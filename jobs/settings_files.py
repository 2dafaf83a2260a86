"""Settings files that are looked after while they may change."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from fivestep.config.load import load_settings
from fivestep.config.settings import Settings
from fivestep.errors import FivestepError


class News(NamedTuple):
    """What has changed since the last look."""

    settings: Mapping[str, Settings]
    """Files that are new, or say something else than before."""
    broken: Mapping[str, FivestepError]
    """Files that have changed and can't be used; what they said before still holds."""
    gone: Sequence[str]


class SettingsFiles:
    """Files, and folders in which each `.toml` file with a table `[pipeline]` counts."""

    def __init__(self, places: Sequence[Path], environ: Mapping[str, str]) -> None:
        self._places = places
        self._environ = environ
        self._contents: dict[Path, bytes] = {}

    def look(self) -> News:
        """What has changed since the last time this was called; the first time, everything is new."""
        now = dict(self._read())
        settings: dict[str, Settings] = {}
        broken: dict[str, FivestepError] = {}
        for file, content in now.items():
            if self._contents.get(file) == content:
                continue
            try:
                settings[str(file)] = load_settings(file, self._environ)
            except FivestepError as fault:
                broken[str(file)] = fault
        gone = [str(file) for file in self._contents if file not in now]
        self._contents = now
        return News(settings, broken, gone)

    def _read(self) -> Iterator[tuple[Path, bytes]]:
        for place in self._places:
            files = sorted(place.glob("*.toml")) if place.is_dir() else [place]
            for file in filter(Path.is_file, files):
                try:
                    content = file.read_bytes()
                except OSError:
                    continue
                if not place.is_dir() or file in self._contents or _is_of_a_pipeline(content):
                    yield file, content


def _is_of_a_pipeline(content: bytes) -> bool:
    """Whether this is a settings file, as far as can be seen: what is no TOML may become one."""
    try:
        return "pipeline" in tomllib.loads(content.decode("utf-8-sig"))
    except ValueError:
        return b"[pipeline]" in content
