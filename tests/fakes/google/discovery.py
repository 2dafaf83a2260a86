"""Requests held to the discovery documents: which method a path names, and whether what it is given fits."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib import resources
from typing import Any
from urllib.parse import unquote

from tests.fakes.google.answers import GoogleError, Raw

DOCUMENTS = ("sheets.v4", "gmail.v1", "drive.v3")
INTEGERS = {"int32": "TYPE_INT32", "uint32": "TYPE_UINT32", "int64": "TYPE_INT64", "uint64": "TYPE_UINT64"}

NOT_A_CELL = {list, dict}


@dataclass(frozen=True)
class Api:
    """One API: its schemas, and the parameters that all of its methods take."""

    name: str
    host: str
    schemas: Mapping[str, Any]
    parameters: Mapping[str, Any]

    @property
    def old_errors(self) -> bool:
        """Whether its errors carry the list `errors`, as Drive's and Gmail's do."""
        return self.name != "sheets"


@dataclass(frozen=True)
class Method:
    """One method: where it is called, what it takes, and the scopes of which it needs one."""

    id: str
    api: Api
    http: str
    pattern: re.Pattern[str]
    literal: int
    parameters: Mapping[str, Any]
    request: str | None
    scopes: frozenset[str]
    upload: bool = False


@dataclass
class Violations:
    """What does not fit a request, all of it, as Google lists it."""

    found: list[tuple[str, str]] = field(default_factory=list)

    def add(self, place: str, message: str) -> None:
        self.found.append((place, message))

    def raise_any(self) -> None:
        if not self.found:
            return
        listed = [
            {"field": place, "description": message} if place else {"description": message}
            for place, message in self.found
        ]
        details = [{"@type": "type.googleapis.com/google.rpc.BadRequest", "fieldViolations": listed}]
        raise GoogleError(400, "badRequest", "\n".join(message for _, message in self.found), details=details)


@cache
def methods() -> tuple[Method, ...]:
    """All methods of the APIs, the most specific paths first."""
    found = [method for name in DOCUMENTS for method in _read_document(name)]
    [copied] = [method for method in found if method.id == "drive.files.update" and method.upload]
    found.append(_import_of_csv(copied))
    return tuple(sorted(found, key=lambda method: -method.literal))


@cache
def hosts() -> frozenset[str]:
    """The hosts on which APIs are served."""
    return frozenset(method.api.host for method in methods())


def find_method(host: str, http: str, path: str) -> tuple[Method, dict[str, str]] | None:
    """The method that a call names, and the parameters in its path, decoded."""
    for method in methods():
        if method.http == http and method.api.host == host:
            match = method.pattern.fullmatch(path)
            if match:
                return method, {_original(name): unquote(value) for name, value in match.groupdict().items()}
    return None


def parse_parameters(method: Method, path: Mapping[str, str], query: list[tuple[str, str]]) -> dict[str, Any]:
    """The parameters of a call, converted; 400 for those that are unknown, missing or of the wrong kind."""
    wrong = Violations()
    known = {**method.api.parameters, **method.parameters}
    values: dict[str, Any] = {}
    for name, text in [*path.items(), *query]:
        if name not in known:
            # Drive takes no offence: the recordings send includeItemsFromAllDrives to files.get.
            if method.api.name != "drive" and name != "uploadType":
                wrong.add("", _unknown_parameter(name))
        elif known[name].get("repeated"):
            values.setdefault(name, []).append(_parse_parameter(name, known[name], text, wrong))
        else:
            values[name] = _parse_parameter(name, known[name], text, wrong)
    for name, rule in known.items():
        if name not in values and "default" in rule and name not in method.api.parameters:
            values[name] = _parse_parameter(name, rule, rule["default"], wrong)
        elif name not in values and rule.get("required"):
            wrong.add("", f"Required parameter is missing: {name}")
    wrong.raise_any()
    return values


def check_body(method: Method, body: Any) -> None:
    """Raise 400 for a body that does not fit the schema of the method's request."""
    wrong = Violations()
    if method.request is None:
        if isinstance(body, dict) and body:
            first = next(iter(body)) if isinstance(body, dict) else ""
            wrong.add("", f'Invalid JSON payload received. Unknown name "{first}": Cannot find field.')
    elif body is not None and not isinstance(body, Raw):
        _check(body, {"$ref": method.request}, "", method.api.schemas, wrong)
    wrong.raise_any()


