# %% [markdown]
# # Lab 00 · Setup
#
# By the end of this lab you will be able to
#
# - say what your computer has for the labs, and work in their cells without fear of breaking anything;
# - read what a check says about an answer, right or wrong, and ask for hints;
# - run your first convolution over a real photograph, compare it with Keras, and hand your work in.
#
# **Rests on** the lecture's *Several Software Tools that Help*, and its question "How long will it take
# to check the implementation is correct?"; Krizhevsky et al., *ImageNet classification with deep
# convolutional neural networks*, 2012, whose network you will build in lab 11.
#
# **Time budget:** about 30 minutes of yours, under 60 seconds of your computer's, offline.
#
# **Start here.** A notebook is made of *cells*, text such as this one and code such as the next. Click
# on a code cell and press `Shift+Enter`: it runs, and the next cell is chosen. Run the labs' cells from
# top to bottom; everything you see is yours to change and run again.

# %%
import os
from contextlib import suppress

import numpy as np

from labkit import data, environment, plots
from labkit.checks import CheckFailed, check, hint, progress
from labkit.predict import reveal

# Every size of this lab; nothing in it is drawn at random
PHOTO_EVERY = 3  # keep every 3rd row and column of the photograph: 143 x 214

# %% [markdown]
# ## 1 · Is everything here?
#
# One call says what the labs find on this computer. (The first start of TensorFlow takes a few
# seconds.)

# %%
environment.report()

# %% [markdown]
# A ✗ is not the end: the line says what to do. No GPU is needed before lab 11; two cores and 4 GiB of
# memory are enough for all that comes before.

# %% [markdown]
# ## 2 · How long will it take to check it?
#
# The lecture asks four questions about an idea for a network: how long to implement it, **how long to
# check that the implementation is correct**, how long to change it and check again, how long to run the
# experiments. The second is the one that people forget, because wrong code rarely crashes. It runs, and
# it gives numbers.
#
# Here is a photograph, and twice the *differences of neighboring pixels* along its rows, which light up
# wherever something begins or ends. One of the two computations is wrong.

# %%
photo = data.photograph("china", gray=True, every=PHOTO_EVERY)
numbers = photo.astype(float)
one = np.diff(numbers)
other = np.roll(numbers, -1, axis=1) - numbers
plots.show(
    plots.images(
        [one, other],
        ["first computation", "second computation"],
        signed=True,
        limit=100,
    ),
    alt="Two pictures of the edges of a temple roof, made from a photograph. To the eye "
    "they are the same picture, but for a hair-thin line at the right end of the second.",
)

# %%
print("shapes:        ", one.shape, other.shape)
print("numbers that differ, where both have one:", np.sum(one != other[:, :-1]))
print("last column of the second:", other[:4, -1], "…")

# %% [markdown]
# The second compares the last pixel of every row with the *first* one, as if the photograph were
# rolled into a tube. That is one column of 214, easily overlooked, and it would stay in the network forever.
#
# So every exercise here comes with a **check**. It calls your function on small inputs made to tell
# mistakes apart, and compares with a computation that is slow, plain and trusted. It answers in a
# moment, and if something is wrong it tries to say *what*.

# %% [markdown]
# ## 3 · The first answer: a number
#
# The cell below holds a function without a body. Replace its last line, the one with
# `NotImplementedError`, by your code; then run the cell, and the check under it.
#
# **By hand.** Values $3, 1, 4$ with weights $1, 0, -2$: multiply pair by pair and add up,
# $3\cdot 1 + 1\cdot 0 + 4\cdot(-2) = -5$. This *weighted sum* is all that a convolution ever computes,
# again and again; here you write it once.
#
# ### Exercise 1 ★ · 1 point


# %% exercise="weighted_sum" points=1
def weighted_sum(values, weights):
    """Multiply each of `values` by its weight and add up: one number."""
    ### BEGIN SOLUTION
    return np.sum(values * weights)
    ### END SOLUTION


# %% check="weighted_sum"
check("weighted_sum", weighted_sum)

# %% hint="weighted_sum"
hint("weighted_sum")

