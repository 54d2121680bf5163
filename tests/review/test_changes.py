"""Acts on the context: who may, what they change, and which permits fall with what they end."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from permit_stories import KEY, act, begun, happens, permit, status
from review_world import START, US_BOOK, USE, Story, command, world

from building import examples, plain
from placet.errors import ScenarioError
from placet.need_to_know.theirs import barred
from placet.registry import Presence, parse_moment
from placet.review.case import Case, PermitStage
from placet.review.changes import change, suspended
from placet.review.context import Context, load_context
from placet.review.errors import (
    ClockError,
    NotAllowedError,
    RepeatedError,
    ReviewError,
    StageError,
    UnknownError,
    UnlawfulError,
    UnreadableError,
)
from placet.review.event import command_of
from placet.review.grounds import holds
from placet.review.lawful import Desk
from placet.review.statement import needs_signature, statement_fields
from placet.review.validity import PermitStatus

POLICY = """
title: A new policy
from: "2025-06-01"
announced: undeclared
rules:
  all:
    when: activity == "use"
    then: review us/secdef
    because: a new review
"""
ON_THE_DAY = {**plain(POLICY), "from": "2025-06-03"}
SUPERSEDING = {**ON_THE_DAY, "supersedes": ["use"]}


@cache
def _first() -> Context:
    return world()


def _adopt(context: Context, by: str = "rules", **fields: Any) -> tuple[Any, Context]:
    given_ = {"party": "US", "policy": "new", "text": plain(POLICY), **fields}
    return act(context, by, "adopt-policy", **given_)


# --- beginning


def test_the_log_begins_with_a_context_in_which_whoever_begins_it_has_authority() -> None:
    """The first context has version 1, is read by the real loaders, and is begun once."""
    books = [dict(each) for each in _first().plain["books"]]
    registry = dict(_first().plain["registry"])
    fields = {"origin": "example.org/log", "registry": registry, "books": books}
    event, first = act(None, "rules", "begin", **fields)
    assert (first.version, first.digest) == (1, _first().digest)
    assert event.found == {"context": first.digest}
    with pytest.raises(NotAllowedError):
        act(None, "desk", "begin", **fields)
    with pytest.raises(RepeatedError):
        act(first, "rules", "begin", **fields)
    with pytest.raises(ScenarioError) as found:
        act(None, "rules", "begin", **{**fields, "registry": {**registry, "offices": {}}})
    assert len(found.value.problems) > 5
    with pytest.raises(UnlawfulError):
        act(None, "rules", "begin", **{**fields, "registry": {**registry, "title": 7}})


def test_before_the_log_begins_nothing_else_is_done() -> None:
    """A change needs a context to change; an act on a case is none on the context."""
    with pytest.raises(StageError):
        act(None, "rules", "revoke-delegation", delegation="disputed")
    with pytest.raises(UnlawfulError):
        change(_first(), command("determine"), "rules", START, {})


# --- who may, and what is lawful: every row is refused


KEYED = {"person": "olena", "public": f"{KEY}K olena", "from": "2025-06-01"}
FACT = {"section": "events", "id": "e", "record": {"about": "it came about", "from": "2025-06-01"}}
GRANT = {"of": "us/state", "to": "us/joint-staff"}
DELEGATED = {"delegation": "d", "of": "us/secdef", "to": "us/deputy", "from": "2025-06-01"}
APPOINTED = {
    "official": "new",
    "person": "new",
    "name": "New",
    "office": "us/desk",
    "from": "2025-06-01",
}


def _text(**fields: Any) -> dict[str, Any]:
    return {**plain(POLICY), **{name.replace("_", "-"): each for name, each in fields.items()}}


def _of(party: str, policy: str, **fields: Any) -> dict[str, Any]:
    return {"party": party, "policy": policy, **fields}


REFUSED: list[tuple[str, str, dict[str, Any], type[Exception]]] = [
    ("adopt-policy", "desk", {}, NotAllowedError),
    ("adopt-policy", "rita", {}, NotAllowedError),
    (
        "adopt-policy",
        "jay",
        {"text": _text(adopted_by="us/joint-staff")},
        NotAllowedError,
    ),
    (
        "adopt-policy",
        "kurt",
        {"text": _text(adopted_by="de/council")},
        NotAllowedError,
    ),
    ("adopt-policy", "sec", {"text": _text(adopted_by="us/state")}, NotAllowedError),
    ("adopt-policy", "rules", {"policy": "use"}, RepeatedError),
    ("adopt-policy", "rules", {"party": "XX"}, UnknownError),
    ("adopt-policy", "rules", {"text": {**plain(POLICY), "from": "2025-05-31"}}, UnlawfulError),
    ("adopt-policy", "rules", {"text": {**plain(POLICY), "from": "soon"}}, UnlawfulError),
    ("adopt-policy", "rules", {"text": {**plain(POLICY), "announced": "2024"}}, UnlawfulError),
    ("adopt-policy", "rules", {"text": {**plain(POLICY), "title": 7}}, UnlawfulError),
    ("adopt-policy", "rules", {"text": {**plain(POLICY), "title": "e\u0301"}}, UnlawfulError),
    ("adopt-policy", "rules", {"text": {"title": "T", "announced": "undeclared"}}, UnlawfulError),
    ("adopt-policy", "rules", {"text": {**plain(POLICY), "supersedes": ["no"]}}, ScenarioError),
    (
        "announce-policy",
        "rules",
        _of("US", "use", on="2025-06-01"),
        RepeatedError,
    ),
    ("announce-policy", "rules", _of("US", "no", on="2025-06-01"), UnknownError),
    (
        "announce-policy",
        "rita",
        _of("DE", "parts", on="2025-05-31"),
        UnlawfulError,
    ),
    (
        "announce-policy",
        "rules",
        _of("DE", "parts", on="2025-06-01"),
        NotAllowedError,
    ),
    ("end-policy", "rules", _of("US", "use", until="2025-06-01"), UnlawfulError),
    (
        "end-policy",
        "desk",
        _of("US", "use", until="2025-07-01"),
        NotAllowedError,
    ),
    ("record-fact", "desk", FACT, NotAllowedError),
    ("record-fact", "rules", {**FACT, "section": "officials"}, UnlawfulError),
    ("record-fact", "rules", {**FACT, "section": "keys"}, UnlawfulError),
    ("record-fact", "rules", {**FACT, "section": "delegations"}, UnlawfulError),
    ("record-fact", "rules", {"section": "delegations", "id": "d", "record": GRANT}, UnlawfulError),
    (
        "record-fact",
        "rules",
        {"section": "delegations", "id": "d", "record": {**GRANT, "assertions": "none"}},
        UnlawfulError,
    ),
    ("record-fact", "rules", {**FACT, "section": "secrets"}, UnknownError),
    ("record-fact", "rules", {**FACT, "section": "title"}, UnknownError),
    ("record-fact", "rules", {**FACT, "id": "training-done"}, RepeatedError),
    ("record-fact", "rules", {**FACT, "supersedes": "yes"}, UnknownError),
    ("record-fact", "rules", {**FACT, "record": {"weather": "fine"}}, ScenarioError),
    ("record-fact", "rules", {**FACT, "record": {"about": 7}}, UnlawfulError),
    ("record-fact", "rules", {**FACT, "section": "targets"}, UnlawfulError),
    ("appoint", "desk", APPOINTED, NotAllowedError),
    ("appoint", "rules", {**APPOINTED, "person": "rules"}, NotAllowedError),
    ("appoint", "rules", {**APPOINTED, "official": "sec"}, RepeatedError),
    ("appoint", "rules", {**APPOINTED, "person": "sec"}, RepeatedError),
    ("appoint", "rules", {**APPOINTED, "office": "us/none"}, UnknownError),
    ("appoint", "rules", {**APPOINTED, "from": "2025-05-31"}, UnlawfulError),
    ("appoint", "rules", {**APPOINTED, "until": "2025-06-01"}, UnlawfulError),
    ("dismiss", "desk", {"official": "sec", "until": "2025-06-02"}, NotAllowedError),
    ("dismiss", "rules", {"official": "none", "until": "2025-06-02"}, UnknownError),
    ("dismiss", "rules", {"official": "sec", "until": "2025-05-31"}, UnlawfulError),
    ("dismiss", "rules", {"official": "sec", "until": "2026-02-01"}, UnlawfulError),
    ("dismiss", "rules", {"official": "sec", "until": "2025-06-01T07:59:59Z"}, UnlawfulError),
    ("register-key", "desk", {"key": "k", **KEYED}, UnknownError),
    ("register-key", "olena", {"key": "k", **KEYED}, NotAllowedError),
    ("register-key", "rules", {"key": "k", **KEYED, "person": "rules"}, NotAllowedError),
    ("register-key", "rules", {"key": "k", **KEYED, "person": "nobody"}, UnknownError),
    ("register-key", "rules", {"key": "k", **KEYED, "public": "ssh-rsa AAAA"}, UnlawfulError),
    ("register-key", "rules", {"key": "k", **KEYED, "from": "2025-05-01"}, UnlawfulError),
    ("retire-key", "rules", {"key": "none", "until": "2025-07-01"}, UnknownError),
    ("delegate", "dep", DELEGATED, NotAllowedError),
    ("delegate", "sec", {**DELEGATED, "to": "de/council"}, UnlawfulError),
    ("delegate", "sec", {**DELEGATED, "to": "us/secdef"}, UnlawfulError),
    ("delegate", "sec", {**DELEGATED, "delegation": "disputed"}, RepeatedError),
    ("delegate", "sec", {**DELEGATED, "from": "2025-05-01"}, UnlawfulError),
    ("delegate", "sec", {**DELEGATED, "until": "2025-06-01"}, UnlawfulError),
    ("delegate", "dep", {**DELEGATED, "to": "us/joint-staff"}, NotAllowedError),
    ("revoke-delegation", "dep", {"delegation": "secdef-to-deputy"}, NotAllowedError),
    ("revoke-delegation", "sec", {"delegation": "none"}, UnknownError),
    ("appoint", "rules", {**APPOINTED, "except_permits": ["P-1"]}, UnlawfulError),
    ("appoint", "rules", {**APPOINTED, "carve_out": "so"}, UnlawfulError),
    ("appoint", "rules", {**APPOINTED, "except_permits": ["P-9"], "carve_out": "so"}, UnknownError),
]


@pytest.mark.parametrize(("kind", "by", "fields", "error"), REFUSED)
def test_what_is_not_lawful_changes_nothing(
    kind: str, by: str, fields: dict[str, Any], error: type[Exception]
) -> None:
    """Whoever may not, whatever is past, taken, unknown or incoherent, is refused."""
    if kind == "adopt-policy":
        fields = {"party": "US", "policy": "new", "text": plain(POLICY), **fields}
    with pytest.raises(error):
        act(_first(), by, kind, **fields)


def test_an_appointment_is_refused_in_words() -> None:
    """An id is not told of itself, and an end is a day."""
    name = _first().people["sec"]
    with pytest.raises(RepeatedError, match=f"is that of {name}, and not of New"):
        act(_first(), "rules", "appoint", **{**APPOINTED, "person": "sec"})
    with pytest.raises(UnlawfulError, match="Its end, 30 May 2025, comes before it begins"):
        act(_first(), "rules", "appoint", **{**APPOINTED, "until": "2025-05-31"})


ALLOWED: list[tuple[str, str, dict[str, Any]]] = [
    ("adopt-policy", "sec", {"text": _text(adopted_by="us/secdef")}),
    ("adopt-policy", "acting", {"text": _text(adopted_by="us/secdef")}),
    ("adopt-policy", "state-1", {"text": _text(adopted_by="us/state")}),
    ("adopt-policy", "rules", {"text": {**plain(POLICY), "from": "2025-04-20/2025-06-20"}}),
    ("announce-policy", "rita", _of("DE", "parts", on="2025-06-01")),
    ("end-policy", "rules", _of("US", "use", until="2025-06-01T08:00:00Z")),
    ("record-fact", "rules", FACT),
    ("record-fact", "rules", {"section": "targets", "id": "rail", "record": {"means": "Rail"}}),
    ("record-fact", "rules", {**FACT, "id": "training-done", "supersedes": "yes"}),
    (
        "record-fact",
        "rules",
        {"section": "delegations", "id": "d", "record": {**GRANT, "grade": "reported"}},
    ),
    ("appoint", "rules", APPOINTED),
    ("dismiss", "rules", {"official": "sec", "until": "2025-06-01T08:00:00Z"}),
    ("register-key", "rules", {"key": "k", **KEYED}),
    ("delegate", "sec", DELEGATED),
    ("delegate", "acting", {**DELEGATED, "activities": ["use"], "until": "2025-07-01"}),
    ("revoke-delegation", "sec", {"delegation": "secdef-to-deputy"}),
    ("revoke-delegation", "rules", {"delegation": "secdef-to-deputy"}),
]


@pytest.mark.parametrize(("kind", "by", "fields"), ALLOWED)
def test_what_is_lawful_makes_the_next_version(kind: str, by: str, fields: dict[str, Any]) -> None:
    """Each act by those who may gives another context, one version on, and leaves the old as is.

    Nobody of them was turned away before they filled it in.
    """
    if kind == "adopt-policy":
        fields = {"party": "US", "policy": "new", **fields}
    before = _first().digest
    assert barred(Desk(_first(), by, START), kind) is None
    event, after = act(_first(), by, kind, **fields)
    assert after.version == _first().version + 1
    assert after.digest == event.found["context"] != before
    assert world().digest == before == _first().digest


def test_a_party_without_a_book_gets_one_with_its_first_policy() -> None:
    """The book begins with the policy; the party's home office may adopt it."""
    registry = {"officials": {"gwen": {"name": "Gwen", "office": "gb/defence"}}}
    text = {**plain(POLICY), "adopted-by": "gb/defence"}
    text["rules"]["all"]["then"] = "review gb/defence"
    _, after = act(world(registry), "gwen", "adopt-policy", party="GB", policy="new", text=text)
    assert set(after.books["GB"].policies) == {"new"}


