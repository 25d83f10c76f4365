"""The pages of a plan: the plan, how to do each thing in it, and the plan as a document."""

from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, Response

from lumbar.plan.composing import make_plan
from lumbar.plan.document import Plan, to_json
from lumbar.signatures.signoffs import only_signed
from lumbar.web import plans
from lumbar.web.visit import Asked, Visiting, led_to

router = APIRouter()


def _plan(visit: Visiting, session: Asked) -> Plan:
    """Return the plan of whoever answered all, or must be seen now."""
    if not session.complete and session.emergency is None:
        raise led_to("/on")
    decision = session.decision
    signed = visit.site.require_signed
    return make_plan(only_signed(decision) if signed else decision, session.day)


Planned = Annotated[Plan, Depends(_plan)]


@router.get("/plan")
def _page(visit: Visiting, plan: Planned, session: Asked) -> Response:
    return visit.page(
        "plan.html", complete=session.complete, **plans.layered(visit.site.catalog.words, plan)
    )


@router.get("/plan.json")
def _document(plan: Planned) -> Response:
    name = {"Content-Disposition": 'attachment; filename="plan.json"'}
    return Response(to_json(plan) + "\n", media_type="application/json", headers=name)


@router.get("/how/{number}")
def _how(number: int, visit: Visiting, plan: Planned) -> Response:
    view = plans.how(visit.site.catalog.words, plan, number)
    if view is None:
        raise HTTPException(404)
    return visit.page("how.html", **view)
