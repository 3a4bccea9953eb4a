# %% [markdown]
# # Lab 05 · Stride and dilation
#
# By the end of this lab you will be able to
#
# - convolve with a stride, and see it in the constrained matrix as rows that are deleted: what that
#   saves, and what it loses;
# - tell a stride from a dilation, in a formula and in the numbers that come out;
# - go back from few outputs to many inputs with the transposed matrix, and say why that is no inverse.
#
# **Rests on** the lecture's *Hyperparameters of Convolutions: Stride* (figure 4); Dumoulin and Visin,
# *A guide to convolution arithmetic for deep learning*, 2016; Yu and Koltun, *Multi-scale context
# aggregation by dilated convolutions*, 2016; Odena et al., *Deconvolution and checkerboard artifacts*,
# 2016.
#
# **Time budget:** about 80 minutes of yours, under 60 seconds of your computer's, offline.

# %%
import numpy as np

from labkit import data, geometry, matrix, plots, widgets
from labkit.checks import check, hint, progress
from labkit.predict import reveal
from labkit.quiet import import_keras

keras = import_keras()

# Every seed and size of this lab: nothing is drawn at random in it, and its arrays are small
BOARD = 7  # rows and columns of the image that the pictures show
DILATIONS = {"dilations 1, 1, 1, 1": (1, 1, 1, 1), "dilations 1, 2, 4, 8": (1, 2, 4, 8)}
STAMPS = 8  # numbers that are stamped for the checkerboard, along each side

# %% [markdown]
# ## 1 · Skipping places
#
# Neighboring outputs see nearly the same pixels. Why compute them all? With a **stride** of $s$ the
# kernel moves by $s$ pixels at a time, in both directions:
#
# $$C(n, m) = \sum_{i=0}^{A-1}\sum_{j=0}^{B-1} I(n\,s + i,\, m\,s + j)\,K(i,j)$$
#
# **By hand.** The 4×5 image of lab 01, the kernel $\begin{pmatrix}1&0\\2&-1\end{pmatrix}$ and $s = 2$.
# Output $(0,0)$ is $1 + 2\cdot 0 - 1 = 0$. Output $(0,1)$ begins two columns further on:
# $0 + 2\cdot 2 - 3 = 1$. There is room for $\lfloor(4-2)/2\rfloor + 1 = 2$ rows and
# $\lfloor(5-2)/2\rfloor + 1 = 2$ columns; the last column of the image is never read.
#
# ### Exercise 1 ★★ · 2 points


# %% exercise="strided_conv2d" points=2
def strided_conv2d(image, kernel, stride):
    """Cross-correlate `image` (N, M) with `kernel` (A, B), at every stride-th place."""
    ### BEGIN SOLUTION
    A, B = kernel.shape
    rows = (image.shape[0] - A) // stride + 1
    columns = (image.shape[1] - B) // stride + 1
    out = np.zeros((rows, columns))
    for n in range(rows):
        for m in range(columns):
            r, c = n * stride, m * stride
            out[n, m] = (image[r : r + A, c : c + B] * kernel).sum()
    return out
    ### END SOLUTION


# %% check="strided_conv2d"
check("strided_conv2d", strided_conv2d)

# %% hint="strided_conv2d"
hint("strided_conv2d")

# %%
image = np.array([[1, 2, 0, 1, 3], [0, 1, 2, 3, 1], [2, 0, 1, 1, 0], [1, 3, 0, 2, 2]])
kernel = np.array([[1, 0], [2, -1]])
layer = keras.layers.Conv2D(1, 2, strides=2, use_bias=False)
layer.build((None, 4, 5, 1))
layer.set_weights([kernel.reshape(2, 2, 1, 1)])
theirs = np.asarray(layer(image.reshape(1, 4, 5, 1).astype(float)))[0, ..., 0]
print("yours", np.asarray(strided_conv2d(image, kernel, 2), float).tolist())
print("Keras", theirs.tolist())

