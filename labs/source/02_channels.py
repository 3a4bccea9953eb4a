# %% [markdown]
# # Lab 02 · Channels
#
# By the end of this lab you will be able to
#
# - convolve what has **channels**: animations, color photographs, color volumes, all by one
#   function that takes the number of dimensions from its input;
# - say what one filter does with the channels, what several filters make of them, and read both off
#   the matrix, where **channels are blocks**;
# - stack layers, and tell size, depth and weights after each of them.
#
# **Rests on** the lecture's *Working with Channels*; LeCun et al., *Gradient-based learning applied
# to document recognition*, Proceedings of the IEEE 86(11), 1998; Lin, Chen and Yan, *Network in
# network*, ICLR 2014 (the 1×1 convolution).
#
# **Time budget:** about 100 minutes of yours, under 60 seconds of your computer's, offline.

# %%
import numpy as np

from labkit import data, plots, widgets
from labkit.checks import check, hint, progress
from labkit.predict import reveal

# Every seed and size of this lab
rng = np.random.default_rng(2018)
PHOTO_EVERY = 4  # keep every 4th row and column of the photograph: 107 x 160
FRAMES = 96  # length of the animation
JUMP_AT, JUMP_FRAMES = 57, 16  # when the figure jumps, and for how long

# %% [markdown]
# ## 1 · A pixel is a vector
#
# In lab 01 a pixel was one number. In a color photograph it is three: how much red, green and blue.
# The array has one more axis, and it is a different kind of axis. Rows and columns have an order: a
# pattern may sit a little further down or to the right and still be the same pattern. Red, green and
# blue have none. So the kernel **slides over rows and columns, and never over channels**.

# %%
flower = data.photograph("flower", every=PHOTO_EVERY) / 255.0
print("photograph:", flower.shape)

plots.show(
    plots.images(
        [flower, *np.moveaxis(flower, -1, 0)],
        ["photograph", "channel 0, red", "channel 1, green", "channel 2, blue"],
    ),
    alt="An orange dahlia before dark green leaves, and its three channels as gray images. "
    "The flower is bright in the red channel, dimmer in green, and its heart is nearly "
    "black in blue; the leaves are black in the red channel.",
)

# %% [markdown]
# A filter for such an image has weights of its own for every channel: it is an $A \times B \times C$
# block, and it lies on an $A \times B \times C$ block of the image. Multiply what meets, add up
# **everything**, the channels too:
#
# $$y(n, m) = \sum_{i=0}^{A-1}\sum_{j=0}^{B-1}\sum_{k=0}^{C-1} I(n+i,\, m+j,\, k)\,K(i, j, k)$$
#
# One filter, one number for each place: however deep the image, the result is flat.
#
# **By hand.** A 3×3 image with two channels, a and b, and a 2×2 filter that has a plane for each.
# For the corner, plane by plane:
#
# $$\underbrace{1\cdot 1 + 2\cdot 0 + 0\cdot(-1) + 1\cdot 2}_{\text{channel a: } 3} \;+\;
# \underbrace{0\cdot 2 + 1\cdot(-1) + 2\cdot 0 + 1\cdot 1}_{\text{channel b: } 0} = 3$$
#
# Work out $y(0, 1)$ on paper before you go on.

# %%
a = np.array([[1, 2, 0], [0, 1, 3], [2, 0, 1]])
b = np.array([[0, 1, 3], [2, 1, 0], [1, 0, 2]])
image = np.stack([a, b], axis=-1)
kernel = np.stack([[[1, 0], [-1, 2]], [[2, -1], [0, 1]]], axis=-1)
print("image", image.shape, "  kernel", kernel.shape)
print("pixel (0, 1) is the vector", image[0, 1])

# %% [markdown]
# ### Exercise 1 ★★ · 3 points
#
# Networks take many images at a time, so from now on the first axis counts images: `images` is
# (batch, rows, columns, channels). Write the sum above for all of them.


