"""Entries: what is committed to, what a disclosure shows, and what it does not."""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from placet.ledger import (
    FIELDS,
    JSON,
    Body,
    DisclosureError,
    Entry,
    Erased,
    Hidden,
    MalformedError,
    Shown,
    UnfitError,
    canonical,
    case_of,
    date_of,
    disclose,
    erase,
    field_digest,
    parse_body,
    parse_canonical,
    seal,
    verify_disclosure,
)
from placet.ledger.entries import _base64url

AT = datetime(2025, 8, 23, 12, 0, tzinfo=UTC)
ENTRY = Entry(
    kind="decide",
    time=AT,
    context_version=12,
    actor="us/official-7",
    case="2025-0041",
    case_version=3,
    evidence={"type": "sshsig", "signature": "LS0tLS1"},
    payload={"outcome": "refuse", "reason": "stock red", "lines": [1, 2]},
)


def salts(seed: str = "") -> Callable[[int], bytes]:
    """Make salts that are the same each time, and no two alike."""
    numbers = itertools.count()
    return lambda size: hashlib.sha256(f"{seed}{next(numbers)}".encode()).digest()[:size]


BODY = seal(ENTRY, salts())


def _normal(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def test_a_field_digest_is_that_of_an_sd_jwt_disclosure() -> None:
    """The digest is made as RFC 9901 §4.2.3 makes it, whose own example comes out."""
    disclosure = "WyJfMjZiYzRMVC1hYzZxMktJNmNCVzVlcyIsICJmYW1pbHlfbmFtZSIsICJNw7ZiaXVzIl0"
    digest = _base64url(hashlib.sha256(disclosure.encode()).digest())
    assert digest == "X9yH0Ajrdm1Oij4tWso9UzzKJvPoDxwmuEcO3XAdRC0"
    salt, name, value = json.loads(base64.urlsafe_b64decode(disclosure + "=" * 2))
    ours = _base64url(canonical([salt, name, value]))
    assert field_digest(name, salt, value) == _base64url(hashlib.sha256(ours.encode()).digest())


def test_the_commitment_can_be_checked_with_a_few_lines() -> None:
    """What the reference page says of the entry holds, computed here without our code."""
    document = json.loads(BODY.render())
    digests = {}
    for name, held in document["fields"].items():
        text = json.dumps(
            [held["salt"], name, held["value"]],
            separators=(",", ":"),
            sort_keys=True,
            ensure_ascii=False,
        )
        packed = base64.urlsafe_b64encode(text.encode()).rstrip(b"=")
        digest = base64.urlsafe_b64encode(hashlib.sha256(packed).digest()).rstrip(b"=")
        digests[name] = digest.decode()
    committed = json.dumps(
        {"fields": digests, "format": document["format"]}, separators=(",", ":"), sort_keys=True
    )
    assert hashlib.sha256(committed.encode()).digest() == BODY.commitment
    assert len(BODY.commitment) == 32


def test_an_act_comes_back_from_its_body() -> None:
    """A body reads back as bytes and as the act, and names the versions it builds on."""
    again = parse_body(BODY.render())
    assert again == BODY
    assert again.entry() == ENTRY
    assert (again.entry().case_version, again.entry().context_version) == (3, 12)


@pytest.mark.parametrize("count", range(len(FIELDS) + 1))
def test_fields_are_disclosed_one_by_one(count: int) -> None:
    """Every choice of fields verifies against the one entry, and shows those and no others."""
    for names in itertools.combinations(FIELDS, count):
        data = disclose(BODY, names).render()
        shown = verify_disclosure(data, BODY.commitment)
        assert shown == {name: BODY.shown[name] for name in names}
        for name in set(FIELDS) - set(names):
            held = BODY.fields[name]
            assert isinstance(held, Shown)
            assert held.salt.encode() not in data
        for word in ("official-7", "2025-0041", "refuse", "sshsig", "2025-08-23", "decide"):
            part = [name for name in names if word in json.dumps(BODY.shown[name])]
            assert (word.encode() in data) == bool(part)


def test_the_leaf_depends_on_every_salt_and_every_value() -> None:
    """The same act twice makes two entries; changing one salt or one value makes another."""
    entries = {BODY.commitment, seal(ENTRY, salts("again")).commitment}
    document = json.loads(BODY.render())
    for name in FIELDS:
        for key, value in (("salt", "A" * 43), ("value", "other")):
            changed = json.loads(json.dumps(document))
            changed["fields"][name][key] = value
            entries.add(parse_body(canonical(changed)).commitment)
    assert len(entries) == 2 + 2 * len(FIELDS)


def test_hidden_fields_cannot_be_guessed_without_the_salt() -> None:
    """Knowing the value of a hidden field, even from a short list, does not confirm it."""
    data = disclose(BODY, ["kind"])
    hidden = data.fields["case_version"]
    assert isinstance(hidden, Hidden)
    guesses = {field_digest("case_version", "", guess) for guess in range(100)}
    guesses |= {field_digest("case_version", salt, 3) for salt in ("A" * 43, "kind")}
    assert hidden.digest not in guesses


def test_every_changed_byte_of_a_disclosure_is_refused() -> None:
    """No byte of a disclosure can be changed, left out or added without its being refused."""
    data = disclose(BODY, ["kind", "payload"]).render()
    verify_disclosure(data, BODY.commitment)
    for at in range(len(data)):
        for wrong in (
            data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :],
            data[:at] + data[at + 1 :],
            data[:at] + b" " + data[at:],
        ):
            with pytest.raises((MalformedError, DisclosureError)):
                verify_disclosure(wrong, BODY.commitment)
    with pytest.raises(DisclosureError, match="not of this entry"):
        verify_disclosure(data, seal(ENTRY, salts("other")).commitment)


