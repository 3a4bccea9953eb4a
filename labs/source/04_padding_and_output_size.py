# %% [markdown]
# # Lab 04 · Padding and output size
#
# By the end of this lab you will be able to
#
# - say how large an output is before computing it, for any kernel, padding, stride and dilation;
# - pad an image by hand, and see padding in the constrained matrix: it adds rows, never columns;
# - tell the two conventions of *same* padding apart, and say which pixels padding still neglects.
#
# **Rests on** the lecture's *Hyperparameters of Convolutions* and *Zero-padding* (figure 3); Dumoulin
# and Visin, *A guide to convolution arithmetic for deep learning*, 2016.
#
# **Time budget:** about 75 minutes of yours, under 60 seconds of your computer's, offline.

# %%
import numpy as np

from labkit import data, geometry, plots, widgets
from labkit.checks import check, hint, progress
from labkit.predict import reveal
from labkit.quiet import import_keras

keras = import_keras()

# Every seed and size of this lab
rng = np.random.default_rng(2017)
SERIES, EVENT = 12, 8  # numbers in a time series, and when something happens in it
DEPTH = 5  # layers that are stacked on a digit

# %% [markdown]
# ## 1 · How many outputs?
#
# A network is built before it sees its first image, so the sizes have to fit on paper. Along one axis
# there are five numbers that matter: the size $n$ of the input, the size $a$ of the kernel, the zeros
# $p$ added on *each* side, the **stride** $s$ by which the kernel moves, and the **dilation** $d$, the
# distance between its taps (1: side by side).
#
# The taps reach from the first to the last, $d(a-1)+1$ places. What is left of the padded input is the
# room to move, and every $s$-th place counts:
#
# $$\text{outputs} = \left\lfloor \frac{n + 2p - d(a-1) - 1}{s} \right\rfloor + 1$$
#
# **By hand.** $n = 7$, $a = 3$, $p = 1$, $s = 2$, $d = 1$. The padded input has 9 places, the kernel
# covers 3, so it can move by 6, in 3 steps of 2: with the first place, 4 outputs. With $s = 1$,
# $p = 0$, $d = 1$ the formula is lab 01's $n - a + 1$.
#
# **Predict, then run.** A row of 224 pixels, a kernel of 7, 3 zeros on each side, stride 2. How many
# outputs? (It is the first layer of many a network.)

# %% predict="resnet"
### BEGIN SOLUTION
prediction = 112
### STUB: prediction = None  # replace None by a number
### END SOLUTION

# %%
reveal(
    prediction,
    geometry.output_size(224, 7, strides=2, padding=((3, 3),)),
    "The room is 224 + 6 − 7 = 223: an odd number, so the last pixel of it is never used.",
)

# %% [markdown]
# ### Exercise 1 ★ · 2 points


# %% exercise="output_size" points=2
def output_size(n, a, padding, stride, dilation):
    """Outputs along one axis; `padding` zeros are added on each side."""
    ### BEGIN SOLUTION
    extent = dilation * (a - 1) + 1
    return (n + 2 * padding - extent) // stride + 1
    ### END SOLUTION


# %% check="output_size"
check("output_size", output_size)

# %% hint="output_size"
hint("output_size")

# %%
print("  n  a  p  s  d   yours  Keras")
for n, a, p, s, d in [
    (28, 5, 0, 1, 1),
    (28, 5, 2, 1, 1),
    (29, 3, 1, 2, 1),
    (28, 3, 0, 1, 4),
]:
    layer = keras.layers.Conv1D(1, a, strides=s, dilation_rate=d)
    theirs = layer.compute_output_shape((1, n + 2 * p, 1))[1]
    print(f"{n:>3}{a:>3}{p:>3}{s:>3}{d:>3}{output_size(n, a, p, s, d):>8}{theirs:>7}")

# %% [markdown]
# ## 2 · Zeros around the image
#
# Here is the 4×4 image of the lecture's figure 3, with a ring of zeros, under the edge kernel of lab 01
# laid over its top right corner. The dashed line is the border of the real image.

