"""Where the real scans are, and a plain word when they are not."""

from __future__ import annotations

from pathlib import Path

import pytest

#: Real scans with known-good geometry; present beside the project where they may be passed on.
SHARED = Path(__file__).resolve().parents[2] / "shared" / "data"

needs_real_scans = pytest.mark.skipif(not SHARED.is_dir(), reason="the folder of real scans is not beside the project")
