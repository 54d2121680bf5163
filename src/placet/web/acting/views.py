"""The pages of acting: a form for every act, what is signed, the working session."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, cast

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.reauthentication import (
    raise_if_reauthentication_required,
    reauthenticate_by_password,
)
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from placet.canonical import keys_once
from placet.evidence import (
    DemonstrationEvidence,
    EvidenceError,
    PasskeyEvidence,
    SshEvidence,
    pretty,
)
from placet.evidence import Statement as Stated
from placet.ledger import JSON
from placet.need_to_know.consequences import fallen
from placet.operations.acting.act import act, to_sign
from placet.operations.acting.foreseeing import Foreseen, foreseen
from placet.operations.acting.keys_on_record import credentials_of
from placet.operations.house import SignedIn
from placet.operations.on_record.policy_tests import before_adopting
from placet.operations.ports import Acknowledgement
from placet.operations.seeing.cases import see_case
from placet.operations.seeing.handling import handling_of
from placet.review import (
    Command,
    command_of,
    needs_signature,
    payload_of,
)
from placet.web.accounts.models import User
from placet.web.acting.saying import sentence
from placet.web.acting.told_before import foretold, told_to_reporter
from placet.web.acting.working import draw, finish, keep_private, working
from placet.web.house import names
from placet.web.pages.case_words import act_title
from placet.web.people import Looking, looking
from placet.web.unsent import own_address
from placet.web.uploads import brought, forget

__all__ = [
    "Draft",
    "address_of",
    "go_on",
    "open_session_first",
    "session_opened",
    "signed",
]


@dataclass(frozen=True)
class Draft:
    """An act that is ready to be done: its command and the case it is on."""

    command: Command
    case: str | None
    back: str
    sent: str = ""
    """The form that it came from, as it was sent: it is shown again where that has to be."""

    @property
    def kept(self) -> str:
        """Return the draft as a form carries it from the page that shows it to its signing."""
        kept = {"kind": self.command.kind, "act": payload_of(self.command), "case": self.case}
        return json.dumps({**kept, "back": self.back, "sent": self.sent})

    @classmethod
    def read(cls, kept: str) -> Draft:
        """Read a draft back; what is done is what it says, and is signed as such.

        Raises:
            UnknownError: it is none.
        """
        try:
            found = json.loads(kept)
            kind, said, case = found["kind"], found["act"], found["case"]
            back, sent = own_address(str(found["back"])), str(found.get("sent", ""))
        except (ValueError, RecursionError, TypeError, KeyError):
            kind, said, case, back, sent = "", {}, None, "", ""
        return cls(command_of(str(kind), said), case, back, sent)


def signed(request: HttpRequest) -> HttpResponse:
    """Take the evidence for what was shown, and do the act; or show it again where it changed.

    Who comes back by address, as after signing in anew, is told that nothing was signed.
    """
    if request.method == "GET":
        messages.warning(request, _("Nothing was signed. Begin again from the case."))
        return redirect("inbox")
    seen = looking(request)
    draft = Draft.read(request.POST.get("draft", ""))
    who = SignedIn(seen.person or "", None)
    statement = to_sign(seen.house, who, draft.command, draft.case)
    if _digest(statement) != request.POST.get("digest"):
        says = _("What would be signed has changed since it was shown. Read it again.")
        return _signing(request, draft, statement, says)
    try:
        evidence = _evidence(request, statement)
        said = payload_of(draft.command)
        done = act(
            seen.house,
            who,
            draft.command,
            case=draft.case,
            sign=lambda _: evidence,
            documents=brought(who.person, said),
        )
    except EvidenceError as error:
        return _signing(request, draft, statement, str(error))
    except ValidationError:
        says = _("Too many wrong passwords. Nothing was signed; wait a few minutes.")
        return _signing(request, draft, statement, says, HTTPStatus.TOO_MANY_REQUESTS)
    forget(who.person, said)
    return _done(request, seen, draft, done)


def session_opened(request: HttpRequest) -> HttpResponse:
    """Open the working session: the person certifies its key by one of their own on record.

    What waited for it is done.
    """
    says = ""
    if request.method == "POST" and request.POST.get("digest"):
        try:
            finish(request, _evidence(request, b""))
        except EvidenceError as error:
            says = str(error)
        else:
            waiting = request.session.pop("waiting", None)
            if waiting is not None:
                return go_on(request, Draft.read(waiting))
            messages.success(request, _("Your working session is open."))
            return redirect(request.session.pop("after-session", "inbox"))
    new = draw(request)
    page = _shown(request, new.challenge) | {"problem": says, "opens": True}
    response = render(request, "acting/sign.html", page, status=422 if says else 200)
    keep_private(response, new)
    return response


def go_on(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Do an act, or ask first for what it still takes."""
    seen = looking(request)
    if needs_signature(draft.command.kind):
        who = SignedIn(seen.person or "", None)
        return _signing(request, draft, to_sign(seen.house, who, draft.command, draft.case))
    acting = working(request)
    if acting is None:
        request.session["waiting"] = draft.kept
        return redirect("open-session")
    said = payload_of(draft.command)
    documents = brought(seen.person or "", said)
    done = act(seen.house, acting, draft.command, case=draft.case, documents=documents)
    forget(seen.person or "", said)
    return _done(request, seen, draft, done)