# %%
image = np.array([[35, 19, 25, 6], [13, 22, 16, 53], [4, 3, 7, 10], [9, 8, 1, 3]])
kernel = np.array([[1, 0, -1], [2, 0, -2], [1, 0, -1]])
plots.show(
    plots.picture(image, kernel, at=(0, 3), padding="same"),
    alt="The lecture's 4 by 4 image with a ring of zeros around it, the 3 by 3 kernel, the "
    "4 by 4 output and the 16 by 16 matrix. Output (0, 3), worth 66, is outlined: it reads "
    "four pixels of the image and five zeros. Its row of the matrix holds four weights "
    "where a row of the middle holds nine.",
)

# %% [markdown]
# **By hand.** Output $(0,3)$ sees the pixels 25, 6, 16, 53, and five zeros. Its sum is
# $25\cdot 2 + 6\cdot 0 + 16\cdot 1 + 53\cdot 0 = 66$.
#
# The slides write sums over an $N \times M$ image and get an $N \times M$ output. Which is it? With
# the sum over *all valid places* the output has $N - A + 1$ rows (**valid**); it has $N$ rows only if
# $A - 1$ zeros are added (**same**). The kinds that have names:


# %%
print("n = 6, a = 3     before  after  outputs")
for name in ("valid", "same", "full", "causal"):
    ((before, after),) = geometry.pad_amounts(6, 3, padding=name)
    print(
        f"{name:>12} {before:>10} {after:>6} {geometry.output_size(6, 3, padding=name):>7}"
    )

# %% [markdown]
# **Full** lets the kernel visit every place where it touches the image at all; **causal** puts all
# zeros before, so that no output sees what comes after it (part 6).
#
# Real layers get a batch of images with channels, `(batch, height, width, channels)`, and only two of
# these four axes may be padded.
#
# ### Exercise 2 ★ · 1 point


# %% exercise="zero_pad" points=1
def zero_pad(images, pads):
    """Zeros around each of `images`; `pads` is ((top, bottom), (left, right))."""
    ### BEGIN SOLUTION
    return np.pad(images, [(0, 0), *pads, (0, 0)])
    ### END SOLUTION


# %% check="zero_pad"
check("zero_pad", zero_pad)

# %% hint="zero_pad"
hint("zero_pad")

# %% [markdown]
# ### Exercise 3 ★★ · 2 points
#
# Now convolve one image, `(N, M)`, padded by any amounts. Your `conv2d` of lab 01 may come back.


# %% exercise="padded_conv2d" points=2
def padded_conv2d(image, kernel, pads):
    """Cross-correlate `image` (N, M), with zeros around it, with `kernel` (A, B)."""
    ### BEGIN SOLUTION
    box = np.pad(image, pads)
    A, B = kernel.shape
    rows, columns = box.shape[0] - A + 1, box.shape[1] - B + 1
    out = np.zeros((rows, columns))
    for n in range(rows):
        for m in range(columns):
            out[n, m] = (box[n : n + A, m : m + B] * kernel).sum()
    return out
    ### END SOLUTION


# %% check="padded_conv2d"
check("padded_conv2d", padded_conv2d)

# %% hint="padded_conv2d"
hint("padded_conv2d")

# %%
photo = data.photograph("flower", gray=True, every=2) / 255
layer = keras.layers.Conv2D(1, 3, padding="same", use_bias=False)
layer.build((None, *photo.shape, 1))
layer.set_weights([kernel.reshape(3, 3, 1, 1)])
yours = np.asarray(padded_conv2d(photo, kernel, ((1, 1), (1, 1))))
theirs = np.asarray(layer(photo[None, ..., None]))[0, ..., 0]
print("yours", yours.shape, yours[0, :3].round(3))
print("Keras", theirs.shape, theirs[0, :3].round(3))
print("equal to 5 decimals:", np.allclose(yours, theirs, atol=1e-5))

