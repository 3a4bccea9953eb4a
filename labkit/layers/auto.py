"""Which implementation is the quickest."""

__all__ = ["choose"]


def choose(x, kernel, window, groups):
    return "native"
