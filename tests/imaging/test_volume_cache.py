"""Decoded volumes on the disk."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from tests.data import SHARED, needs_real_scans
from viewr.imaging.mapped import place_of
from viewr.imaging.series import load_series
from viewr.imaging.volume_cache import VolumeCache, key_of, load_cached
from viewr.model.volume import Volume

pytestmark = needs_real_scans


def assert_same(one: Volume, other: Volume) -> None:
    assert np.array_equal(one.array, other.array)
    assert one.array.dtype == other.array.dtype
    assert np.array_equal(one.grid.affine, other.grid.affine)
    assert one.grid.shape == other.grid.shape
    for field in fields(Volume):
        if field.name not in ("array", "grid"):
            assert getattr(one, field.name) == getattr(other, field.name), field.name


@pytest.mark.parametrize("name", ["ct-head-tilt-ge", "mr-epi4d-ge/dicom", "ultrasound", "mr-localizer-ge"])
def test_what_comes_back_is_what_was_read(tmp_path: Path, name: str) -> None:
    cache = VolumeCache(tmp_path / "cache")
    first = load_cached(SHARED / name, cache)
    again = load_cached(SHARED / name, cache)
    assert place_of(again[0].array) is not None
    for one, other in zip(first, again, strict=True):
        assert_same(one, other)
    reference = load_series(SHARED / name)
    assert [v.grid.slice_positions is None for v in again] == [v.grid.slice_positions is None for v in reference]


def test_a_changed_file_is_read_anew(tmp_path: Path) -> None:
    source = (SHARED / "other" / "CT_small.dcm").read_bytes()
    file = tmp_path / "one.dcm"
    file.write_bytes(source)
    before = key_of([file])
    file.write_bytes(source + b"\0\0")
    assert key_of([file]) != before


def test_a_damaged_picture_is_noticed(tmp_path: Path) -> None:
    cache = VolumeCache(tmp_path)
    volumes = load_series(SHARED / "seg-ct-ge" / "ct")
    cache.store("key", volumes)
    raw = tmp_path / "key" / "0.raw"
    data = bytearray(raw.read_bytes())
    data[512 * 512 * 2 + 7] ^= 1
    raw.write_bytes(data)
    found = cache.load("key")
    assert found is not None
    assert found.verify(0, 0)
    assert not found.verify(0, 1)
    assert not found.verify_all()


def test_an_entry_cut_off_is_no_entry(tmp_path: Path) -> None:
    cache = VolumeCache(tmp_path)
    cache.store("key", load_series(SHARED / "seg-ct-ge" / "ct"))
    raw = tmp_path / "key" / "0.raw"
    raw.write_bytes(raw.read_bytes()[:-1])
    assert cache.load("key") is None


def test_the_entry_used_longest_ago_goes_first(tmp_path: Path) -> None:
    cache = VolumeCache(tmp_path, limit_bytes=1, grace=0.0)
    volumes = load_series(SHARED / "other" / "CT_small.dcm")
    cache.store("old", volumes)
    cache.store("new", volumes)
    assert cache.load("old") is None
    assert cache.load("new") is not None
