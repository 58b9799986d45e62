"""``python -m viewr``."""

import sys

from viewr.cli import main

sys.exit(main())