# %% exercise="conv_channels" points=3
def conv_channels(images, kernel):
    """One filter (A, B, C) over images (batch, N, M, C): (batch, N - A + 1, M - B + 1)."""
    ### BEGIN SOLUTION
    A, B, _ = kernel.shape
    batch, N, M, _ = images.shape
    y = np.zeros((batch, N - A + 1, M - B + 1))
    for n in range(N - A + 1):
        for m in range(M - B + 1):
            y[:, n, m] = (images[:, n : n + A, m : m + B] * kernel).sum(axis=(1, 2, 3))
    return y
    ### END SOLUTION


# %% check="conv_channels"
check("conv_channels", conv_channels)

# %% hint="conv_channels"
hint("conv_channels")

# %%
print(conv_channels(image[np.newaxis], kernel)[0])

# %% [markdown]
# ### Two readings of the slide
#
# The slide writes $\sum_{i=1}^{A}\sum_{j=1}^{B}\sum_{k=1}^{3} I(n+i, m+j, k)\,K_f(i,j,k)$ and calls the
# result an $N \times M \times 1$ tensor. Take it at its word: let $n$ and $m$ run over all of the
# image, and count how often each pixel is read.

# %%
read = np.zeros((6, 7), int)  # room beyond our 3 x 3 image
N, M, A, B = 3, 3, 2, 2
for n in range(N):
    for m in range(M):
        for i in range(1, A + 1):
            for j in range(1, B + 1):
                read[n + i, m + j] += 1
print("inside the image:\n", read[:N, :M])
print("reads beyond its edge:", read.sum() - read[:N, :M].sum(), "of", read.sum())

# %% [markdown]
# Two slips at once. Row 0 and column 0 are **never read**, since the sums start at 1: count from 0.
# And three quarters of all reads miss the image: an output of $N \times M$ needs zeros around it
# (lab 04 calls that *same* padding). Without them there are $(N-A+1) \times (M-B+1)$ places.

# %% [markdown]
# ### A failure worth seeing: gray first
#
# Is it not simpler to add up the channels *before* the convolution, and have one plane of weights?
# Here is a picture of a red square on green. The red is 0.8 in its channel, and so is the green.
#
# **Predict, then run.** A filter looks for an edge in the *gray* picture, the sum of all channels.
# What is the largest value that it finds?

# %% predict="gray_edge"
### BEGIN SOLUTION
prediction = 0
### STUB: prediction = None  # replace None by a number
### END SOLUTION

# %%
poster = np.zeros((1, 12, 16, 3))
poster[..., 1] = 0.8  # green ...
poster[:, 3:9, 5:11] = (0.8, 0, 0)  # ... and a square of red

edge = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
gray_kernel = np.stack([edge, edge, edge], axis=-1)  # the same plane for every channel
color_kernel = np.stack([edge, -edge, 0 * edge], axis=-1)  # red, and against green

blind, seeing = (
    np.asarray(conv_channels(poster, planes)) for planes in (gray_kernel, color_kernel)
)
reveal(prediction, abs(blind).max().round(6), "The sum is 0.8 everywhere.")

# %%
plots.show(
    plots.images(
        [poster[0], np.pad(blind[0], 1), np.pad(seeing[0], 1)],
        ["red on green", "gray first", "a plane for each channel"],
        signed=True,
    ),
    alt="A red square on green; beside it a map that is zero everywhere, found by a "
    "filter that adds the channels first; and the map of a filter with a plane for each "
    "channel, which is positive at the square's left edge and negative at its right.",
)

# %% [markdown]
# The sum of products is not the product of sums. What a filter can see, it sees in how its planes
# *differ*. And the mistake gives no error message, only blindness. Here is its quiet cousin: a kernel
# with one plane too few.

# %%
thin = edge[..., np.newaxis]  # (3, 3, 1), for an image with 3 channels
patch = poster[0, 2:5, 4:7]  # (3, 3, 3), at a corner of the square
print("NumPy:", (patch * thin).shape, "and no complaint")
print("equal to gray first:", np.array_equal(patch * thin, patch * gray_kernel))