# %% [markdown]
# ## 3 · Padding is rows
#
# What does padding do to the matrix? Zeros multiply to nothing, so no *column* is needed for them. But
# every new place of the kernel is a new output, and an output is a **row**.
#
# **By hand.** $k = (1, 0, -2)$ on 4 numbers, one zero on each side: 4 outputs, a 4×4 matrix. Row 0
# would start one place before the input, so its first weight is cut off:
#
# $$W = \begin{pmatrix}
# 0 & -2 & 0 & 0\\
# 1 & 0 & -2 & 0\\
# 0 & 1 & 0 & -2\\
# 0 & 0 & 1 & 0
# \end{pmatrix}$$
#
# The two rows in the middle are lab 01's matrix. Padding put one above and one below.
#
# ### Exercise 4 ★★★ · 3 points


# %% exercise="padded_matrix" points=3
def padded_matrix(kernel, n, before, after):
    """The matrix (n + before + after - A + 1, n) that multiplies the *unpadded* input."""
    ### BEGIN SOLUTION
    size = n + before + after
    W = np.zeros((size - len(kernel) + 1, size))
    for row in range(len(W)):
        W[row, row : row + len(kernel)] = kernel
    return W[:, before : before + n]  # the other columns would meet zeros
    ### END SOLUTION


# %% check="padded_matrix"
check("padded_matrix", padded_matrix)

# %% hint="padded_matrix"
hint("padded_matrix")

# %%
print(padded_matrix(np.array([1, 0, -2]), 4, 1, 1))

# %% [markdown]
# Try it in two dimensions. Change the padding, and watch rows come and go while the columns stay. With
# "full", how many weights stand in the very first row?

# %%
widgets.explorer(
    image,
    kernel,
    at=(0, 3),
    padding="same",
    controls=("kernel", "padding", "dilation_rate"),
)

# %% [markdown]
# ## 4 · Two kinds of same
#
# With stride 1 and an odd kernel, *same* is plain: $(a-1)/2$ zeros on each side. With a stride there
# are $\lceil n/s \rceil$ outputs, and libraries disagree about where the zeros go. TensorFlow, and so
# Keras, adds **as few as it needs**, and if their number is odd, the extra one goes **after**: at the
# bottom and on the right. In PyTorch and Caffe one gives a number of zeros, usually
# $\lfloor a/2 \rfloor$, and it is added on both sides.
#
# **By hand.** $n = 6$, $a = 3$, $s = 2$: 3 outputs. The last one begins $2\cdot 2 = 4$ places after
# the first and is 3 long, so the padded input needs 7 places: one zero. TensorFlow: $(0, 1)$.
# Symmetric: $(1, 1)$, and the second of them is never used.

# %%
widgets.padding_viewer([3, 1, 4, 1, 5, 9], [1, 2, -1], strides=2)

# %% [markdown]
# Equal shapes, and not one equal value: the kernel lies on other pixels. Weights trained in one library
# give nonsense in another, and no error tells you.
#
# **Predict, then run.** For the same signal with stride 1 in place of 2, how many of the six outputs
# will differ between the two conventions?

# %% predict="conventions"
### BEGIN SOLUTION
prediction = 0
### STUB: prediction = None  # replace None by a number from 0 to 6
### END SOLUTION

# %%
tensorflow, symmetric = plots.padding_conventions(6, 3, 1)
signals = [np.pad([3, 1, 4, 1, 5, 9], pads) for pads in (tensorflow, symmetric)]
values = [np.correlate(signal, [1, 2, -1], "valid") for signal in signals]
reveal(
    prediction,
    int((values[0] != values[1]).sum()),
    "An odd kernel needs an even total.",
)

# %% [markdown]
# ### Exercise 5 ★★★ · 3 points
#
# TensorFlow's rule, for any stride and dilation: as few zeros as give $\lceil n/s \rceil$ outputs, the
# extra one after. Mind strides larger than the kernel: less than no zeros are no zeros.


