# %% [markdown]
# # Lab 06 · Pooling, and images of any size
#
# By the end of this lab you will be able to
#
# - pool by maximum and by average, with any window and stride, and know what padding does to both;
# - say why average pooling **is** a constrained matrix and max pooling **is not**, and tell the two
#   kinds apart by experiment;
# - measure how invariant pooling really makes a network, and build one that takes images of any size.
#
# **Rests on** the lecture's *Additional Operations and Layers in CNNs* and *Pooling layers*
# (figure 5); LeCun et al., *Gradient-based learning applied to document recognition*, Proceedings
# of the IEEE 86(11), 1998; Krizhevsky et al., *ImageNet classification with deep convolutional
# neural networks*, 2012; Lin et al., *Network in network*, 2014.
#
# **Time budget:** about 100 minutes of yours, under 60 seconds of your computer's, offline.

# %%
import numpy as np

from labkit import data, matrix, plots, widgets
from labkit.checks import check, hint, progress
from labkit.predict import reveal

# Every seed and size of this lab
rng = np.random.default_rng(2017)
SEED = 6  # of the networks' first weights
PHOTO_EVERY = 2  # keep every 2nd row and column of the photograph: 214 x 320
SHIFTS = (1, 2, 3)  # pixels by which digits are moved
FILTERS = 32
EPOCHS = 20

(x_train, y_train), (x_test, y_test) = data.load("digits")

# %% [markdown]
# ## 1 · A window and a summary
#
# A pooling layer slides a window over each feature map and keeps **one number** for each place: a
# *summary* of what lies under the window. There is nothing to learn in it, only two choices to make:
# the window's size (typically 2×2) and the stride (typically 2).
#
# Here is the top of the first of our handwritten digits, a zero, in gray levels from 0 to 16.

# %%
corner = np.round(x_train[0][:4, 2:6] * (16 / 255)).astype(int)
plots.show(
    plots.pooling_windows(corner, 2),
    alt="The 4 by 4 top of a handwritten zero, cut into four windows of 2 by 2 in four "
    "colors. Beside it the largest value of each window, 15, 15, 15 and 11, and the "
    "average of each, 11.5, 8.75, 7.25 and 4.75. The pixel that wins each window is "
    "outlined.",
)

# %% [markdown]
# **By hand.** The first window holds 5, 13, 13 and 15. Its maximum is 15, its average $46/4 = 11.5$.
# Check the window below it on paper: which pixel wins, and by how much does the winner exceed the
# average?
#
# For an input of $N \times M$ pixels, a window of $A \times B$ and strides $S$ and $T$, output
# $(n, m)$ of **each channel** is
#
# $$y(n, m) = \max_{0 \le i < A,\; 0 \le j < B} x(nS + i,\; mT + j)$$
#
# for every window that fits whole: $\lfloor (N-A)/S \rfloor + 1$ rows of them (lab 04's formula).
#
# ### Exercise 1 ★★ · 3 points
#
# Write it for an image with several channels. `pool` and `stride` are pairs, rows first. (What pools
# by itself, such as Keras's layers, is off limits here.)


# %% exercise="max_pool" points=3
def max_pool(x, pool, stride):
    """The maximum of each window of `x` (N, M, channels), channel by channel.

    pool (A, B) and stride (S, T): ((N - A) // S + 1, (M - B) // T + 1, channels).
    """
    ### BEGIN SOLUTION
    rows = range(0, x.shape[0] - pool[0] + 1, stride[0])
    columns = range(0, x.shape[1] - pool[1] + 1, stride[1])
    return np.array(
        [
            [x[r : r + pool[0], c : c + pool[1]].max(axis=(0, 1)) for c in columns]
            for r in rows
        ]
    )
    ### END SOLUTION


# %% check="max_pool"
check("max_pool", max_pool)

# %% hint="max_pool"
hint("max_pool")

# %%
print(np.asarray(max_pool(corner[..., np.newaxis], (2, 2), (2, 2)))[..., 0])

# %% [markdown]
# **Predict, then run.** Windows of 2×2 with stride 2, on the photograph: 214 rows, 320 columns and 3
# colors. What share of the numbers is *left*?

# %% predict="share_left"
### BEGIN SOLUTION
prediction = 0.25
### STUB: prediction = None  # replace None by a number between 0 and 1
### END SOLUTION