# %% [markdown]
# *Broadcasting* has used the one plane for every channel. Keras refuses such a kernel, and its shapes
# are worth a look whenever a layer learns less than it should.

# %% [markdown]
# ## 2 · Several filters, several maps
#
# One filter finds one kind of thing. A layer has $F$ of them, each with its own weights, all reading
# the same image; their maps are stacked as the **channels of the output**. Keras keeps all filters in
# one array of shape $(A, B, C, F)$:
#
# $$y(n, m, f) = \sum_{i,j,k} I(n+i,\, m+j,\, k)\,K(i, j, k, f)$$
#
# **By hand.** An image of one row, $(3, 1, 4, 1)$, with one channel, and two filters, $(1, -1)$ and
# $(0, 2)$. The first place gives $3 - 1 = 2$ and $2 \cdot 1 = 2$, the second $1 - 4 = -3$ and
# $2\cdot 4 = 8$. So the output's second pixel is the vector $(-3, 8)$.
#
# **Predict, then run.** Five filters of 3×3 look at our photograph of $107 \times 160$ pixels and 3
# colors. What is the shape of the output, without the batch? (And what is that of the kernels?)

# %% predict="filter_shapes"
### BEGIN SOLUTION
prediction = (105, 158, 5)
### STUB: prediction = None  # replace None by (rows, columns, channels)
### END SOLUTION

# %% [markdown]
# ### Exercise 2 ★★ · 2 points


# %% exercise="conv_filters" points=2
def conv_filters(images, kernels):
    """All filters of `kernels` (A, B, C, F) over `images` (batch, N, M, C).

    Returns (batch, N - A + 1, M - B + 1, F): the filters are the output's channels.
    """
    ### BEGIN SOLUTION
    filters = range(kernels.shape[-1])
    maps = [conv_channels(images, kernels[..., f]) for f in filters]
    return np.stack(maps, axis=-1)
    ### END SOLUTION


# %% check="conv_filters"
check("conv_filters", conv_filters)

# %% hint="conv_filters"
hint("conv_filters")

# %%
blur = np.full((3, 3), 1 / 9)
none = np.zeros((3, 3))
filters = {
    "edges of red against green": [edge, -edge, none],
    "edges of brightness, left to right": [edge, edge, edge],
    "edges of brightness, top to bottom": [edge.T, edge.T, edge.T],
    "red, and not green": [blur, -blur, none],
    "blue, and not red": [-blur, none, blur],
}
kernels = np.stack([np.stack(planes, axis=-1) for planes in filters.values()], axis=-1)
maps = np.asarray(conv_filters(flower[np.newaxis], kernels))
reveal(prediction, maps.shape[1:], f"The kernels: {kernels.shape}.")

# %%
plots.show(
    plots.images(
        [
            flower,
            *(np.moveaxis(maps[0], -1, 0) / np.abs(maps[0]).max((0, 1))[:, None, None]),
        ],
        ["photograph", *filters],
        columns=3,
        signed=True,
    ),
    alt="The dahlia and its five feature maps, each scaled to its largest value. Edges of "
    "red against green outline the flower; the brightness filters show every petal's edge, "
    "upright or level; 'red, and not green' lights up the whole flower and 'blue, and not "
    "red' is negative there.",
)

# %% [markdown]
# ## 3 · Channels are blocks
#
# A convolution is a matrix with zeros and equal weights. What becomes of it with channels? Lay the
# image out as one vector, one whole channel after the other, and the output in the same way. Then the
# matrix falls into $F \times C$ **blocks**, and each block is a matrix of lab 01: block $(f, k)$ leads
# from channel $k$ to map $f$. Summing over channels is what a row of blocks does anyway:
#
# $$\begin{pmatrix} y_0 \\ y_1 \end{pmatrix} =
# \begin{pmatrix} W_{00} & W_{01} \\ W_{10} & W_{11} \end{pmatrix}
# \begin{pmatrix} x_a \\ x_b \end{pmatrix}
# \qquad y_0 = W_{00}\,x_a + W_{01}\,x_b$$

