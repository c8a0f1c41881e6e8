"""The scenario format as JSON Schema, for editors: completion, and unknown keys underlined.

Made from the models, so it never says other than they do.
"""

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from labkit.scenario.models import Scenario
from labkit.scenario.values import SIZE_PATTERN, size_in_words


def json_schema() -> dict[str, Any]:
    """Draft 2020-12. What spans fields (`rules.py`) is beyond a schema."""
    schema = Scenario.model_json_schema(mode="validation")
    _as_written(schema)
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **schema,
        "title": "labkit scenario",
    }


def _as_written(part: Any) -> None:
    """Make the schema one of the file, not of the models: sizes have their unit, and a name that
    is not one is closed out too."""
    if isinstance(part, list):
        for each in part:
            _as_written(each)
    if not isinstance(part, dict):
        return
    if part.get("pattern") == SIZE_PATTERN and "default" in part:
        part["default"] = size_in_words(part["default"])
    if "patternProperties" in part:
        part["additionalProperties"] = False
    if isinstance(part.get("description"), str):
        part["description"] = " ".join(part["description"].split())
    # Titles made from field names ("Cpus") say nothing that the key does not.
    if isinstance(part.get("title"), str):
        del part["title"]
    for name, each in part.items():
        # What a model's field defaults to is no schema.
        if name != "default":
            _as_written(each)