# %%
photo = data.photograph("china", every=PHOTO_EVERY) / 255.0
pooled = np.asarray(max_pool(photo, (2, 2), (2, 2)))
reveal(
    prediction,
    pooled.size / photo.size,
    "75 % fewer outputs: half the rows times half the columns, and every channel stays.",
)

# %% [markdown]
# Every layer behind it has a quarter of the work. And windows may **overlap**: AlexNet pools 3×3
# windows with stride 2. **Predict, then run.** How many rows has its first pooled map, if the map
# before it has 55?

# %% predict="overlapping"
### BEGIN SOLUTION
prediction = 27
### STUB: prediction = None  # replace None by a number
### END SOLUTION

# %%
alexnet = max_pool(rng.standard_normal((55, 55, 1)), (3, 3), (2, 2))
reveal(prediction, len(alexnet), "(55 − 3) // 2 + 1: windows share their edge rows.")

# %% [markdown]
# ## 2 · The average, and what lies outside
#
# The other summary is the mean. It gets a fourth argument here, padding: `pad = (P, Q)` rows above
# and below, and columns left and right. Padding is needed when the output should keep its size.
#
# But what *is* outside? In a convolution it is zeros. An average has to be more careful: **what lies
# outside holds no values, so it does not count**.
#
# **By hand.** An image in which every pixel is 6, windows of 3×3, `pad = (1, 1)`. At the corner, four
# pixels lie inside the image: $(6+6+6+6)/4 = 6$. Divide by $3 \cdot 3$ instead, and the corner of a
# plain gray image turns dark: $24/9 \approx 2.67$.
#
# ### Exercise 2 ★★ · 3 points


# %% exercise="average_pool" points=3
def average_pool(x, pool, stride, pad):
    """The mean of each window of `x` (N, M, channels), over the pixels that exist.

    pad (P, Q) is the rows added above and below and the columns added left and right:
    ((N + 2P - A) // S + 1, (M + 2Q - B) // T + 1, channels).
    """
    ### BEGIN SOLUTION
    N, M, channels = x.shape
    height = (N + 2 * pad[0] - pool[0]) // stride[0] + 1
    width = (M + 2 * pad[1] - pool[1]) // stride[1] + 1
    y = np.zeros((height, width, channels))
    for n in range(height):
        for m in range(width):
            r, c = n * stride[0] - pad[0], m * stride[1] - pad[1]
            inside = x[max(r, 0) : r + pool[0], max(c, 0) : c + pool[1]]
            y[n, m] = inside.mean(axis=(0, 1))
    return y
    ### END SOLUTION


# %% check="average_pool"
check("average_pool", average_pool)

# %% hint="average_pool"
hint("average_pool")

# %%
gray = np.full((4, 4, 1), 6)
print(np.asarray(average_pool(gray, (3, 3), (1, 1), (1, 1)))[..., 0])

# %% [markdown]
# ### A failure worth seeing
#
# Zeros outside do harm to a maximum, too, and more quietly. Here is a feature map with negative
# values, as every convolution gives them. It is padded with zeros, "as usual", and max-pooled:

# %%
feature_map = -corner[..., np.newaxis] - 1
padded = np.pad(feature_map, [(1, 1), (1, 1), (0, 0)])
print("padded with zeros:")
print(np.asarray(max_pool(padded, (3, 3), (2, 2)))[..., 0])
print("padded with minus infinity:")
padded = np.pad(
    feature_map.astype(float), [(1, 1), (1, 1), (0, 0)], constant_values=-np.inf
)
print(np.asarray(max_pool(padded, (3, 3), (2, 2)))[..., 0])

# %% [markdown]
# Where a window touches the border, an invented 0 beats every real value, and nothing complains. The
# neutral number of a sum is 0; of a maximum it is $-\infty$. (If you started your maximum at 0 in
# exercise 1, the check told you the same thing.)
#
# ### What each summary keeps
#
# The photograph again, with windows of 8×8 and stride 8: the maximum, the average, and for comparison
# simply every eighth pixel, which is what stride alone would do (lab 05).

# %%
gray_photo = (
    data.photograph("china", gray=True, every=PHOTO_EVERY)[..., np.newaxis] / 255
)
shrunk = [
    np.asarray(max_pool(gray_photo, (8, 8), (8, 8))),
    np.asarray(average_pool(gray_photo, (8, 8), (8, 8), (0, 0))),
    gray_photo[:208:8, ::8],
]

