"""What the API is, as an OpenAPI document: the schemas are those of the program's own documents."""

from typing import Any

from lumbar import __version__
from lumbar.intake.answers_file import json_schema as answers_schema
from lumbar.plan.document import LeftOut, Plan, PlanItem, PlanReferral
from lumbar.plan.explain import WhatIf, WhyNot
from lumbar.rulebook.catalog import Catalog

_EXPLAINED = (Plan, PlanItem, PlanReferral, LeftOut, WhyNot, WhatIf)
_FORMS = "#/components/schemas/"
_WORDS: dict[str, Any] = {"type": "string"}
_REFUSED = {
    "400": "It is no JSON",
    "413": "It is too large",
    "415": "It was not sent as application/json",
    "422": "A field is wrong; the answer names it",
    "429": "Too many requests; see Retry-After",
}


def document(catalog: Catalog) -> dict[str, Any]:
    """Return the OpenAPI document of the API of one catalog."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lumbar",
            "version": __version__,
            "description": "Plans for people with low back pain. Nothing that is sent is kept.",
        },
        "paths": {
            "/api/v1/plan": {"post": _post("plan", "The plan for answers", "Answers", ("Plan",))},
            "/api/v1/explain": {
                "post": _post(
                    "explain",
                    "Why an item is in the plan or not, or what other answers would change",
                    "Explain",
                    tuple(one.__name__ for one in _EXPLAINED),
                )
            },
            "/api/v1/questionnaire": {"get": _get("questionnaire", "Every question, in order")},
            "/api/v1/rules": {"get": _get("rules", "Every rule, in order")},
        },
        "components": {"schemas": _schemas(catalog)},
    }


def _post(name: str, summary: str, takes: str, gives: tuple[str, ...]) -> dict[str, Any]:
    found = {"anyOf": [_at(one) for one in gives]} if len(gives) > 1 else _at(gives[0])
    refused = {
        code: _answer(said, "problem+json", _at("Problem")) for code, said in _REFUSED.items()
    }
    return {
        "operationId": name,
        "summary": summary,
        "requestBody": {"required": True, "content": {"application/json": {"schema": _at(takes)}}},
        "responses": {"200": _answer(summary, "json", found), **refused},
    }


def _get(name: str, summary: str) -> dict[str, Any]:
    answers = {
        "200": _answer(summary, "json", _at(name.title())),
        "429": _answer(_REFUSED["429"], "problem+json", _at("Problem")),
    }
    return {"operationId": name, "summary": summary, "responses": answers}


def _answer(said: str, kind: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": said, "content": {f"application/{kind}": {"schema": schema}}}


def _at(name: str) -> dict[str, Any]:
    return {"$ref": f"{_FORMS}{name}"}


def _schemas(catalog: Catalog) -> dict[str, Any]:
    answers = answers_schema(catalog.questionnaire)
    answers.pop("$schema")
    changed = {**answers, "title": "Answers laid over the others"}
    return {
        "Answers": answers,
        "Explain": {
            "type": "object",
            "properties": {
                "answers": _at("Answers"),
                "item": {"enum": list(catalog.items)},
                "what_if": changed,
            },
            "required": ["answers"],
            "additionalProperties": False,
            "not": {"required": ["item", "what_if"]},
        },
        "Questionnaire": _object(version=_WORDS, topics=_several("id", "title", "questions")),
        "Rules": _object(
            version=_WORDS,
            sha256=_WORDS,
            thresholds=_several("id", "value", "unit"),
            rules=_several("id", "stage", "topic", "status", "when", "then", "because"),
        ),
        "Problem": _problem(),
        **_of_records(),
    }


def _of_records() -> dict[str, Any]:
    from pydantic import TypeAdapter

    found: dict[str, Any] = {}
    for one in _EXPLAINED:
        schema = TypeAdapter(one).json_schema(ref_template=f"{_FORMS}{{model}}")
        found |= schema.pop("$defs", {})
        found[one.__name__] = schema
    return found


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _several(*fields: str) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object", "required": list(fields)}}


def _problem() -> dict[str, Any]:
    wrong = _object(field=_WORDS, code=_WORDS, hint=_WORDS)
    said = _object(type=_WORDS, title=_WORDS, status={"type": "integer"})
    said["properties"]["errors"] = {"type": "array", "items": wrong}
    return said
