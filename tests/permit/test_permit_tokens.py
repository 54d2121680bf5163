"""A permit has one spelling, one algorithm, and one issuer; anything else is refused."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from permit_sample import (
    ISSUED,
    KEY,
    KEYS,
    OTHER,
    START,
    STATUS,
    TERMS,
    TOKEN,
    UNTIL,
    forged,
    key,
    parts,
    plain,
    status_token,
    terms,
)

from placet.permit import (
    LARGEST_PERMIT,
    MalformedPermitError,
    NotAuthenticError,
    PermitError,
    StatusRef,
    UnfitPermitError,
    issue_token,
    open_permit,
    verify_permit,
)
from placet.permit.spelling import read_base64url, write_base64url

HEADER, CLAIMS = parts(TOKEN)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""The order of P-256 (SP 800-186 §3.2.1.3)."""


def claiming(**changes: Any) -> str:
    """Sign the sample's claims with some changed; None leaves one out."""
    changed = {k: v for k, v in {**CLAIMS, **changes}.items() if v is not None}
    return forged(plain(HEADER), plain(changed))


def permitting(**changes: Any) -> str:
    """Sign the sample's claims with some of the claim permit changed."""
    return claiming(permit={**CLAIMS["permit"], **changes})


def refused(token: str | bytes, error: type[PermitError] = MalformedPermitError) -> str:
    """Check that a token is refused, and how; return what is said."""
    with pytest.raises(error) as caught:
        open_permit(token, KEYS)
    return str(caught.value)


def test_what_is_issued_is_read_back() -> None:
    """A permit says what was issued, as text and as bytes; so does the forger's honest copy."""
    for token in (TOKEN, TOKEN.encode(), claiming()):
        permit = open_permit(token, KEYS)
        assert permit.terms == TERMS
        assert (permit.issued_at, permit.status, permit.key) == (ISSUED, STATUS, KEY.verifier)


def test_the_claims_hold_each_term_once() -> None:
    """The registered claims are those of RFC 7519, and the claim permit repeats none of them."""
    assert {**HEADER, "kid": ""} == {"alg": "ES256", "kid": "", "typ": "placet-permit+jwt"}
    registered = {k: v for k, v in CLAIMS.items() if k != "permit"}
    assert registered == {
        "iss": "US",
        "sub": "UA",
        "jti": "us-2025-0042",
        "iat": round(ISSUED.timestamp()),
        "nbf": round(START.timestamp()),
        "exp": round(UNTIL.timestamp()),
        "status": {"status_list": {"idx": STATUS.idx, "uri": STATUS.uri}},
    }
    assert not {"id", "issuer", "holder", "start", "until"} & set(CLAIMS["permit"])


def test_signing_again_keeps_the_digest() -> None:
    """ES256 is randomised, so a token differs each time; the digest of its claims does not."""
    again = issue_token(TERMS, STATUS, KEY, ISSUED)
    assert again != TOKEN
    assert open_permit(again, KEYS).digest == open_permit(TOKEN, KEYS).digest
    digest = hashlib.sha256(plain(CLAIMS)).hexdigest()
    assert open_permit(TOKEN, KEYS).digest == f"sha256:{digest}"


def test_a_second_signature_makes_no_second_permit() -> None:
    """ECDSA lets anyone mirror a signature; the mirrored token is the same permit by its digest."""
    *signed, signature = TOKEN.split(".")
    data = read_base64url(signature, "the signature")
    mirrored = ORDER - int.from_bytes(data[32:], "big")
    twin = ".".join((*signed, write_base64url(data[:32] + mirrored.to_bytes(32, "big"))))
    assert twin != TOKEN
    assert open_permit(twin, KEYS).digest == open_permit(TOKEN, KEYS).digest


@pytest.mark.parametrize("flip", [0x01, 0x02, 0x20, 0x80])
def test_a_change_of_any_byte_is_refused(flip: int) -> None:
    """Whichever byte of a permit is changed, spare bits of base64 included, it is refused."""
    data = TOKEN.encode()
    for place, byte in enumerate(data):
        with pytest.raises(PermitError):
            verify_permit(data[:place] + bytes([byte ^ flip]) + data[place + 1 :], KEYS)


