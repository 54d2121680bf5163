"""Acts over the API, one address for each kind: first its statement, then the act with evidence."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field, StringConstraints, create_model

from placet.evidence import JSON, WeakEvidenceError
from placet.operations.acting.signing_elsewhere import SignedElsewhere
from placet.operations.acting.signing_in import resume_demonstration
from placet.operations.answers import Done, Stated
from placet.operations.house import SignedIn
from placet.operations.register import OwnRegister
from placet.review import (
    CASE_COMMANDS,
    NO_CASE_COMMANDS,
    Command,
    needs_signature,
    payload_of,
)
from placet.web.api.admitting import Bearer, holder
from placet.web.api.idempotency import REPLAYED, Repeatable, once
from placet.web.api.problems import may_fail
from placet.web.api.sessions import must_be_opened
from placet.web.api.words import JSON_TYPE, Name, written_json
from placet.web.house import house
from placet.web.uploads import brought, forget

__all__ = ["router"]

router = Router(auth=Bearer("act"), by_alias=True)

_ALONE = {"submit": CASE_COMMANDS["submit"], **NO_CASE_COMMANDS}
_ON_CASES = {kind: each for kind, each in CASE_COMMANDS.items() if kind not in _ALONE}
_MAY = may_fail(400, 401, 403, 404, 409, 413, 422, 429)
_MAY_ONCE = may_fail(400, 401, 403, 404, 409, 413, 422, 429, heads={201: REPLAYED})
_Text = Annotated[str, StringConstraints(min_length=1, max_length=20_000)]


class SshDocument(Schema):
    """An SSH signature over the statement, armored."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["ssh"]
    signature: _Text


class PasskeyDocument(Schema):
    """What a passkey gave for the SHA-256 of the statement, each in base64url."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["passkey"]
    credential: _Text
    client_data: Annotated[_Text, Field(alias="client-data")]
    authenticator_data: Annotated[_Text, Field(alias="authenticator-data")]
    signature: _Text


class SessionDocument(Schema):
    """The signature of the statement by the key of a session that was opened here."""

    model_config = ConfigDict(extra="forbid")
    kind: Literal["session"]
    challenge: _Text
    signature: _Text | PasskeyDocument
    act: _Text


Evidence = Annotated[SshDocument | PasskeyDocument | SessionDocument, Field(discriminator="kind")]


def _fields(kind: str, model: type[Command]) -> type[Command]:
    """Return what an act takes over the API: what may be drawn may be left out."""
    free: dict[str, Any] = {
        name: (Annotated[info.annotation, *info.metadata] | None, None)
        for name, info in model.model_fields.items()
        if name in _DRAWS.get(kind, ())
    }
    title = _title(kind)
    return create_model(
        title, __base__=model, __module__=__name__, __doc__=model.__doc__ or title, **free
    )


_DRAWS: Mapping[str, tuple[str, ...]] = {
    "submit": ("case",),
    "issue": ("permit", "status"),
    "amend": ("replacement", "status"),
    "break-glass": ("permit", "status", "determination"),
    "report-use": ("report",),
    "correct-use": ("report",),
    "decide": ("determination",),
    "record-consent": ("determination",),
}


def _title(kind: str) -> str:
    return "".join(each.capitalize() for each in kind.split("-"))


def _add(kind: str, model: type[Command], *, on_case: bool) -> None:
    """Add the two addresses of an act."""
    fields = _fields(kind, model)
    forbid = ConfigDict(extra="forbid")
    signing = create_model(
        f"Signed{_title(kind)}",
        __config__=forbid,
        __module__=__name__,
        act=(fields, ...),
        evidence=(Evidence | None, None),
    )
    stating = create_model(
        f"Stated{_title(kind)}", __config__=forbid, __module__=__name__, act=(fields, ...)
    )
    base = "/cases/{case}/acts" if on_case else "/acts"
    says = (model.__doc__ or "").partition("\n")[0]
    router.post(
        f"{base}/{kind}/statement",
        response={200: Stated},
        openapi_extra=_MAY,
        operation_id=f"state-{kind}",
        summary=f"What is signed to do this: {says}",
        description="Refused as the act itself would be; nothing is done.",
        tags=["acts"],
    )(_shaped(_stating(kind), body=stating, on_case=on_case))
    router.post(
        f"{base}/{kind}",
        response={201: Done},
        openapi_extra=_MAY_ONCE,
        operation_id=f"act-{kind}",
        summary=says,
        description=model.__doc__,
        tags=["acts"],
    )(_shaped(_doing(kind), body=signing, on_case=on_case, repeatable=True))


def _shaped(
    view: Callable[..., HttpResponse], *, body: Any, on_case: bool, repeatable: bool = False
) -> Callable[..., HttpResponse]:
    """Say of a view what it takes: the body is of another kind for each act."""
    plain, named = inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY
    parameters = [
        inspect.Parameter("request", plain, annotation=HttpRequest),
        *([inspect.Parameter("case", plain, annotation=Name)] if on_case else []),
        inspect.Parameter("body", plain, annotation=body),
    ]
    if repeatable:
        key = inspect.Parameter("key", named, annotation=Repeatable, default=None)
        parameters.append(key)
    vars(view)["__signature__"] = inspect.Signature(parameters)
    return view


def _stating(kind: str) -> Callable[..., HttpResponse]:
    def state(request: HttpRequest, body: Any, case: str | None = None) -> HttpResponse:
        register = OwnRegister(house(), holder(request).who)
        return _answer(200, Stated, register.state(kind, case, payload_of(body.act)))

    return state


def _doing(kind: str) -> Callable[..., HttpResponse]:
    def do(
        request: HttpRequest, body: Any, case: str | None = None, key: str | None = None
    ) -> HttpResponse:
        who: SignedIn = holder(request).who
        evidence = body.evidence.model_dump(by_alias=True) if body.evidence else None

        def done() -> HttpResponse:
            given = payload_of(body.act)
            acknowledged = _act(who, kind, case, given, evidence)
            forget(who.person, given, who.office or "")
            return _answer(201, Done, acknowledged)

        return once(request, who, key, house().clock.now(), done)

    return do


def _act(
    who: SignedIn, kind: str, case: str | None, given: Mapping[str, Any], evidence: JSON
) -> Done:
    """Do an act with the evidence that came.

    In a demonstration, plain acts may come without: the system's word stands in, as in the pages.

    Raises:
        WeakEvidenceError: there is none, or it is of a session that was not opened here.
    """
    register = OwnRegister(house(), who)
    if needs_signature(kind):
        if evidence is None:
            register.state(kind, case, given)  # who may not do it is told that
            raise WeakEvidenceError("Ask for the statement, sign it, and send the act with it.")
        return register.act(kind, case, given, lambda _: evidence)
    if evidence is None:
        word: SignedIn = replace(resume_demonstration(house(), who.person), office=who.office)
    else:
        must_be_opened(who.person, evidence, house().clock.now())
        word = SignedElsewhere(who.person, None, office=who.office, evidence=evidence)
    documents = brought(who.person, given, who.office or "")
    return OwnRegister(house(), word).act(kind, case, given, documents=documents)


def _answer(status: int, kind: Any, value: Any) -> HttpResponse:
    answer = HttpResponse(written_json(kind, value), status=status, content_type=JSON_TYPE)
    answer["Cache-Control"] = "no-store"
    return answer


for _kind, _model in _ON_CASES.items():
    _add(_kind, _model, on_case=True)
for _kind, _model in _ALONE.items():
    if _kind != "begin":
        _add(_kind, _model, on_case=False)