# %%
small = np.array(
    [
        [[1, 2], [0, 1], [3, 0], [1, 1]],
        [[2, 0], [1, 3], [0, 1], [2, 2]],
        [[0, 1], [2, 2], [1, 0], [3, 1]],
    ]
)
two_filters = np.array(
    [
        [[[1, 0], [2, -1]], [[-1, 2], [0, 1]]],
        [[[0, 1], [1, 2]], [[2, -1], [-1, 0]]],
    ]
)
print("image", small.shape, "  kernels", two_filters.shape)

# %%
plots.show(
    plots.channels(small, two_filters, at=(1, 2, 0)),
    alt="A 3 by 4 image with channels a and b, filter 0 with planes a and b, its 2 by 3 "
    "output, and the 12 by 24 matrix in four blocks. Each block has the pattern of lab 01, "
    "its kernel taps in the same colors; the left blocks carry the labels a00 to a11, the "
    "right ones b00 to b11. Output (1, 2) of filter 0 is outlined, and so are the four "
    "pixels that it reads in both channels and row 5 of the matrix.",
)

# %% [markdown]
# Colors and labels are those of lab 01: a color is a place in the kernel. The letter in front says
# which plane, and the frame which filter. Every block has the *zeros* of lab 01, and within a block
# the *equal weights*; different blocks have different weights.
#
# ### The order in memory
#
# Our arrays keep the channels of a pixel together: *channels last*. `images[0].ravel()` is not channel
# a and then channel b, but a, b, a, b, … So rows and columns of the matrix are the same, in another
# order:

# %%
plots.show(
    plots.channel_matrices((3, 4, 2), (2, 2, 2, 2)),
    alt="The same matrix twice. Left, in blocks: channel a's columns, then channel b's; "
    "filter 0's rows, then filter 1's. Right, channels last: the columns take turns, a, b, "
    "a, b, and so do the rows of the two filters, so the labels a00, b00, a01, b01 stand "
    "side by side, and the next row of the image begins 8 columns further on.",
)

# %% [markdown]
# Now move through it yourself. Point at an output or walk with the arrow keys, choose the filter, and
# change the order: every weight moves, and no output changes.

# %%
widgets.channels(small, two_filters)

# %% [markdown]
# **By hand.** Channel $k$ of pixel $(r, c)$ stands at place $(r \cdot M + c)\cdot C + k$ of the vector.
# In the 3×4 image with 2 channels, channel b of pixel $(1, 2)$ stands at $(1\cdot 4 + 2)\cdot 2 + 1 = 13$.
#
# **Predict, then run.** In which eight columns do the weights of output $(0, 0)$ stand, channels
# last?

# %% predict="first_row_channels"
### BEGIN SOLUTION
prediction = (0, 1, 2, 3, 8, 9, 10, 11)
### STUB: prediction = None  # replace None by eight column numbers, (…, …, …)
### END SOLUTION

# %%
places = np.arange(24).reshape(3, 4, 2)  # the place of each number in the long vector
reveal(prediction, tuple(places[0:2, 0:2].ravel().tolist()))

# %% [markdown]
# ### Exercise 3 ★★★ · 4 points
#
# Build that matrix, channels last in rows and columns: row $(n \cdot (M-B+1) + m)\cdot F + f$ is filter
# $f$ at place $(n, m)$.


# %% exercise="channel_matrix" points=4
def channel_matrix(kernels, height, width):
    """The matrix of conv_filters with `kernels` (A, B, C, F) on images (height, width, C).

    Channels last on both sides:
    ((height - A + 1) * (width - B + 1) * F, height * width * C).
    """
    ### BEGIN SOLUTION
    A, B, C, F = kernels.shape
    N, M = height - A + 1, width - B + 1
    W = np.zeros((N, M, F, height, width, C))
    for n in range(N):
        for m in range(M):
            for f in range(F):
                W[n, m, f, n : n + A, m : m + B] = kernels[..., f]
    return W.reshape(N * M * F, height * width * C)
    ### END SOLUTION


# %% check="channel_matrix"
check("channel_matrix", channel_matrix)

