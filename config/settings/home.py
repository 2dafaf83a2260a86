"""Names of files and folders as people write them, with `~` for a home folder."""

from __future__ import annotations

from pathlib import Path

from fivestep.errors import SettingsError


def at_home(name: str) -> Path:
    """The path of this name, with `~` or `~ana` replaced by the home folder.

    Raises SettingsError where nobody has that home folder.
    """
    try:
        return Path(name).expanduser()
    except RuntimeError:
        user = Path(name).parts[0]
        raise SettingsError(f"{name} can't be found: this computer knows no home folder {user}") from None