# %% [markdown]
# ## 2 · Stride deletes rows
#
# The strided outputs are a choice of the outputs that there were. In the constrained matrix an output
# is a row, so nothing is left to say: **stride $s$ keeps every $s$-th row** and deletes the others. In
# two dimensions: of every row of places, and of the rows themselves.
#
# **By hand.** $k = (1, 0, -2)$, $n = 7$, $s = 2$. Lab 01's matrix has rows 0 to 4; rows 0, 2, 4 stay.
#
# ### Exercise 2 ★ · 2 points


# %% exercise="strided_matrix" points=2
def strided_matrix(kernel, n, stride):
    """The matrix ((n - A) // stride + 1, n) of a strided convolution in one dimension."""
    ### BEGIN SOLUTION
    rows = n - len(kernel) + 1
    W = np.zeros((rows, n))
    for row in range(rows):
        W[row, row : row + len(kernel)] = kernel
    return W[::stride]
    ### END SOLUTION


# %% check="strided_matrix"
check("strided_matrix", strided_matrix)

# %% hint="strided_matrix"
hint("strided_matrix")

# %%
print(strided_matrix(np.array([1, 0, -2]), 7, 2))

# %% [markdown]
# The lecture's figure 4, in our picture: stride 2, a 3×3 kernel, a 7×7 image. Nine rows are left of
# twenty-five.

# %%
board = np.add.outer(np.arange(BOARD), 2 * np.arange(BOARD)) % 5
edge = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
plots.show(
    plots.picture(board, edge, at=(1, 2), strides=2),
    alt="A 7 by 7 image, a 3 by 3 kernel, the 3 by 3 output with stride 2 and the 9 by 49 "
    "matrix. Output (1, 2) is outlined; its receptive field begins at row 2, column 4. From "
    "one row of the matrix to the next the weights move two columns, and where a new row of "
    "outputs begins, two rows of the image.",
)

# %% [markdown]
# **Predict, then run.** A 224×224 image, a 7×7 kernel, no padding. How many times fewer multiplications
# does stride 2 need than stride 1, to the nearest whole number?

# %% predict="cost"
### BEGIN SOLUTION
prediction = 4
### STUB: prediction = None  # replace None by a number
### END SOLUTION

# %%
outputs = [geometry.output_size(224, 7, strides=s) ** 2 for s in (1, 2)]
reveal(
    prediction,
    round(outputs[0] / outputs[1]),
    f"From {49 * outputs[0]:,} to {49 * outputs[1]:,}: both directions skip, so s² times fewer.",
)

# %% [markdown]
# ### A failure worth seeing
#
# What is skipped is gone, and worse: what is left can *lie*. Take fine stripes, one pixel black, one
# white, and keep every second column:

# %%
stripes = np.tile([0.0, 1.0], (8, 8))
one = np.ones((1, 1))
print("stripes:             ", stripes[0].astype(int))
for s, name in ((2, "second"), (3, "third")):
    kept = np.asarray(strided_conv2d(stripes, one, s), int)
    print(f"every {name + ' column:':15}", kept[0])

# %% [markdown]
# Stripes have become plain black; with stride 3 they have become stripes three times as *wide*, for each
# column left stands for three. Such stripes were never there.
# This is **aliasing**: detail finer than the stride does not vanish, it comes back as something coarse.
# On a real photograph, with the fine carving of the roof:

# %%
photo = data.photograph("china", gray=True)[60:380, 140:620] / 255
blur = np.full((6, 6), 1 / 36)
plots.show(
    plots.images(
        [photo, strided_conv2d(photo, one, 6), strided_conv2d(photo, blur, 6)],
        ["the photograph", "every 6th pixel", "mean of 6 × 6, stride 6"],
    ),
    alt="A temple roof, three times. The photograph; every sixth pixel of it, in which edges "
    "are ragged and single dots stand out; and the means of six by six pixels, as small, but "
    "smooth, with the lines of the roof still whole.",
)

# %% [markdown]
# The cure is old: average before you skip. A strided convolution can learn to, if its kernel is at least
# as wide as the stride and so sees all the pixels; a 1×1 kernel with a stride cannot, and average pooling
# (lab 06) does it by design.

