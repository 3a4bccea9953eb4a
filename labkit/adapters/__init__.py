"""How a case is put to a layer or a class: one module for each lab that needs it.

Most exercises ask for a function, and a check simply calls it. Where a student writes a layer, or a
function that takes another function, an adapter does the work in between: it builds the layer, sets
its weights, calls it and returns plain arrays. An exercise names its adapter with ``use=``.

Adapters run in the student's process, and student code can read them. So nothing here may be an
answer or import one: these modules import NumPy, and Keras inside functions, but never
:mod:`labkit.exercises`.
"""
