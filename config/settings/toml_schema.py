"""From pydantic's models to a JSON Schema that editors use to complete and check a TOML file."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

Schema = dict[str, Any]

_DRAFT = "http://json-schema.org/draft-07/schema#"
"""The newest one that all editors of TOML know."""


def schema_of(model: type[BaseModel], title: str) -> Schema:
    """The schema of a file of this model; what it says of a value is the docstring's."""
    whole = model.model_json_schema(schema_generator=_ForToml, ref_template="#/definitions/{model}")
    tables = whole.pop("$defs", {})
    return {"$schema": _DRAFT, "title": title, **whole, "definitions": tables}


class _ForToml(GenerateJsonSchema):
    """Pydantic's own, without what a file in TOML can't say, and with a word on every value."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        # TOML has no word for nothing: what may be missing is left out.
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        made = super().default_schema(schema)
        # A default of nothing says nothing, and one of a whole table is told value by value.
        if made.get("default") is None or isinstance(made["default"], dict):
            made.pop("default", None)
        return made

    def field_is_present(self, field: Any) -> bool:
        return not field.get("serialization_exclude", False)

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - a title would repeat the name
        return False

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        made = super().model_schema(schema)
        made.pop("title", None)
        model = schema["cls"]
        values = made.get("properties", {})
        for name, said in _said_of_fields(model).items():
            alias = model.model_fields[name].alias or name
            if alias in values:
                values[alias]["description"] = said
        return made


def _said_of_fields(model: type[BaseModel]) -> dict[str, str]:
    """What stands below each field in the source, in one line; an inherited one has its parent's."""
    return {
        name: said
        for parent in reversed(model.__mro__)
        if parent is not BaseModel and issubclass(parent, BaseModel)
        for name, said in _said_in(parent)
    }


def _said_in(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    [defined] = ast.parse(inspect.getsource(model)).body
    assert isinstance(defined, ast.ClassDef)
    for field, below in zip(defined.body, defined.body[1:], strict=False):
        match field, below:
            case ast.AnnAssign(target=ast.Name(id=name)), ast.Expr(value=ast.Constant(value=str(said))):
                yield name, " ".join(said.split())
            case _:
                pass
