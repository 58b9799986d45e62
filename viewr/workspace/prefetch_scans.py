"""Scans brought to the disk before anybody looks at them."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from viewr.model.errors import ViewrError
from viewr.model.progress import Progress
from viewr.workspace.scan_loading import Inbox

if TYPE_CHECKING:
    from viewr.workspace.opening import ScanKey
    from viewr.workspace.places import ScanTarget
    from viewr.workspace.scan_loading import ScanSource

log = logging.getLogger(__name__)


def fetch_ahead(scans: ScanSource, targets: Mapping[ScanKey, ScanTarget], progress: Progress) -> int:
    """Fetch and decode the scans of a task into the cache on the disk; blocking.

    What fails is left for the reader's turn, when it is tried again and told.

    Returns
    -------
    int
        Bytes of their voxels.
    """
    size = 0
    for key, target in targets.items():
        progress.check()
        try:
            size += scans.fetch(key[1], target, Inbox(), progress).volume.array.nbytes
        except ViewrError as error:
            log.info("a scan cannot be fetched ahead: %s", type(error).__name__)
    return size