# %%
plots.show(
    plots.images(
        [image[..., 0] for image in shrunk],
        ["maximum of 8 × 8", "average of 8 × 8", "every 8th pixel"],
    ),
    alt="A photograph of a temple roof, made eight times smaller in three ways. The "
    "maximum is far brighter: thin bright lines grow wide and dark ones vanish. The "
    "average looks like the photograph, only blurred. Every 8th pixel looks sharp but "
    "ragged: the lines of the roof break into steps and dots.",
)

# %% [markdown]
# The average answers "how much of it is there?", the maximum "is it there at all?". After a
# convolution that detects something, the second question is often the better one.

# %% [markdown]
# ## 3 · An average is a matrix
#
# Every output of average pooling is a weighted sum of pixels, so average pooling is a matrix: a
# constrained one, as in lab 01, with two constraints more. All weights are equal, and nobody learns
# them.
#
# **By hand.** Our 4×4 corner becomes a vector of 16. Output $(0, 1)$ averages the pixels $(0,2)$,
# $(0,3)$, $(1,2)$ and $(1,3)$: places 2, 3, 6 and 7. So row 1 of the matrix holds $1/4$ in columns 2,
# 3, 6 and 7, and zeros elsewhere. Times the corner: $(9 + 1 + 10 + 15)/4 = 8.75$.
#
# ### Exercise 3 ★★★ · 4 points


# %% exercise="average_matrix" points=4
def average_matrix(height, width, pool, stride):
    """The matrix W of average pooling: W @ image.ravel() is the pooled image, raveled.

    Without padding: ((height - A) // S + 1) * ((width - B) // T + 1) rows, and
    height * width columns. Both sides read row by row.
    """
    ### BEGIN SOLUTION
    rows = []
    for r in range(0, height - pool[0] + 1, stride[0]):
        for c in range(0, width - pool[1] + 1, stride[1]):
            window = np.zeros((height, width))
            window[r : r + pool[0], c : c + pool[1]] = 1 / (pool[0] * pool[1])
            rows.append(window.ravel())
    return np.array(rows)
    ### END SOLUTION


# %% check="average_matrix"
check("average_matrix", average_matrix)

# %% hint="average_matrix"
hint("average_matrix")

# %%
W = average_matrix(4, 4, (2, 2), (2, 2))
print("through the matrix:", W @ corner.ravel())
pooled = average_pool(corner[..., np.newaxis], (2, 2), (2, 2), (0, 0))
print("through the loops: ", np.ravel(pooled))

# %%
plots.show(
    plots.pooling(corner, 2, (0, 1), kind="average"),
    alt="The 4 by 4 corner, its 2 by 2 average pooling and the 4 by 16 matrix. Output "
    "(0, 1), worth 8.75, its window of four pixels and row 1 of the matrix are outlined. "
    "Every row holds the weight 1/4 four times, in two runs of two, four columns apart; "
    "no two rows share a column.",
)

# %% [markdown]
# You know this picture. It is the matrix of a convolution whose kernel is $1/4$ everywhere, with the
# rows deleted that stride 2 skips (lab 05):

# %%
box = np.full((2, 2), 1 / 4)
every_place = matrix.convolution_matrix(box, (4, 4))
kept = every_place.reshape(3, 3, 16)[::2, ::2].reshape(4, 16)
print(len(every_place), "rows, of which stride 2 keeps", len(kept))
print("the same matrix:", np.array_equal(kept, W))

# %% [markdown]
# So **average pooling is a strided convolution with equal weights, one for each channel**. Each for
# itself: in lab 02 a filter summed over channels; a pooling window never does. With channels, the
# matrix repeats $W$ once for each of them, and all blocks that would mix two channels are zero.

# %%
both = np.stack([corner, 16 - corner], axis=-1)  # two channels, channels last
W_channels = np.kron(W, np.eye(2))  # each weight becomes a 2 x 2 block, weight times I
through_matrix = (W_channels @ both.ravel()).reshape(2, 2, 2)
print(W_channels.shape, "of which not zero:", np.count_nonzero(W_channels))
print(np.array_equal(through_matrix, average_pool(both, (2, 2), (2, 2), (0, 0))))

