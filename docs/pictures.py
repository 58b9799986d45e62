"""Takes the pictures of README and guides from the screenshots of a tour, small enough to be kept.

Run as `python docs/pictures.py TOUR_FOLDER PICTURE_FOLDER`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

#: Name of the picture -> end of the screenshot's name.
PICTURES = {
    "tasks": "tasks",
    "qc": "qc-tagged",
    "lesions": "wml_segmentation-answered",
    "nodules": "nodule_markers-marked",
    "landmarks": "landmarks-placed",
    "oblique": "landmarks-oblique",
    "contours": "contour_organ-answered",
    "petct": "petct_reading-pet",
    "volume": "wml_segmentation-volume",
    "cine": "heart_motion-cine",
}
WIDTH = 1280


def main(tour: Path, out: Path) -> int:
    """Scale and save each picture; 1 if one is missing."""
    out.mkdir(parents=True, exist_ok=True)
    for name, ending in PICTURES.items():
        found = sorted(tour.glob(f"*-{ending}.png"))
        if not found:
            print(f"The tour in {tour} has no screenshot '{ending}'.", file=sys.stderr)
            return 1
        picture = QImage(str(found[0])).scaledToWidth(WIDTH, Qt.TransformationMode.SmoothTransformation)
        picture.convertToFormat(QImage.Format.Format_RGB32).save(str(out / f"{name}.png"))
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