# %% [markdown]
# The cell under each check gives **hints**, one step further each time you run it. They cost nothing.
# Use them when you have been stuck for five minutes, not for fifty.
#
# Your functions are given NumPy arrays, of whole numbers or of decimals. Any right answer passes: loops or
# NumPy, a list or an array, `float32` or `float64`.

# %% [markdown]
# ## 4 · Several values, and yes or no
#
# Some answers are several values at once. A photograph is an array of bytes: whole numbers from 0
# (black) to 255 (white), its shape is (height, width, channels), and a color photograph has the three
# channels red, green and blue.
#
# ### Exercise 2 ★ · 1 point
#
# Return four values, `height, width, darkest, brightest`; the last two over all channels.


# %% exercise="photo_facts" points=1
def photo_facts(image):
    """(height, width, darkest, brightest) of `image` (height, width, channels)."""
    ### BEGIN SOLUTION
    return image.shape[0], image.shape[1], image.min(), image.max()
    ### END SOLUTION


# %% check="photo_facts"
check("photo_facts", photo_facts)

# %% hint="photo_facts"
hint("photo_facts")

# %%
flower = data.photograph("flower", every=PHOTO_EVERY)
height, width, darkest, brightest = photo_facts(flower)
print(f"{height} rows, {width} columns, values from {darkest} to {brightest}")

# %% [markdown]
# And some answers are `True` or `False`. A pixel is gray if its red, green and blue are equal.
#
# ### Exercise 3 ★ · 1 point


# %% exercise="is_gray" points=1
def is_gray(image):
    """Is every pixel of `image` (height, width, 3) gray?"""
    ### BEGIN SOLUTION
    red, green, blue = image[..., 0], image[..., 1], image[..., 2]
    return bool((red == green).all() and (green == blue).all())
    ### END SOLUTION


# %% check="is_gray"
check("is_gray", is_gray)

# %% hint="is_gray"
hint("is_gray")

# %%
as_channels = np.stack([photo, photo, photo], axis=-1)
print("flower:", is_gray(flower), "  gray photograph:", is_gray(as_channels))

# %% [markdown]
# ## 5 · What a wrong answer looks like
#
# Wrong answers are what checks are for, so let us give some on purpose. The next exercise asks for the
# differences of neighbors, $y(n) = x(n+1) - x(n)$. Here is the tube of part 2 as an answer to it. (A
# check that fails stops a *Run All* there, which is what you want in your own work; `suppress`
# lets this demonstration go on.)


# %%
def rolled(row):
    row = row.astype(float)
    return np.roll(row, -1) - row


with suppress(CheckFailed):
    check("differences", rolled)

# %% [markdown]
# Read it in this order: the line that says what it *looks like*, then the small example with the first
# place where your answer and the expected one differ, then the question. The question is the best part.
#
# Three more wrong answers: one that returns nothing, one that crashes, and one that changes the array
# it was given.


# %%
def forgets_to_return(row):
    row[1:] - row[:-1]


def crashes(row):
    return [row[n + 1] - row[n] for n in range(len(row))]


def changes_its_input(row):
    result = np.diff(row.astype(float))
    row[:] = 0
    return result


# %%
for answer in (forgets_to_return, crashes, changes_its_input):
    with suppress(CheckFailed):
        check("differences", answer)

# %% [markdown]
# A loop without an end is interrupted after a few seconds, and the check says in which line it was. You
# cannot break anything by being wrong, and nobody counts how often.
#
# ### In your language
#
# Checks and hints speak English, Spanish and Catalan, as your computer does, or as the
# variable `LABKIT_LANG` says. For one terminal: `LABKIT_LANG=ca labkit start`.

# %%
mine = os.environ.get("LABKIT_LANG")
for language in ("es", "ca"):
    os.environ["LABKIT_LANG"] = language
    with suppress(CheckFailed):
        check("differences", lambda row: -np.diff(row.astype(float)))
if mine is None:
    del os.environ["LABKIT_LANG"]
else:
    os.environ["LABKIT_LANG"] = mine

