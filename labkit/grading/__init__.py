"""From a folder of submissions to a table of grades, with nbval as the engine.

The sub-packages follow the way of a submission; each uses only those before it, and
tests/test_imports.py holds them to it. What several of them need (``names``, ``hashes``) and the
``answer_key`` of a lab stand beside them.

- ``release`` writes what students are given.
- ``intake`` makes one folder per student of a download and reads what is in it. All of it is
  untrusted: nothing is executed, every size is bounded.
- ``running`` grades one task in a process of its own: ``engine`` starts it, ``plugin`` holds
  nbval's collector and items, ``guarded_kernel`` holds the student's code in the sandbox of
  :mod:`labkit.kernels`, and ``probe`` asks it for values. The kernel knows no expected value, and
  nothing that it replies is unpickled or executed.
- ``book`` holds what is known of a class: records, the gradebook, the table.
- ``session`` makes tasks of the submissions, hands them out, and keeps their records in the book.
- ``reports`` is for people: pages for the class and for each student, marking by hand, nbgrader.
- ``attacks`` tries to break out of all this; ``labkit grade doctor`` runs it.

Verdicts are made by :mod:`labkit.checks`; nothing here knows the mathematics of a lab.
"""
