"""Permits on paper: a QR code, and a page that stands on its own.

Paper says what was permitted; it cannot say whether that still holds. Only permits whose
signature was checked are printed, so the argument is a `SignedPermit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape
from io import BytesIO
from urllib.parse import quote

import segno

from placet.permit.issuing import SignedPermit
from placet.permit.spelling import write_instant
from placet.permit.wording import (
    DEMONSTRATION,
    consents_of,
    limits_of,
    permitted_by,
    provisos_of,
    window_of,
)

__all__ = ["LARGEST_QR", "printable_page", "qr_svg", "qr_text"]

LARGEST_QR = 2953
"""The most bytes that a QR code holds (ISO/IEC 18004, version 40, level L)."""

_RECENT = 64
"""How many codes are kept as they were drawn last."""
_STYLE = """\
:root{color-scheme:light}
body{font:16px/1.45 "Public Sans","Helvetica Neue",Arial,sans-serif;color:#000;background:#fff;\
max-width:44rem;margin:2rem auto;padding:0 1rem}
h1{font-size:1.7rem;margin:0 0 .3rem}
h2{font-size:1.1rem;margin:1.4rem 0 .3rem;border-bottom:1px solid #000}
p,ul{margin:.3rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem;margin:.6rem 0}
dt{font-weight:600}
dd{margin:0;overflow-wrap:anywhere}
code{font:13px/1.35 "DejaVu Sans Mono",monospace;overflow-wrap:anywhere}
.limit{border:2px solid #000;padding:.5rem .8rem;margin:1rem 0;font-weight:600}
figure{margin:1rem 0;break-inside:avoid}
figure svg{width:95mm;max-width:100%;height:auto}
@page{margin:18mm}
@media print{body{margin:0;padding:0;max-width:none;font-size:11pt}h2{break-after:avoid}\
li,dl{break-inside:avoid}}
"""


_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{style}</style>
</head>
<body>
<main>
<h1>{title}</h1>
{body}
</main>
</body>
</html>
"""

_WARNING = (
    "This paper says what was permitted. It cannot say whether the permit still holds: it may "
    "have been suspended or revoked since. Ask the issuer."
)
_FROM_CODE = "Scan the QR code: it holds the whole permit, a token signed with ES256 (RFC 7515)."
_FROM_FILE = (
    "The permit is too large for a QR code, which holds a reference. Ask the holder for the permit "
    "file; its digest must be the one above."
)
_CHECK = (
    "Check it with placet permit verify, or with any JOSE library: its type is placet-permit+jwt. "
    "Get the issuer's key from a place you trust."
)
_STEPS = (
    _CHECK,
    "What the verified token says counts, not what is printed here.",
    "Fetch the status list and look at the permit's index, or ask the issuer.",
)


def qr_text(permit: SignedPermit, verify_at: str = "") -> str:
    """Return what the QR code holds: the token, or a reference if the token is too large.

    With `verify_at`, the address of the page that verifies, the token stands behind it and a `#`:
    whoever scans the code is led there, and what stands behind that mark is sent to nobody before
    they ask.

    A reference is `placet:permit/<id>?digest=<digest of the claims>`. It cannot be verified on
    its own; the digest tells whether a permit file is the one that the paper means.
    """
    led = f"{verify_at}#{permit.token}"
    if verify_at and len(led.encode()) <= LARGEST_QR:
        return led
    if _is_whole(permit):
        return permit.token
    return f"placet:permit/{quote(permit.terms.id, safe='')}?digest={permit.digest}"


def qr_svg(permit: SignedPermit, verify_at: str = "") -> str:
    """Draw the QR code as SVG, without script, style or outside reference."""
    kind = "the permit itself" if _is_whole(permit) else "a reference to the permit"
    return _drawn(qr_text(permit, verify_at), f"QR code of permit {permit.terms.id}: {kind}")


@lru_cache(maxsize=_RECENT)
def _drawn(text: str, title: str) -> str:
    """Draw a QR code; which of its eight masks is best takes most of a page's time to find out."""
    drawn = BytesIO()
    segno.make_qr(text, error="l", mode="byte").save(
        drawn,
        kind="svg",
        xmldecl=False,
        svgclass=None,
        lineclass=None,
        omitsize=True,
        nl=False,
        light="#fff",
        title=title,
    )
    return drawn.getvalue().decode("utf-8")


def printable_page(permit: SignedPermit) -> str:
    """Make a page to print: self-contained HTML with a style sheet and no script."""
    terms = permit.terms
    parts = (
        *((f'<p class="limit">{DEMONSTRATION}</p>',) if terms.demonstration else ()),
        _table(_facts(permit)),
        f'<p class="limit">{_WARNING}</p>',
        _part("What it permits", permitted_by(terms)[:1]),
        _part("Limits", limits_of(terms)),
        _part("Provisos", provisos_of(terms)),
        _part("Consents it rests on", consents_of(terms)),
        f"<h2>Proof</h2>\n{_table(_proof(permit))}",
        _part("How to verify", (_FROM_CODE if _is_whole(permit) else _FROM_FILE, *_STEPS)),
        f"<figure>{qr_svg(permit)}</figure>",
        f"<h2>Token</h2>\n<p><code>{escape(permit.token)}</code></p>",
    )
    return _PAGE.format(title=f"Permit {escape(terms.id)}", style=_STYLE, body="\n".join(parts))


def _is_whole(permit: SignedPermit) -> bool:
    return len(permit.token) <= LARGEST_QR


def _facts(permit: SignedPermit) -> dict[str, str]:
    terms = permit.terms
    return {
        "Permit": terms.id,
        "Issuer": terms.issuer,
        "Holder": terms.holder,
        "Case": terms.case,
        "Window": window_of(terms),
        "Signed": write_instant(permit.issued_at),
        "Supersedes": terms.supersedes or "",
    }


def _proof(permit: SignedPermit) -> dict[str, str]:
    entry = permit.terms.entry
    return {
        "Digest of the permit": permit.digest,
        "Entry": f"{entry.commitment} in the log {entry.origin}",
        "Status list": f"{permit.status.uri}, index {permit.status.idx}",
        "Key": f"{permit.key.kid} of {permit.key.issuer}",
    }


def _table(rows: dict[str, str]) -> str:
    cells = (
        f"<dt>{escape(name)}</dt><dd><bdi>{escape(value)}</bdi></dd>"
        for name, value in rows.items()
        if value
    )
    return f"<dl>{''.join(cells)}</dl>"


def _part(heading: str, texts: Sequence[str]) -> str:
    if not texts:
        return f"<h2>{escape(heading)}</h2>\n<p>None.</p>"
    items = "".join(f"<li><bdi>{escape(each)}</bdi></li>" for each in texts)
    return f"<h2>{escape(heading)}</h2>\n<ul>{items}</ul>"