# %% [markdown]
# ## 4 · A maximum is not
#
# Which matrix is max pooling, then? A matrix is easily found out (lab 01): column $i$ is what it
# makes of an image that is 1 at pixel $i$ and 0 elsewhere. Let us ask max pooling.

# %%
units = np.eye(16).reshape(16, 4, 4, 1)
columns = [np.ravel(max_pool(unit, (2, 2), (2, 2))) for unit in units]
W_max = np.stack(columns, axis=1)
print("row 0 of the supposed matrix:", W_max[0].astype(int))
print("what it says of the corner:", W_max @ corner.ravel())
print(
    "what max pooling says:     ", np.ravel(max_pool(corner[..., None], (2, 2), (2, 2)))
)

# %% [markdown]
# It got the *sum* of each window: a single white pixel is its own maximum and its own sum, so such
# images cannot tell the two apart. Somewhere max pooling breaks the law of matrices,
# $W(a + b) = Wa + Wb$.
#
# **Predict, then run.** Two windows of two pixels, $a = (1, 0)$ and $b = (0, 1)$. Their maxima add up
# to $1 + 1 = 2$. What is the maximum of $a + b$?

# %% predict="counterexample"
### BEGIN SOLUTION
prediction = 1
### STUB: prediction = None  # replace None by a number
### END SOLUTION

# %%
a, b = np.array([1, 0]), np.array([0, 1])
reveal(
    prediction,
    max(a + b),
    "One pair that breaks the law is enough: no matrix does this.",
)

# %% [markdown]
# Draw it anyway, and you see what is wrong. For *one given image*, max pooling does pick one pixel of
# each window, and picking is a matrix with a single 1 in each row:

# %%
plots.show(
    plots.pooling(corner, 2, (0, 1), kind="max"),
    alt="The 4 by 4 corner, its 2 by 2 max pooling and a 4 by 16 matrix with a single 1 "
    "in each row, in the column of the pixel that wins the window; the three other "
    "places of the window hold a 0. Output (0, 1), worth 15, its window and row 1 are "
    "outlined; the 1 of that row stands in column 7, pixel (1, 3).",
)

# %% [markdown]
# But *which* place gets the 1 is decided by the image. Another image, another matrix, so there is no
# one matrix for all of them. (Keep it in mind: in lab 07 the gradient flows back through exactly this
# matrix, to the winner alone.)
#
# Now walk through both. Switch between *average* and *max*, make windows overlap, and see which
# columns are used twice. Pointer or arrow keys choose the output.

# %%
widgets.pooling(corner, (2, 2), stride=1, at=(0, 1), kind="max")

# %% [markdown]
# ### Exercise 4 ★★ · 3 points
#
# Write a detector. `f` is any function from an image to an array; you may only call it. Is `f` a
# matrix, up to rounding: does it keep sums and multiples of *all* images? Choose your test images with
# care: some that look natural are fooled.


# %% exercise="is_linear" points=3
def is_linear(f, shape):
    """Is f(image) a matrix times the image, for images (height, width) of that `shape`?"""
    ### BEGIN SOLUTION
    trial = np.random.default_rng(0)
    a, b = trial.standard_normal((2, *shape))
    sums = np.allclose(f(a + b), f(a) + f(b))
    return bool(sums and np.allclose(f(-3 * a), -3 * f(a)))
    ### END SOLUTION


# %% check="is_linear"
check("is_linear", is_linear)

# %% hint="is_linear"
hint("is_linear")

# %% [markdown]
# Use it on everything that you have met so far:

# %%
sobel = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
W_sobel = matrix.convolution_matrix(sobel, (12, 12))
layers = {
    "average pooling": lambda x: np.asarray(
        average_pool(x[..., None], (2, 2), (2, 2), (0, 0))
    ),
    "max pooling": lambda x: np.asarray(max_pool(x[..., None], (2, 2), (2, 2))),
    "convolution": lambda x: W_sobel @ x.ravel(),
    "convolution and bias": lambda x: W_sobel @ x.ravel() + 1,
    "ReLU": lambda x: np.maximum(x, 0),
    "stride 2": lambda x: x[::2, ::2],
}
for name, layer in layers.items():
    print(f"{name:>20}: {'a matrix' if is_linear(layer, (12, 12)) else 'not a matrix'}")