# --- policies: undeclared, announced, ended


def test_a_book_is_revised_by_those_who_keep_it_and_its_policies_stay() -> None:
    """What a book says apart from its policies is replaced field by field, and nothing else is."""
    before = _first()
    fields = {
        "evidence": "passkey",
        "break-glass": {"by": "us/secdef", "hours": "6", "because": "x"},
    }
    _, after = act(before, "rules", "revise-book", party="US", fields=fields)
    revised, held = after.books["US"], before.books["US"]
    assert revised.evidence == "passkey"
    assert revised.break_glass is not None
    assert revised.break_glass.hours == 6
    assert (revised.policies, revised.claims) == (held.policies, held.claims)
    for wrong in ({}, {"policies": {}}, {"book": "GB"}, {"evidence": "passkey", "more": "x"}):
        with pytest.raises(UnlawfulError):
            act(before, "rules", "revise-book", party="US", fields=wrong)
    with pytest.raises(NotAllowedError):
        act(before, "desk", "revise-book", party="US", fields=fields)
    with pytest.raises(ScenarioError):
        act(before, "rules", "revise-book", party="US", fields={"evidence": "word of honour"})


def test_an_announced_policy_is_provably_the_one_that_was_adopted() -> None:
    """The digest found at adoption and at announcement is one; only `announced` has changed."""
    adopted, middle = _adopt(_first())
    announced, after = act(
        middle, "rules", "announce-policy", party="US", policy="new", on="2025-06-01"
    )
    assert adopted.found["policy"] == announced.found["policy"]
    texts = [dict(_book(each, "US")["policies"]["new"]) for each in (middle, after)]
    assert [each.pop("announced") for each in texts] == ["undeclared", "2025-06-01"]
    assert texts[0] == texts[1]
    with pytest.raises(RepeatedError):
        act(after, "rules", "announce-policy", party="US", policy="new", on="2025-06-01")