# %% exercise="same_padding" points=3
def same_padding(n, a, stride, dilation):
    """The zeros (before, after) that TensorFlow adds along one axis for "same"."""
    ### BEGIN SOLUTION
    extent = dilation * (a - 1) + 1
    outputs = -(-n // stride)  # rounded up
    total = max((outputs - 1) * stride + extent - n, 0)
    return total // 2, total - total // 2
    ### END SOLUTION


# %% check="same_padding"
check("same_padding", same_padding)

# %% hint="same_padding"
hint("same_padding")


# %%
def pads_of_keras(n, a, s):
    """Which tap meets which input? Ask the layer, with weights 1, 2, 3 ..., one input at a time."""
    layer = keras.layers.Conv1D(1, a, strides=s, padding="same", use_bias=False)
    layer.build((None, n, 1))
    layer.set_weights([np.arange(1.0, a + 1).reshape(a, 1, 1)])
    tap = np.asarray(layer(np.eye(n)[..., None]))[..., 0]  # (input, output)
    return int(tap[0, 0]) - 1, a - int(tap[:, -1].max())


print("  n  a  s   yours   Keras")
for n, a, s in [(6, 3, 2), (7, 3, 2), (8, 4, 1), (10, 6, 3)]:
    print(f"{n:>3}{a:>3}{s:>3}   {same_padding(n, a, s, 1)}  {pads_of_keras(n, a, s)}")

# %% [markdown]
# ## 5 · Which pixels have a say?
#
# Padding is often said to treat all pixels alike. Does it? Count, for every pixel, in how many outputs
# it has a say: the number of entries in its *column* of the matrix.
#
# **By hand.** A 3×4 image and a 2×2 kernel, no padding: the corner lies under one place of the kernel,
# a pixel at the edge under two, one in the middle under four.
#
# ### Exercise 6 ★★ · 2 points


# %% exercise="pixel_use" points=2
def pixel_use(height, width, a, b, padding):
    """How many outputs each pixel reaches, (height, width); `padding` zeros all around."""
    ### BEGIN SOLUTION
    uses = np.zeros((height + 2 * padding, width + 2 * padding), int)
    for n in range(uses.shape[0] - a + 1):
        for m in range(uses.shape[1] - b + 1):
            uses[n : n + a, m : m + b] += 1
    return uses[padding : padding + height, padding : padding + width]
    ### END SOLUTION


# %% check="pixel_use"
check("pixel_use", pixel_use)

# %% hint="pixel_use"
hint("pixel_use")

# %% [markdown]
# **Predict, then run.** An 8×8 digit under a 5×5 kernel. How many times as often as the corner is a
# pixel in the middle used: without padding, and with *same* padding (2 zeros)? One decimal is enough.

# %% predict="corner"
### BEGIN SOLUTION
prediction = (16, 2.8)
### STUB: prediction = None  # replace None by (without padding, with 2 zeros)
### END SOLUTION

# %%
uses = {
    name: np.asarray(pixel_use(8, 8, 5, 5, p))
    for name, p in [("valid", 0), ("same", 2), ("full", 4)]
}
ratios = {name: round(table.max() / table[0, 0], 1) for name, table in uses.items()}
reveal(
    prediction,
    (ratios["valid"], ratios["same"]),
    "Same padding helps, and is not fair.",
)

# %%
plots.show(
    plots.tables(list(uses.values()), ["valid", "same: 2 zeros", "full: 4 zeros"]),
    alt="How often each pixel of an 8 by 8 image is used by a 5 by 5 kernel, as three tables. "
    "Valid: 1 in the corners, 16 in the middle. Same: 9 in the corners, 15 at the edges, 25 "
    "in the middle. Full: 25 everywhere.",
)

# %% [markdown]
# Only *full* padding treats all pixels alike, and it makes the output larger than the image. With
# *same*, a corner still counts 9 times where the middle counts 25: the matrix has columns with fewer
# entries. What is drawn at the edge of an image is learned from less.

# %% [markdown]
# ## 6 · Looking ahead
#
# A forecast must not read tomorrow's newspaper. With *same* padding each output of a time series sees
# numbers on both sides; with *causal* padding all $d(a-1)$ zeros come first, and output $t$ sees
# inputs up to $t$ only.

# %%
series = rng.standard_normal((1, SERIES, 1)).astype("float32")
changed = series.copy()
changed[0, EVENT:] += 10
for padding in ("same", "causal"):
    layer = keras.layers.Conv1D(1, 3, padding=padding)
    difference = np.asarray(layer(changed)) - np.asarray(layer(series))
    first = int(np.flatnonzero(np.abs(difference[0, :, 0]) > 1e-6)[0])
    print(f"{padding:>6}: the outputs change from time {first} on")

# %% [markdown]
# In the matrix it is plain: a causal convolution is lower triangular. Row $t$ has nothing to the right
# of column $t$. (The labels are places in the kernel, as always, and not values.)

# %%
plots.show(
    plots.matrix((8,), (3,), padding="causal"),
    alt="The 8 by 8 matrix of a causal convolution with a kernel of three. All weights stand "
    "on the diagonal and to the left of it; the first two rows are cut off at the left edge.",
)

# %% [markdown]
# ### A failure worth seeing
#
# Without padding every layer takes $a - 1$ away. An 8×8 digit stands three 3×3 layers, and then:

# %%
model = keras.Sequential([keras.Input((8, 8, 1))])
try:
    for depth in range(1, DEPTH + 1):
        model.add(keras.layers.Conv2D(4, 3))
        print(f"after layer {depth}: {model.output_shape[1:3]}")
except ValueError as error:
    print("ValueError:", str(error).splitlines()[0])

# %% [markdown]
# $8 \to 6 \to 4 \to 2$, and no 3×3 kernel fits into a 2×2 map. Depth is what padding buys: with *same*
# padding the size stays, for as many layers as you like.

# %% [markdown]
# ## Summary
#
# - $\lfloor (n + 2p - d(a-1) - 1)/s \rfloor + 1$ outputs: room to move, divided by the stride, plus the
#   first place.
# - Padding adds **rows** to the constrained matrix, rows with fewer weights; the columns are the input's,
#   and stay.
# - *Same* is two things: TensorFlow adds what it needs, the extra zero after; others add as much on
#   both sides. Equal shapes, unequal values.
# - Even padded, pixels at the edge have less of a say. Only *full* uses all of them equally.

# %%
progress()

# %% [markdown]
# ## Two open questions
#
# Your instructor reads these; no program does.

# %% [markdown] question="q_reflect" points=2
# **Question 1 · 2 points.** Zeros are a strong claim: black beyond the edge. Name another filling (repeat
# the edge, mirror, wrap around), say for which kind of image it is better, and describe what it does to
# the rows of the constrained matrix.
#
# <!-- BEGIN SOLUTION -->
# Mirroring suits photographs: no artificial edge appears at the border. A weight that would have met a zero
# meets a mirrored pixel instead, so it is *added* to that pixel's entry: the rows at the edge keep all
# their weight (rows of an averaging kernel still sum to 1), but the matrix is no longer Toeplitz there,
# and entries are sums of tied weights. Wrapping suits panoramas and textures and gives circulant rows;
# repeating the edge piles weights onto the first and last columns.
# <!-- END SOLUTION -->

# %% [markdown] question="q_edge_detector" points=2
# **Question 2 · 2 points.** A network with *same* padding can find out where the edge of the image is,
# although convolution is equivariant to translation. How? Use the matrix, and think of a kernel of ones
# without bias on an image of ones.
#
# <!-- BEGIN SOLUTION -->
# With zeros around, the kernel of ones gives 9 in the middle, 6 at an edge and 4 in a corner: the rows at
# the border have fewer entries, so equal inputs give unequal outputs there. Equivariance holds only where
# rows are copies of each other, moved; padding makes border rows different. So zeros mark the border, and
# deeper layers can carry the mark inward: networks do use it to tell absolute position.
# <!-- END SOLUTION -->
