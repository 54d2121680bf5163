"""What tests of operations share with those of the store: a store in memory."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "store"))