def _import_of_csv(update: Method) -> Method:
    """The one method of Drive v2 that gspread calls; its document does not ship."""
    parameters = {**update.parameters, "convert": {"type": "boolean", "location": "query"}}
    pattern = re.compile(update.pattern.pattern.replace("v3", "v2"))
    return replace(update, id="drive.v2.files.update", http="PUT", pattern=pattern, parameters=parameters)


def _read_document(name: str) -> Iterator[Method]:
    file = resources.files("googleapiclient") / "discovery_cache" / "documents" / f"{name}.json"
    document = json.loads(file.read_text("utf-8"))
    host = document["rootUrl"].removeprefix("https://").strip("/")
    api = Api(document["name"], host, document["schemas"], document["parameters"])
    yield from _read_methods(document, api, document["servicePath"])


def _read_methods(node: Mapping[str, Any], api: Api, base: str) -> Iterator[Method]:
    for raw in node.get("methods", {}).values():
        yield _method(raw, api, base + raw["path"])
        media = raw.get("mediaUpload", {}).get("protocols", {}).get("simple")
        if media:
            yield _method(raw, api, media["path"].lstrip("/"), upload=True)
    for child in node.get("resources", {}).values():
        yield from _read_methods(child, api, base)


def _method(raw: Mapping[str, Any], api: Api, path: str, *, upload: bool = False) -> Method:
    parts = re.split(r"(\{\+?\w+\})", path)
    pattern = "".join(
        f"(?P<{_safe(part.strip('{+}'))}>[^/]+)" if part.startswith("{") else re.escape(part) for part in parts
    )
    literal = sum(len(part) for part in parts if not part.startswith("{"))
    request = raw.get("request", {}).get("$ref")
    scopes = frozenset(raw.get("scopes", ()))
    compiled = re.compile(pattern)
    return Method(
        raw["id"], api, raw["httpMethod"], compiled, literal, raw.get("parameters", {}), request, scopes, upload
    )


def _safe(name: str) -> str:
    return name.replace(".", "__dot__")


def _original(name: str) -> str:
    return name.replace("__dot__", ".")


def _unknown_parameter(name: str) -> str:
    return (
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message."
    )


def _parse_parameter(name: str, rule: Mapping[str, Any], text: str, wrong: Violations) -> Any:
    if rule["type"] == "boolean":
        if text.lower() in {"true", "false", "1", "0", ""}:
            return text.lower() in {"true", "1", ""}
        wrong.add(_snake(name), f"Invalid value at '{_snake(name)}' (TYPE_BOOL), \"{text}\"")
    elif rule["type"] == "integer":
        if re.fullmatch(r"-?\d+", text):
            return int(text)
        kind = INTEGERS[rule.get("format", "int32")]
        wrong.add(_snake(name), f"Invalid value at '{_snake(name)}' ({kind}), \"{text}\"")
    elif "enum" in rule and text not in rule["enum"]:
        wrong.add(_snake(name), f"Invalid value at '{_snake(name)}' (type.googleapis.com/{name}), \"{text}\"")
    return text


def _check(value: Any, rule: Mapping[str, Any], place: str, schemas: Mapping[str, Any], wrong: Violations) -> None:
    """Hold a value to its schema, recursively; a null stands for a field that is not given."""
    if value is None:
        return
    if "$ref" in rule:
        _check(value, schemas[rule["$ref"]], place, schemas, wrong)
    elif rule["type"] == "object":
        _check_object(value, rule, place, schemas, wrong)
    elif rule["type"] == "array":
        _check_array(value, rule, place, schemas, wrong)
    elif not _fits(value, rule):
        shown = json.dumps(value, ensure_ascii=False)
        wrong.add(place, f"Invalid value at '{place}' ({_kind(rule)}), {shown}")