# %% hint="channel_matrix"
hint("channel_matrix")

# %%
W = np.asarray(channel_matrix(two_filters, 3, 4))
through_matrix = (W @ small.ravel()).reshape(2, 3, 2)
through_loops = np.asarray(conv_filters(small[np.newaxis], two_filters))[0]
print("matrix:", W.shape, " different weights:", two_filters.size)
print("filter 0, through the matrix:", through_matrix[..., 0].ravel())
print("filter 0, through the loops: ", through_loops[..., 0].ravel())

# %% [markdown]
# And the blocks? They are a matter of sorting. Take every second row and every second column:

# %%
blocks = {(f, k): W[f::2, k::2] for f in range(2) for k in range(2)}
for (f, k), block in blocks.items():
    alone = channel_matrix(two_filters[:, :, [k]][..., [f]], 3, 4)
    print(
        f"block ({f}, {k}) {block.shape}: a matrix of lab 01?",
        np.array_equal(block, alone),
    )

# %% [markdown]
# ## 4 · Depth: a chain of layers
#
# The output of a layer has rows, columns and channels, just as its input. So it can be the input of
# another layer. Only one thing has to fit: **a filter is as deep as what it reads.** The first layer's
# filters read the 3 colors; the second layer's read the maps of the first.
#
# **By hand.** An $8 \times 6$ image with 3 channels goes through 4 filters of $3 \times 2$ and then 5
# filters of $2 \times 2$. After the first layer it is $6 \times 5 \times 4$, for $3\cdot 2\cdot 3\cdot 4 = 72$
# weights. After the second?
#
# ### Exercise 4 ★ · 2 points
#
# Do the accounts for any chain, without biases: the final rows, columns and channels, and the number
# of weights of all layers together.


# %% exercise="chain" points=2
def chain(shape, layers):
    """(rows, columns, channels, weights) after the layers, a list of (a, b, filters).

    `shape` is the image's (rows, columns, channels); each kernel is (a, b).
    """
    ### BEGIN SOLUTION
    rows, columns, channels = shape
    weights = 0
    for a, b, filters in layers:
        weights += a * b * channels * filters
        rows, columns, channels = rows - a + 1, columns - b + 1, filters
    return rows, columns, channels, weights
    ### END SOLUTION


# %% check="chain"
check("chain", chain)

# %% hint="chain"
hint("chain")

# %%
LAYERS = [(3, 3, 8), (3, 3, 16), (3, 3, 4)]
corner = flower[:30, :40]  # enough to see the sizes, and quick with any loops
x, depth = corner[np.newaxis], 3
for layer, (rows, columns, count) in enumerate(LAYERS, 1):
    layer_kernels = rng.standard_normal((rows, columns, depth, count)) / 6
    x, depth = np.asarray(conv_filters(x, layer_kernels)), count
    print(f"layer {layer}: kernels {layer_kernels.shape!s:15} output {x.shape[1:]}")
print("by the accounts:", chain(corner.shape, LAYERS))

# %% [markdown]
# Most weights are where two deep layers meet: $3\cdot 3\cdot 8\cdot 16$ in the middle. In deep networks the
# color of the image costs next to nothing; the depth between the layers is the price.

# %% [markdown]
# ## 5 · Time and space: the same code
#
# Nothing in the sum says that there are two axes to slide over. There may be one, *time*, or three.
# What has no order in which to slide is a channel:
#
# | input | slides over | channels |
# |---|---|---|
# | animation of a skeleton | time | the angles of its joints |
# | color photograph | rows, columns | red, green, blue |
# | color volume (CT, MRI) | depth, rows, columns | colors, or kinds of scan |
#
# ### Exercise 5 ★★★ · 3 points
#
# Write it once for all of them: the number of spatial axes is whatever `x` brings.


