"""The pages to save and come back: a code shown once, coming back with it, deleting everything."""

from fastapi import APIRouter, Request, Response

from lumbar.rulebook.words import fill
from lumbar.web.guard import WITH_SCRIPT
from lumbar.web.store.codes import key_of
from lumbar.web.store.records import Record
from lumbar.web.visit import Asked, Sent, Visit, Visiting, to

router = APIRouter()


@router.get("/save")
def _offer(visit: Visiting, _: Asked) -> Response:
    return visit.page("save.html", days=visit.site.store.keep_days)


@router.post("/save")
def _save(visit: Visiting, session: Asked, fields: Sent) -> Response:
    # a page that is sent once more must not make the code invalid that somebody wrote down
    if visit.record and "new" not in fields:
        return to("/save")
    page = visit.page("code.html", code=visit.save(session).split())
    page.headers["Content-Security-Policy"] = WITH_SCRIPT
    return page


@router.get("/back")
def _ask_for_code(visit: Visiting) -> Response:
    return visit.page("back.html", error="", typed="")


@router.post("/back")
def _come_back(request: Request, visit: Visiting, fields: Sent) -> Response:
    typed = fields.get("code", [""])[0]
    found = _found(visit, typed, request.client.host if request.client else "")
    if not isinstance(found, Record):
        status, error = found
        return visit.page("back.html", status, error=error, typed=typed)
    session = visit.come_back(found)
    if session.urgent:
        return to("/emergency")
    return to("/again" if session.renewed_on or session.unfit else "/on")


def _found(visit: Visit, typed: str, address: str) -> Record | tuple[int, str]:
    """Return what is kept under a code, or the status and words that say why there is nothing.

    Only what can be a code counts as a try: who mistypes a word is not kept out for it.
    """
    says, store = visit.site.catalog.words.web.back_with_code, visit.site.store
    key = key_of(typed)
    if key is None:
        return 422, says.no_code
    if not store.throttle.allows(address):
        return 429, says.too_many
    return store.records.find(key) or (422, fill(says.nothing, days=store.keep_days))


@router.get("/again")
def _again(visit: Visiting, session: Asked) -> Response:
    asked = visit.site.catalog.questionnaire.questions
    unfit = [asked[one].name if one in asked else one for one in session.unfit]
    return visit.page(
        "again.html",
        day=session.day if session.renewed_on else "",
        some=bool(session.interview.answers),
        unfit="; ".join(unfit),
        coming_again=bool(session.visits),
    )


@router.get("/delete")
def _ask_whether_to_delete(visit: Visiting, _: Asked) -> Response:
    return visit.page("delete.html")


@router.post("/delete")
def _delete(visit: Visiting, _: Sent) -> Response:
    visit.delete()
    return to("/deleted")


@router.get("/deleted")
def _deleted(visit: Visiting) -> Response:
    return visit.page("deleted.html")