# %% [markdown]
# ## 3 · What the slide says
#
# The slide defines a convolution of stride $s$ by another formula:
#
# $$C(n, m) = \sum_i \sum_j I(n + i \times s,\, m + j \times s)\, K(i,j)$$
#
# Look closely where the $s$ stands. What does it do? Do not argue, measure: put a single 1 into the
# image, and ask which outputs see it.


# %%
def slide_formula(image, kernel, s):
    """The formula on the slide, as it is printed."""
    (N, M), (A, B) = image.shape, kernel.shape
    C = np.zeros((N - s * (A - 1), M - s * (B - 1)))
    for n, m in np.ndindex(C.shape):
        for i, j in np.ndindex(A, B):
            C[n, m] += image[n + i * s, m + j * s] * kernel[i, j]
    return C


impulse = np.zeros((11, 11))
impulse[5, 5] = 1
numbered = np.arange(1, 10).reshape(3, 3)

# %% [markdown]
# **Predict, then run.** With a stride of 2, the 3×3 kernel lies at rows and columns 0, 2, 4, 6 and 8. How
# many of these outputs see the pixel (5, 5)? And how many do, by the slide's formula with $s = 2$?

# %% predict="slide"
### BEGIN SOLUTION
prediction = (1, 9)
### STUB: prediction = None  # replace None by (with a stride, by the slide's formula)
### END SOLUTION

# %%
by_stride = np.asarray(strided_conv2d(impulse, numbered, 2))
by_slide = slide_formula(impulse, numbered, 2)
reveal(prediction, (int((by_stride != 0).sum()), int((by_slide != 0).sum())))

# %%
plots.show(
    plots.tables(
        [impulse, by_stride, by_slide], ["image", "stride 2", "the slide, s = 2"]
    ),
    alt="Three tables. The 11 by 11 image is zero but for a 1 in the middle. With stride 2 the 5 "
    "by 5 output holds a single 5, the weight in the middle of the kernel. By the slide's formula "
    "the 7 by 7 output holds all nine weights, each two cells from the next.",
)

# %% [markdown]
# A strided kernel sees that pixel once, with its middle. By the slide's formula the output is larger, all
# nine weights meet the pixel, and they do so two outputs apart: the kernel still moves by one pixel, and
# its **taps** stand two apart. That is a **dilated** convolution: a useful thing, and another one. The
# stride's formula has the $s$ at the place, $I(n\,s + i,\ m\,s + j)$.
#
# Now build it on purpose. First spread the kernel: with dilation $d$, $d - 1$ zeros between neighbors.
#
# ### Exercise 3 ★ · 1 point


# %% exercise="dilate_kernel" points=1
def dilate_kernel(kernel, dilation):
    """`kernel` (A, B) with its weights `dilation` apart, zeros between them."""
    ### BEGIN SOLUTION
    A, B = kernel.shape
    wide = np.zeros((dilation * (A - 1) + 1, dilation * (B - 1) + 1))
    wide[::dilation, ::dilation] = kernel
    return wide
    ### END SOLUTION


# %% check="dilate_kernel"
check("dilate_kernel", dilate_kernel)

# %% hint="dilate_kernel"
hint("dilate_kernel")

# %% [markdown]
# ### Exercise 4 ★★ · 2 points


# %% exercise="dilated_conv2d" points=2
def dilated_conv2d(image, kernel, dilation):
    """Cross-correlate `image` (N, M) with `kernel` (A, B), its taps `dilation` apart."""
    ### BEGIN SOLUTION
    return strided_conv2d(image, dilate_kernel(kernel, dilation), 1)
    ### END SOLUTION


# %% check="dilated_conv2d"
check("dilated_conv2d", dilated_conv2d)

# %% hint="dilated_conv2d"
hint("dilated_conv2d")

# %%
layer = keras.layers.Conv2D(1, 2, dilation_rate=2, use_bias=False)
layer.build((None, 4, 5, 1))
layer.set_weights([kernel.reshape(2, 2, 1, 1)])
theirs = np.asarray(layer(image.reshape(1, 4, 5, 1).astype(float)))[0, ..., 0]
print("yours", np.asarray(dilated_conv2d(image, kernel, 2), float).tolist())
print("Keras", theirs.tolist())
print("slide", slide_formula(image, kernel, 2).tolist())

