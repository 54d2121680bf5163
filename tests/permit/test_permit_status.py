"""Status lists: those of the draft's examples, and ours."""

from __future__ import annotations

import zlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from permit_sample import (
    KEY,
    KEYS,
    LIST,
    OTHER,
    START,
    STATUS,
    TOKEN,
    forged,
    parts,
    plain,
    status_token,
)

from placet.permit import (
    LARGEST_LIST,
    MalformedPermitError,
    NotAuthenticError,
    Status,
    StatusError,
    StatusList,
    StatusListToken,
    UnfitPermitError,
    open_status_token,
    read_status,
)
from placet.permit.spelling import write_base64url

# Token Status List, draft-21: the examples of §4, and the lists of 2^20 statuses of appendix C.
ONE_BIT = [1, 0, 0, 1, 1, 1, 0, 1, 1, 1, 0, 0, 0, 1, 0, 1]
TWO_BITS = [1, 2, 0, 3, 0, 1, 0, 1, 1, 2, 3, 3]
PLACES = [0, 1993, 25460, 159495, 495669, 554353, 645645, 723232, 854545, 934534, 1000345]
LONG = 1 << 20
LONG_ONE_BIT = (
    "eNrt3AENwCAMAEGogklACtKQPg9LugC9k_ACvreiogEAAKkeCQAAAAAAAAAAAAAAAAAAAIBylgQAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAXG9IAAAAAAAAAPwsJAAAAAAAAAAAAAAAvhsSAAAAAAAAAAAA7KpLAAAAAAAAAAAA"
    "AAAAAAAAAJsLCQAAAAAAAAAAADjelAAAAAAAAAAAKjDMAQAAAACAZC8L2AEb"
)
LONG_TWO_BITS = (
    "eNrt2zENACEQAEEuoaBABP5VIO01fCjIHTMStt9ovGVIAAAAAABAbiEBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AEB5WwIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAID0ugQAAAAAAAAAAAAAAAAAQG12SgAAAAAAAAAAAAAAAAAAAAAAAAAAAOCSIQEAAAAAAAAAAAAAAAAA"
    "AAAAAAD8ExIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAwJEuAQAAAAAAAAAAAAAAAAAAAAAAAMB9SwIAAAAAAAAA"
    "AAAAAAAAAACoYUoAAAAAAAAAAAAAAEBqH81gAQw"
)
VECTORS = {
    "1 bit": (1, dict(enumerate(ONE_BIT)), 16, "eNrbuRgAAhcBXQ"),
    "2 bits": (2, dict(enumerate(TWO_BITS)), 12, "eNo76fITAAPfAgc"),
    "1 bit, long": (1, dict.fromkeys(PLACES, 1), LONG, LONG_ONE_BIT),
    "2 bits, long": (
        2,
        dict(zip(PLACES, [1, 2, 1, 3, 1, 1, 2, 1, 1, 2, 3], strict=True)),
        LONG,
        LONG_TWO_BITS,
    ),
}
ORIGINAL_ZLIB = "ng" not in zlib.ZLIB_RUNTIME_VERSION


