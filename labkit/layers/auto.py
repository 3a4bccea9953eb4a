"""Which implementation is the quickest."""

__all__ = ["choose"]


def choose(x, kernel, window, groups):
    return "native"


def choose_depthwise(window, channels, multiplier):
    return "native"
