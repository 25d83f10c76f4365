"""The program's documents for other programs, as JSON: a plan, why, the questions, the rules.

Nothing is kept. An error names the field that is wrong, never what was said there.
"""

import json
from collections.abc import Iterable
from http import HTTPStatus
from typing import Annotated, Any, NamedTuple

from fastapi import APIRouter, Depends, HTTPException, Request, Response

from lumbar.decision.decide import Decision, decide
from lumbar.intake.answers import Answers
from lumbar.plan import explain
from lumbar.plan.composing import make_plan
from lumbar.plan.document import Plan, to_json
from lumbar.reading.jsonfile import parse_json
from lumbar.reading.problems import BadAnswersError, Problem, did_you_mean, printable
from lumbar.rulebook.catalog import Catalog
from lumbar.signatures.signoffs import only_signed
from lumbar.web.published import Published
from lumbar.web.visit import AtSite, Site

PREFIX = "/api/"
router = APIRouter(prefix=f"{PREFIX}v1")
_LISTED = f"GET {router.prefix}/questionnaire lists every question"


class Wrong(NamedTuple):
    """What is wrong with a request: the field, empty for all of it, and what is allowed there."""

    field: str
    code: str
    hint: str


def problem(status: int, wrong: Iterable[Wrong] = ()) -> Response:
    """Return what says why there is no document (RFC 9457), naming each field that is wrong."""
    said = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
    errors = [{**one._asdict(), "field": printable(one.field)} for one in wrong]
    text = json.dumps({**said, "errors": errors} if errors else said)
    return Response(text, status, media_type="application/problem+json")


def _refused(status: int, *wrong: Wrong) -> HTTPException:
    return HTTPException(status, wrong)


def _unfit(error: BadAnswersError) -> HTTPException:
    return _refused(422, *(Wrong(one.file, one.code, one.hint) for one in error.problems))


async def _sent(request: Request) -> dict[str, Any]:
    """Return the object that was sent; only as JSON, so that no form of another place can send."""
    if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
        raise _refused(415)
    try:
        sent, wrong = parse_json((await request.body()).decode(), "")
    except UnicodeDecodeError:
        raise _refused(400, Wrong("", "not-text", "send UTF-8")) from None
    if wrong:
        raise _refused(400, *(Wrong("", one.code, one.hint) for one in wrong))
    if not isinstance(sent, dict):
        raise _refused(422, Wrong("", "wrong-type", "send an object"))
    return sent


_Sent = Annotated[dict[str, Any], Depends(_sent)]


class _Field:
    """Tells what is wrong with an answer by its field and what is allowed there."""

    def __init__(self, catalog: Catalog, under: str = "") -> None:
        self._questions, self._under = catalog.questionnaire.questions, under

    def __call__(self, name: str, code: str, _message: str, hint: str) -> Problem:
        question = self._questions.get(name)
        if question and code != "not-asked":
            hint = question.allowed
        elif code == "unknown-question":
            hint = did_you_mean(name, self._questions) or _LISTED
        return Problem(f"{self._under}{name}", 0, 0, code, "", hint)


def _decided(site: Site, raw: Any, under: str = "") -> tuple[Decision, Plan]:
    """Decide for raw answers, and make the plan, as `lumbar plan` does."""
    catalog = site.catalog
    if not isinstance(raw, dict):
        raise _refused(422, Wrong("answers", "wrong-type", "an object of answers"))
    try:
        answers = Answers.of(catalog.questionnaire, raw, _Field(catalog, under))
    except BadAnswersError as error:
        raise _unfit(error) from None
    decision = decide(catalog, answers)
    decision = only_signed(decision) if site.require_signed else decision
    return decision, make_plan(decision, answers.answered_on)


@router.post("/plan")
def _plan(site: AtSite, sent: _Sent) -> Response:
    return _document(to_json(_decided(site, sent)[1]))


_EXPLAINED = ("answers", "item", "what_if")


@router.post("/explain")
def _explain(site: AtSite, sent: _Sent) -> Response:
    if unknown := sorted(sent.keys() - set(_EXPLAINED)):
        hints = ((name, did_you_mean(name, _EXPLAINED)) for name in unknown)
        raise _refused(422, *(Wrong(name, "unknown-key", hint) for name, hint in hints))
    if {"item", "what_if"} <= sent.keys():
        raise _refused(422, Wrong("what_if", "not-allowed", "ask for one at a time"))
    decision, plan = _decided(site, sent.get("answers"), "answers.")
    if "what_if" in sent:
        return _document(to_json(_what_if(site.catalog, decision, sent["what_if"])))
    if "item" in sent:
        return _document(to_json(_item(decision, plan, sent["item"])))
    return _document(to_json(plan))


def _what_if(catalog: Catalog, decision: Decision, changed: Any) -> explain.WhatIf:
    if not isinstance(changed, dict):
        raise _refused(422, Wrong("what_if", "wrong-type", "an object of answers"))
    try:
        return explain.what_if(decision, changed, _Field(catalog, "what_if."))
    except BadAnswersError as error:
        raise _unfit(error) from None


def _item(decision: Decision, plan: Plan, item: Any) -> Any:
    items = decision.catalog.items
    if not isinstance(item, str) or item not in items:
        hint = did_you_mean(str(item), items) or "openapi.json lists every item"
        raise _refused(422, Wrong("item", "unknown-item", hint))
    return explain.why_not(decision, plan, item) or explain.why(plan, decision.catalog, item)


def _published(request: Request) -> Published:
    published: Published = request.app.state.published
    return published


_Published = Annotated[Published, Depends(_published)]


@router.get("/questionnaire")
def _questionnaire(published: _Published) -> Response:
    return _document(published.questionnaire)


@router.get("/rules")
def _rules(published: _Published) -> Response:
    return _document(published.rules)


@router.get("/openapi.json")
def _openapi(published: _Published) -> Response:
    return _document(published.openapi)


def _document(text: str) -> Response:
    return Response(f"{text}\n", media_type="application/json")