def packed(bits: int, values: dict[int, int], size: int) -> bytes:
    """Pack statuses by the words of §4: from the least significant bit of the first byte on."""
    number = sum(value << idx * bits for idx, value in values.items())
    return number.to_bytes(size * bits // 8, "little")


@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_the_examples_of_the_draft_are_read(vector: tuple[int, dict[int, int], int, str]) -> None:
    """Each example of the draft unpacks to its statuses, index by index."""
    bits, values, size, lst = vector
    found = StatusList.parse(bits, lst)
    assert (found.size, found.packed) == (size, packed(bits, values, size))
    for idx in (*values, size - 1):
        value = values.get(idx, 0)
        if value < 3:
            assert found.status(idx) is Status(value)
        else:
            with pytest.raises(StatusError, match="no meaning"):
                found.status(idx)


@pytest.mark.skipif(not ORIGINAL_ZLIB, reason="this Python has zlib-ng, which packs differently")
@pytest.mark.parametrize("vector", VECTORS.values(), ids=VECTORS)
def test_the_examples_of_the_draft_are_written(
    vector: tuple[int, dict[int, int], int, str],
) -> None:
    """The statuses of each example pack to the very text that the draft shows."""
    bits, values, size, lst = vector
    made = StatusList(bits, packed(bits, values, size))
    assert made.compress() == lst
    ours = {idx: Status(value) for idx, value in values.items() if value < 3}
    changed = StatusList.of(size, bits).with_statuses(ours)
    assert [changed.status(idx) for idx in ours] == list(ours.values())


@given(
    st.integers(1, 50),
    st.sampled_from([1, 2, 4, 8]),
    st.dictionaries(st.integers(0, 49), st.sampled_from([Status.VALID, Status.INVALID])),
)
def test_a_list_holds_what_was_put_into_it(size: int, bits: int, put: dict[int, Status]) -> None:
    """Each index has its own status, others stay valid, the old list stays, and it packs back."""
    empty = StatusList.of(size, bits)
    put = {idx: status for idx, status in put.items() if idx < size}
    one_by_one = empty
    for idx, status in put.items():
        one_by_one = one_by_one.with_status(idx, status)
    full = empty.with_statuses(put)
    assert full == one_by_one == StatusList.parse(bits, full.compress())
    for idx in range(full.size):
        assert full.status(idx) is put.get(idx, Status.VALID)
        assert empty.status(idx) is Status.VALID


def test_a_status_can_be_lifted() -> None:
    """A suspension is taken back, and the neighbours keep theirs."""
    three = LIST.with_statuses({8: Status.INVALID, 9: Status.SUSPENDED, 10: Status.SUSPENDED})
    lifted = three.with_status(9, Status.VALID)
    found = [lifted.status(idx) for idx in (8, 9, 10)]
    assert found == [Status.INVALID, Status.VALID, Status.SUSPENDED]


def test_an_index_beyond_the_list_is_refused() -> None:
    """There is no status before the first or after the last, to read or to change."""
    for idx in (-1, LIST.size):
        with pytest.raises(StatusError, match="beyond"):
            LIST.status(idx)
        with pytest.raises(StatusError, match="beyond"):
            LIST.with_status(idx, Status.VALID)
    with pytest.raises(UnfitPermitError, match="does not fit"):
        StatusList.of(8, 1).with_status(0, Status.SUSPENDED)


def test_a_list_that_unpacks_to_too_much_is_refused() -> None:
    """A bomb is refused without being unpacked; so is what is cut, followed, or no ZLIB at all."""
    bomb = zlib.compress(bytes(LARGEST_LIST * 100), 9)
    good = zlib.compress(bytes(10), 9)
    wrong = {
        "more than": bomb,
        "cut off": good[:-1],
        "follows": good + b"\0",
        "from 1 to": zlib.compress(b""),
        "cannot be unpacked": b"not zlib",
        "base64url": b"",
    }
    for said, data in wrong.items():
        with pytest.raises(MalformedPermitError, match=said):
            StatusList.parse(2, write_base64url(data))
    with pytest.raises(MalformedPermitError, match="bits"):
        StatusList.parse(3, write_base64url(good))


def test_a_signed_list_is_read_back() -> None:
    """A signed list says where it is, when it was signed, until when it serves, and its version."""
    token = status_token(Status.SUSPENDED)
    found = open_status_token(token, KEYS)
    assert (found.uri, found.issued_at, found.ttl, found.version) == (STATUS.uri, START, 3600, 7)
    assert found.expires_at == START + timedelta(days=1)
    assert read_status(token, KEYS, STATUS.idx) is Status.SUSPENDED
    assert read_status(token, KEYS, 0) is Status.VALID
    header, claims = parts(token)
    assert (header["typ"], claims["status_list"]["bits"]) == ("statuslist+jwt", 2)


def test_a_large_list_is_signed_and_read() -> None:
    """A million permits that hardly pack fit into one token."""
    noisy = StatusList(2, b"".join(zlib.crc32(bytes([n % 251])).to_bytes(4) for n in range(62_500)))
    token = status_token(statuses=noisy)
    assert open_status_token(token, KEYS).statuses == noisy


def test_a_list_of_another_type_or_key_is_refused() -> None:
    """A permit is no status list, and only a known key signs one."""
    with pytest.raises(MalformedPermitError, match="not a statuslist"):
        open_status_token(TOKEN, KEYS)
    with pytest.raises(NotAuthenticError):
        open_status_token(status_token(), [OTHER.verifier])
    header, claims = parts(status_token())
    unsigned = forged(plain({**header, "alg": "HS256"}), plain(claims))
    with pytest.raises(NotAuthenticError):
        open_status_token(unsigned, KEYS)


@pytest.mark.parametrize("name", ["exp", "iat", "status_list", "sub", "ttl", "version"])
def test_no_claim_of_a_list_may_be_missing_or_wrong(name: str) -> None:
    """Each claim of a list is there and of its type, and there is no other."""
    header, claims = parts(status_token())
    rest = {key: value for key, value in claims.items() if key != name}
    assert read_status(forged(plain(header), plain(claims)), KEYS, 0) is Status.VALID
    for changed in (rest, {**rest, name: True}, {**rest, name: ""}, {**claims, "aud": "UA"}):
        with pytest.raises(MalformedPermitError):
            open_status_token(forged(plain(header), plain(changed)), KEYS)


def test_a_list_that_never_serves_is_not_made() -> None:
    """A list that expires before it is signed, or without ttl or version, is refused."""
    good = {"uri": "https://x", "statuses": LIST, "issued_at": START}
    later = START + timedelta(days=1)
    for expires, ttl, version in ((START, 1, 1), (later, 0, 1), (later, 1, 0)):
        with pytest.raises(MalformedPermitError, match="expires after"):
            StatusListToken(**good, expires_at=expires, ttl=ttl, version=version)
    with pytest.raises(MalformedPermitError, match="URI"):
        status_token(uri="list", signer=KEY)
