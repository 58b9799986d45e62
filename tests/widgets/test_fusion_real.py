"""A real PET over its CT: the value under the pointer beside SimpleITK's interpolation at the same place."""

from __future__ import annotations

import numpy as np
import pytest

from tests.data import SHARED, needs_real_scans
from tests.widgets.viewing import at, move, one, viewport, views
from viewr.imaging.series import load_series
from viewr.imaging.suv import to_suv
from viewr.widgets.slice_view_display import lay_over, mirror, turn_clockwise


@needs_real_scans
@pytest.mark.parametrize("orientation", ["Transversal", "Coronal"])
def test_uptake_on_ct_is_read_where_it_lies(qtbot, orientation):
    sitk = pytest.importorskip("SimpleITK")
    grid = views(qtbot, viewport("a", orientation, annotation=None))
    view = one(grid)
    pet = to_suv(load_series(SHARED / "petct-cropped-ge" / "pet")[0])
    view.document.add_volume(("default", "CT"), load_series(SHARED / "petct-cropped-ge" / "ct")[0])
    view.document.add_volume(("default", "PET"), pet)
    hottest = pet.grid.to_lps(np.unravel_index(np.argmax(pet.array), pet.array.shape))
    lay_over(view, "PET")
    turn_clockwise(view)
    mirror(view)
    view.move_to((float(hottest[0]), float(hottest[1]), float(hottest[2])))
    move(view, at(view, *hottest))
    image = sitk.GetImageFromArray(np.ascontiguousarray(pet.array.T))
    image.SetSpacing(pet.grid.spacing)
    image.SetOrigin(pet.grid.to_lps((0, 0, 0)).tolist())
    image.SetDirection(pet.grid.directions.ravel().tolist())
    expected = image.EvaluateAtPhysicalPoint([float(x) for x in view.pointer])
    value, unit = view.fused_value_at_pointer().split()
    assert float(value) == pytest.approx(expected, rel=1e-3)
    assert float(value) > 0.8 * pet.array.max()
    assert unit == pet.unit == "SUVbw"
