"""Terms: what a permit may say, and that it says the same when read again."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from permit_sample import DATA, ENTRY, ISSUED, KEY, KEYS, STATUS, TERMS, key, terms

from placet.permit import (
    EntryRef,
    MalformedPermitError,
    PermitKey,
    PermitVerifierKey,
    issue_token,
    open_permit,
    parse_jwks,
    read_terms,
    write_jwks,
)

NAMES = st.text("abcxyz-/09é", min_size=1, max_size=12)
TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "Nd", "P")), min_size=1, max_size=40)
COUNTS = st.integers(1, (1 << 53) - 1)
AREAS = st.sampled_from(["UA", "RU", "UA-43", "RU-MOW"])
INSTANTS = st.datetimes(datetime(1970, 1, 1), datetime(9990, 1, 1), timezones=st.just(UTC)).map(
    lambda each: each.replace(microsecond=0)
)


def spelled(at: datetime) -> str:
    """Write an instant by hand."""
    return at.isoformat().replace("+00:00", "Z")


@st.composite
def all_terms(draw: st.DrawFn) -> dict[str, Any]:
    """Draw the data of terms, optional fields now there, now not."""
    start = draw(INSTANTS)
    until = start + timedelta(seconds=draw(st.integers(1, 10**9)))
    lines = draw(st.lists(NAMES, min_size=1, max_size=3, unique=True))
    sets = draw(st.dictionaries(NAMES, st.lists(AREAS, max_size=3), max_size=2))
    areas = st.lists(st.sampled_from(["UA", *sets]), max_size=2)
    data: dict[str, Any] = {
        **{name: draw(NAMES) for name in ("id", "case", "holder", "activity")},
        "issuer": "US",
        "lines": [
            draw(
                st.fixed_dictionaries(
                    {"line": st.just(each), "item": NAMES},
                    optional={"lot": NAMES, "quantity": COUNTS},
                )
            )
            for each in lines
        ],
        "area_sets": sets,
        "within": draw(areas),
        "outside": draw(areas),
        "start": spelled(start),
        "until": spelled(until),
        "provisos": [{"text": draw(TEXTS.map(normal))}] * draw(st.integers(0, 2)),
        "each_use": draw(st.booleans()),
        "consents": DATA["consents"],
        "entry": DATA["entry"],
    }
    return data


def normal(text: str) -> str:
    """Write a text in Unicode's normal form C."""
    return unicodedata.normalize("NFC", text)


@given(all_terms(), st.integers(0, (1 << 31) - 1))
def test_terms_come_back_as_they_went(data: dict[str, Any], idx: int) -> None:
    """Whatever a permit says, who opens it reads the same, and its data reads back the same."""
    data["id"] = normal(data["id"]) + "."
    written = read_terms(data)
    assert read_terms(written.data()) == written
    status = type(STATUS)(STATUS.uri, idx)
    permit = open_permit(issue_token(written, status, KEY, written.start), KEYS)
    assert (permit.terms, permit.status.idx) == (written, idx)
    assert permit.terms.digest == written.digest


def test_what_is_not_set_is_left_out() -> None:
    """Data of terms holds what is set and nothing else, so that there is one spelling."""
    assert TERMS.data() == DATA
    shorter = {k: v for k, v in DATA.items() if k not in ("supersedes", "within", "each_use")}
    assert terms(supersedes=None, within=[], each_use=False).data() == shorter