def test_an_announcement_that_has_not_come_is_brought_forward_only() -> None:
    """A day that was mistyped can be mended; one that has come, or a later one, changes nothing."""
    _, middle = _adopt(_first())
    named = {"party": "US", "policy": "new"}
    _, far = act(middle, "rules", "announce-policy", on="2125-06-01", **named)
    with pytest.raises(RepeatedError, match="only brought forward"):
        act(far, "rules", "announce-policy", on="2126-06-01", **named)
    _, near = act(far, "rules", "announce-policy", on="2025-06-01", **named)
    assert _book(near, "US")["policies"]["new"]["announced"] == "2025-06-01"
    with pytest.raises(RepeatedError, match="was announced: 2025-06-01"):
        act(near, "rules", "announce-policy", on="2025-06-01", **named)


def _book(context: Context, party: str) -> Mapping[str, Any]:
    return next(each for each in context.plain["books"] if each["book"] == party)


@given(title=st.text("ab ", min_size=1).filter(str.strip), because=st.text("xyz", min_size=1))
@examples(8)
def test_the_digest_is_of_the_text_and_of_nothing_else(title: str, because: str) -> None:
    """Another text has another digest, whatever is said in adopting it."""
    text = {**plain(POLICY), "title": title}
    one, _ = act(_first(), "rules", "adopt-policy", party="US", policy="n", text=text)
    other = {**text, "note": because}
    two, _ = act(_first(), "rules", "adopt-policy", party="US", policy="n", text=other)
    again, _ = act(_first(), "rules", "adopt-policy", party="US", policy="m", text=text)
    assert one.found["policy"] == again.found["policy"] != two.found["policy"]


