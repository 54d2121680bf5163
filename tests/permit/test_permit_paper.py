"""Permits on paper and in files: what is shown is what was signed, safely."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st
from permit_sample import ISSUED, KEY, KEYS, STATUS, TERMS, TOKEN, receipt, status_token, terms

from placet.permit import (
    LARGEST_QR,
    MalformedPermitError,
    PermitFile,
    SignedPermit,
    Terms,
    issue_token,
    open_permit,
    printable_page,
    qr_svg,
    qr_text,
)
from placet.permit.wording import DEMONSTRATION, sentences_of

PERMIT = open_permit(TOKEN, KEYS)
MARKUP = "<script>alert(1)</script>&amp;\"'{body}"


def signed(what: Terms) -> SignedPermit:
    """Sign and open terms."""
    return open_permit(issue_token(what, STATUS, KEY, ISSUED), KEYS)


LARGE = signed(terms(provisos=[{"text": "x" * 3000}]))


class Tags(HTMLParser):
    """Collects the tags, attributes and text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: dict[str, str | None] = {}
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append(tag)
        self.attributes.update(attrs)

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.text += data


def test_a_qr_code_holds_the_permit_if_it_fits() -> None:
    """Up to 2,953 bytes the code holds the token itself, above that a reference with the digest."""
    assert qr_text(PERMIT) == TOKEN
    assert len(LARGE.token) > LARGEST_QR
    reference = f"placet:permit/us-2025-0042?digest={LARGE.digest}"
    assert qr_text(LARGE) == reference
    slashed = signed(terms(id="us/2025/é?", provisos=[{"text": "x" * 3000}]))
    assert qr_text(slashed).startswith("placet:permit/us%2F2025%2F%C3%A9%3F?digest=sha256:")


def test_the_largest_qr_code_is_the_largest() -> None:
    """2,953 bytes fit into a QR code and one more does not."""
    segno.make_qr("x" * LARGEST_QR, error="l", mode="byte")
    with pytest.raises(segno.DataOverflowError):
        segno.make_qr("x" * (LARGEST_QR + 1), error="l", mode="byte")


@pytest.mark.parametrize("permit", [PERMIT, LARGE], ids=["whole", "reference"])
def test_a_qr_code_is_safe_svg(permit: SignedPermit) -> None:
    """The code is well-formed SVG with a title, paths and nothing that a strict policy forbids."""
    svg = qr_svg(permit)
    root = ET.fromstring(svg)
    names = [each.tag.rpartition("}")[2] for each in root.iter()]
    assert names == ["svg", "title", "path", "path"]
    assert not re.search(r"style|script|href|\bon\w+=|class=", svg.partition("</title>")[2])
    assert permit.terms.id in "".join(root.itertext())


def test_a_qr_code_can_be_scanned() -> None:
    """The modules of the picture are those of the code that holds the token."""
    size = segno.make_qr(TOKEN, error="l", mode="byte").symbol_size(border=4)[0]
    assert f'viewBox="0 0 {size} {size}"' in qr_svg(PERMIT)
    dark = sum(int(each) for each in re.findall(r"h(\d+)", qr_svg(PERMIT).rpartition("<path")[2]))
    matrix = segno.make_qr(TOKEN, error="l", mode="byte").matrix
    assert dark == sum(sum(row) for row in matrix)


@pytest.mark.parametrize("permit", [PERMIT, LARGE], ids=["whole", "reference"])
def test_a_page_stands_on_its_own(permit: SignedPermit) -> None:
    """The page shows the terms, the digest, how to verify and the token, and loads nothing."""
    page = printable_page(permit)
    read = Tags(page)
    for shown in (
        TERMS.id,
        TERMS.holder,
        "2025-08-24T00:00:00Z through 2025-09-06",
        permit.terms.provisos[0]["text"],
        "GB, through gb/mod, consented",
        permit.digest,
        "cannot say whether the permit still holds",
        "How to verify",
        permit.token,
    ):
        assert str(shown) in read.text
    assert not {"script", "link", "img", "iframe", "object"} & set(read.tags)
    assert not {"style", "src", "href", "onload"} & set(read.attributes)
    assert "url(" not in page
    assert "@import" not in page
    assert ("it holds the whole permit" in read.text) == (permit is PERMIT)