def test_an_entry_is_named_by_what_stands_in_the_log() -> None:
    """The reference to the act of issue holds the 32 bytes of the entry."""
    assert EntryRef.of("placet.example/log", ENTRY) == TERMS.entry
    assert TERMS.entry.entry == ENTRY


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("colour", "green", "Extra inputs"),
        ("id", "", "from 1 to"),
        ("id", "two words", "no space"),
        ("id", "x" * 201, "at most 200"),
        ("holder", "UA\u202e", "format"),
        ("holder", 7, "valid string"),
        ("actor", DATA["holder"], "where the holder acts"),
        ("case", None, "Field required"),
        ("lines", [], "at least 1 item"),
        ("lines", [{"line": "1", "item": "a"}] * 2, "twice"),
        ("lines", [{"line": "1", "item": "a", "quantity": 0}], "greater than"),
        ("lines", [{"line": "1", "item": "a", "quantity": True}], "valid integer"),
        ("lines", [{"line": "1", "item": "a", "quantity": "2"}], "valid integer"),
        ("within", ["us/elsewhere"], "not spelled out"),
        ("within", ["Ukraine"], "not spelled out"),
        ("area_sets", {"us/near-border": ["everywhere"]}, "ISO 3166"),
        ("start", "2025-08-24", "whole seconds"),
        ("start", "2025-08-24T00:00:00.5Z", "whole seconds"),
        ("start", "2025-08-24T00:00:00+02:00", "whole seconds"),
        ("start", "2025-13-24T00:00:00Z", "month"),
        ("start", "1969-12-31T23:59:59Z", "1970"),
        ("start", 1756000000, "whole seconds"),
        ("until", DATA["start"], "ends before it begins"),
        ("provisos", [{"each_use": True}], "has a text"),
        ("provisos", [{"text": "a\nb"}], "control"),
        ("each_use", 1, "valid boolean"),
        ("report_within_days", 0, "greater than"),
        ("report_within_days", 1.5, "float"),
        ("consents", [], "at least 1 item"),
        ("consents", [{**DATA["consents"][0], "by": None}], "names the office"),
        (
            "consents",
            [{**DATA["consents"][0], "by": None, "kind": "emergency"}],
            "names the office",
        ),
        ("consents", [{**DATA["consents"][0], "kind": "assurance"}], "external-consent"),
        ("entry", {"origin": "log"}, "commitment"),
        ("supersedes", DATA["id"], "itself"),
    ],
)
def test_terms_that_do_not_hold_together_are_refused(field: str, value: Any, said: str) -> None:
    """A field that is unknown, missing, of another type or senseless is refused, and named."""
    with pytest.raises(MalformedPermitError, match=said):
        terms(**{field: value})


def test_a_key_survives_its_text_forms() -> None:
    """Private keys come back from PEM, public ones from a JWK set, a JWK, or one with spaces."""
    assert PermitKey.parse("US", KEY.secret_text) == KEY
    assert parse_jwks(write_jwks(KEYS)) == KEYS
    spaced = write_jwks([KEY.verifier]).replace(b",", b",\n  ")
    assert parse_jwks(spaced) == (KEY.verifier,)
    (alone,) = [spaced[spaced.index(b"[") + 1 : spaced.rindex(b"]")]]
    assert parse_jwks(alone) == (KEY.verifier,)


def test_a_private_key_is_never_shown() -> None:
    """Neither repr nor an error about a broken PEM shows what the private key is."""
    assert KEY.private.hex() not in repr(KEY)
    assert repr(KEY.private) not in repr(KEY)
    broken = KEY.secret_text.replace("-----END", "-----AND")
    with pytest.raises(MalformedPermitError) as caught:
        PermitKey.parse("US", broken)
    assert KEY.secret_text.splitlines()[1] not in str(caught.value)


@pytest.mark.parametrize("private", [b"", bytes(32), b"\xff" * 32, b"\x01" * 31])
def test_a_number_that_is_no_key_is_refused(private: bytes) -> None:
    """A private key is a number of 32 bytes within the order of P-256."""
    with pytest.raises(MalformedPermitError):
        PermitKey("US", private)


def test_a_public_key_is_exactly_one() -> None:
    """A point off the curve, another id, a private member, a key twice are all refused."""
    good = KEY.verifier
    with pytest.raises(MalformedPermitError, match="P-256"):
        PermitVerifierKey("US", good.y, good.x)
    with pytest.raises(MalformedPermitError, match="name an issuer"):
        PermitVerifierKey("two words", good.x, good.y)
    text = write_jwks([good]).decode()
    wrong = [
        (text.replace(good.kid, key("GB").verifier.kid), "thumbprint"),
        (text.replace("ES256", "HS256"), "ES256"),
        (text.replace('"x":', '"d":"AA","x":'), "private"),
        (text.replace('"iss":"US",', ""), "iss"),
        (text.replace('"x":', '"x":"AA","x":'), "twice"),
        ('{"keys":[]}', "at least one"),
        ("[]", "neither"),
        ("{", "not JSON"),
        (" " * (1 << 20) + text, "too large"),
    ]
    for changed, said in wrong:
        with pytest.raises(MalformedPermitError, match=said):
            parse_jwks(changed.encode())


def test_a_moment_of_issue_is_part_of_the_digest() -> None:
    """The same terms issued a second later are another permit, by its digest."""
    tokens = [issue_token(TERMS, STATUS, KEY, ISSUED + timedelta(seconds=n)) for n in range(2)]
    assert len({open_permit(each, KEYS).digest for each in tokens}) == 2