def test_an_end_is_brought_forward_and_never_put_off() -> None:
    """To prolong a policy takes a new one."""
    fields = {"party": "US", "policy": "use"}
    _, after = act(_first(), "rules", "end-policy", **fields, until="2025-08-01")
    _, sooner = act(after, "rules", "end-policy", **fields, until="2025-07-01")
    assert _book(sooner, "US")["policies"]["use"]["until"] == "2025-07-01"
    for until in ("2025-07-01", "2025-09-01"):
        with pytest.raises(UnlawfulError):
            act(sooner, "rules", "end-policy", **fields, until=until)


@pytest.mark.parametrize("until", ["2025-06-20", "2025-07-01"])
def test_nothing_ends_before_it_begins_or_as_it_does(until: str) -> None:
    """What would never have held is refused where it is asked for, and in words."""
    first = "2025-07-01"
    text = {**plain(POLICY), "from": first}
    _, after = act(_first(), "rules", "register-key", key="k", **{**KEYED, "from": first})
    _, after = act(after, "rules", "appoint", **{**APPOINTED, "from": first})
    _, after = act(after, "rules", "adopt-policy", party="US", policy="new", text=text)
    for kind, named in (
        ("retire-key", {"key": "k"}),
        ("dismiss", {"official": APPOINTED["official"]}),
        ("end-policy", {"party": "US", "policy": "new"}),
    ):
        with pytest.raises(UnlawfulError, match=r"begins on 2025-07-01.*Choose a later end"):
            act(after, "rules", kind, **named, until=until)