def _check_object(
    value: Any, rule: Mapping[str, Any], place: str, schemas: Mapping[str, Any], wrong: Violations
) -> None:
    if not isinstance(value, dict):
        shown = json.dumps(value, ensure_ascii=False)
        wrong.add(place, f"Invalid value at '{place}' (type.googleapis.com/{rule.get('id', 'Struct')}), {shown}")
        return
    known = rule.get("properties", {})
    free = rule.get("additionalProperties")
    at = f" at '{place}'" if place else ""
    for name, item in value.items():
        below = known.get(name) or known.get(_camel(name)) or free
        if below is None:
            wrong.add(place, f'Invalid JSON payload received. Unknown name "{name}"{at}: Cannot find field.')
        else:
            _check(item, below, f"{place}.{_snake(name)}" if place else _snake(name), schemas, wrong)


def _check_array(
    value: Any, rule: Mapping[str, Any], place: str, schemas: Mapping[str, Any], wrong: Violations
) -> None:
    if not isinstance(value, list):
        shown = json.dumps(value, ensure_ascii=False)
        wrong.add(place, f"Invalid value at '{place}' (type.googleapis.com/google.protobuf.ListValue), {shown}")
        return
    items = rule["items"]
    if _free_cells(items):
        # A block of cells: nothing but its shape is looked at, as it may hold millions.
        for index, row in enumerate(value):
            if not isinstance(row, list):
                _check_array(row, items, f"{place}[{index}]", schemas, wrong)
            elif not NOT_A_CELL.isdisjoint(map(type, row)):
                _refuse_cells(row, index, place, wrong)
        return
    for index, item in enumerate(value):
        _check(item, items, f"{place}[{index}]", schemas, wrong)


def _free_cells(items: Mapping[str, Any]) -> bool:
    return items.get("type") == "array" and items["items"].get("type") == "any"


def _refuse_cells(row: list[Any], index: int, place: str, wrong: Violations) -> None:
    for column, cell in enumerate(row):
        if isinstance(cell, list | dict):
            kind = "list_value" if isinstance(cell, list) else "struct_value"
            wrong.add(f"{place}[{index}][{column}]", f"Invalid values[{index}][{column}]: {kind} {{}}")


def _fits(value: Any, rule: Mapping[str, Any]) -> bool:
    kind, form = rule["type"], rule.get("format")
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "any":
        return True
    if kind == "boolean":
        return isinstance(value, bool)
    if kind == "integer" or form in {"int64", "uint64"}:
        return (number and float(value).is_integer()) or (
            isinstance(value, str) and bool(re.fullmatch(r"-?\d+", value))
        )
    if kind == "number":
        return number or (isinstance(value, str) and bool(re.fullmatch(r"-?\d+(\.\d*)?([eE][-+]?\d+)?", value)))
    if "enum" in rule:
        return value in rule["enum"] or (number and 0 <= value < len(rule["enum"]))
    return isinstance(value, str)


def _kind(rule: Mapping[str, Any]) -> str:
    if "enum" in rule:
        return "type.googleapis.com/google.protobuf.Enum"
    if rule.get("format") in INTEGERS:
        return INTEGERS[rule["format"]]
    kinds = {"boolean": "TYPE_BOOL", "number": "TYPE_DOUBLE", "integer": "TYPE_INT32"}
    if rule.get("format") == "byte":
        return "TYPE_BYTES"
    return kinds.get(rule["type"], "TYPE_STRING")


@cache
def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda match: "_" + match[1].lower(), name)


@cache
def _camel(name: str) -> str:
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), name)
