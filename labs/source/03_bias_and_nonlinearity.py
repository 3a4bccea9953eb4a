# %% [markdown]
# # Lab 03 · Bias and non-linearity
#
# By the end of this lab you will be able to
#
# - add a **bias** to a convolution, say who shares it, and find it in the matrix, where it is **one
#   more column**;
# - prove with matrices that linear layers, however many, are **one** layer, and write down its kernel
#   and its bias;
# - compute five **non-linearities** and measure what they do to a gradient: who saturates, where, and
#   what is left after twelve layers.
#
# **Rests on** the lecture's *Working with Bias* and *Non-linearities*; Nair and Hinton, *Rectified
# linear units improve restricted Boltzmann machines*, ICML 2010; Glorot and Bengio, *Understanding
# the difficulty of training deep feedforward neural networks*, AISTATS 2010; Clevert, Unterthiner and
# Hochreiter, *Fast and accurate deep network learning by exponential linear units*, ICLR 2016.
#
# **Time budget:** about 100 minutes of yours, under 60 seconds of your computer's, offline.

# %%
import functools

import numpy as np

from labkit import data, matrix, plots
from labkit.checks import check, hint, progress
from labkit.predict import reveal

# Every seed and size of this lab
rng = np.random.default_rng(2019)
PHOTO_EVERY = 3  # keep every 3rd row and column of the photograph: 143 x 214
DEPTH, CHANNELS = 12, 32  # of the network of part 6
DIGITS = 40  # that it looks at
EPOCHS, RATE = 12, 0.003  # of the small networks of part 7

# %% [markdown]
# From lab 02 you bring the convolution with channels and filters, and its matrix:


# %%
def conv_filters(images, kernels):
    """(batch, N, M, C) and (A, B, C, F) to (batch, N - A + 1, M - B + 1, F)."""
    A, B = kernels.shape[:2]
    N, M = images.shape[1] - A + 1, images.shape[2] - B + 1
    taps = [(i, j) for i in range(A) for j in range(B)]
    return sum(images[:, i : i + N, j : j + M] @ kernels[i, j] for i, j in taps)


def channel_matrix(kernels, height, width):
    """The matrix of conv_filters, channels last."""
    A, B, C, F = kernels.shape
    W = np.zeros((height - A + 1, width - B + 1, F, height, width, C))
    for n, m in np.ndindex(W.shape[:2]):
        W[n, m, :, n : n + A, m : m + B] = np.moveaxis(kernels, -1, 0)
    return W.reshape(-1, height * width * C)


# %% [markdown]
# ## 1 · A threshold for every filter
#
# A filter says how much of its pattern is there. How much is *enough*? That takes one more number for
# each filter, the **bias**, which is added to its whole map:
#
# $$y(n, m, f) = \sum_{i,j,k} x(n+i,\, m+j,\, k)\,K(i, j, k, f) \;+\; b(f)$$
#
# It has an index $f$, and neither $n$ nor $m$: one bias per filter, **shared over all places**. That is
# weight sharing once more.
#
# **By hand.** A row $(3, 1, 4, 1)$, two filters $(1, -1)$ and $(0, 2)$, biases $10$ and $-5$. The maps
# are $(2, -3, 3)$ and $(2, 8, 2)$. With bias, $(12, 7, 13)$ and … work out the second on paper.
#
# **Predict, then run.** A Keras layer `Conv2D(8, 3)` reads a color image. How many numbers does it
# learn, with its biases?

# %% predict="keras_count"
### BEGIN SOLUTION
prediction = 224
### STUB: prediction = None  # replace None by a number
### END SOLUTION

# %%
from labkit.quiet import import_keras

keras = import_keras()
layer = keras.layers.Conv2D(8, 3)
layer.build((None, 32, 32, 3))
reveal(prediction, layer.count_params(), "3·3·3·8 weights and 8 biases.")