# --- keys, officials and delegations


def test_a_second_key_is_ones_own_affair_and_a_first_is_not() -> None:
    """Whoever has a key registers and retires keys of their own; a key has one owner."""
    _, after = act(_first(), "rules", "register-key", key="k1", **KEYED)
    second = {**KEYED, "public": f"{KEY}L olena"}
    _, after = act(after, "olena", "register-key", key="k2", **second)
    assert set(after.keys_of("olena", START)) == {"k1", "k2"}
    with pytest.raises(RepeatedError):
        act(after, "rules", "register-key", key="k3", **{**second, "person": "taras"})
    _, after = act(after, "olena", "retire-key", key="k1", until="2025-06-01T08:00:00Z")
    assert set(after.keys_of("olena", START)) == {"k2"}
    with pytest.raises(NotAllowedError):
        act(after, "taras", "retire-key", key="k2", until="2025-06-01")


def test_a_person_may_hold_two_offices_and_is_one_person() -> None:
    """A second office is given to the person under their own name, and to nobody else's id."""
    fields = {**APPOINTED, "person": "sec", "name": "The Secretary", "acting": "yes"}
    _, after = act(_first(), "rules", "appoint", **fields)
    assert {each.office for each in after.offices_of("sec", START)} == {"us/secdef", "us/desk"}
    with pytest.raises(RepeatedError):
        act(_first(), "rules", "appoint", **{**APPOINTED, "official": "hatter"})


def test_a_delegation_is_revoked_at_the_instant_and_once() -> None:
    """The revocation stands from the act on, to the second; it is not repeated."""
    _, after = act(_first(), "sec", "revoke-delegation", delegation="secdef-to-deputy")
    delegation = after.registry.record.delegations["secdef-to-deputy"]
    assert delegation.revoked is not None
    assert delegation.revoked.on.reached(START) is Presence.IN
    with pytest.raises(RepeatedError):
        act(after, "sec", "revoke-delegation", delegation="secdef-to-deputy")


@pytest.mark.parametrize(
    ("record", "section", "name"),
    [
        ({"kind": "state", "home": "us/deputy"}, "parties", "US"),
        ({"party": "US", "title": "Desk", "duties": ["permits"]}, "offices", "us/desk"),
    ],
)
def test_who_decides_is_a_matter_of_authority(
    record: dict[str, Any], section: str, name: str
) -> None:
    """The duty of the registry is not enough to make another office the one that decides."""
    offices = {"us/clerks": {"party": "US", "title": "Clerks", "duties": ["registry"]}}
    officials = {"carl": {"name": "Carl", "office": "us/clerks"}}
    context = world({"offices": offices, "officials": officials})
    fields = {"section": section, "id": name, "record": record, "supersedes": "yes"}
    with pytest.raises(NotAllowedError):
        act(context, "carl", "record-fact", **fields)
    act(context, "rules", "record-fact", **fields)
    act(context, "carl", "record-fact", **FACT)


def test_a_finding_is_recorded_by_those_for_whom_its_office_speaks() -> None:
    """A finding of no right takes a say away: the clerks of another party do not record it."""
    finding = {
        "connection": {"party": "DE"},
        "finding": "no-right",
        "by": "de/council",
        "because": "it gave its say up",
    }
    with pytest.raises(NotAllowedError):
        act(_first(), "rules", "record-fact", section="findings", id="f", record=finding)
    ours = {**finding, "by": "us/state"}
    act(_first(), "rules", "record-fact", section="findings", id="f", record=ours)


# --- the order of time


