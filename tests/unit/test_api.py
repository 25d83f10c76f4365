"""The JSON API: the documents of the commands, and errors that name a field and no answer."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

pytest.importorskip("fastapi", reason="the extra `web` is not installed")
import jsonschema
from starlette import testclient

from lumbar import Catalog, decide, make_plan
from lumbar.plan import explain
from lumbar.plan.document import to_json
from lumbar.web import api, guard
from lumbar.web.app import make_app
from lumbar.web.settings import Settings

DAY = "2026-11-22"
CANARY = "canary4711"
Example = Callable[..., Mapping[str, Any]]


@pytest.fixture(scope="module")
def client(catalog: Catalog, shared_store: Any) -> Any:
    return testclient.TestClient(
        make_app(catalog, shared_store, lambda: "1999-01-01"), "http://localhost"
    )


@pytest.fixture(scope="module")
def openapi(client: Any) -> dict[str, Any]:
    return client.get("/api/v1/openapi.json").json()


def errors(answer: Any) -> dict[str, str]:
    """Return the codes by field, of an answer that is a problem document."""
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
    return {one["field"]: one["code"] for one in answer.json().get("errors", ())}


def fits(openapi: dict[str, Any], name: str, document: Any) -> bool:
    schema = {"$ref": f"#/components/schemas/{name}", "components": openapi["components"]}
    jsonschema.Draft202012Validator(schema).validate(document)
    return True


def test_a_plan_has_the_bytes_of_the_command(
    catalog: Catalog, client: Any, openapi: dict[str, Any], example: Example
) -> None:
    for over in ({}, {"bladder_leak": "new"}):
        answers = {**example(over), "answered_on": DAY}
        assert fits(openapi, "Answers", answers)
        got = client.post("/api/v1/plan", json=answers)
        plan = make_plan(decide(catalog, answers), DAY)
        assert got.text == to_json(plan) + "\n"
        assert fits(openapi, "Plan", got.json())


def test_where_signatures_are_required_no_unsigned_plan_is_made(
    catalog: Catalog, shared_store: Any, example: Example
) -> None:
    client = testclient.TestClient(
        make_app(catalog, shared_store, lambda: DAY, Settings(require_signed=True)),
        "http://localhost",
    )
    for address, sent in (("plan", example()), ("explain", {"answers": example()})):
        plan = client.post(f"/api/v1/{address}", json=sent).json()
        assert (plan["urgency"]["level"], plan["sections"]) == ("same_day", [])


def test_it_explains_as_the_command_does(
    catalog: Catalog, client: Any, openapi: dict[str, Any], example: Example
) -> None:
    answers = example()
    decision = decide(catalog, answers)
    plan = make_plan(decision)
    for asked, found in (
        ({}, plan),
        ({"item": "exercise/walking"}, explain.why(plan, catalog, "exercise/walking")),
        ({"item": "massage/behind_knee"}, explain.why_not(decision, plan, "massage/behind_knee")),
        (
            {"what_if": {"saddle_wiping": "new"}},
            explain.what_if(decision, {"saddle_wiping": "new"}),
        ),
    ):
        sent = {"answers": answers, **asked}
        assert fits(openapi, "Explain", sent)
        assert client.post("/api/v1/explain", json=sent).text == to_json(found) + "\n"


def test_the_questions_and_the_rules_are_those_of_the_catalog(
    catalog: Catalog, client: Any, openapi: dict[str, Any]
) -> None:
    asked = client.get("/api/v1/questionnaire").json()
    assert fits(openapi, "Questionnaire", asked)
    ids = [one["id"] for topic in asked["topics"] for one in topic["questions"]]
    assert (ids, asked["version"]) == (
        list(catalog.questionnaire.questions),
        catalog.questionnaire.version,
    )
    rules = client.get("/api/v1/rules").json()
    assert fits(openapi, "Rules", rules)
    assert {one["id"]: (one["stage"], one["when"], one["status"]) for one in rules["rules"]} == {
        rule.id: (catalog.stage_of[rule.id], str(rule.when), rule.status)
        for rule in catalog.rules.values()
    }
    assert rules["sha256"] == catalog.sha256


def test_every_address_is_told_by_the_openapi_document(openapi: Any) -> None:
    mine = {
        (route.path, method.lower()) for route in api.router.routes for method in route.methods
    } - {("/api/v1/openapi.json", "get")}
    told = {(path, method) for path, one in openapi["paths"].items() for method in one}
    assert told == mine


@pytest.mark.parametrize(
    ("address", "sent", "wrong"),
    [
        ("plan", {"age": CANARY}, {"age": "wrong-type"}),
        ("plan", {"age": 900, "sex": CANARY}, {"age": "out-of-range", "sex": "unknown-option"}),
        ("plan", {"fever": [CANARY]}, {"fever": "wrong-type"}),
        ("plan", {"agee": CANARY}, {"agee": "unknown-question"}),
        ("plan", {"answered_on": CANARY}, {"answered_on": "wrong-type"}),
        ("plan", {"sex": "male", "pregnant": "yes"}, {"pregnant": "not-asked"}),
        ("plan", {"\ud800": 1}, {"\\ud800": "unknown-question"}),
        ("plan", [CANARY], {"": "wrong-type"}),
        ("explain", {"answers": {"age": CANARY}}, {"answers.age": "wrong-type"}),
        ("explain", {"answers": CANARY}, {"answers": "wrong-type"}),
        ("explain", {}, {"answers": "wrong-type"}),
        ("explain", {"answers": {}, "what_if": {"age": CANARY}}, {"what_if.age": "wrong-type"}),
        ("explain", {"answers": {}, "what_if": CANARY}, {"what_if": "wrong-type"}),
        ("explain", {"answers": {}, "item": CANARY}, {"item": "unknown-item"}),
        ("explain", {"answers": {}, "item": [1]}, {"item": "unknown-item"}),
        ("explain", {"answers": {}, "items": CANARY}, {"items": "unknown-key"}),
        ("explain", {"answers": {}, "item": "", "what_if": {}}, {"what_if": "not-allowed"}),
    ],
)
def test_an_error_names_each_field_and_never_what_was_said(
    client: Any, openapi: Any, address: str, sent: Any, wrong: dict[str, str]
) -> None:
    header = {"content-type": "application/json; charset=utf-8"}
    got = client.post(f"/api/v1/{address}", content=json.dumps(sent), headers=header)
    assert (got.status_code, errors(got)) == (422, wrong)
    assert fits(openapi, "Problem", got.json())
    assert CANARY not in got.text


def test_a_program_that_names_no_question_is_told_of_the_nearest_or_where_all_are(
    client: Any,
) -> None:
    said = client.post("/api/v1/plan", json={"agee": 1, "nonsense": 1}).json()["errors"]
    hints = {one["field"]: one["hint"] for one in said}
    assert "age" in hints["agee"]
    assert "GET" not in hints["agee"]
    address = hints["nonsense"].removeprefix("GET ").partition(" ")[0]
    assert client.get(address).status_code == 200


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"{", "json-syntax"),
        (b"", "json-syntax"),
        (b"[" * 9_000, "json-syntax"),
        (b"\xff", "not-text"),
        (b'{"age": 1, "age": 2}', "duplicate-key"),
    ],
    ids=["cut", "empty", "deep", "bytes", "twice"],
)
def test_what_is_no_json_is_refused(client: Any, sent: bytes, code: str) -> None:
    got = client.post("/api/v1/plan", content=sent, headers={"content-type": "application/json"})
    assert (got.status_code, errors(got)) == (400, {"": code})


def test_a_form_of_another_place_cannot_send_to_it(client: Any) -> None:
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data", ""):
        got = client.post("/api/v1/plan", content=b"{}", headers={"content-type": kind})
        assert (got.status_code, errors(got)) == (415, {})
    assert "access-control-allow-origin" not in got.headers


def test_what_is_not_there_or_too_large_is_told_to_a_program(client: Any) -> None:
    header = {"content-type": "application/json"}
    for got, status in (
        (client.get("/api/v1/nowhere"), 404),
        (client.get("/api/v1/plan"), 405),
        (client.post("/api/v1/plan", content=b" " * guard.MOST_SENT + b"{}", headers=header), 413),
    ):
        assert (got.status_code, errors(got)) == (status, {})
    assert client.get("/api/v1/plan").headers["allow"] == "POST"


def test_when_it_breaks_inside_it_says_so_and_nothing_else(
    catalog: Catalog,
    shared_store: Any,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(*_: Any) -> Any:
        raise KeyError(CANARY)

    monkeypatch.setattr("lumbar.web.api.decide", broken)
    client = testclient.TestClient(make_app(catalog, shared_store, lambda: DAY), "http://localhost")
    got = client.post("/api/v1/plan", json={})
    assert (got.status_code, errors(got)) == (500, {})
    assert CANARY not in got.text + caplog.text


def test_it_sets_no_cookie_and_is_guarded(client: Any, example: Example) -> None:
    got = client.post("/api/v1/plan", json=example())
    assert "set-cookie" not in got.headers
    assert (
        guard.HEADERS.items()
        <= {**got.headers, **{name: got.headers[name] for name in guard.HEADERS}}.items()
    )