# %% [markdown]
# So max pooling does two jobs: it shrinks, as stride does, *and* it bends, as ReLU does. (In fact
# ReLU is a maximum, too: of $x$ and 0.) An all-average network without ReLU would still be one matrix
# (lab 03).

# %% [markdown]
# ## 5 · Invariant, approximately
#
# Lab 01 found that a convolution is **equivariant**: when the image moves, the feature map moves
# along. Pooling, the slides say, makes the representation "approximately invariant to small
# translations": most outputs *do not change*. That can be measured.
#
# **By hand.** The row $1, 1, 0, 2$ moves one pixel to the right: $0, 1, 1, 0$. Of its four numbers
# only the second is what it was, so the share of unchanged outputs of *no pooling at all* is $1/4$.
#
# ### Exercise 5 ★★ · 2 points
#
# Zeros, blank paper, come in from the left; what moves over the right edge is lost. Count an output
# as unchanged if it differs by less than $10^{-6}$.


# %% exercise="unchanged" points=2
def unchanged(f, images, shift):
    """The share (0 to 1) of the outputs of `f` that stay when images move to the right.

    images (batch, height, width); f makes an array of them; shift is 1 or more pixels.
    """
    ### BEGIN SOLUTION
    moved = np.zeros_like(images)
    moved[:, :, shift:] = images[:, :, :-shift]
    return np.mean(np.abs(f(moved) - f(images)) < 1e-6)
    ### END SOLUTION


# %% check="unchanged"
check("unchanged", unchanged)

# %% hint="unchanged"
hint("unchanged")


# %% [markdown]
# Your own pooling functions take one image with channels. A batch of gray digits
# `(batch, height, width)` has the right form if we call the *images* channels, for pooling treats
# every channel alike.


# %%
def max_of(size, stride):
    sizes = [(size, size), (stride, stride)]
    return lambda images: np.transpose(max_pool(images.T, *sizes))


def average_of(size):
    sizes = [(size, size), (size, size), (0, 0)]
    return lambda images: np.transpose(average_pool(images.T, *sizes))


# %%
digits = x_test / 255
candidates = {
    "no pooling": lambda images: images,
    "average 2 × 2": average_of(2),
    "max 2 × 2": max_of(2, 2),
    "max 4 × 4": max_of(4, 4),
}

# %% [markdown]
# **Predict, then run.** 360 real digits, 8×8 pixels, moved by a single pixel. Order *no pooling*,
# *average 2 × 2*, *max 2 × 2* and *max 4 × 4* by the share of outputs that stay, smallest first.

# %% predict="invariance"
### BEGIN SOLUTION
prediction = ["average 2 × 2", "no pooling", "max 2 × 2", "max 4 × 4"]
### STUB: prediction = None  # a list of four names: "no pooling", "average 2 × 2", …
### END SOLUTION

# %%
stay = {
    name: [100 * unchanged(f, digits, shift) for shift in SHIFTS]
    for name, f in candidates.items()
}
reveal(prediction, sorted(stay, key=lambda name: stay[name][0]))
print("outputs that stay, in percent, for shifts of", SHIFTS)
for name, shares in stay.items():
    print(f"{name:>14}: " + " ".join(f"{share:4.0f}" for share in shares))

# %%
plots.show(
    plots.curves(
        [str(shift) for shift in SHIFTS],
        stay,
        xlabel="digits moved to the right by … pixels",
        ylabel="outputs that stay, in percent",
        log=False,
    ),
    alt="The share of outputs that stay against the shift, 1 to 3 pixels. Max pooling of 4 "
    "by 4 starts highest, near 70 percent, and falls below 40. Max pooling of 2 by 2 and "
    "no pooling start close together near 40 percent; from 2 pixels on no pooling is the "
    "higher one. Average pooling of 2 by 2 lies lowest everywhere, near 20 percent.",
)

# %% [markdown]
# Three discoveries. A 2×2 maximum, the typical one, hardly helps a digit of 8×8 pixels: "small"
# means *small against the window*, so 4×4 holds out against one pixel. Much of what stays is blank
# paper, which is why *no pooling* does so well. And the average moves nearly always. So is average
# pooling useless here? Ask **by how much** its outputs move instead of whether:


# %%
def movement(f, shift=1):
    """How far the outputs move, relative to their size."""
    moved = np.pad(digits, [(0, 0), (0, 0), (shift, 0)])[:, :, :-shift]
    return np.linalg.norm(f(moved) - f(digits)) / np.linalg.norm(f(digits))