# %% exercise="conv_nd" points=3
def conv_nd(x, kernels):
    """Filters `kernels` (*size, C, F) over `x` (batch, *spatial, C): (batch, *places, F).

    One, two or three spatial axes; along each, spatial - size + 1 places.
    """
    ### BEGIN SOLUTION
    *size, _, F = kernels.shape
    places = [n - a + 1 for n, a in zip(x.shape[1:-1], size, strict=True)]
    y = np.zeros((len(x), *places, F))
    for tap in np.ndindex(*size):
        shifted = tuple(slice(t, t + p) for t, p in zip(tap, places, strict=True))
        y += x[(slice(None), *shifted)] @ kernels[tap]  # (…, C) @ (C, F)
    return y
    ### END SOLUTION


# %% check="conv_nd"
check("conv_nd", conv_nd)

# %% hint="conv_nd"
hint("conv_nd")

# %% [markdown]
# ### One dimension: a skeleton that walks
#
# A figure of sticks, eight joint angles, 96 frames. It walks, and once it jumps for joy. The whole
# animation is an array (frames, joints), and there is one axis to slide over.

# %%
t = np.arange(FRAMES) / 12 * 2 * np.pi
swing = np.sin(t)
walk = [-0.5 * swing, 0.5 * swing, 0.3 + 0 * t, 0.3 + 0 * t]  # shoulders, elbows
walk += [0.5 * swing, -0.5 * swing, 0.35 * (1 - np.cos(t)), 0.35 * (1 + np.cos(t))]
animation = np.stack(walk, axis=-1)

arch = np.sin(np.linspace(0, np.pi, JUMP_FRAMES))[:, np.newaxis]
jump = arch * np.array([-2.6, 2.6, 0.2, 0.2, -0.7, 0.7, 0.5, 0.5])
animation[JUMP_AT : JUMP_AT + JUMP_FRAMES] = jump
animation += 0.05 * rng.standard_normal(animation.shape)
print("animation:", animation.shape, "= (frames, joints)")

# %% [markdown]
# **Predict, then run.** The filter is a jump as it was planned, 16 frames long, with its weights made
# to sum to zero for each joint. How many numbers does it give, and at which frame is the largest?

# %% predict="jump"
### BEGIN SOLUTION
prediction = (81, 57)
### STUB: prediction = None  # replace None by (how many, which frame)
### END SOLUTION

# %%
template = (jump - jump.mean(axis=0))[..., np.newaxis]  # (16, 8, 1)
response = np.asarray(conv_nd(animation[np.newaxis], template))[0, :, 0]
reveal(prediction, (len(response), int(response.argmax())), "96 − 16 + 1 places.")

# %%
plots.show(
    plots.skeletons(animation, response, kernel_size=JUMP_FRAMES),
    alt="A walking stick figure over 96 frames that throws up its arms around frame 65; "
    "below, its eight joint angles as colored bands, waves while it walks; below that, "
    "the filter's response, small waves with one high peak at frame 57, where the jump "
    "begins. The 16 frames under the filter are framed.",
)

# %% [markdown]
# Why not slide over the joints as well? Because the left knee is not *next to* the right knee in any
# sense that counts: the list could have any other order. Is that so? Shuffle the joints.

# %%
shuffle = rng.permutation(8)
shuffled = animation[np.newaxis][..., shuffle]
both, only_one = (
    np.asarray(conv_nd(shuffled, weights))[0, :, 0]
    for weights in (template[:, shuffle], template)
)
print("same response, joints shuffled in both:     ", np.allclose(both, response))
print("same response, shuffled in the data alone:  ", np.allclose(only_one, response))
print("where that one thinks the jump is:          ", int(only_one.argmax()))

# %% [markdown]
# The order of channels means nothing, but it has to be the *same* order in data and weights. (Frames
# cannot be shuffled at all.) In the matrix: the blocks may change places, whole.
#
# ### Three dimensions: a volume in color
#
# Scans are volumes, and colored ones have channels. In this small one, noise hides a red ball and a
# green one. The filter is a red ball: $5 \times 5 \times 5$ places and 3 channels.

# %%
grid = np.indices((5, 5, 5)) - 2
ball = (np.sqrt((grid**2).sum(axis=0)) < 2.4).astype(float)

