"""What a reader without a server learns about a permit, and what it is told it cannot know."""

from __future__ import annotations

import dataclasses
import inspect
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from permit_sample import (
    ISSUED,
    KEY,
    KEYS,
    LOG,
    ORIGIN,
    OTHER,
    SECOND,
    START,
    STATUS,
    TERMS,
    TOKEN,
    UNTIL,
    forged,
    parts,
    plain,
    receipt,
    status_token,
    terms,
)

from placet.ledger import (
    BadProofError,
    BadSignatureError,
    KeyKind,
    MalformedError,
    NotWitnessedError,
    SignerKey,
    WitnessPolicy,
)
from placet.permit import (
    LEEWAY,
    EntryStanding,
    MalformedPermitError,
    NotAuthenticError,
    PermitReading,
    Proven,
    StaleStatusError,
    Status,
    StatusError,
    UnfitPermitError,
    issue_token,
    verify_permit,
)
from placet.permit.wording import sentences_of

WITNESS = SignerKey("w.example", KeyKind.COSIGNATURE, b"w" * 32)


@pytest.mark.parametrize(
    ("at", "status", "standing"),
    [
        (START - SECOND, None, Proven.NOT_YET),
        (START, None, Proven.UNCONFIRMED),
        (UNTIL - SECOND, None, Proven.UNCONFIRMED),
        (UNTIL, None, Proven.EXPIRED),
        (None, None, Proven.UNDATED),
        (START, Status.VALID, Proven.IN_WINDOW),
        (START, Status.SUSPENDED, Proven.SUSPENDED),
        (START, Status.INVALID, Proven.REVOKED),
        (None, Status.VALID, Proven.UNDATED),
        (None, Status.SUSPENDED, Proven.SUSPENDED),
        (None, Status.INVALID, Proven.REVOKED),
        (START - SECOND, Status.VALID, Proven.NOT_YET),
        (START - SECOND, Status.SUSPENDED, Proven.SUSPENDED),
        (UNTIL, Status.VALID, Proven.EXPIRED),
        (UNTIL, Status.SUSPENDED, Proven.EXPIRED),
        (UNTIL, Status.INVALID, Proven.REVOKED),
    ],
)
def test_how_a_permit_stands(at: datetime | None, status: Status | None, standing: Proven) -> None:
    """Windows are half-open; revoked outweighs expired, expired suspended, suspended not yet."""
    signed = (at or START) - SECOND
    listed = None if status is None else status_token(status, issued_at=signed)
    reading = verify_permit(TOKEN, KEYS, at=at, status_token=listed)
    assert reading.standing is standing
    assert (reading.status is None) == (status is None)
    nothing = standing in {
        Proven.NOT_YET,
        Proven.EXPIRED,
        Proven.SUSPENDED,
        Proven.REVOKED,
    }
    assert ("permits nothing" in reading.reason) == nothing
    if reading.status is not None:
        assert (reading.status.as_of, reading.status.version) == (signed, 7)
        assert "Version 7 of the status list" in reading.reason


@given(st.integers(-3, 3), st.booleans())
def test_windows_are_half_open(seconds: int, end: bool) -> None:
    """A second decides: from the first second on, and not in the last."""
    at = (UNTIL if end else START) + timedelta(seconds=seconds)
    held = verify_permit(TOKEN, KEYS, at=at).standing is Proven.UNCONFIRMED
    assert held == (TERMS.start <= at < TERMS.until)


def test_a_permit_holds_from_its_issue_at_the_earliest() -> None:
    """A permit signed within its window does not hold before it was signed."""
    issued = START + timedelta(days=2)
    token = issue_token(TERMS, STATUS, KEY, issued)
    assert verify_permit(token, KEYS, at=issued - SECOND).standing is Proven.NOT_YET
    assert verify_permit(token, KEYS, at=issued).standing is Proven.UNCONFIRMED


