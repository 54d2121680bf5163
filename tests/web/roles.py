"""Who of the story stands for which role, in the matrices of pages and of the API."""

from __future__ import annotations

__all__ = ["ROLES"]

ROLES = {
    "applicant": "marchenko",
    "adviser": "doyle",
    "officer": "okafor",
    "decider": "secretary",
    "auditor": "tan",
    "registrar": "lindqvist",
    "stranger": "commander",
}