volume = 0.25 * rng.random((10, 14, 18, 3))
volume[2:7, 7:12, 2:7, 0] += 0.7 * ball  # red
volume[3:8, 2:7, 11:16, 1] += 0.7 * ball  # green
red_ball = np.stack([ball, -ball, 0 * ball], axis=-1)[..., np.newaxis]

found = np.asarray(conv_nd(volume[np.newaxis], red_ball))[0, ..., 0]
place = np.unravel_index(found.argmax(), found.shape)
print(f"volume {volume.shape}, kernel {red_ball.shape}, map {found.shape}")
print(
    "the red ball is at",
    tuple(int(i) for i in place),
    "and the green one at (3, 2, 11)",
)

# %%
plots.show(
    plots.images(
        [volume[4].clip(0, 1), volume[5].clip(0, 1), found[2], found[3]],
        [
            "slice 4 of the volume",
            "slice 5",
            "slice 2 of the map",
            "slice 3 of the map",
        ],
        columns=2,
        signed=True,
    ),
    alt="Two slices of a noisy volume with a red ball at the lower left and a green one at "
    "the upper right, and two slices of the map, which is strongly positive where the red "
    "ball begins, negative where the green one does, and near zero elsewhere.",
)

# %% [markdown]
# ## 6 · The smallest kernel: 1×1
#
# A kernel of one pixel sees no neighbors. In lab 01 it could only have multiplied the image by a
# number. With channels it is something: at every pixel, $C$ numbers go in and $F$ come out. That is a
# **dense layer**, the same for all pixels. *Network in Network* made it famous, and it does most of the
# work in many networks since.
#
# **By hand.** A pixel with the two values $(1, 2)$, sent through the weights
# $\begin{pmatrix} 2 & 0 & 1 \\ -1 & 1 & 0\end{pmatrix}$, gives $(1\cdot 2 - 2,\; 2,\; 1) = (0, 2, 1)$: two channels in, three out.
#
# ### Exercise 6 ★ · 2 points
#
# No Keras `Dense` here: it would do all the work.


# %% exercise="dense_per_pixel" points=2
def dense_per_pixel(images, weights):
    """Send every pixel of `images` (batch, N, M, C) through `weights` (C, F)."""
    ### BEGIN SOLUTION
    return images @ weights
    ### END SOLUTION


# %% check="dense_per_pixel"
check("dense_per_pixel", dense_per_pixel)

# %% hint="dense_per_pixel"
hint("dense_per_pixel")

# %%
mix = np.array(
    [[0.299, 1, 0], [0.587, -1, -0.5], [0.114, 0, 1]]
)  # rgb to three mixtures
mixed = np.asarray(dense_per_pixel(flower[np.newaxis], mix))
as_convolution = conv_filters(flower[np.newaxis], mix[np.newaxis, np.newaxis])
print("dense layer per pixel = 1×1 convolution:", np.allclose(mixed, as_convolution))

# %%
plots.show(
    plots.images(
        list(np.moveaxis(mixed[0], -1, 0)),
        ["brightness", "red − green", "blue − half of green"],
        signed=True,
    ),
    alt="The dahlia through a 1 by 1 convolution: its brightness, positive everywhere; red "
    "minus green, positive on the flower and negative on the leaves; blue minus half of "
    "green, weak everywhere.",
)

# %% [markdown]
# Its matrix shows both constraints at their most extreme. Each pixel has a small dense block of its
# own on the diagonal, **zero** elsewhere, and all the blocks are **equal**:

# %%
W = np.asarray(channel_matrix(mix[np.newaxis, np.newaxis].round(1), 1, 3))
print(W)
print(
    "= kron(eye(3), weights.T):", np.array_equal(W, np.kron(np.eye(3), mix.round(1).T))
)

# %% [markdown]
# ## 7 · The real thing
#
# Keras has a layer for each rank. All of them get the weights that you used, in the same layout,
# $(\dots, C, F)$: no axis to move.

# %%
from labkit.quiet import import_keras

keras = import_keras()