def test_a_reading_is_never_a_plain_yes() -> None:
    """A reading has no yes-or-no member: standing and reason must be read."""
    annotations = {each.name: str(each.type) for each in dataclasses.fields(PermitReading)}
    assert "bool" not in annotations.values()
    properties = inspect.getmembers(PermitReading, lambda each: isinstance(each, property))
    assert not properties
    assert not {"ok", "valid", "__bool__"} & set(dir(PermitReading))


def test_a_moment_is_exact() -> None:
    """A moment without time zone or with fractions is refused; so is an age without a moment."""
    for wrong in (START.replace(tzinfo=None), START.replace(microsecond=1)):
        with pytest.raises(UnfitPermitError, match="moment"):
            verify_permit(TOKEN, KEYS, at=wrong)
    with pytest.raises(UnfitPermitError, match="count from"):
        verify_permit(TOKEN, KEYS, max_status_age=LEEWAY)


def test_a_status_list_speaks_of_its_own_permits_and_time() -> None:
    """Another list, another issuer's, a later one, an expired or old one is refused."""
    listed = status_token(issued_at=START)
    day = timedelta(days=1)
    verify_permit(TOKEN, KEYS, at=START - LEEWAY, status_token=listed)
    with pytest.raises(StatusError, match="after the moment"):
        verify_permit(TOKEN, KEYS, at=START - LEEWAY - SECOND, status_token=listed)
    verify_permit(TOKEN, KEYS, at=START + day - SECOND, status_token=listed)
    with pytest.raises(StaleStatusError, match="expired"):
        verify_permit(TOKEN, KEYS, at=START + day, status_token=listed)
    hour = timedelta(hours=1)
    verify_permit(TOKEN, KEYS, at=START + hour, status_token=listed, max_status_age=hour)
    late = START + hour + SECOND
    with pytest.raises(StaleStatusError, match="older"):
        verify_permit(TOKEN, KEYS, at=late, status_token=listed, max_status_age=hour)
    elsewhere = status_token(uri="https://placet.example/status/2")
    with pytest.raises(StatusError, match="right one"):
        verify_permit(TOKEN, KEYS, at=START, status_token=elsewhere)
    with pytest.raises(NotAuthenticError):
        verify_permit(TOKEN, KEYS, at=START, status_token=status_token(signer=OTHER))
    with pytest.raises(MalformedPermitError):
        verify_permit(TOKEN, KEYS, at=START, status_token=TOKEN)


@pytest.mark.parametrize("at", [START, None])
def test_a_list_from_before_the_permit_says_nothing_of_it(at: datetime | None) -> None:
    """Its place was nobody's then, and so valid: not because the permit stood."""
    early = status_token(issued_at=ISSUED - LEEWAY - SECOND, lasts=UNTIL - ISSUED)
    with pytest.raises(StaleStatusError, match="before the permit was issued"):
        verify_permit(TOKEN, KEYS, at=at, status_token=early)
    reading = verify_permit(TOKEN, KEYS, at=at, status_token=early, bundled=True)
    assert reading.status is None
    assert reading.standing is (Proven.UNDATED if at is None else Proven.UNCONFIRMED)
    assert "Its status is not known. The list that came with it was signed at" in reading.reason
    beside = status_token(issued_at=ISSUED - LEEWAY, lasts=UNTIL - ISSUED)
    assert verify_permit(TOKEN, KEYS, at=at, status_token=beside).status is not None


def test_a_list_of_a_later_moment_from_the_permits_own_file_does_not_silence_the_rest() -> None:
    """Whoever asks about the day of use hears of everything but the status; never less is said."""
    hour = timedelta(hours=1)
    for said, standing in (
        (Status.VALID, Proven.UNCONFIRMED),
        (Status.INVALID, Proven.REVOKED),
    ):
        later = status_token(said, issued_at=START + hour)
        reading = verify_permit(TOKEN, KEYS, at=START, status_token=later, bundled=True)
        assert reading.standing is standing
        unknown = "Its status is not known. The list that came with it was signed at"
        assert (unknown in reading.reason) is (said is Status.VALID)