# %% [markdown]
# ### Exercise 1 ★ · 2 points
#
# Use `conv_filters` from above, or whatever you prefer.


# %% exercise="conv_bias" points=2
def conv_bias(images, kernels, bias):
    """`kernels` (A, B, C, F) and `bias` (F,) over `images` (batch, N, M, C)."""
    ### BEGIN SOLUTION
    return conv_filters(images, kernels) + bias
    ### END SOLUTION


# %% check="conv_bias"
check("conv_bias", conv_bias)

# %% hint="conv_bias"
hint("conv_bias")

# %%
x = np.array([3, 1, 4, 1]).reshape(1, 1, 4, 1)
two_filters = np.array([1, 0, -1, 2]).reshape(1, 2, 1, 2)
maps = np.asarray(conv_bias(x, two_filters, np.array([10, -5])))
print("map 0:", maps[0, 0, :, 0])
print("map 1:", maps[0, 0, :, 1])

# %% [markdown]
# What is it good for? Keep only what is positive, `np.maximum(y, 0)`, and the bias becomes a threshold:

# %%
photo = data.photograph("china", gray=True, every=PHOTO_EVERY)[None, ..., None] / 255.0
edge = np.array([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]]).reshape(3, 3, 1, 1)
biases = [0.0, -0.5, -1.5]
thresholded = [np.maximum(conv_bias(photo, edge, np.array([b])), 0) for b in biases]

# %%
plots.show(
    plots.images(
        [maps[0, ..., 0] for maps in thresholded],
        [
            f"bias {b:g}: {np.mean(m > 0):.0%} left"
            for b, m in zip(biases, thresholded, strict=True)
        ],
        signed=True,
    ),
    alt="Upright edges of a temple, found by one filter and cut at zero, with three biases. "
    "With bias 0 more than half of all places are left, most of them faint texture; with bias "
    "minus 0.5 the outlines of columns and carvings; with minus 1.5 only the strongest edges.",
)

# %% [markdown]
# ### A failure worth seeing: one bias per place
#
# The slide says *typically* one bias per filter. What if every place had its own? Lab 01 measured that a
# convolution is *equivariant*: when the image moves, the map moves along. Measure it again.

# %%
own = rng.standard_normal((1, 141, 212, 1))  # a bias for every place
moved = np.roll(photo, 8, axis=2)
for name, b in [("one per filter", np.array([0.7])), ("one per place", own)]:
    before, after = conv_filters(photo, edge) + b, conv_filters(moved, edge) + b
    change = np.abs(after[:, :, 8:] - before[:, :, :-8]).max()
    print(f"{name:15} biases: {b.size:6,}   change when we move along: {change:.2f}")

# %% [markdown]
# Thirty thousand biases, and the layer now knows *where* it looks. Sometimes that is wanted; as a rule
# it is a mistake in the axes.

# %% [markdown]
# ## 2 · The bias is a column
#
# $Wx + b$ is not quite a matrix product. But it becomes one with a small trick: append a $1$ to $x$, and
# give $W$ one more **column**, which meets that $1$.
#
# $$\begin{pmatrix} W & b \end{pmatrix} \begin{pmatrix} x \\ 1 \end{pmatrix} = Wx + b$$
#
# Here it is for a $3 \times 4$ image and two filters of $2 \times 2$, with biases $10$ and $-5$. In the new
# column nothing is zero, and the entries of one filter are all **equal**: sharing, as far as it can go.

# %%
small = np.array([[1, 0, 3, 1], [2, 1, 0, 2], [0, 2, 1, 3]])
pair = np.stack([[[1, -1], [0, 2]], [[0, 2], [1, -1]]], axis=-1)
plots.show(
    plots.bias_column(small, pair, np.array([10, -5]), at=(0, 1, 1)),
    alt="A 3 by 4 image, two filters of 2 by 2, each with its bias beside it, one black and one "
    "gray, the 2 by 3 output of filter 1, and the 12 by 13 matrix. Its first twelve columns hold "
    "four kernel taps in each row, in the colors of lab 01, two rows for each place. The "
    "thirteenth column holds b0, b1, b0, b1 and so on, black and gray in turn, under the words "
    "'times 1'. Output (0, 1) of filter 1, worth 2, is outlined, and so are its four pixels and "
    "row 3 of the matrix.",
)