five = keras.layers.Conv2D(5, 3, use_bias=False)
one = keras.layers.Conv1D(1, JUMP_FRAMES, use_bias=False)
three = keras.layers.Conv3D(1, 5, use_bias=False)
pointwise = keras.layers.Conv2D(3, 1, use_bias=False)
dense = keras.layers.Dense(3, use_bias=False)

# %%
mix_kernel = mix[np.newaxis, np.newaxis]
cases = [
    ("Conv2D, photograph", five, flower, kernels, conv_filters),
    ("Conv1D, animation", one, animation, template, conv_nd),
    ("Conv3D, volume", three, volume, red_ball, conv_nd),
    ("Conv2D, 1×1", pointwise, flower, mix_kernel, conv_nd),
    ("Dense, per pixel", dense, flower, mix, dense_per_pixel),
]

# %%
print(f"{'layer':20} {'output':>18} {'yours':>9} {'Keras':>9}   equal to 4 decimals")
for name, layer, array, weights, mine in cases:
    batch = array[np.newaxis].astype("float32")
    layer.build(batch.shape)
    layer.set_weights([weights.astype("float32")])
    yours, theirs = map(np.asarray, (mine(array[np.newaxis], weights), layer(batch)))
    same = np.allclose(yours, theirs, atol=1e-4)
    first = f"{yours.flat[0]:9.4f} {theirs.flat[0]:9.4f}"
    print(f"{name:20} {theirs.shape!s:>18} {first}   {same}")

# %% [markdown]
# And this is what Keras says to a kernel that is not as deep as its image:

# %%
try:
    five(poster[..., :2].astype("float32"))
except ValueError as error:
    print("ValueError:", str(error).split("Received")[0].strip().splitlines()[-1])

# %% [markdown]
# ## Summary
#
# - Channels are an axis without order: the kernel has weights for each, and **sums over them**. One
#   filter gives one map.
# - $F$ filters give $F$ maps, the **channels of the output**. A filter is as deep as what it reads, so
#   layers chain: $(A, B, C, F)$ and then $(A', B', F, F')$.
# - In the matrix, **channels are blocks**: $F \times C$ of them, each a matrix of lab 01. In memory,
#   channels last, the blocks are interleaved.
# - One, two, three dimensions: the same sum. A $1\times 1$ kernel is a dense layer at every pixel.

# %%
progress()

# %% [markdown]
# ## Two open questions
#
# Your instructor reads these; no program does.

# %% [markdown] question="q_bands" points=2
# **Question 1 · 2 points.** A satellite takes images in 200 wavelengths of light, ordered from violet to
# infrared. Channels, or a third axis to slide over? Say what each choice assumes, and how the number
# of weights changes.
#
# <!-- BEGIN SOLUTION -->
# As channels, each filter has weights of its own for all 200 bands: 200·A·B of them, and any pattern over
# the bands can be learned, but each band on its own. As an axis, a kernel of D bands slides: D·A·B weights,
# and a feature (a dip between two bands, say) is found at any wavelength. Bands do have an order, so
# sliding makes sense locally; but a dip at one wavelength means another substance than the same dip
# elsewhere, so equivariance along the spectrum is not quite what is wanted. Both are used, also mixed.
# <!-- END SOLUTION -->

# %% [markdown] question="q_separate" points=2
# **Question 2 · 2 points.** A *depthwise separable* convolution first filters every channel by itself, one
# $A \times B$ plane each, and then mixes channels by a $1 \times 1$ convolution. Which entries of the block
# matrix are zero in each of the two steps? How many weights does it have in place of $A\,B\,C\,F$, and
# which kernels can it not represent?
#
# <!-- BEGIN SOLUTION -->
# Step one: only the C blocks on the diagonal differ from zero, each a matrix of lab 01. Step two: every
# block is a multiple of the identity. Weights: A·B·C + C·F, for 3×3 and 64 to 64 channels 4,672 in place
# of 36,864. The product has blocks w_kf · W_k: all filters share one spatial pattern for each channel, up
# to a factor. A kernel whose planes for the same channel differ in shape between filters is out of reach.
# <!-- END SOLUTION -->