# %% [markdown]
# ### Exercise 5 ★★ · 2 points
#
# Somebody hands you an output, and claims "convolution with $s = 2$". Which of the two formulas made
# it? Answer `"stride"`, `"dilation"`, `"both"` (when they agree) or `"neither"`, from the numbers.
# Allow a difference of about $10^{-3}$.


# %% exercise="which_formula" points=2
def which_formula(image, kernel, s, output):
    """Which formula made `output`: "stride", "dilation", "both" or "neither"?"""

    ### BEGIN SOLUTION
    def made_by(formula):
        found = formula(image, kernel, s)
        return found.shape == output.shape and np.allclose(found, output, atol=1e-3)

    stride, dilation = made_by(strided_conv2d), made_by(dilated_conv2d)
    if stride and dilation:
        return "both"
    return "stride" if stride else "dilation" if dilation else "neither"
    ### END SOLUTION


# %% check="which_formula"
check("which_formula", which_formula)

# %% hint="which_formula"
hint("which_formula")

# %% [markdown]
# In the matrix, dilation deletes no rows: it spreads the entries of each.

# %%
plots.show(
    plots.picture(board[:6, :6], edge, at=(1, 0), dilation_rate=2),
    alt="A 6 by 6 image, a 3 by 3 kernel, the 2 by 2 output with dilation 2 and the 4 by 36 matrix. "
    "Output (1, 0) is outlined, and nine cells of the image that it sees, with a gap of one between "
    "neighbors. In each row of the matrix there is an empty column between any two weights.",
)

# %% [markdown]
# Move through all of it. Set stride 2, and watch rows go; set it back, choose dilation 2, and watch the
# entries of each row move apart.

# %%
widgets.explorer(
    board[:6, :6],
    edge,
    at=(1, 1),
    controls=("kernel", "padding", "strides", "dilation_rate"),
)

# %% [markdown]
# What is dilation good for? It sees far with few weights. Four layers of three taps with dilations 1, 2,
# 4, 8 see $1 + 2(1 + 2 + 4 + 8)$ numbers.

# %%
for name, dilations in DILATIONS.items():
    chain = [{"kernel_size": 3, "dilation_rate": d} for d in dilations]
    print(f"{name}: sees {geometry.receptive_field(chain).size} numbers, 12 weights")

# %% [markdown]
# ## 4 · Back again: the transpose
#
# A strided convolution makes few numbers out of many, $y = Wx$. Networks that draw pictures need the way
# back. $W$ has no inverse, since what was skipped is gone; but $W^\top$ has the right shape. Column $r$
# of $W^\top$ is row $r$ of $W$: the kernel, at place $r\,s$. So $W^\top y$ **stamps** a kernel for each
# number of $y$, and adds where stamps overlap.
#
# **By hand.** $y = (1, 0, 2)$, $k = (1, 2, 3)$, $s = 2$: stamps of 1·k at 0 and 2·k at 4, in
# $(3-1)\cdot 2 + 3 = 7$ places: $(1, 2, 3, 0, 2, 4, 6)$.
#
# ### Exercise 6 ★★★ · 3 points


# %% exercise="transposed_conv1d" points=3
def transposed_conv1d(y, kernel, stride):
    """W.T @ y, for the strided matrix W on the fewest inputs that give len(y) outputs."""
    ### BEGIN SOLUTION
    x = np.zeros((len(y) - 1) * stride + len(kernel))
    for r, value in enumerate(y):
        x[r * stride : r * stride + len(kernel)] += value * kernel
    return x
    ### END SOLUTION


# %% check="transposed_conv1d"
check("transposed_conv1d", transposed_conv1d)

# %% hint="transposed_conv1d"
hint("transposed_conv1d")

# %%
y, k = np.array([1.0, 0.0, 2.0]), np.array([1.0, 2.0, 3.0])
layer = keras.layers.Conv1DTranspose(1, 3, strides=2, use_bias=False)
layer.build((None, 3, 1))
layer.set_weights([k.reshape(3, 1, 1)])
W = matrix.convolution_matrix(k, 7, strides=2)
print("yours  ", transposed_conv1d(y, k, 2))
print("W.T @ y", W.T @ y)
print("Keras  ", np.asarray(layer(y.reshape(1, 3, 1)))[0, :, 0])