# %% [markdown]
# ### After an error
#
# - A red traceback is read from **below**: the last line says what happened, the arrow above it where.
# - Cells share their variables. If you change a cell, run the cells that depend on it again. If you no
#   longer know what has been run, *Kernel → Restart Kernel and Run All Cells* starts clean.
# - A line that begins with ○ is no mistake: the cell needs an answer that you have not written yet.
# - A star, `[*]`, means that a cell is still running. The square ■ in the toolbar stops it.

# %% [markdown]
# ## 6 · A function with a loop, and a list of numbers
#
# **By hand.** The row $5, 9, 7, 7$ has the differences $4, -2, 0$: four pixels, three differences. It is
# a convolution already: lay the weights $(-1, 1)$ on each pair of neighbors and take your weighted sum.
#
# ### Exercise 4 ★ · 2 points
#
# Photographs are bytes, and the check tries bytes, too. If something strange happens with them, you have
# just met the most common surprise in image processing; part 7 explains it.


# %% exercise="differences" points=2
def differences(row):
    """row[n + 1] - row[n] for all neighbors in `row` (N,): N - 1 numbers."""
    ### BEGIN SOLUTION
    result = []
    for n in range(len(row) - 1):
        result.append(weighted_sum(np.array([-1, 1]), row[n : n + 2].astype(float)))
    return result
    ### END SOLUTION


# %% check="differences"
check("differences", differences)

# %% hint="differences"
hint("differences")

# %% [markdown]
# ## 7 · Predict, then run
#
# Now and then you are asked for a **prediction** before you see a result. Write it down, run the cell,
# run the next one. A wrong prediction costs nothing, and it is what you learn most from.
#
# **Predict, then run.** Both are bytes. What is $200 + 100$?

# %% predict="byte_sum"
### BEGIN SOLUTION
prediction = 44
### STUB: prediction = None  # replace None by a number
### END SOLUTION

# %%
total = np.array([200], np.uint8) + np.array([100], np.uint8)
reveal(prediction, int(total[0]), "A byte counts to 255 and then starts again at 0.")

# %% [markdown]
# $200 + 100 = 300$, and $300 - 256 = 44$. No error, no warning. On a photograph it looks like this:

# %%
brighter_bytes = flower + np.uint8(100)
plots.show(
    plots.images([flower, brighter_bytes], ["the photograph", "plus 100, in bytes"]),
    alt="A photograph of an orange dahlia before dark leaves, and the same after adding "
    "100 to every byte: the leaves are paler, but the petals, the brightest parts, have "
    "turned blue and green, where the sum went beyond 255.",
)

# %% [markdown]
# ### Exercise 5 ★★ · 2 points
#
# Do it properly: an **array** as large as the image. What would be above 255 becomes 255, what would be
# below 0 becomes 0. `amount` is a whole number and may be negative.


# %% exercise="brighten" points=2
def brighten(image, amount):
    """`image` (height, width, channels), bytes, with `amount` added: values from 0 to 255."""
    ### BEGIN SOLUTION
    return np.clip(image.astype(int) + amount, 0, 255)
    ### END SOLUTION


# %% check="brighten"
check("brighten", brighten)

# %% hint="brighten"
hint("brighten")

# %%
plots.show(
    plots.images(
        [flower, brighten(flower, 100)], ["the photograph", "plus 100, yours"]
    ),
    alt="The photograph of the orange dahlia, and the same made brighter: no false "
    "colors, and the brightest petals are now pale yellow.",
)

# %% [markdown]
# ## 8 · Your first convolution of a photograph
#
# Your `differences`, along every row of the photograph of part 2. It is called 143 times, and each call
# takes 213 weighted sums.

# %%
edges = np.array([differences(row) for row in photo])
plots.show(
    plots.images(
        [edges], ["differences along the rows, yours"], signed=True, limit=100, width=7
    ),
    alt="The upright edges of the temple: negative where it gets darker from left to right, "
    "positive where it gets brighter. Level lines and the plain sky vanish.",
)

# %% [markdown]
# Keras has a layer for that. It is given the same two weights, $(-1, 1)$, one row high and two columns
# wide, and the whole photograph at once:

# %%
from labkit.quiet import import_keras

keras = import_keras()
layer = keras.layers.Conv2D(1, (1, 2), use_bias=False)
batch = photo[np.newaxis, :, :, np.newaxis].astype("float32")
layer.build(batch.shape)
layer.set_weights([np.array([-1, 1], "float32").reshape(1, 2, 1, 1)])
keras_says = np.asarray(layer(batch))[0, :, :, 0]

print("yours:", edges[100, 100:108])
print("Keras:", keras_says[100, 100:108])
print(
    "shapes:", edges.shape, keras_says.shape, " equal:", np.allclose(edges, keras_says)
)

# %% [markdown]
# Equal, all 30,459 numbers.
#
# One picture more, of the small row that you worked out by hand. It shows the row, the two weights, the
# differences, and under them the same thing as a **matrix**: each of its rows holds the two weights, one
# place further on. You will meet this picture in every lab, and lab 01 tells you how to read it.

# %%
plots.show(
    plots.picture(np.array([[5, 9, 7, 7]]), np.array([[-1, 1]]), at=(0, 1)),
    alt="The row 5, 9, 7, 7, the kernel with weights -1 and 1, the output 4, -2, 0, and the "
    "3 by 4 matrix. In every row of the matrix the two weights stand side by side; from "
    "row to row they move one column to the right. Output (0, 1), its two pixels and its "
    "row of the matrix are outlined.",
)

# %% [markdown]
# ## 9 · Points, and handing in
#
# **Points.** Each exercise says what it is worth. A check that passes has tried the public inputs, which
# are the same for everybody. Grading tries *other* inputs of the same kinds, so an answer made for the
# public ones earns little, and an honest one has nothing to fear. At the end of each lab are two **open
# questions**; a person reads those.
#
# **Handing in.** Save the notebook (`Ctrl+S`) and give in the file, `00_setup.ipynb`, the way your course
# says. Graded is what stands in *your answer cells*: those that were there, under their own headings.
# What a cell once printed does not count, your own extra cells do no harm, and an exercise left empty
# costs its points and nothing else. Before you hand in: *Restart Kernel and Run All Cells*.
#
# **Updates.** Start the labs again whenever you like. A notebook that you have changed is never
# overwritten; a newer version is put beside it.

# %% [markdown]
# ## Summary
#
# - Run cells from top to bottom with `Shift+Enter`; when in doubt, restart and run all.
# - `check` says right or wrong and, if it can, what went wrong; `hint` gives one step at a time;
#   `progress()` shows what is done.
# - Wrong code rarely crashes. Small inputs, worked by hand, find what the eye cannot.
# - Bytes overflow in silence: leave them before you compute.
# - A convolution is a weighted sum, taken again and again along an image. You have run one.

# %%
progress()

# %% [markdown]
# ## Two open questions
#
# Write into the cells below; double-click to open them. There is no single right answer.

# %% [markdown] question="q_checking" points=1
# **Question 1 · 1 point.** Think of a program of yours that ran without an error and was wrong. How did
# you find out, and which small input, worked out by hand, would have told you at once?
#
# <!-- BEGIN SOLUTION -->
# Any honest example does. A good one names an input so small that the result is known without the
# program (one pixel, two rows of different length, all zeros, a negative number), and says why the
# inputs that were tried at first could not tell the difference (square, positive, symmetric).
# <!-- END SOLUTION -->

# %% [markdown] question="q_public_inputs" points=1
# **Question 2 · 1 point.** All checks of an exercise pass. Does that prove that the function is right?
# What would you try next if a patient's diagnosis depended on it?
#
# <!-- BEGIN SOLUTION -->
# No: finitely many inputs prove nothing about the others; they only make the mistakes that somebody
# thought of unlikely. Next: laws instead of examples (all zeros give zeros, twice the input gives twice
# the output, moving the input moves the output), a second implementation written by somebody else,
# random inputs of odd sizes, the extremes of the value range, and reading the code once more.
# <!-- END SOLUTION -->