def test_no_act_is_before_the_last_one_on_the_context() -> None:
    """A clock that was set back backdates no policy, files no case, leaves the record alone."""
    later, before = START + timedelta(days=300), START + timedelta(days=1)
    _, context = act(_first(), "rules", "record-fact", later, **FACT)
    fields = {"party": "US", "policy": "new", "text": {**plain(POLICY), "from": "2025-06-02"}}
    with pytest.raises(ClockError, match="set back"):
        act(context, "rules", "adopt-policy", before, **fields)
    rotate = {"of": "log", "public": "k", "because": "x"}
    with pytest.raises(ClockError, match="set back"):
        act(context, "rules", "rotate-key", before, **rotate)
    with pytest.raises(ClockError, match="set back"):
        Story(context, at=before).file()
    Story(context, at=later).file()
    act(context, "rules", "rotate-key", later, **rotate)


# --- the record


def test_erasing_and_changing_the_semantics_take_their_duties() -> None:
    """They are acts of nobody's case, by those who have the duty, and of no other kind."""
    erase = {"entry": 3, "fields": ["payload"], "because": "the law asks for it"}
    event, _ = act(_first(), "rules", "erase", **erase)
    assert (event.case, event.actor, event.touches) == (None, "rules", ())
    act(_first(), "rules", "change-semantics", to="placet-1", because="x")
    for by in ("desk", "ig"):
        with pytest.raises(NotAllowedError):
            act(_first(), by, "erase", **erase)
    with pytest.raises(UnlawfulError, match="on a case"):
        act(_first(), "rules", "determine")


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("erase", {"entry": 3, "fields": ["evidence"]}),
        ("change-semantics", {"to": "placet-1"}),
        ("rotate-key", {"of": "log", "public": "k"}),
    ],
)
def test_what_is_signed_for_an_act_on_the_record_is_signed_for_one(
    kind: str, fields: dict[str, Any]
) -> None:
    """The act leaves registry and books as they were, and what is signed for the next is another.

    So nobody who saw the signature has the same done again.
    """
    before, given = _first(), {**fields, "because": "once"}
    _, after = act(before, "rules", kind, **given)
    assert (after.version, after.digest) == (before.version + 1, before.digest)
    signed = [
        statement_fields(None, each, command(kind, **given), "rules") for each in (before, after)
    ]
    assert signed[0] != signed[1]


def test_what_one_would_sign_tells_not_that_others_acted() -> None:
    """Whoever prepares a statement before and after a policy is adopted sees the same bytes."""
    before = _first()
    fields = {"party": "US", "policy": "new", "text": {**plain(POLICY), "from": "2025-06-02"}}
    _, after = act(before, "rules", "adopt-policy", **fields)
    assert after.version == before.version + 1
    own = command("register-key", key="k2", **KEYED, because="x")
    stated = {
        who: [statement_fields(None, each, own, who) for each in (before, after)]
        for who in ("olena", "rules")
    }
    assert stated["olena"][0] == stated["olena"][1]
    assert stated["rules"][0] != stated["rules"][1], "their own act is counted"


@pytest.mark.parametrize("of", ["log", "permit"])
def test_naming_the_next_key_is_a_signed_act_of_those_with_authority(of: str) -> None:
    """Who keeps the records, or the desk, cannot; and what is signed says the whole key and why."""
    fields = {"of": of, "public": "a public key", "because": "a yearly change"}
    rotate = command("rotate-key", **fields)
    event, after = act(_first(), "rules", "rotate-key", **fields)
    assert (event.case, event.actor, event.touches) == (None, "rules", ())
    assert event.found == {"context": after.digest}
    assert command_of("rotate-key", event.payload["command"]) == rotate
    for by in ("desk", "ig"):
        with pytest.raises(NotAllowedError):
            act(_first(), by, "rotate-key", **fields)
    assert needs_signature(rotate.kind)
    assert statement_fields(None, _first(), rotate, "rules")["act"] == {
        "of": of,
        "public": "a public key",
        "because": "a yearly change",
    }
    with pytest.raises(UnreadableError):
        command("rotate-key", of="anything", public="a public key", because="so")


def test_the_first_keys_are_signed_with_the_first_context() -> None:
    """Whoever begins the log states its keys; a log that names none reads as it always did."""
    fields: dict[str, Any] = {"origin": "example.gov/placet", "registry": {}, "books": []}
    silent = statement_fields(None, None, command("begin", **fields), "rules")["act"]
    assert silent.keys() == {"origin", "context"}
    keys = {"log-key": "one", "permit-key": "another"}
    begin = command_of("begin", {**fields, **keys})
    assert statement_fields(None, None, begin, "rules")["act"] == {**silent, **keys}


# --- what falls with a change


