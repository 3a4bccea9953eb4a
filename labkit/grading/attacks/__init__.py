"""The attacks that grading has to withstand: code that students have handed in, or might.

Each attack is a cell of a notebook, with a way to find out whether it failed. ``labkit grade
doctor`` tries them on this machine, and so do the tests.
"""

from labkit.grading.attacks import exhaustion, files, forgery, intrusion, network
from labkit.grading.attacks.attack import Attack, Result, attempt
from labkit.grading.attacks.bait import Bait

__all__ = ["ATTACKS", "Attack", "Bait", "Result", "attempt"]

#: All attacks, in the order in which they are tried
ATTACKS = (
    *files.ATTACKS,
    *network.ATTACKS,
    *intrusion.ATTACKS,
    *exhaustion.ATTACKS,
    *forgery.ATTACKS,
)
