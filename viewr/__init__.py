"""ViewR: task-driven annotation and quality control of medical images."""

__version__ = "7.0.0"
