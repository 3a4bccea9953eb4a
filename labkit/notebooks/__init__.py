"""From one hand-edited source to the notebook a student opens and the reference nbval compares.

``source`` reads py:percent, ``build`` makes both notebooks, ``execute`` runs them, ``leaks`` and
``lint`` refuse what must not ship, ``committed`` says whether what lies in ``labs/`` is current,
``regression`` runs nbval, ``pristine`` finds a student's answers again in what was handed in.
"""