@given(place=st.integers(0, len(TOKEN) - 1), byte=st.integers(0, 255), kind=st.integers(0, 2))
def test_a_byte_replaced_added_or_removed_is_refused(place: int, byte: int, kind: int) -> None:
    """No other byte in any place, no byte more and no byte less gives a permit."""
    data = TOKEN.encode()
    changed = data[: place + (kind == 1)] + bytes([byte])[: kind != 2] + data[place + 1 :]
    if changed != data:
        with pytest.raises(PermitError):
            verify_permit(changed, KEYS)


@given(st.one_of(st.text(max_size=300), st.binary(max_size=300)))
def test_anything_else_is_refused(anything: str | bytes) -> None:
    """Text or bytes that are no permit raise an error of ours and nothing else."""
    with pytest.raises(PermitError):
        verify_permit(anything, KEYS)


@pytest.mark.parametrize("around", ["{} ", " {}", "{}\n", "{}.", "{}=", ".{}", "{}.e30"])
def test_nothing_stands_around_a_token(around: str) -> None:
    """A token with anything before or after it is refused."""
    refused(around.format(TOKEN))


def test_the_algorithm_is_not_the_tokens_to_choose() -> None:
    """Neither none, nor HS256 with the public key as secret, nor another algorithm is accepted."""
    claims = write_base64url(plain(CLAIMS))
    for alg in ("none", "HS256", "ES384", "es256", "EdDSA"):
        header = write_base64url(plain({**HEADER, "alg": alg}))
        secret = plain(KEY.verifier.jwk)
        mac = hmac.digest(secret, f"{header}.{claims}".encode(), "sha256")
        for signature in (write_base64url(mac), TOKEN.split(".")[2]):
            assert "ES256" in refused(f"{header}.{claims}.{signature}", NotAuthenticError)
    refused(f"{write_base64url(plain({**HEADER, 'alg': 'none'}))}.{claims}.")


@pytest.mark.parametrize(
    "more",
    [
        {"crit": ["exp"]},
        {"b64": False, "crit": ["b64"]},
        {"jwk": KEY.verifier.jwk},
        {"jku": "https://attacker.example/keys"},
        {"cty": "json"},
    ],
)
def test_a_header_has_nothing_more(more: dict[str, Any]) -> None:
    """A critical extension, a key, the address of one, or any other header is refused."""
    assert "nothing else" in refused(forged(plain({**HEADER, **more}), plain(CLAIMS)))


def test_one_kind_of_token_is_not_another() -> None:
    """A well signed token of another type is no permit, though its claims be a permit's."""
    for typ in ("JWT", "statuslist+jwt", "application/placet-permit+jwt", "PLACET-PERMIT+JWT", 1):
        assert "not a placet-permit" in refused(forged(plain({**HEADER, "typ": typ}), b"{}"))
    refused(status_token())
    without = {name: HEADER[name] for name in ("alg", "kid")}
    refused(forged(plain(without), plain(CLAIMS)))


def test_an_unknown_key_is_refused() -> None:
    """A key that is not known, or a known id with another key's signature, is refused."""
    stranger = key("US", "stranger")
    said = refused(issue_token(TERMS, STATUS, stranger, ISSUED), NotAuthenticError)
    assert KEY.verifier.kid in said
    refused(forged(plain(HEADER), plain(CLAIMS), stranger), NotAuthenticError)
    with pytest.raises(NotAuthenticError, match="none"):
        open_permit(TOKEN, [])


def test_an_issuer_speaks_for_itself_only() -> None:
    """A known issuer's key cannot sign a permit in another's name, here or when issuing."""
    header = {**HEADER, "kid": OTHER.verifier.kid}
    said = refused(forged(plain(header), plain(CLAIMS), OTHER), NotAuthenticError)
    assert "GB's" in said
    with pytest.raises(UnfitPermitError, match="must not sign for US"):
        issue_token(TERMS, STATUS, OTHER, ISSUED)


@pytest.mark.parametrize("name", sorted(CLAIMS))
def test_no_claim_may_be_missing_or_of_another_type(name: str) -> None:
    """Each claim must be there and of its type: exp, nbf, iat and jti are no exception."""
    refused(claiming(**{name: None}))
    for other in ([], {}, True, -1, "", " "):
        refused(claiming(**{name: other}))