def test_two_values_cannot_be_committed_to_under_one_name() -> None:
    """A name stands once in a commitment: nobody can show one value here and another there."""
    text = BODY.render().decode()
    kind = text[text.index('"kind":') : text.index('"payload":')]
    with pytest.raises(MalformedError, match="stands twice"):
        parse_body(text.replace(kind, kind + kind).encode())


def test_exchanged_fields_are_refused() -> None:
    """A value with its salt, moved to another name, does not verify there."""
    document = json.loads(BODY.render())
    fields = document["fields"]
    fields["case_version"], fields["context_version"] = (
        fields["context_version"],
        fields["case_version"],
    )
    with pytest.raises(DisclosureError):
        verify_disclosure(canonical(document), BODY.commitment)


def test_an_erased_field_leaves_a_tombstone() -> None:
    """After erasure the entry is the same, the rest still verifies, and the value is gone."""
    erased = parse_body(erase(BODY, ["payload", "evidence"]).render())
    assert isinstance(erased.fields["payload"], Erased)
    assert erased.commitment == BODY.commitment
    assert b"refuse" not in erased.render()
    assert erase(erased, ["payload"]) == erased
    shown = verify_disclosure(disclose(erased, ["kind", "case"]).render(), BODY.commitment)
    assert shown == {"kind": "decide", "case": "2025-0041"}
    assert b"erased" not in disclose(erased, ["kind"]).render()
    with pytest.raises(DisclosureError, match="payload is erased"):
        disclose(erased, ["payload"])
    with pytest.raises(DisclosureError, match="evidence is erased"):
        erased.entry()


def test_what_is_not_there_cannot_be_disclosed() -> None:
    """Asking for an unknown or a hidden field says which it is."""
    with pytest.raises(DisclosureError, match="colour is unknown"):
        disclose(BODY, ["colour"])
    with pytest.raises(DisclosureError, match="case is hidden"):
        disclose(disclose(BODY, ["kind"]), ["case"])
    with pytest.raises(DisclosureError, match="no field colour"):
        erase(BODY, ["colour"])
    with pytest.raises(DisclosureError, match="is hidden"):
        disclose(BODY, ["kind"]).entry()


BAD_VALUES: list[tuple[object, str]] = [
    (1.5, "float"),
    ({"share": [0, float("nan")]}, r"payload\.share\[1\] is the float"),
    (2**53, r"beyond 2\^53"),
    ({"n": -(2**53)}, r"payload\.n is beyond"),
    ("Mo\u0308bius", "normal form C"),
    ({"Mo\u0308bius": 1}, "a key of payload is not in"),
    ("\ud800", "surrogate"),
    (b"bytes", "bytes, which JSON does not know"),
    ({1: "one"}, "not text"),
    (AT, "datetime"),
    ("x" * (5 << 20), "the most is"),
]


