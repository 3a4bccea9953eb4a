"""From a folder of submissions to a table of grades, with nbval as the engine.

``release`` makes what students are given; ``collect`` (with ``archives`` and ``lms``) makes one
folder per student of what comes back; ``submissions`` reads what is in them. ``planning`` makes
``tasks`` of it, which ``scheduling`` hands out and ``session`` turns into ``records``, the
``gradebook`` and the ``table``. One task is the business of ``engine``, which runs a process where
``plugin`` is nbval's collector and items keyed by exercise, ``kernel`` holds the student's code (in
the sandbox of :mod:`labkit.kernels`) and ``probe`` asks it for values. ``report``, ``manual`` and
``marking`` are for people; ``nbgrader_course`` is for nbgrader's tools.

Nothing here knows any mathematics: verdicts are :mod:`labkit.checks`' affair. No expected value is
in the kernel, nothing that a kernel says is unpickled or executed, results are sealed, every wait
and every size is bounded.
"""
