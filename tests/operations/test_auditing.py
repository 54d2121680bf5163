"""Audit: real acts are reproduced; whatever is changed, the first entry that is wrong is named."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import audit_sample as sample
import pytest
from audit_sample import Copy, Register

from placet.ledger import (
    Body,
    Entry,
    Hidden,
    KeyKind,
    Shown,
    SignedCheckpoint,
    SignerKey,
    erase,
    seal,
    sign_checkpoint,
)
from placet.operations.audit_report import AuditReport, Verdict
from placet.operations.auditing import audit
from placet.operations.ports import EntryOnFile, Heads, PermitRow
from placet.permit import PermitKey, issue_token, open_permit, status_ref_of
from placet.review import PermitStage