for name, f in candidates.items():
    print(f"{name:>14}: moves by {movement(f):.0%} of its size")
for name, f in [("max", np.max), ("average", np.mean)]:
    overall = movement(lambda images, f=f: f(images, axis=(1, 2)))
    print(f"{'global ' + name:>14}: moves by {overall:.0%} of its size")

# %% [markdown]
# Pooling of either kind makes the output move *less*, and the larger the window, the less. At the end
# of that road stands a window as large as the image. It forgets *where* altogether, and is invariant
# until something falls over the edge. Invariance always costs knowledge of the place.

# %% [markdown]
# ## 6 · The built-ins
#
# The same image through yours and through Keras. Keras knows `padding="same"`; for windows of 3×3
# with stride 1 that is one row and column on each side, and Keras, too, counts only what exists.

# %%
from labkit.quiet import import_keras

keras = import_keras()
L = keras.layers

# %%
batch = photo[np.newaxis, 60:120, 100:180].astype("float32")
image = batch[0].astype(float)
pairs = {
    "max 2×2": (max_pool(image, (2, 2), (2, 2)), L.MaxPooling2D(2)),
    "max 3×3, stride 2": (max_pool(image, (3, 3), (2, 2)), L.MaxPooling2D(3, 2)),
    "average 2×3": (
        average_pool(image, (2, 3), (2, 3), (0, 0)),
        L.AveragePooling2D((2, 3)),
    ),
    "average 3×3, same": (
        average_pool(image, (3, 3), (1, 1), (1, 1)),
        L.AveragePooling2D(3, 1, padding="same"),
    ),
}

# %%
print(f"{'':>18}  {'shape':>12}  first values, yours / Keras")
for name, (yours, layer) in pairs.items():
    theirs = np.asarray(layer(batch))[0]
    near = "equal" if np.allclose(yours, theirs, atol=1e-6) else "NOT EQUAL"
    first = [
        " ".join(f"{v:.3f}" for v in np.asarray(y)[0, :3, 0]) for y in (yours, theirs)
    ]
    print(f"{name:>18}  {theirs.shape!s:>12}  {first[0]} / {first[1]}  {near}")

# %% [markdown]
# ## 7 · Images of any size
#
# A convolution does not know the size of its image: it applies its kernel wherever it fits, more
# often on a larger one. Pooling neither. Who does? The classical end of a network, `Flatten` and
# `Dense`, where every pixel of the last map has weights of its own:


# %%
def network(*layers, size=(None, None)):
    keras.utils.set_random_seed(SEED)
    model = keras.Sequential([keras.Input((*size, 1)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(0.01), loss, metrics=["accuracy"])
    return model


flat = network(L.Conv2D(4, 3, activation="relu"), L.Flatten(), L.Dense(10), size=(8, 8))
try:
    flat(np.zeros((1, 12, 12, 1), "float32"))
except ValueError as error:
    text = str(error)
    print("ValueError:", text[text.index("expected") :].partition("\x1b")[0])

# %% [markdown]
# **Global pooling** takes its place: a window as large as the map, whatever that is. One number is left
# for each channel, and a dense layer behind it always finds as many inputs as there are filters.
#
# ### Exercise 6 ★ · 1 point


# %% exercise="global_average_pool" points=1
def global_average_pool(x):
    """The mean of each channel of each image: (batch, N, M, channels) -> (batch, channels)."""
    ### BEGIN SOLUTION
    return x.mean(axis=(1, 2))
    ### END SOLUTION


# %% check="global_average_pool"
check("global_average_pool", global_average_pool)

# %% hint="global_average_pool"
hint("global_average_pool")

# %% [markdown]
# For one channel, its matrix is a single row that holds $1/(NM)$ everywhere: no zeros at all. The
# sparse layer has become dense, with a single weight that nobody had to learn.
#
# ### Exercise 7 ★★ · 3 points
#
# Now a whole network, for one image of any size: convolve with each filter (no padding), ReLU, global
# average, then the dense layer. You may use your own functions from earlier labs, or
# `labkit.reference.cross_correlate_plain(image, one_filter)`.
#
# **By hand.** Image $\begin{pmatrix}1&2&0\\0&1&3\end{pmatrix}$, two filters of 1×1, namely $1$ and
# $-1$. The first map is the image, with mean $7/6$; the second is nowhere positive, so its mean after
# ReLU is 0.


# %% exercise="class_scores" points=3
def class_scores(image, kernel, weights, bias):
    """The scores (classes,) of one image (height, width), at any size.

    kernel (rows, columns, filters), weights (filters, classes), bias (classes,).
    """
    ### BEGIN SOLUTION
    size = kernel.shape[:2]
    patches = np.lib.stride_tricks.sliding_window_view(image, size)
    maps = np.einsum("nmab,abf->nmf", patches, kernel)
    return global_average_pool(np.maximum(maps, 0)[np.newaxis])[0] @ weights + bias
    ### END SOLUTION


# %% check="class_scores"
check("class_scores", class_scores)

# %% hint="class_scores"
hint("class_scores")

# %% [markdown]
# Let Keras train that network on the digits, and put its weights into your function. Then show both of
# them one digit at three sizes: as it is, repeated side by side, and repeated four times.

# %%
model = network(
    L.Conv2D(FILTERS, 5, activation="relu", use_bias=False),
    L.GlobalAveragePooling2D(),
    L.Dense(10),
)
X, X_test = x_train[..., None] / 255, x_test[..., None] / 255
model.fit(X, y_train, epochs=EPOCHS, batch_size=64, verbose=0)
kernel, weights, bias = model.get_weights()

# %%
for repeats in ((1, 1), (1, 2), (2, 2)):
    image = np.tile(digits[0], repeats)
    yours = class_scores(image, kernel[:, :, 0], weights, bias)
    theirs = np.asarray(model(image[None, ..., None].astype("float32")))[0]
    scores = [" ".join(f"{score:5.1f}" for score in s[:5]) for s in (yours, theirs)]
    agree = np.allclose(yours, theirs, atol=1e-3)
    print(f"{image.shape[0]:>2} × {image.shape[1]:<2}  yours {scores[0]} …")
    print(f"         Keras {scores[1]} …  {'equal' if agree else 'NOT EQUAL'}")

# %% [markdown]
# Three sizes, one set of weights, no error. Does that mean it still *works*? Here is how many of the
# test digits it gets right: at its own size, repeated, and with more paper around.
#
# **Predict, then run.** On which will it do worst: `"8 × 8"`, `"repeated to 16 × 16"` or
# `"on 16 × 16 paper"`?

# %% predict="worst"
### BEGIN SOLUTION
prediction = "on 16 × 16 paper"
### STUB: prediction = None  # replace None by one of the three, in quotes
### END SOLUTION

# %%
versions = {
    "8 × 8": X_test,
    "repeated to 16 × 16": np.tile(X_test, (1, 2, 2, 1)),
    "on 16 × 16 paper": np.pad(X_test, [(0, 0), (4, 4), (4, 4), (0, 0)]),
}
right = {
    name: np.mean(model.predict(images, verbose=0).argmax(axis=1) == y_test)
    for name, images in versions.items()
}
reveal(prediction, min(right, key=right.get))
for name, share in right.items():
    print(f"{name:>20}: {share:.0%} right")

# %% [markdown]
# It *runs* at any size; that is a property of the architecture. Whether its answers are any good is a
# property of what the average averages. At 8×8 the map has $4 \cdot 4$ places. At 16×16 it has
# $12 \cdot 12 = 144$: of four copies, 64 places lie inside one, and the other 80 lie across a seam and
# see strokes that no digit has. On paper it is worse: most places see little ink or none. The dense
# layer gets averages such as it was never trained on.
#
# ### Reading a line
#
# There is a better use of a network without a size. Make *everything* a convolution, the dense layer
# too (as a 1×1 convolution, lab 02). On 8×8 pixels this one ends in a map of a single place, ten
# scores deep. On a longer image, the map is longer: **each filter is applied more often**, and the
# network reads at every place. LeCun et al. (1998) read rows of digits that touch each other that way,
# without cutting them apart first.

# %%
reader = network(
    L.Conv2D(24, 3, activation="relu"),
    L.MaxPooling2D(2),
    L.Conv2D(48, 3, activation="relu"),
    L.Conv2D(10, 1),
    L.GlobalAveragePooling2D(),
)
reader.fit(X, y_train, epochs=12, batch_size=64, verbose=0)
fully_convolutional = keras.Sequential(reader.layers[:-1])  # without the last pooling

# %%
line = np.zeros((8, 44))
for place, digit in enumerate((2, 0, 1, 7)):
    start = 2 + 10 * place
    line[:, start : start + 8] = digits[list(y_test).index(digit)]

# %% [markdown]
# **Predict, then run.** One place looks at 8×8 pixels, and the max pooling in the middle makes the
# places 2 pixels apart. The line is 44 pixels long. How many places will the map have?

# %% predict="places"
### BEGIN SOLUTION
prediction = 19
### STUB: prediction = None  # replace None by a number
### END SOLUTION

# %%
scores = np.asarray(fully_convolutional(line[None, ..., None].astype("float32")))
reveal(
    prediction,
    scores.shape[2],
    "(44 − 8) // 2 + 1: lab 04's formula, for a whole network.",
)

# %%
read = scores[0, 0].argmax(axis=-1)
in_the_middle = [place in (1, 6, 11, 16) for place in range(len(read))]
plots.show(
    plots.reading(line, read, field=8, stride=2, sure=in_the_middle),
    alt="The handwritten digits 2, 0, 1 and 7 in a row, and under them the digit that the "
    "network reads at each of 19 places. Under the middle of each handwritten digit "
    "stands, large, the right one; in between, small and gray, digits that are not there.",
)

# %% [markdown]
# Where a digit fills the field, the reading is right (large); between two digits the network was never
# taught to say "nothing". And is it really the same network, or a trick? Cut out all 19 windows of 8×8,
# give them to the network that was trained, and compare:

# %%
windows = np.stack([line[:, 2 * p : 2 * p + 8] for p in range(len(read))])
one_by_one = np.asarray(reader(windows[..., None].astype("float32")))
print("equal:", np.allclose(one_by_one, scores[0, 0], atol=1e-3))
crops, whole = 19 * 36, 6 * 42
print(f"places of the first layer: {crops} in 19 crops, {whole} in one pass")

# %% [markdown]
# ## Summary
#
# - Pooling replaces each window by a summary. 2×2 with stride 2 leaves a quarter of the outputs; every
#   channel stays to itself.
# - Average pooling is a constrained matrix: a strided convolution with equal weights, channel by
#   channel. Padding holds no values, so it is not counted.
# - Max pooling is no matrix. For each image it picks entries as a matrix would, but the image decides
#   which. It shrinks *and* bends.
# - Pooling makes outputs move less when the image moves. How much less depends on the window against
#   the shift; invariance is bought with knowledge of the place.
# - Convolution and pooling know no size, so a network with a global pooling, or made of convolutions
#   only, takes images of any size. It runs on all of them; whether it works is another matter.

# %%
progress()

# %% [markdown]
# ## Two open questions
#
# Your instructor reads these; no program does.

# %% [markdown] question="q_stride_or_pool" points=2
# **Question 1 · 2 points.** Many newer networks have no pooling between their convolutions: they
# convolve with stride 2. Compare the two by what they cost, by what is learned, and by what the matrix
# looks like. What is lost if *max* pooling is replaced, and what could make up for it?
#
# <!-- BEGIN SOLUTION -->
# A strided convolution deletes rows of the matrix before they are computed, so it saves three quarters
# of the convolution's own work, which pooling behind a convolution does not. Its weights are learned,
# so it may become an average pooling, or something better. What is lost with max pooling is a
# non-linearity and the question "is it anywhere in this window?": a strided convolution followed by
# ReLU asks for a weighted sum instead. More filters, or one more layer with ReLU, make up for it.
# <!-- END SOLUTION -->

# %% [markdown] question="q_paper" points=2
# **Question 2 · 2 points.** The network of part 7 failed on digits with much paper around. Name two
# changes, one to the network and one to the training data, that would help, and say for each what it
# might spoil. Which would you try for photographs of unknown sizes?
#
# <!-- BEGIN SOLUTION -->
# Network: a global maximum over the map of scores instead of the average asks for the best place and
# ignores paper; but a single false alarm anywhere now decides, and there are more places on larger
# images. Data: train on digits placed on paper of several sizes, so that the dense layer learns to
# calibrate diluted averages; but very different sizes still give different averages, and small digits
# in large images drown in noise. For photographs: train at several sizes (crops and scales); objects
# in photographs mostly fill a good part of the frame, so the average does well there.
# <!-- END SOLUTION -->