# %% [markdown]
# **By hand.** With channels last, the filters of one place stand side by side: the rows belong to filter
# $0, 1, 0, 1, \dots$ So with biases $10$ and $-5$ the column begins $10, -5, 10, -5$.
#
# ### Exercise 2 ★★ · 2 points


# %% exercise="bias_column" points=2
def bias_column(W, bias):
    """`W` (places * F, columns) with `bias` (F,) as one more column, at the end.

    Rows are (place, filter), the filter running fastest.
    """
    ### BEGIN SOLUTION
    return np.column_stack([W, np.tile(bias, len(W) // len(bias))])
    ### END SOLUTION


# %% check="bias_column"
check("bias_column", bias_column)

# %% hint="bias_column"
hint("bias_column")

# %%
W = np.asarray(bias_column(channel_matrix(two_filters, 1, 4), np.array([10, -5])))
print(W.astype(int))
print("one product:", W @ np.append(x.ravel(), 1))
print("conv_bias:  ", maps.ravel())

# %% [markdown]
# ## 3 · Two layers that are one
#
# Depth, everybody says, is what makes networks strong. So let us stack two convolutions. Each is a
# matrix: $h = W_1 x$, then $y = W_2 h$. Then
#
# $$y = W_2\,(W_1 x) = (W_2 W_1)\,x$$
#
# and $W_2 W_1$ is *one* matrix. What can it do that a single layer could not?
#
# **By hand.** First layer $(1, 2)$, second $(3, 1)$, one dimension, one channel.
#
# $$y(0) = 3h(0) + 1h(1) = 3\,(x(0) + 2x(1)) + (x(1) + 2x(2)) = 3x(0) + 7x(1) + 2x(2)$$
#
# **Predict, then run.** Is the product of two convolution matrices again the matrix of a convolution?
# For two kernels of $2\times 2$ on $4 \times 4$ images: how large is its kernel, (rows, columns)? Say
# (0, 0) if it is none.

# %% predict="product_kernel"
### BEGIN SOLUTION
prediction = (3, 3)
### STUB: prediction = None  # replace None by (rows, columns)
### END SOLUTION

# %%
first = rng.integers(-3, 4, (2, 2, 1, 1))
second = rng.integers(-3, 4, (2, 2, 1, 1))
W1, W2 = channel_matrix(first, 4, 4), channel_matrix(second, 3, 3)
answer = matrix.recognize(W2 @ W1, (4, 4))
reveal(prediction, answer.kernel_size if answer else (0, 0), str(answer))

# %%
plots.show(
    plots.product((4, 4), (2, 2), (2, 2)),
    alt="Three matrices: the second layer's, 4 by 9 with taps g00 to g11, times the first "
    "layer's, 9 by 16 with taps k00 to k11, equals one matrix of 4 by 16 with the nine taps "
    "h00 to h22 of a 3 by 3 kernel, with zeros and equal weights as in lab 01.",
)

# %% [markdown]
# It is a convolution. Zeros stay where no path leads, and weights stay equal because both factors were.
# Its kernel reaches as far as both together, $A + P - 1$: two $3 \times 3$ layers see $5 \times 5$ pixels.
#
# Which weights does it have? Tap $i$ of the first and tap $p$ of the second together read the input
# $i + p$ further on. So all products with the same sum meet:
#
# $$H(u, v) = \sum_{i + p = u}\;\sum_{j + q = v} K_1(i, j)\,K_2(p, q)$$
#
# where the products are **matrix products** over the channels in between: $K_1(i,j)$ is $C \times D$,
# $K_2(p,q)$ is $D \times F$. Compare with lab 01, part 2: this sum runs one kernel forward and the other
# backward. Two *correlations* in a row are one correlation, whose kernel is the true **convolution** of
# the two.
#
# ### Exercise 3 ★★★ · 4 points


# %% exercise="collapse" points=4
def collapse(first, second):
    """The one kernel (A + P - 1, B + Q - 1, C, F) of two linear layers in a row.

    `first` is (A, B, C, D) and comes first; `second` is (P, Q, D, F).
    """
    ### BEGIN SOLUTION
    A, B, C, _ = first.shape
    P, Q, _, F = second.shape
    kernel = np.zeros((A + P - 1, B + Q - 1, C, F))
    for i, j, p, q in np.ndindex(A, B, P, Q):
        kernel[i + p, j + q] += first[i, j] @ second[p, q]
    return kernel
    ### END SOLUTION


# %% check="collapse"
check("collapse", collapse)

# %% hint="collapse"
hint("collapse")

# %%
row1, row2 = np.array([1, 2]), np.array([3, 1])
print("by hand:     3, 7, 2")
both = collapse(row1.reshape(1, 2, 1, 1), row2.reshape(1, 2, 1, 1))
print("collapse:   ", np.ravel(both))
print(
    "np.convolve:",
    np.convolve(row1, row2),
    "  np.correlate:",
    np.correlate(row1, row2, "full"),
)

# %% [markdown]
# And the biases? Send an image of zeros through both layers. The first makes its bias of it, everywhere;
# the second reads *that*.
#
# **By hand.** First bias $10$, second layer $(3, 1)$ with bias $-5$: $3 \cdot 10 + 1 \cdot 10 - 5 = 35$.
#
# ### Exercise 4 ★★ · 2 points


# %% exercise="collapse_bias" points=2
def collapse_bias(first_bias, second, second_bias):
    """The one bias (F,) of two linear layers: `first_bias` (D,), `second` (P, Q, D, F)."""
    ### BEGIN SOLUTION
    return first_bias @ second.sum(axis=(0, 1)) + second_bias
    ### END SOLUTION


# %% check="collapse_bias"
check("collapse_bias", collapse_bias)

# %% hint="collapse_bias"
hint("collapse_bias")

# %% [markdown]
# ### How deep is deep?
#
# Five linear layers with biases on a color photograph, and the one layer that they are.

# %%
flower = data.photograph("flower", every=PHOTO_EVERY)[np.newaxis] / 255.0
sizes = [(3, 3, 3, 8), (3, 3, 8, 8), (3, 3, 8, 8), (3, 3, 8, 8), (3, 3, 8, 2)]
layers = [(rng.standard_normal(s) / 8, rng.standard_normal(s[-1])) for s in sizes]

kernel, bias = layers[0]
y = np.asarray(conv_bias(flower, kernel, bias))
for next_kernel, next_bias in layers[1:]:
    y = np.asarray(conv_bias(y, next_kernel, next_bias))
    bias = np.asarray(collapse_bias(bias, next_kernel, next_bias))
    kernel = np.asarray(collapse(kernel, next_kernel))
    print("so far, one layer of shape", kernel.shape)
print("same output:", np.allclose(y, conv_bias(flower, kernel, bias)))
print(
    "weights:", sum(k.size for k, _ in layers), "in five layers,", kernel.size, "in one"
)

# %% [markdown]
# Nothing was gained but the size of the kernel. And here is what *no* linear layer can do, deep or not:
# see an edge whichever side is bright.

# %% [markdown]
# ### A failure worth seeing: the best linear layer
#
# Real digits, and a teacher who marks upright edges, dark to bright *or* bright to dark: $|e|$ in place
# of $e$. Give the linear layer its best chance: not gradient descent but the least-squares optimum,
# with a kernel of $5 \times 5$ and a bias. Beside it, two filters with a ReLU: $\max(e,0) + \max(-e,0)$.

# %%
(x_train, y_train), (x_test, y_test) = data.load("digits")
digits = x_train[..., np.newaxis] / 255.0
target = np.abs(conv_filters(digits, edge))[:, 1:-1, 1:-1]

# %%
windows = np.lib.stride_tricks.sliding_window_view(digits[..., 0], (5, 5), axis=(1, 2))
columns = np.column_stack([windows.reshape(-1, 25), np.ones(target.size)])
best = columns @ np.linalg.lstsq(columns, target.ravel())[0]

pair = np.concatenate([edge, -edge], axis=-1)  # two filters
halves = np.maximum(conv_filters(digits, pair), 0)[:, 1:-1, 1:-1]


def error(answer):
    return np.sqrt(np.mean((answer - target.ravel()) ** 2))


print(f"best linear layer, 26 weights: error {error(best):.3f}")
print(f"always saying the mean:        error {error(target.mean()):.3f}")
print(f"two filters and a ReLU:        error {error(halves.sum(-1).ravel()):.3f}")

# %% [markdown]
# The best linear layer of that size is not far from always saying the same. For any linear $L$,
# $L(-e) = -L(e)$ up to the bias, while $|-e| = |e|$. One bend is enough.

# %% [markdown]
# ## 4 · Five bends
#
# A **non-linearity** is applied to every number by itself, after the sum and the bias:
#
# | name | for $z > 0$ | for $z \le 0$ |
# |---|---|---|
# | `sigmoid` | $1 / (1 + e^{-z})$ | the same |
# | `tanh` | $\tanh z$ | the same |
# | `relu` | $z$ | $0$ |
# | `leaky_relu` | $z$ | $0.1\,z$ |
# | `elu` | $z$ | $e^{z} - 1$ |
#
# **By hand.** At $z = -2$: the leaky ReLU gives $-0.2$; the ELU $e^{-2} - 1 \approx 0.135 - 1 = -0.865$;
# the sigmoid $1/(1 + e^2) \approx 1/8.39 = 0.119$.
#
# ### Exercise 5 ★ · 2 points
#
# By hand: no `keras.activations`, no `tf.nn`. Large numbers such as $\pm 800$ should come out right,
# too.


# %% exercise="nonlinearity" points=2
def nonlinearity(name, z):
    """`name` is one of the five of the table, `z` an array of any shape."""
    ### BEGIN SOLUTION
    if name == "sigmoid":
        return (1 + np.tanh(z / 2)) / 2  # the same function, and nothing overflows
    if name == "tanh":
        return np.tanh(z)
    left = {"relu": 0.0, "leaky_relu": 0.1 * z, "elu": np.expm1(np.minimum(z, 0))}
    return np.where(z > 0, z, left[name])
    ### END SOLUTION


# %% check="nonlinearity"
check("nonlinearity", nonlinearity)

# %% hint="nonlinearity"
hint("nonlinearity")

# %%
NAMES = ("sigmoid", "tanh", "relu", "leaky_relu", "elu")
z = np.linspace(-6, 6, 241)
values = {name: np.asarray(nonlinearity(name, z)) for name in NAMES}
slopes = {name: np.gradient(values[name], z) for name in NAMES}
plots.show(
    plots.activations(z, values, slopes),
    alt="Five functions and, below each, its slope. Sigmoid and tanh flatten at both ends, "
    "and their slopes are hills, a quarter high and one high. ReLU, leaky ReLU and ELU are "
    "straight on the right with slope one; on the left ReLU has slope zero, leaky ReLU "
    "slope 0.1, and the ELU's slope fades to zero. Gray marks where a slope is under 0.05.",
)

# %% [markdown]
# And with a bend between the layers, the collapse is over:

# %%
first, second = rng.standard_normal((2, 3, 3, 1, 1))
together = np.asarray(collapse(first, second))
h = conv_filters(photo, first)
for name in ("no bend", *NAMES):
    bent = h if name == "no bend" else np.asarray(nonlinearity(name, h))
    gap = np.abs(conv_filters(bent, second) - conv_filters(photo, together)).max()
    print(f"{name:10} between the layers: off from the collapsed layer by {gap:7.3f}")

# %% [markdown]
# ## 5 · A layer, complete
#
# ### Exercise 6 ★★ · 2 points
#
# Convolution, bias, non-linearity: put them together, in the right order. The rules of exercise 5
# hold.


# %% exercise="conv_layer" points=2
def conv_layer(images, kernels, bias, name):
    """What Conv2D(filters, size, activation=name) computes, with these weights."""
    ### BEGIN SOLUTION
    return nonlinearity(name, conv_bias(images, kernels, bias))
    ### END SOLUTION


# %% check="conv_layer"
check("conv_layer", conv_layer)

# %% hint="conv_layer"
hint("conv_layer")

# %% [markdown]
# The order matters. Here is the threshold of part 1 with the bias added *after* the ReLU:

# %%
before = np.asarray(conv_layer(photo, edge, np.array([-1.5]), "relu"))
after = np.maximum(conv_filters(photo, edge), 0) - 1.5
print(
    f"bias before the ReLU: from {before.min():.2f}, {np.mean(before == 0):.0%} silent"
)
print(f"bias after the ReLU:  from {after.min():.2f}, {np.mean(after == 0):.0%} silent")

# %% [markdown]
# After it, the bias is no threshold any more: it moves the floor, and everything speaks.

# %% [markdown]
# ## 6 · Saturated
#
# A network learns by asking how its output would change if a weight did. On the way back, every
# non-linearity multiplies that answer by its **slope**. Where the slope is nearly 0, the unit is
# **saturated**, and nothing behind it learns.
#
# **By hand.** The sigmoid's slope is $s(1-s)$, at most $0.5 \cdot 0.5 = 1/4$. After twelve layers at most
# $(1/4)^{12} \approx 6 \cdot 10^{-8}$ of a gradient is left. At $z = 6$, with $s = 0.9975$, the slope is
# $0.0025$.
#
# **Predict, then run.** The slides list ReLU under *non-saturated*. Twelve random layers look at digits.
# Which fraction of ReLU units is saturated in the first layer: 0, 0.5 or 1?

# %% predict="relu_saturation"
### BEGIN SOLUTION
prediction = 0.5
### STUB: prediction = None  # replace None by 0, 0.5 or 1
### END SOLUTION

# %% [markdown]
# ### Exercise 7 ★★ · 3 points
#
# Measure it. At 0 itself, where some of them have a kink, nobody will ask.


# %% exercise="saturation" points=3
def saturation(name, z, threshold):
    """(fraction of `z` at which `name`'s slope is below `threshold`, mean slope)."""
    ### BEGIN SOLUTION
    f = nonlinearity(name, z)
    slope = {
        "sigmoid": f * (1 - f),
        "tanh": 1 - f**2,
        "relu": np.where(z > 0, 1.0, 0.0),
        "leaky_relu": np.where(z > 0, 1.0, 0.1),
        "elu": np.where(z > 0, 1.0, f + 1),
    }[name]
    return np.mean(slope < threshold), np.mean(slope)
    ### END SOLUTION


# %% check="saturation"
check("saturation", saturation)

# %% hint="saturation"
hint("saturation")

# %% [markdown]
# Twelve layers of $1 \times 1$ convolutions (lab 02: a dense layer at every pixel), with random weights
# scaled so that sums keep their size. Forward, and then the gradient backward: times the slope, times
# the transposed weights.

# %%
pixels = rng.standard_normal((CHANNELS, 1)) * digits[:DIGITS].reshape(1, -1)
weights = rng.standard_normal((DEPTH, CHANNELS, CHANNELS)) / np.sqrt(CHANNELS)


# %%
def deep(name, scale):
    """Flat fraction and gradient size by layer, from the first to the last."""
    f = functools.partial(nonlinearity, name)
    a, sums = pixels, []
    for W in weights:
        sums.append(scale * W @ a)
        a = np.asarray(f(sums[-1]))
    gradient, sizes = np.ones_like(a), []
    for W, z in zip(weights[::-1], sums[::-1], strict=True):
        step = 1e-6
        slope = np.subtract(f(z + step), f(z - step)) / (2 * step)
        gradient = scale * W.T @ (slope * gradient)
        sizes.append(np.sqrt(np.mean(gradient**2)))
    return [saturation(name, z, 0.05)[0] for z in sums], sizes[::-1]


# %%
pixels = pixels[:, pixels[0] != 0]  # a pixel without ink is 0 in all channels
flat = saturation("relu", weights[0] @ pixels, 0.05)[0]
reveal(
    prediction, round(flat * 2) / 2, f"Measured: {flat:.2f}. Left of 0, a ReLU is flat."
)

# %%
print("            flat units in layer 1 and 12:                     gradient left")
print("            weights as they are    five times as large    after 12 layers")
gradient = {}
for name in NAMES:
    (flat, gradient[name]), (flat5, _) = deep(name, 1), deep(name, 5)
    print(
        f"{name:11} {flat[0]:8.0%} {flat[-1]:8.0%} {flat5[0]:14.0%} {flat5[-1]:8.0%}"
        f"     {gradient[name][0]:14.1e}"
    )

# %%
plots.show(
    plots.by_layer(gradient, ylabel="size of the gradient"),
    alt="Size of the gradient by layer, on a logarithmic scale, for five non-linearities. It "
    "comes in at layer 12. Down to layer 1, the sigmoid's falls by seven orders of magnitude, "
    "ReLU's and leaky ReLU's by one or two, and tanh's and ELU's by less than one.",
)

# %% [markdown]
# So ReLU *does* saturate, on one side: half of its units are silent for any one input. It is a switch,
# though, and not a brake: where it is open, the slope is exactly 1, however large $z$. A sigmoid
# brakes everywhere, by 4 at best. And with weights five times as large, up to two thirds of the tanh
# units are flat: this is why initialization matters (lab 10).

# %% [markdown]
# ## 7 · The real thing
#
# Keras's layer with bias and activation, on your weights; shown is the output with the most negative sum:

# %%
batch = flower[:, :40, :40].astype("float32")
kernels, bias = rng.standard_normal((3, 3, 3, 4)) / 3, rng.standard_normal(4)
z = np.asarray(conv_bias(batch, kernels, bias))
lowest = np.unravel_index(z.argmin(), z.shape)  # there the five differ most
print(f"{'activation':11} {'yours':>9} {'Keras':>9}   all equal to 5 decimals")
for name in NAMES:
    activation = (
        keras.layers.LeakyReLU(negative_slope=0.1) if name == "leaky_relu" else name
    )
    layer = keras.layers.Conv2D(4, 3, activation=activation)
    layer.build(batch.shape)
    layer.set_weights([kernels, bias])
    answers = conv_layer(batch, kernels, bias, name), layer(batch)
    yours, theirs = map(np.asarray, answers)
    same = np.allclose(yours, theirs, atol=1e-5)
    print(f"{name:11} {yours[lowest]:9.5f} {theirs[lowest]:9.5f}   {same}")

# %% [markdown]
# Last, the same small network learns to tell odd digits from even ones: two convolutions and a
# classifier, once without bends and once with. **Predict, then run.** How many of 100 unseen digits does
# the network *with* ReLU get right beyond the linear one: about 0, 5 or 30?

# %% predict="relu_gain"
### BEGIN SOLUTION
prediction = 5
### STUB: prediction = None  # replace None by 0, 5 or 30
### END SOLUTION


# %%
def learned(activation):
    """Train two convolutions and a classifier; the fraction of unseen digits it gets right."""
    keras.utils.set_random_seed(12)
    convolutions = [keras.layers.Conv2D(16, 3, activation=activation) for _ in range(2)]
    ends = [keras.layers.Flatten(), keras.layers.Dense(2)]
    model = keras.Sequential([keras.Input((8, 8, 1)), *convolutions, *ends])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(RATE), loss, metrics=["accuracy"])
    model.fit(digits, y_train % 2, epochs=EPOCHS, shuffle=False, verbose=0)
    return model.evaluate(unseen, odd, verbose=0)[1], model


# %%
unseen, odd = x_test[..., np.newaxis] / 255.0, y_test % 2
linear, model = learned("linear")
bent, _ = learned("relu")
gain = 100 * (bent - linear)
reveal(
    prediction,
    min((0, 5, 30), key=lambda guess: abs(guess - gain)),
    f"Without bends {linear:.0%} are right, with ReLU {bent:.0%}.",
)

# %% [markdown]
# Six in a hundred: that is about half of the linear one's mistakes. Yet it has learned *something*: it is
# a linear classifier in a deep disguise. Undress it. Your `collapse` makes one layer of its two:

# %%
(k1, b1), (k2, b2) = (layer.get_weights() for layer in model.layers[:2])
one, one_bias = map(np.asarray, (collapse(k1, k2), collapse_bias(b1, k2, b2)))
W, b = model.layers[-1].get_weights()
features = np.reshape(conv_bias(unseen, one, one_bias), (len(unseen), -1))
right = np.mean((features @ W + b).argmax(axis=1) == odd)
print(f"one layer of {one.shape}, and no Keras: {right:.0%} right")

# %% [markdown]
# ## Summary
#
# - One **bias** per filter, shared over all places: a threshold. In the matrix it is **one more column**,
#   whose entries are equal for each filter.
# - Linear layers in a row are **one** linear layer, $W_2 W_1$. Its kernel is the true convolution of the
#   two, $A + P - 1$ wide; its bias is the first one, carried through the second kernel.
# - A **non-linearity** after the bias ends the collapse. Sigmoid and tanh are flat at both ends, ReLU on
#   one side; what a gradient loses on its way is the product of the slopes.

# %%
progress()

# %% [markdown]
# ## Two open questions
#
# Your instructor reads these; no program does.

# %% [markdown] question="q_bottleneck" points=2
# **Question 1 · 2 points.** Five linear layers are one, but not every one is five. In part 3 the layers in
# the middle had 8 channels. Suppose one of them had a single channel. Which collapsed kernels are then out
# of reach, although there are still no bends? Say it with the rank of a matrix.
#
# <!-- BEGIN SOLUTION -->
# Everything passes through one map, so the product of matrices has the rank of at most one map's worth: at
# every place, all output channels are the same filtered copies of a single image. For 1x1 kernels H = k1 k2
# is a C x F matrix of rank one. In general H(u, v) is a sum of products over D channels: with D = 1 each
# filter's kernel is one common kernel convolved with its own second kernel, so filters that respond to
# different color mixtures cannot be had. A bottleneck restricts a linear network; depth alone adds nothing.
# <!-- END SOLUTION -->

# %% [markdown] question="q_dead" points=2
# **Question 2 · 2 points.** A ReLU unit whose bias has become very negative is silent for *every* input, and
# it stays so. Why can gradient descent not wake it? Which of the five non-linearities have this problem,
# and what speaks for ReLU all the same?
#
# <!-- BEGIN SOLUTION -->
# Its slope is 0 for all inputs, so the gradient of its weights and bias is 0 and they never change: a dead
# unit. Sigmoid and tanh become nearly as stuck when far out, but their slope is never exactly zero; the same
# holds for the ELU; leaky ReLU keeps a slope of 0.1 and always recovers. For ReLU: slope exactly 1 where it
# is open, exact zeros (sparse, cheap), and with sensible initialization and learning rate few units die.
# <!-- END SOLUTION -->