@pytest.mark.parametrize(("value", "says"), BAD_VALUES, ids=range(len(BAD_VALUES)))
def test_what_canonical_json_cannot_hold_is_refused(value: JSON, says: str) -> None:
    """Floats, integers beyond 2^53, text that is not NFC and the like are refused, with where."""
    with pytest.raises(MalformedError, match=says):
        seal(Entry(kind="k", time=AT, context_version=0, payload=value), salts())


def test_a_value_without_end_is_refused() -> None:
    """Nesting beyond 64, and a list within itself, are refused and do not crash."""
    deep: list[JSON] = []
    deep.append(deep)
    with pytest.raises(MalformedError, match="more than 64 deep"):
        canonical(deep)
    for text in (b"[" * 100 + b"]" * 100, b"[" * 100_000):
        with pytest.raises(MalformedError):
            parse_canonical(text, "it")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (b'{"a":1,"a":1}', "stands twice"),
        (b'{"a":{"b":1,"b":2}}', "stands twice"),
        (b"1.0", "not an integer"),
        (b"1e3", "not an integer"),
        (b"NaN", "not an integer"),
        (b"-Infinity", "not an integer"),
        (b"9007199254740992", "beyond"),
        (b"1" + b"0" * 5000, "beyond"),
        (b"-0", "not canonical"),
        (b'{"b":1,"a":2}', "not canonical"),
        (b'{"a": 1}', "not canonical"),
        (b'"\\u0041"', "not canonical"),
        (b"1 ", "not canonical"),
        ('"Mo\u0308bius"'.encode(), "normal form C"),
        (b'"\\ud800"', "surrogate"),
        (b"\xef\xbb\xbf1", "JSON"),
        (b'"\xff"', "not UTF-8"),
        (b"", "not JSON"),
        (b"[1,]", "not JSON"),
        (b" " * (5 << 20), "the most is"),
    ],
)
def test_json_that_could_be_read_in_two_ways_is_refused(text: bytes, says: str) -> None:
    """Duplicate keys, floats, huge numbers and second spellings are refused, saying which."""
    with pytest.raises(MalformedError, match=says):
        parse_canonical(text, "it")


JSONS: st.SearchStrategy[JSON] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(codec="ascii")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii")), inner),
    max_leaves=10,
)


@given(JSONS)
def test_any_value_is_committed_to_and_disclosed(value: JSON) -> None:
    """Whatever JSON value is sealed is the value that its disclosure shows."""
    body = seal(Entry(kind="k", time=AT, context_version=0, payload=value), salts())
    shown = verify_disclosure(disclose(body, ["payload"]).render(), body.commitment)
    assert shown == {"payload": value}
    assert canonical(shown["payload"]) == canonical(value)


def test_a_body_does_not_follow_later_changes() -> None:
    """A value changed after sealing changes nothing in the body."""
    payload: dict[str, JSON] = {"outcome": "refuse"}
    body = seal(Entry(kind="k", time=AT, context_version=0, payload=payload), salts())
    before = body.commitment
    payload["outcome"] = "approve"
    assert body.commitment == before


@pytest.mark.parametrize(
    "salt", [lambda _: b"", bytes, lambda size: salts()(size - 1)], ids=["none", "alike", "short"]
)
def test_salts_must_be_fresh(salt: Callable[[int], bytes]) -> None:
    """Salts that are short, or alike, are refused: they would make guessing easy."""
    with pytest.raises(UnfitError, match="fresh salt"):
        seal(ENTRY, salt)
    assert len({held.salt for held in BODY.fields.values() if isinstance(held, Shown)}) == 8


