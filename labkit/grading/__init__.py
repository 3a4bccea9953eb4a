"""From a folder of submissions to a table of grades, with nbval as the engine.

``submissions`` finds and reads what was handed in, ``engine`` runs one submission in a process of
its own, where ``plugin`` is nbval's collector and items keyed by exercise, ``kernel`` holds the
student's code and ``probe`` asks it for values; ``session`` makes a record of each and
``gradebook`` the table of all. Nothing here knows any mathematics: verdicts are
:mod:`labkit.checks`' affair.

**What the thin version does not hold.** Students' code runs with the grader's rights: it can read
and write what the grader can, talk to the network, leave processes behind, and find the grading
process to tamper with it. Issue 7's sandbox closes that. What holds already: no expected value is
in the kernel, nothing that a kernel says is unpickled or executed, results are sealed, every wait
and every size is bounded.
"""
