"""Voxels that several processes see."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest

from viewr.imaging.mapped import Spool, describe, map_file, place_of, whole_file
from viewr.imaging.volume_cache import VolumeCache
from viewr.model.geometry import Grid
from viewr.model.volume import Volume, Window

RAMP = np.arange(2 * 3 * 4, dtype=np.int16).reshape(4, 3, 2)


def volume(array: np.ndarray) -> Volume:
    shape = (array.shape[0], array.shape[1], array.shape[2])
    return Volume(array, Grid(shape, np.diag([0.5, 0.5, 2.0, 1.0])), "CT", "HU", windows=(Window(400, 40, "soft"),))


def test_what_one_writes_the_other_sees(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool")
    filling = spool.allocate((4, 3, 2), np.int16)
    place = place_of(filling.transpose())
    assert place is not None
    entry = json.loads(json.dumps(describe(volume(filling.transpose()))))
    seen = map_file(entry, *place)
    assert seen.array.shape == (2, 3, 4)
    assert not seen.array.any()
    filling[3, 2, 1] = 7
    assert seen.array[1, 2, 3] == 7
    assert seen.windows == (Window(400, 40, "soft"),)
    with pytest.raises(ValueError, match="read-only"):
        seen.array[0, 0, 0] = 1


def test_a_part_of_a_file_is_found_again(tmp_path: Path) -> None:
    filling = Spool(tmp_path / "spool").allocate((4, 3, 2), np.int16)
    filling[...] = RAMP
    part = volume(filling[1:3].transpose())
    place = place_of(part.array)
    assert place is not None
    assert place[1] == 3 * 2 * 2
    assert whole_file(part.array) is None
    assert np.array_equal(map_file(describe(part), *place).array, RAMP[1:3].transpose())


def test_what_lies_elsewhere_is_copied_into_a_file(tmp_path: Path) -> None:
    inside = volume(RAMP.transpose())
    assert place_of(inside.array) is None
    held = Spool(tmp_path / "spool").hold(inside)
    assert np.array_equal(held.array, inside.array)
    assert whole_file(held.array) is not None


def test_gaps_have_no_place(tmp_path: Path) -> None:
    filling = Spool(tmp_path / "spool").allocate((4, 3, 2), np.int16)
    assert place_of(filling[:, ::2]) is None
    assert place_of(filling[::-1]) is None


def test_voxels_in_a_file_are_not_written_twice(tmp_path: Path) -> None:
    filling = Spool(tmp_path / "spool").allocate((4, 3, 2), np.int16)
    filling[...] = RAMP
    cache = VolumeCache(tmp_path / "volumes")
    cache.store("key", [volume(filling.transpose())])
    found = cache.load("key")
    assert found is not None
    assert found.verify_all()
    assert np.array_equal(found.volumes[0].array, RAMP.transpose())
    if os.name == "posix":
        assert (tmp_path / "volumes" / "key" / "0.raw").stat().st_nlink == 2


def test_without_room_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "no room")

    monkeypatch.setattr(os, "posix_fallocate", full, raising=False)
    spool = Spool(tmp_path / "spool")
    with pytest.raises(OSError, match="no room"):
        spool.allocate((4, 3, 2), np.int16)
    assert list(spool.folder.iterdir()) == []
