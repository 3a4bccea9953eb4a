"""What a warm process imports before it forks a kernel for grading."""

from labkit.kernels.warm.client import SCIENTIFIC

__all__ = ["PRELOADED"]

#: What labs use, and what every probe needs
PRELOADED = (*SCIENTIFIC, "labkit.checks", "labkit.grading.running.ask")
