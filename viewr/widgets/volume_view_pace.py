"""How coarse the pictures of a moving volume are: as fine as they can be and still come quickly enough."""

from __future__ import annotations

import numpy as np

#: Seconds that a picture may take while something moves, without a GPU and with one (30 a second, and some air).
GOAL, GPU_GOAL = 0.055, 0.028
#: How many pixels of the screen one of a moving picture may cover, along each side.
COARSEST = 6.0
#: The same, beyond which a GPU takes the smaller copy too.
GIVE_WAY = 2.5
#: How many times too slow two pictures in a row may be before that: the first alone may have prepared the card.
HOPELESS = 8.0
#: What a first moving picture is made with.
_FIRST, _GPU_FIRST = 2.5, 1.0


class Pace:
    """Resolution of moving pictures; it follows how long they take.

    Parameters
    ----------
    has_gpu : bool
        A GPU draws the whole copy while it moves; the processor, or a GPU that is too slow, a smaller one.

    Attributes
    ----------
    scale : float
        Pixels of the screen for one of a moving picture, along each side.
    coarse : bool
        Whether the smaller copy is drawn while something moves.
    """

    def __init__(self, has_gpu: bool = False) -> None:
        self._goal = GPU_GOAL if has_gpu else GOAL
        self.scale = _GPU_FIRST if has_gpu else _FIRST
        self.coarse = not has_gpu
        self._hopeless = 0

    def took(self, seconds: float) -> None:
        """Take notice of how long a moving picture took, from asking to having it."""
        factor = float(np.clip(np.sqrt(seconds / self._goal), 0.7, 1.6))
        self.scale = float(np.clip(self.scale * factor, 1.0, COARSEST))
        self._hopeless = self._hopeless + 1 if seconds > HOPELESS * self._goal else 0
        if self.scale > GIVE_WAY or self._hopeless > 1:
            self.coarse = True  # for good: to and fro would flicker