def _cleared() -> Case:
    """Return a case that was cleared by a standing authorisation, with its permit."""
    story = Story().file(USE, area="UA").determine()
    story.issue()
    return story.now


@cache
def _cases() -> dict[str, Case]:
    """Return cases whose permits rest on a decision, or on a standing authorisation, and data."""
    return {
        "C-1": begun().now,
        "C-2": _renamed(_cleared(), "C-2", "P-2"),
        "C-3": _renamed(_cleared(), "C-3", "P-3"),
    }


def _renamed(case: Case, name: str, number: str) -> Case:
    held = case.permits["P-1"].model_copy(update={"permit": number})
    return case.model_copy(update={"id": name, "permits": {number: held}})


AT = parse_moment("2025-06-03T09:00:00Z")
WITHDRAWN = {
    "name": "Targeting data",
    "origin": "US",
    "kind": "service",
    "availability": [{"status": "withdrawn", "from": "2025-06-02"}],
}
ENDING: dict[str, tuple[str, dict[str, Any]]] = {
    "superseded": ("adopt-policy", {"party": "US", "policy": "new", "text": SUPERSEDING}),
    "amended": (
        "adopt-policy",
        {
            "party": "US",
            "policy": "new",
            "text": {
                **ON_THE_DAY,
                "amends": ["use"],
                "rules": {"ukraine": plain(POLICY)["rules"]["all"]},
            },
        },
    ),
    "overridden": (
        "adopt-policy",
        {
            "party": "US",
            "policy": "new",
            "text": {
                **ON_THE_DAY,
                "rules": {"all": {**plain(POLICY)["rules"]["all"], "overrides": ["use/ukraine"]}},
            },
        },
    ),
    "ended": ("end-policy", _of("US", "use", until="2025-06-03T09:00:00Z")),
    "withdrawn": (
        "record-fact",
        {"section": "items", "id": "data", "record": WITHDRAWN, "supersedes": "yes"},
    ),
    "nothing": ("record-fact", FACT),
    "later": (
        "adopt-policy",
        {"party": "US", "policy": "new", "text": {**SUPERSEDING, "from": "2025-07-01"}},
    ),
    "perhaps": (
        "adopt-policy",
        {"party": "US", "policy": "new", "text": {**SUPERSEDING, "from": "2025-05-01/2025-07-01"}},
    ),
}
FALLS = {
    "superseded": {"P-2", "P-3"},
    "amended": {"P-2", "P-3"},
    "overridden": {"P-2", "P-3"},
    "ended": {"P-2", "P-3"},
    "withdrawn": {"P-1"},
    "nothing": set(),
    "later": set(),
    "perhaps": {"P-2", "P-3"},
}


@pytest.mark.parametrize("how", sorted(ENDING))
def test_an_act_suspends_exactly_the_permits_that_rest_on_what_it_ends(how: str) -> None:
    """The oracle asks every ground of every permit before and after; and the table agrees."""
    kind, fields = ENDING[how]
    cases = _cases()
    event, after = act(begun().context, "rules", kind, AT, cases, **fields)
    expected = {
        (case.id, name)
        for case in cases.values()
        for name, held in case.permits.items()
        for ground in held.grounds
        if holds(ground, case, begun().context, AT) is None
        and holds(ground, case, after, AT) is not None
    }
    assert {(each["case"], each["permit"]) for each in event.found["suspends"]} == expected
    assert {name for _, name in expected} == FALLS[how]
    coming = {(each["case"], each["permit"]) for each in event.found.get("falls", ())}
    assert {name for _, name in coming} == ({"P-2", "P-3"} if how == "later" else set())
    assert set(event.touches) == {case for case, _ in expected | coming}
    assert event.found["suspends"] == sorted(
        event.found["suspends"], key=lambda each: (each["case"], each["permit"])
    )
    for case in event.touches:
        moved = suspended(cases[case], event)
        assert moved.version == cases[case].version + 1
        (left,) = moved.permits.values()
        assert (left.stage is PermitStage.SUSPENDED) is (how != "later")
        assert bool(left.falling) is (how == "later")


@given(order=st.permutations(["C-1", "C-2", "C-3"]), how=st.sampled_from(sorted(ENDING)))
@examples(12)
def test_what_falls_does_not_depend_on_the_order_of_cases(order: list[str], how: str) -> None:
    """The event is the same bytes for every order in which cases are met."""
    kind, fields = ENDING[how]
    cases = _cases()
    one, _ = act(begun().context, "rules", kind, AT, cases, **fields)
    other, _ = act(
        begun().context, "rules", kind, AT, {each: cases[each] for each in order}, **fields
    )
    assert one.payload == other.payload


