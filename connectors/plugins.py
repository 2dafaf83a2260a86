"""Connectors of other packages, found by entry point: `sheet = "NAME:rest"`, `to = "NAME:rest"`.

The entry point is a callable; its arguments are listed at the groups in `connectors.registry`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from fivestep.errors import FivestepError, SettingsError
from fivestep.process.wording.spelling import did_you_mean

SettingsFault = Callable[[str], SettingsError]
"""The fault to raise, from what was expected."""

# Two letters at least, so that a Windows drive stays one, and no address of the web.
_NAMED = re.compile(r"([A-Za-z][\w.-]+):(?!//)(.*)", re.DOTALL)


def named_connector(setting: str) -> tuple[str, str] | None:
    """The connector's name and the rest of `NAME:rest`; None where the setting names no connector."""
    found = _NAMED.fullmatch(setting)
    return (found[1], found[2]) if found else None


def from_package(group: str, name: str, kind: type[object], arguments: Sequence[object], fault: SettingsFault) -> Any:
    """A connector of another package, made from the arguments and sure to be of this kind.

    - `group`, `name`: the entry point.
    - `kind`: the protocol that it must implement.
    - `arguments`: what it is called with.
    - `fault`: words a mistake of the settings.
    """
    entry = _entry(group, name, fault)
    what = f"the connector of the package {entry.dist.name if entry.dist else entry.value}"
    try:
        made = entry.load()(*arguments)
    except FivestepError:
        raise
    except Exception as error:
        raise fault(f"{what} failed with {type(error).__name__}: {error}; update or mend that package") from error
    if not isinstance(made, kind):
        raise fault(f"{what} gave a {type(made).__name__}, which is no {kind.__name__.lower()}; update that package")
    return made


def _entry(group: str, name: str, fault: SettingsFault) -> EntryPoint:
    known = entry_points(group=group)
    for entry in known.select(name=name):
        return entry
    there = ", ".join(sorted(known.names)) or "none"
    raise fault(f"no connector of the name {name} is installed (there are: {there}){did_you_mean(name, known.names)}")