def test_nothing_is_dropped_unread() -> None:
    """A claim we do not know, or a default that is spelled out, is refused, not passed over."""
    for more in ({"aud": "UA"}, {"nonce": "1"}):
        refused(claiming(**more))
    refused(claiming(status={"status_list": {"idx": 1, "uri": STATUS.uri, "x": 1}}))
    refused(claiming(status={**CLAIMS["status"], "other": {}}))
    refused(permitting(colour="green"))
    refused(permitting(supersedes=None))
    assert "twice" in refused(permitting(holder="RU"))
    unset = {k: v for k, v in CLAIMS["permit"].items() if k != "each_use"}
    assert open_permit(claiming(permit=unset), KEYS).terms.each_use is False
    refused(claiming(permit={**unset, "each_use": False}))


def test_another_version_is_refused() -> None:
    """Claims of a version that we do not know are not guessed at."""
    assert "newer Placet" in refused(permitting(format="placet-permit-2"))


def written(text: str) -> str:
    """Sign claims in which a piece of JSON stands instead of the number of lines."""
    claims = plain(CLAIMS).decode()
    assert '"report_within_days":3' in claims
    changed = claims.replace('"report_within_days":3', f'"report_within_days":{text}')
    return forged(plain(HEADER), changed.encode())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('3,"report_within_days":3', "twice"),
        ("3.0", "not an integer"),
        ("3e0", "not an integer"),
        ("NaN", "not an integer"),
        ("9007199254740992", "beyond"),
        ("03", "not JSON"),
        (" 3", "not canonical"),
        ('"\\u0033"', "not canonical"),
        ("true", "report_within_days"),
        ('"3"', "report_within_days"),
        ("0", "report_within_days"),
    ],
)
def test_json_that_could_be_read_in_two_ways_is_refused(text: str, said: str) -> None:
    """Duplicate keys, floats, numbers beyond 2^53 and loose spelling are refused in claims."""
    assert said in refused(written(text))


def test_the_header_is_read_as_strictly() -> None:
    """A header with a key twice, in another order, or with a space is refused."""
    header = plain(HEADER).decode()
    twice = header.replace('{"alg"', '{"alg":"ES256","alg"')
    for text in (twice, header.replace(",", ", "), json.dumps(HEADER | {}), "[]", '"ES256"'):
        refused(forged(text.encode(), plain(CLAIMS)))


def test_too_large_is_refused_before_it_is_read() -> None:
    """A token over 64 KiB is neither issued nor read."""
    many = [{"text": f"{number:04}" + "x" * 3900} for number in range(16)]
    with pytest.raises(UnfitPermitError, match="at most 65536"):
        issue_token(terms(provisos=many), STATUS, KEY, ISSUED)
    fits = issue_token(terms(provisos=many[:10]), STATUS, KEY, ISSUED)
    assert len(open_permit(fits, KEYS).terms.provisos) == 10
    assert "the most is" in refused("x" * (LARGEST_PERMIT + 1))
    claims = {**CLAIMS, "permit": {**CLAIMS["permit"], "provisos": many}}
    assert "the most is" in refused(forged(plain(HEADER), plain(claims)))


def test_a_permit_that_holds_at_no_time_is_not_issued() -> None:
    """A permit is not signed once its window is over, nor at a moment that is not exact."""
    issue_token(TERMS, STATUS, KEY, UNTIL - timedelta(seconds=1))
    with pytest.raises(UnfitPermitError, match="ended"):
        issue_token(TERMS, STATUS, KEY, UNTIL)
    for wrong in (ISSUED.replace(tzinfo=None), ISSUED.replace(microsecond=1)):
        with pytest.raises(UnfitPermitError, match="whole seconds"):
            issue_token(TERMS, STATUS, KEY, wrong)


@pytest.mark.parametrize(
    ("uri", "idx"), [("status/1", 0), ("https://x y", 0), ("https://é", 0), ("https://x", -1)]
)
def test_a_place_in_a_status_list_is_one(uri: str, idx: int) -> None:
    """A place in a status list is a URI with a scheme, in ASCII, and an index from 0."""
    with pytest.raises(MalformedPermitError):
        StatusRef(uri, idx)
