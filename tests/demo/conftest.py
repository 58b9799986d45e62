"""The demo patients, made once for all tests of this folder."""

from __future__ import annotations

import pytest

from viewr.demo.patients import DemoSeries, make_patients


@pytest.fixture(scope="session")
def demo_series() -> dict[tuple[str, str], DemoSeries]:
    """Every series by session label and scan type."""
    made: list[DemoSeries] = []
    make_patients(made.append)
    return {(series.session, series.scan_type): series for series in made}