def test_nothing_in_the_terms_becomes_markup() -> None:
    """Texts and names with markup in them are shown as they are, in the page and in the code."""
    nasty = MARKUP.replace(" ", "")
    permit = signed(
        terms(id=nasty, holder=nasty, case=nasty, provisos=[{"text": MARKUP}], purposes=[nasty])
    )
    page = printable_page(permit)
    assert "<script" not in page
    assert "<script" not in qr_svg(permit)
    assert Tags(page).text.count(MARKUP) >= 5
    assert ET.fromstring(qr_svg(permit)) is not None
    assert Tags(page).tags.count("figure") == 1


def test_a_permit_that_has_no_provisos_says_so() -> None:
    """A page without provisos does not leave the reader to wonder."""
    assert "Provisos</h2>\n<p>None.</p>" in printable_page(signed(terms(provisos=[])))


PARTS = st.none() | st.text(st.characters(codec="ascii", categories=("L", "N", "P", "Cc")))


@given(st.text(st.characters(codec="ascii"), max_size=40), PARTS, PARTS)
def test_a_permit_file_is_read_back(
    permit: str, receipt_text: str | None, status: str | None
) -> None:
    """A permit file holds what was put into it, and has one spelling."""
    file = PermitFile(permit, receipt_text, status)
    assert PermitFile.parse(file.render()) == PermitFile.parse(file.render() + b"\n") == file


def test_a_permit_file_holds_all_that_a_reader_needs() -> None:
    """A real permit, receipt and list come back unchanged; a bare token is a file as well."""
    whole = PermitFile(TOKEN, receipt().decode(), status_token())
    assert PermitFile.parse(whole.render()) == whole
    assert PermitFile.parse(TOKEN.encode()) == PermitFile(TOKEN)
    assert PermitFile.parse(TOKEN.encode() + b"\n") == PermitFile(TOKEN)
    assert open_permit(PermitFile.parse(TOKEN.encode() + b"\n").permit, KEYS).terms == TERMS


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b'{"permit":"a"}', "keys permit, receipt"),
        (b'{"permit":"a","receipt":null,"status":null,"x":1}', "keys permit, receipt"),
        (b'{"permit":"a","receipt":1,"status":null}', "keys permit, receipt"),
        (b'{"permit":"a","permit":"b","receipt":null,"status":null}', "twice"),
        (b'{"permit": "a","receipt":null,"status":null}', "not canonical"),
        (b'{"permit":"a"', "not JSON"),
        ("é".encode(), "neither"),
        (b"placet:permit/x?digest=sha256:00", "reference"),
    ],
)
def test_a_file_that_is_none_is_refused(data: bytes, said: str) -> None:
    """A file with another key, a key twice, loose spelling, or a mere reference is refused."""
    with pytest.raises(MalformedPermitError, match=said):
        PermitFile.parse(data)


def test_a_permit_of_a_demonstration_says_so_first() -> None:
    """Terms, words and paper say that it permits nothing; those of a real permit do not."""
    for change, words in (({"demonstration": True}, True), ({}, False)):
        found = terms(**change)
        assert found.data().get("demonstration", False) is words
        assert (sentences_of(found)[0] == DEMONSTRATION) is words
        assert (DEMONSTRATION in printable_page(signed(found))) is words


def test_a_code_can_lead_to_the_page_that_verifies_the_permit() -> None:
    """The token stands behind the address and a mark; read back, it is the token."""
    at = "https://placet.example/verify/"
    led = qr_text(PERMIT, at)
    assert led == f"{at}#{TOKEN}"
    assert PermitFile.parse(led.encode()).permit == TOKEN
    assert qr_text(LARGE, at) == qr_text(LARGE)
    assert qr_text(PERMIT, "https://" + "x" * LARGEST_QR) == TOKEN
    assert qr_svg(PERMIT, at) != qr_svg(PERMIT)
