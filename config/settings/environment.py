"""Settings from the environment: `FIVESTEP_<SECTION>_<NAME>` goes before what the file says."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from fivestep.config.settings.model import Settings
from fivestep.errors import Mistake
from fivestep.process.wording.spelling import did_you_mean

PREFIX = "FIVESTEP_"
CONFIG = "FIVESTEP_CONFIG"
"""Names the settings file, where no other is named."""


@dataclass(frozen=True)
class Overrides:
    """What the environment says."""

    values: Mapping[tuple[str, ...], object]
    """Section and name (for a connector: section, connector and option) to the value."""
    variables: Mapping[str, str]
    """The place as messages call it, such as `drafts.per_run`, to the variable."""
    mistakes: tuple[Mistake, ...]

    def over(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The file's data with these values in their places; `data` itself stays as it is."""
        merged = dict(data)
        for path, value in self.values.items():
            table = merged
            for key in path[:-1]:
                # Where the file has something else than a table there, the types will say so.
                inner = table.get(key, {})
                if not isinstance(inner, Mapping):
                    break
                table[key] = dict(inner)
                table = table[key]
            else:
                table[path[-1]] = value
        return merged


def read_environment(environ: Mapping[str, str]) -> Overrides:
    """All settings that the environment gives, and the variables that look like one and are none."""
    values: dict[tuple[str, ...], object] = {}
    variables: dict[str, str] = {}
    mistakes: list[Mistake] = []
    for variable in sorted(environ):
        if not variable.startswith(PREFIX) or variable == CONFIG:
            continue
        path, value, mistake = _setting(variable, environ[variable])
        if mistake:
            mistakes.append(mistake)
        else:
            values[path] = value
            variables[".".join(path)] = variable
    return Overrides(values, variables, tuple(mistakes))


def _setting(variable: str, text: str) -> tuple[tuple[str, ...], object, Mistake | None]:
    rest = variable.removeprefix(PREFIX).lower()
    section = next((s for s in _sections() if rest.startswith(f"{s}_")), None)
    if section is None:
        known = [f"{PREFIX}{s.upper()}_…" for s in _sections()]
        return (), None, Mistake(variable, "the environment", "", f"is no setting; they begin with {', '.join(known)}")
    name = rest.removeprefix(f"{section}_")
    model = Settings.model_fields[section].annotation
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return (section, *(name.split("_", 1) if section == "connectors" else [name])), text, None
    fields = {field.alias or own: field for own, field in model.model_fields.items()}
    if name not in fields:
        hint = did_you_mean(name, fields)
        return (), None, Mistake(variable, section, "", f"there is no setting {section}.{name}{hint}")
    return (section, name), _value(text, fields[name]), None


def _value(text: str, field: FieldInfo) -> object:
    """The text as the model takes it: it reads numbers and yes or no from texts itself, but no lists."""
    if get_origin(field.annotation) is tuple:
        return [item.strip() for item in text.split(",") if item.strip()]
    return text


def _sections() -> Iterator[str]:
    return (name for name, field in Settings.model_fields.items() if not field.exclude)