@pytest.mark.parametrize(
    ("said", "standing"),
    [
        (Status.VALID, Proven.UNCONFIRMED),
        (Status.SUSPENDED, Proven.SUSPENDED),
        (Status.INVALID, Proven.REVOKED),
    ],
)
def test_an_old_list_from_the_permits_own_file_speaks_against_it_only(
    said: Status, standing: Proven
) -> None:
    """Once it is too old, that it says valid counts for nothing, and everything else is told."""
    old = {"status_token": status_token(said, issued_at=START), "bundled": True}
    hour, day = timedelta(hours=1), timedelta(days=1)
    for late, reading in (
        ("expired at 2025-08-25T00:00:00Z", verify_permit(TOKEN, KEYS, at=START + day, **old)),
        (
            "of 2025-08-24T00:00:00Z, is older than 1:00:00",
            verify_permit(TOKEN, KEYS, at=START + 2 * hour, max_status_age=hour, **old),
        ),
    ):
        assert reading.standing is standing
        unknown = "Its status is not known. The list that came with it"
        valid = said is Status.VALID
        assert (reading.status is None, unknown in reading.reason) == (valid, valid)
        assert (late in reading.reason) is valid
        assert "It covers a single use." in reading.sentences()
    recent = verify_permit(TOKEN, KEYS, at=START + day - SECOND, **old)
    assert recent.status is not None
    assert recent.status.status is said


def test_a_receipt_proves_the_act_of_issue() -> None:
    """With a receipt and the log's key, the entry that issued the permit is shown in the log."""
    reading = verify_permit(TOKEN, KEYS, receipt=receipt(), log_keys=[LOG.verifier])
    assert reading.entry is EntryStanding.PROVEN
    assert reading.receipt is not None
    assert (reading.receipt.index, reading.receipt.checkpoint.size) == (1, 2)
    assert f"entry 1 of the log {ORIGIN}" in " ".join(reading.sentences())


def test_what_is_not_checked_is_said() -> None:
    """Without a receipt, or without the log's key, the entry is not proven and the reader told."""
    for given_receipt, standing in (
        (None, EntryStanding.UNPROVEN),
        (receipt(), EntryStanding.UNCHECKED),
    ):
        reading = verify_permit(TOKEN, KEYS, receipt=given_receipt)
        assert (reading.entry, reading.receipt) == (standing, None)
        assert standing.value in " ".join(reading.sentences())


def test_a_receipt_of_something_else_is_refused() -> None:
    """A receipt of another entry, by another key, of another log, or unwitnessed is refused."""
    log_keys = [LOG.verifier]
    with pytest.raises(BadProofError):
        verify_permit(TOKEN, KEYS, receipt=receipt(b"another act"), log_keys=log_keys)
    imposter = SignerKey(ORIGIN, KeyKind.NOTE, b"i" * 32)
    with pytest.raises(BadSignatureError):
        verify_permit(TOKEN, KEYS, receipt=receipt(signer=imposter), log_keys=log_keys)
    elsewhere = SignerKey("other.example/log", KeyKind.NOTE, b"e" * 32)
    with pytest.raises(NotAuthenticError, match="receipt is of other"):
        verify_permit(TOKEN, KEYS, receipt=receipt(signer=elsewhere), log_keys=[elsewhere.verifier])
    with pytest.raises(NotWitnessedError):
        verify_permit(
            TOKEN,
            KEYS,
            receipt=receipt(),
            log_keys=log_keys,
            witnesses=WitnessPolicy(1, (WITNESS.verifier,)),
        )
    with pytest.raises(MalformedError):
        verify_permit(TOKEN, KEYS, receipt=b"no receipt")