def test_an_entry_that_makes_no_sense_is_refused() -> None:
    """An act without a zone, with half a case, an empty name or a negative version is refused."""
    base = {"kind": "k", "time": AT, "context_version": 0}
    for change in (
        {"time": AT.replace(tzinfo=None)},
        {"case": "c"},
        {"case_version": 1},
        {"kind": ""},
        {"actor": ""},
        {"case": "", "case_version": 0},
        {"context_version": -1},
        {"case": "c", "case_version": -1},
    ):
        with pytest.raises(UnfitError):
            Entry(**{**base, **change})


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (AT, "2025-08-23T12:00:00Z"),
        (AT + timedelta(microseconds=120_000), "2025-08-23T12:00:00.12Z"),
        (AT + timedelta(microseconds=1), "2025-08-23T12:00:00.000001Z"),
        (AT.astimezone(timezone(timedelta(hours=3))), "2025-08-23T12:00:00Z"),
    ],
)
def test_an_instant_has_one_spelling(at: datetime, text: str) -> None:
    """Times are written in UTC with the decimals they have, and come back the same."""
    body = seal(Entry(kind="k", time=at, context_version=0), salts())
    assert body.shown["time"] == text
    assert parse_body(body.render()).entry().time == at


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("time", "2025-08-23"),
        ("time", "2025-08-23T12:00:00+00:00"),
        ("time", "2025-08-23T12:00:00.10Z"),
        ("time", "2025-13-23T12:00:00Z"),
        ("kind", None),
        ("context_version", "1"),
        ("actor", 5),
    ],
)
def test_a_body_not_made_by_us_is_no_act(name: str, value: JSON) -> None:
    """A field of a wrong type, or a second spelling of a time, does not make an act."""
    fields = {**BODY.fields, name: Shown("A" * 43, value)}
    with pytest.raises(MalformedError):
        Body(fields).entry()


@pytest.mark.parametrize(
    "change",
    [
        ('"format":"placet-entry-1"', '"format":"placet-entry-2"'),
        ('"format":"placet-entry-1"', '"form":"placet-entry-1"'),
        ('"kind":{', '"kinds":{'),
        ('"value":"decide"', '"valued":"decide"'),
        ('"value":"decide"', '"value":"decide","zeal":1'),
        ('"salt":"', '"salt":"!'),
    ],
    ids=str,
)
def test_a_malformed_body_is_refused(change: tuple[str, str]) -> None:
    """A body of another format, or with fields missing, renamed or added, is refused."""
    text = BODY.render().decode()
    assert change[0] in text
    with pytest.raises(MalformedError):
        parse_body(text.replace(change[0], change[1], 1).encode())


@pytest.mark.parametrize("text", [b"[]", b"1", b'{"fields":[],"format":"placet-entry-1"}'])
def test_json_that_is_no_body_is_refused(text: bytes) -> None:
    """Other JSON than a body is refused."""
    with pytest.raises(MalformedError):
        parse_body(text)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1).map(_normal)
WITHIN = '"},"case":{"salt":"x","value":"other"},"case_version":{"salt":"x","value":9},'


@given(
    actor=st.none() | st.sampled_from([WITHIN, "a}", "{"]) | TEXTS,
    case=st.none() | st.sampled_from([WITHIN, 'a"b', "C-1"]) | TEXTS,
    hidden=st.sets(st.sampled_from(FIELDS)),
)
def test_the_case_seen_at_a_glance_is_the_one_that_is_read(
    actor: str | None, case: str | None, hidden: set[str]
) -> None:
    """Whatever a body says, shows or hides: a glance sees what reading it does, or nothing."""
    version = 7 if case is not None else None
    body = seal(replace(ENTRY, actor=actor, case=case, case_version=version), salts())
    for each in (body, erase(body, hidden), disclose(body, set(FIELDS) - hidden)):
        data = each.render()
        shown = parse_body(data).shown
        assert case_of(data) in (None, (shown.get("case"), shown.get("case_version")))
    usual = seal(replace(ENTRY, case="C-1", case_version=7), salts())
    assert case_of(usual.render()) == ("C-1", 7)
    assert case_of(erase(usual, ["actor", "payload"]).render()) == ("C-1", 7)


@given(
    payload=TEXTS | st.just(WITHIN.replace("case", "time")), hidden=st.sets(st.sampled_from(FIELDS))
)
def test_the_date_seen_at_a_glance_is_the_one_that_is_read(payload: str, hidden: set[str]) -> None:
    """Whatever stands before it, a glance sees the time that reading the body does, or nothing."""
    body = seal(replace(ENTRY, payload={"last": payload}), salts())
    for each in (body, disclose(body, set(FIELDS) - hidden)):
        seen = None if each is not body and "time" in hidden else ENTRY.time
        assert date_of(each.render()) == seen