def test_a_carve_out_spares_what_it_names_and_no_more() -> None:
    """The permit named stays in force, with the text on file; the other falls."""
    kind, fields = ENDING["superseded"]
    carve = {"except_permits": ["P-2"], "carve_out": "uses already prepared"}
    event, after = act(begun().context, "rules", kind, AT, _cases(), **fields, **carve)
    assert [each["permit"] for each in event.found["suspends"]] == ["P-3"]
    assert [each["permit"] for each in event.found["spared"]] == ["P-2"]
    story = Story(after, suspended(_cases()["C-2"], event), AT)
    assert status(story, "P-2") is PermitStatus.IN_FORCE
    assert permit(story, "P-2").spared[0].says == "uses already prepared"


def test_a_carve_out_for_a_day_to_come_holds_on_that_day() -> None:
    """A policy that takes force later ends by the clock what it does not spare."""
    kind, fields = ENDING["later"]
    carve = {"except_permits": ["P-2"], "carve_out": "uses already prepared"}
    event, after = act(begun().context, "rules", kind, AT, _cases(), **fields, **carve)
    assert event.found["suspends"] == []
    cases = {**_cases(), "C-2": suspended(_cases()["C-2"], event)}
    day = parse_moment("2025-07-02")
    found = {
        name: status(Story(after, cases[case], day), name)
        for case, name in (("C-1", "P-1"), ("C-2", "P-2"), ("C-3", "P-3"))
    }
    assert found == {
        "P-1": PermitStatus.IN_FORCE,
        "P-2": PermitStatus.IN_FORCE,
        "P-3": PermitStatus.SUSPENDED,
    }


def test_permits_that_have_ended_are_not_suspended_and_not_spared() -> None:
    """An act touches no case whose permits are revoked or over."""
    kind, fields = ENDING["superseded"]
    case = _cases()["C-2"]
    held = case.permits["P-2"].model_copy(update={"stage": PermitStage.REVOKED})
    ended = {"C-2": case.model_copy(update={"permits": {"P-2": held}})}
    event, _ = act(begun().context, "rules", kind, AT, ended, **fields)
    assert event.touches == ()
    with pytest.raises(UnknownError):
        act(
            begun().context,
            "rules",
            kind,
            AT,
            ended,
            **fields,
            except_permits=["P-2"],
            carve_out="so",
        )


def test_a_clock_set_back_suspends_nothing() -> None:
    """An act that touches a case comes after the last act on it."""
    text = _text(supersedes=["use"])
    with pytest.raises(UnlawfulError, match="clock"):
        act(
            begun().context, "rules", "adopt-policy", START, _cases(), **_of("US", "new", text=text)
        )


def test_a_carve_out_is_over_once_the_same_ground_ends_again() -> None:
    """What one act spared another act suspends, where the ground had come to hold in between."""
    story = begun()
    carve = {"except_permits": ["P-1"], "carve_out": "for now"}
    gone = {"section": "items", "id": "data", "supersedes": "yes", "record": WITHDRAWN}
    back = {**gone, "record": {key: WITHDRAWN[key] for key in ("name", "origin", "kind")}}
    happens(story.wait(days=1), "rules", "record-fact", **gone, **carve)
    assert status(story) is PermitStatus.IN_FORCE
    happens(story.wait(days=1), "rules", "record-fact", **back)
    happens(story.wait(days=1), "rules", "record-fact", **gone)
    assert status(story) is PermitStatus.SUSPENDED
    assert permit(story).spared == ()


def test_the_book_of_the_small_world_is_read_as_it_stands() -> None:
    """What is appended to a book reads as if it had stood in its file."""
    _, after = _adopt(_first())
    whole = plain(US_BOOK)
    whole["policies"]["new"] = plain(POLICY)
    assert dict(_book(after, "US")) == whole


def test_every_refusal_is_an_error_of_ours() -> None:
    """The table above holds nothing but errors that say what to do."""
    assert all(issubclass(error, ReviewError | ScenarioError) for *_, error in REFUSED)


def test_a_context_does_not_depend_on_the_order_in_which_it_is_written() -> None:
    """Two officials of one office are named alike, in whatever order their records stand."""
    registry = dict(_first().plain["registry"])
    backwards = dict(reversed(list(registry["officials"].items())))
    other = load_context(1, {**_first().plain, "registry": {**registry, "officials": backwards}})
    at = parse_moment("2025-06-01")
    request = other.request(plain(USE))
    assert other.determine(request, at).canonical() == _first().determine(request, at).canonical()
    assert list(other.registry.record.officials) == sorted(backwards)
