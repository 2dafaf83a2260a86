"""Data held against a model, with the mistakes as a person is told them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel, ValidationError

from fivestep.config.settings.mistakes import mistakes_of
from fivestep.errors import SettingsError


def typed(model: type[BaseModel], data: Mapping[str, Any], file: str) -> BaseModel:
    """The data as the model; raises SettingsError with all mistakes at once."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise SettingsError(mistakes_of(error, file, model, data)) from None