def test_witnesses_are_not_asked_for_in_vain() -> None:
    """Whoever asks for witnesses gets no answer without a receipt, or a key to check it with."""
    policy = WitnessPolicy(1, (WITNESS.verifier,))
    with pytest.raises(UnfitPermitError, match="there is no receipt"):
        verify_permit(TOKEN, KEYS, log_keys=[LOG.verifier], witnesses=policy)
    with pytest.raises(UnfitPermitError, match="no key of the log"):
        verify_permit(TOKEN, KEYS, receipt=receipt(), witnesses=policy)


SAID = f"""\
Permit us-2025-0042 is authentic: US signed it at 2025-08-23T09:30:00Z with the key \
{KEY.verifier.kid}.
At 2025-08-24T00:00:00Z it is in its window, which ends at 2025-09-07T00:00:00Z. Version 7 of the \
status list, signed at 2025-08-24T00:00:00Z, says that it is valid.
It permits UA the use of 2 gb/storm-shadow, lot gb/batch-7 (line 1); any number of \
us/targeting-data (line 2).
It holds from 2025-08-24T00:00:00Z through 2025-09-06.
Only in us/near-border (RU-BEL, RU-KRS) or UA, and not in RU-MOW.
The actor is GB, and nobody else.
Only against targets of the category military.depot or military.airfield.
Not against targets of the category leadership.
Only for the purpose self-defence.
The recipient is UA, and nobody else.
It covers a single use.
What it covers may not be passed on.
Use is to be reported within 3 days.
Proviso: an approval covers a single use
Consent: US, through us/secdef, approved, on 2025-08-23T09:00:00Z (case us/2025/117).
Consent: GB, through gb/mod, consented, by an instrument of its own, on 2025-08-22; recorded \
2025-08-23T08:00:00Z (note 118 of 2025).
It was issued by US in the case us/2025/117. It takes the place of permit us-2025-0041.
That the act of issue is in the log {ORIGIN} is not shown: there is no receipt.
Whether it is valid now, only the issuer can say."""


def test_the_sentences_say_everything() -> None:
    """The plain words hold every limit, proviso, consent and moment, and what is not known."""
    listed = status_token(issued_at=START)
    reading = verify_permit(TOKEN, KEYS, at=START, status_token=listed)
    assert "\n".join(reading.sentences()) == SAID


def test_no_limit_is_said_as_well() -> None:
    """A permit without limits by area says so; limits that it does not have are not mentioned."""
    bare = terms(
        actor=None,
        within=[],
        outside=[],
        targets=[],
        not_targets=[],
        purposes=[],
        recipients=[],
        each_use=False,
        no_onward_transfer=False,
        report_within_days=1,
    )
    said = verify_permit(issue_token(bare, STATUS, KEY, ISSUED), KEYS).sentences()
    assert said[4:6] == ("In any area.", "Use is to be reported within one day.")


def test_a_permit_in_the_name_of_another_is_refused_whatever_else_is_good() -> None:
    """A good receipt and a good status list do not make up for a foreign signature."""
    header, claims = parts(TOKEN)
    token = forged(plain({**header, "kid": OTHER.verifier.kid}), plain(claims), OTHER)
    with pytest.raises(NotAuthenticError):
        verify_permit(
            token, KEYS, status_token=status_token(), receipt=receipt(), log_keys=[LOG.verifier]
        )


def test_no_purpose_is_said_as_no_target_is() -> None:
    """`none` is an answer and no name: neither is written as if it were one."""
    said = sentences_of(terms(purposes=("none",), targets=("none",)))
    assert {"For no purpose that is named.", "Against no target."} <= set(said)


def test_a_proviso_in_the_words_of_a_limit_is_said_once() -> None:
    """What the limit says already is not said again; the office's own words are."""
    own, same = "an approval covers a single use", "it covers a single use"
    provisos = [{"each_use": True, "text": own}, {"each_use": True, "text": same}]
    said = sentences_of(terms(provisos=provisos))
    assert said.count("It covers a single use.") == 1
    assert f"Proviso: {own}" in said
    assert f"Proviso: {same}" not in said