def open_session_first(request: HttpRequest, then: str) -> HttpResponse:
    """Have the person open their working session, and come back to an address of ours."""
    request.session["after-session"] = then
    return redirect("open-session")


def _signing(
    request: HttpRequest,
    draft: Draft,
    statement: bytes,
    says: str = "",
    refused: int = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> HttpResponse:
    """Show what is to be signed; `says` is why it was `refused` just now, with that status."""
    seen, filed = looking(request), draft.command.kind == "submit"
    shown = see_case(seen.house, seen.who, draft.case) if draft.case and not filed else None
    handling = handling_of(shown, names().registry) if shown is not None else ""
    comes = Foreseen()
    if shown is not None:
        comes = foreseen(seen.house, seen.who, draft.command, shown.case)
    page = _shown(request, statement) | {"draft": draft, "problem": says, "opens": False}
    page["handling"] = handling
    asked = shown.request if shown is not None else {}
    page["says"] = sentence(draft.command, asked, comes.asks, names())
    page["permit"] = foretold(comes)
    page["tests"] = before_adopting(seen.house, seen.who, draft.command)
    page["fails"] = not all(each.passes for each in page["tests"])
    return render(request, "acting/sign.html", page, status=refused if says else 200)


def _shown(request: HttpRequest, statement: bytes) -> dict[str, Any]:
    """Return what the signing page says: the words, the digest, and by which keys."""
    seen = looking(request)
    context, at = seen.house.reading.context(), seen.house.clock.now()
    return {
        "statement": pretty(statement),
        "exact": statement.decode(),
        "raw": base64.b64encode(statement).decode(),
        "namespace": Stated.parse(statement).namespace,
        "digest": _digest(statement),
        "challenge": _b64url(hashlib.sha256(statement).digest()),
        "credentials": credentials_of(context, seen.person or "", at),
    }


def _evidence(request: HttpRequest, statement: bytes) -> JSON:
    """Return the evidence that came with a form: a passkey's, an SSH signature, or a word.

    Raises:
        EvidenceError: there is none, or the password asked again was wrong.
        ValidationError: it was wrong too often.
    """
    if given := request.POST.get("passkey"):
        return _passkey(given)
    upload = request.FILES.get("signature")
    text = request.POST.get("signature-text", "")
    if upload is not None and (upload.size or 0) <= 1 << 16:
        text = upload.read().decode("ascii", "replace")
    if text.strip():
        return SshEvidence(text.strip() + "\n").document
    if settings.DEMONSTRATION and statement and request.POST.get("by") == "word":
        _show_again(request)
        return DemonstrationEvidence.of(statement).document
    raise EvidenceError("Nothing was signed: use a passkey, or upload an SSH signature.")


def _show_again(request: HttpRequest) -> None:
    """Have the person show anew who they are: by their password, or at their provider.

    Wrong guesses count here and where people sign in together.

    Raises:
        EvidenceError: that is not their password.
        ValidationError: too many guesses were wrong; the password was not looked at.
        ReauthenticationRequired: they have none; they are led to the provider, and back to this.
    """
    if not cast("User", request.user).has_usable_password():
        raise_if_reauthentication_required(request, app="placet")
    elif get_adapter().reauthenticate(request.user, request.POST.get("password", "")):
        reauthenticate_by_password(request)
    else:
        raise EvidenceError("That is not your password. Nothing was signed.")


def _passkey(given: str) -> JSON:
    """Return what a passkey gave: evidence of that kind, and of no other.

    Raises:
        EvidenceError: it is none, or names something twice.
    """
    try:
        found: JSON = json.loads(given, object_pairs_hook=keys_once(_twice))
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict) or found.get("kind") != PasskeyEvidence.KIND:
        raise EvidenceError("What the passkey gave cannot be read; sign again.")
    return found


def _twice(key: str) -> EvidenceError:
    return EvidenceError(f"What the passkey gave names {key[:40]} twice; sign again.")


def _done(request: HttpRequest, seen: Looking, draft: Draft, done: Acknowledgement) -> HttpResponse:
    """Say what was done, and go back to where it was asked for."""
    event = done.change.event
    said = _("%(act)s: done. It is entry %(index)d of the log.") % {
        "act": act_title(event.command.kind),
        "index": done.index,
    }
    messages.success(request, said)
    for each in told_to_reporter(seen, event.case or "", event.found.get("beyond", ())):
        messages.warning(request, _("Outside its permit: %s") % each)
    for each in told_to_reporter(seen, event.case or "", event.found.get("doubts", ())):
        messages.warning(request, _("Perhaps outside its permit: %s") % each)
    for permit, _why in fallen(event, done.change.cases, seen.viewer):
        messages.warning(request, _("Suspends permit %s") % permit)
    if draft.back:
        return redirect(draft.back)
    return redirect("case", case=event.case) if event.case else redirect("inbox")


def _digest(statement: bytes) -> str:
    return f"sha256:{hashlib.sha256(statement).hexdigest()}"


def _b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def address_of(kind: str, asked: Mapping[str, str]) -> str:
    """Return the address of the form of an act."""
    query = "&".join(f"on-{name}={value}" for name, value in asked.items())
    return f"{reverse('act', args=[kind])}?{query}"