# %%
plots.show(
    plots.matrix((7,), (3,), strides=2, transpose=True),
    alt="The 3 by 7 matrix of a convolution with stride 2, in whose rows the three weights begin at "
    "columns 0, 2 and 4, and beside it its transpose, 7 by 3, in whose columns they begin at rows 0, 2 "
    "and 4. Rows 2 and 4 of the transpose hold two weights: there the stamps overlap.",
)

# %% [markdown]
# Is it an inverse after all? Stride down, and transpose back up:

# %%
x = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0])
print("x             ", x)
print("W.T @ (W @ x) ", W.T @ (W @ x))
print("rank of W:", np.linalg.matrix_rank(W), "of", W.shape[1])

# %% [markdown]
# It is not: three numbers cannot bring seven back. The transpose puts values back *where they came
# from*, which is what a gradient does, too (lab 07).
#
# One more thing to see. Stamp a kernel of ones, 3 long, with stride 2:

# %%
for size in (3, 4):
    stamped = transposed_conv1d(np.ones(6), np.ones(size), 2)
    print(f"kernel {size}, stride 2:", np.asarray(stamped, int))

# %% [markdown]
# Some places get two stamps and some get one: in pictures this is the **checkerboard** that
# networks leave behind. A kernel whose size is a multiple of the stride overlaps evenly.

# %%
stamps = [transposed_conv1d(np.ones(STAMPS), np.ones(size), 2) for size in (3, 4)]
plots.show(
    plots.images(
        [np.outer(s, s) for s in stamps],
        ["kernel 3 × 3, stride 2", "kernel 4 × 4, stride 2"],
        width=7,
    ),
    alt="Two gray squares, made by stamping kernels of ones with stride 2. With 3 by 3 kernels "
    "it is a checkerboard of bright dots; with 4 by 4 kernels it is one even tone inside a "
    "darker border.",
)

# %% [markdown]
# ## Summary
#
# - **Stride** $I(n s + i)$ moves the kernel by $s$: it deletes rows of the matrix, saves $s^2$ of the
#   work, and can alias; average before you skip.
# - **Dilation** $I(n + i s)$ spreads the taps: the rows keep their number and their weights stand apart.
#   The slide's formula for the stride is this one.
# - The **transposed** convolution is $W^\top y$: it stamps kernels and adds. It has the inverse's
#   shape, and is not the inverse.

# %%
progress()

# %% [markdown]
# ## Two open questions
#
# Your instructor reads these; no program does.

# %% [markdown] question="q_shift" points=2
# **Question 1 · 2 points.** Lab 01 found convolution equivariant to translation. Is a convolution of stride
# 2 still equivariant? Say for which shifts it is, what happens for the others, and how the rows of the
# matrix show it.
#
# <!-- BEGIN SOLUTION -->
# For shifts by a multiple of 2: moving the input by 2 moves the output by 1, because each row is the one
# above it moved by two columns. For a shift by 1 the outputs that would be needed belong to the rows that
# were deleted; the result is that of other rows of the full matrix and can be quite different (the stripes
# of part 2 change from all black to all white). Averaging before skipping makes the change small.
# <!-- END SOLUTION -->

# %% [markdown] question="q_gridding" points=2
# **Question 2 · 2 points.** Stack three convolutions of 3 taps, all with dilation 2. How many inputs lie in
# the receptive field of one output, and how many of them does it really see? What does that mean for
# two neighboring outputs, and how would you choose the dilations instead?
#
# <!-- BEGIN SOLUTION -->
# The field spans 1 + 3·2·2 = 13 inputs, but only every second one, 7 of them, is read: all offsets are
# even. Neighboring outputs see disjoint sets of inputs (even and odd places), as if two networks ran side
# by side: "gridding". Dilations without a common factor, such as 1, 2, 5 or 1, 2, 4, read every input of the field.
# <!-- END SOLUTION -->
