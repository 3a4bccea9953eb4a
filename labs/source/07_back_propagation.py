# %% [markdown]
# # Lab 07 · Back-propagation
#
# By the end of this lab you will be able to
#
# - derive the gradients of a convolution from its matrix: the kernel's is a **sum over tied weights**,
#   the input's is the **transpose**;
# - write the backward pass of convolution, ReLU, max pooling and softmax by hand, and know that it is
#   right, because a gradient check and automatic differentiation agree with it;
# - train a network on real digits with nothing but your own gradients.
#
# **Rests on** the lecture's *Training CNNs with Back-Propagation*; Rumelhart, Hinton and Williams,
# *Learning representations by back-propagating errors*, Nature 323, 1986; LeCun et al.,
# *Backpropagation applied to handwritten zip code recognition*, 1989.
#
# **Time budget:** about 120 minutes of yours, under 60 seconds of your computer's, offline.

# %%
import numpy as np

from labkit import data, gradients, matrix, plots, reference, widgets
from labkit.checks import check, hint, progress
from labkit.predict import reveal
from labkit.quiet import import_keras

keras = import_keras()
import tensorflow as tf

# Every seed and size of this lab
rng = np.random.default_rng(2017)
IMAGES, BATCH, EPOCHS, RATE = 200, 50, 10, 0.5

# %% [markdown]
# ## 1 · Tied weights
#
# Start with a dense layer, $y = Wx$, where every entry of $W$ is free. If $W_{rc}$ grows a little,
# $y_r$ grows by $x_c$ times as much, and the loss by $\partial L/\partial y_r \cdot x_c$. So the
# gradient of $W$ is a table, output gradient times input:
#
# $$D_{rc} = \frac{\partial L}{\partial W_{rc}} = dy_r\, x_c$$
#
# In a convolution the entries are not free: those of one color are **one** weight. If it grows, they
# all grow, and their effects on the loss add up.
#
# **By hand.** $x = (1, 2, 3)$, a kernel of 2, so 2 outputs; let $dy = (1, 10)$. Then
# $D = \begin{pmatrix}1&2&3\\10&20&30\end{pmatrix}$. The weight $k_0$ stands at $(0,0)$ and $(1,1)$,
# $k_1$ at $(0,1)$ and $(1,2)$: $dk = (1 + 20,\ 2 + 30) = (21, 32)$. The 3 and the 10 belong to
# entries that are zero and stay zero.

# %%
x, dy = np.array([3, 1, 4, 1, 5, 9]), np.array([1, -2, 0, 3])
D = np.outer(dy, x)
plots.show(
    plots.tied(D, (6,), (3,), "gradient of each entry, if it were free"),
    alt="The 4 by 6 table of output gradient times input, in the colors of the constrained matrix: the "
    "entries of weight k0 lie on the main diagonal, those of k1 on the diagonal above it, those of k2 "
    "on the next, four of each; the rest is white. Row 0 is the input itself, row 1 minus two times "
    "the input, row 2 zero, row 3 three times the input.",
)

# %% [markdown]
# **Predict, then run.** Add the entries of $D$ that lie under the color of $k_0$. What is $dk_0$?

# %% predict="tied"
### BEGIN SOLUTION
prediction = 4
### STUB: prediction = None  # replace None by a number
### END SOLUTION

# %%
reveal(
    prediction, int(np.trace(D[:, :4])), "3·1 + 1·(−2) + 4·0 + 1·3: the main diagonal."
)

# %% [markdown]
# ### Exercise 1 ★★ · 2 points


# %% exercise="tied_gradient" points=2
def tied_gradient(D, a):
    """The gradient (a,) of the kernel, from that of the dense matrix, `D` (n - a + 1, n)."""
    ### BEGIN SOLUTION
    rows = len(D)
    return np.array([sum(D[r, r + i] for r in range(rows)) for i in range(a)])
    ### END SOLUTION


# %% check="tied_gradient"
check("tied_gradient", tied_gradient)

# %% hint="tied_gradient"
hint("tied_gradient")

# %%
print("dk by tying:         ", tied_gradient(D, 3))
print("dk as a convolution: ", np.correlate(x, dy, "valid"))

# %% [markdown]
# The same numbers: the gradient of the kernel is itself a cross-correlation, of the input with what
# came back. In two dimensions it is the same game with more colors.
#
# **By hand.** Six outputs, so six rows, and k00 stands once in each. Its entries below are 1, 0, 0, 0, 0 and 2,
# so $dk_{00} = 3$.

# %%
image = np.array([[1, 2, 0, 1], [0, 1, 2, 3], [2, 0, 1, 1]])
came_back = np.array([[1, 0, -1], [2, 0, 1]])
D_image = np.outer(came_back, image)  # each of the two read row by row
plots.show(
    plots.tied(D_image, (3, 4), (2, 2), "gradient of each entry, if it were free"),
    alt="The 6 by 12 table of output gradient times pixel, in the colors of the constrained matrix: in "
    "each row k00 and k01 stand side by side, and k10 and k11 four columns further. From row to row "
    "they move on by one column, and by two where a row of the image ends. The rest is white.",
)
print(reference.cross_correlate_plain(image, came_back))

# %% [markdown]
# Here is where each color stands and what it reads. Move through it:

# %%
widgets.explorer(image, np.array([[1, 0], [2, -1]]), at=(0, 1))

# %% [markdown]
# ## 2 · The transpose
#
# And the input? If $x_c$ grows, every output that reads it grows, by the weight with which it reads:
# by column $c$ of $W$. So
#
# $$dx = W^\top dy$$
#
# which is lab 05's transposed convolution: each $dy_r$ stamps the kernel back to where output $r$ read.
#
# **By hand.** $k = (1, 2, 3)$, 4 inputs, $dy = (1, 10)$: $(1, 2, 3, 0) + (0, 10, 20, 30)
# = (1, 12, 23, 30)$.
#
# ### Exercise 2 ★★ · 2 points


# %% exercise="input_gradient" points=2
def input_gradient(dy, kernel, n, stride):
    """The gradient (n,) of the input of a strided convolution in one dimension."""
    ### BEGIN SOLUTION
    dx = np.zeros(n)
    for r, up in enumerate(dy):
        dx[r * stride : r * stride + len(kernel)] += up * kernel
    return dx
    ### END SOLUTION


# %% check="input_gradient"
check("input_gradient", input_gradient)

# %% hint="input_gradient"
hint("input_gradient")

# %%
k = np.array([1, 2, 3])
W = matrix.convolution_matrix(k, 4)
print("yours:   ", input_gradient(np.array([1, 10]), k, 4, 1))
print("W.T @ dy:", W.T @ [1, 10])

# %% [markdown]
# ## 3 · The whole layer
#
# Now images, channels, filters, stride and padding. Write the forward pass as loops, and read each line
# backward: `y[b, n, m] = window · kernel + bias`. The kernel gets `window` times what came back, the
# window gets `kernel` times it, the bias gets it as it is; each is **added** to what is there.
#
# **By hand.** Image $\begin{pmatrix}1&2&3\\4&5&6\end{pmatrix}$, kernel
# $\begin{pmatrix}1&0\\0&2\end{pmatrix}$, $dy = (1, 10)$. The kernel's first weight met 1 and 2:
# $1\cdot 1 + 2\cdot 10 = 21$. The pixel 5 was read with weight 2 by the first output and with 0 by the
# second: $2\cdot 1 + 0\cdot 10 = 2$.
#
# ### Exercise 3 ★★★ · 4 points
#
# `padding` zeros stood on every side; cut them off the gradient at the end, and mind that
# `[0:-0]` is empty.


# %% exercise="conv_backward" points=4
def conv_backward(x, kernel, dy, stride, padding):
    """(dx, dkernel, dbias) of a convolution layer.

    x (batch, H, W, channels), kernel (A, B, channels, filters), dy (batch, rows, columns, filters).
    """
    ### BEGIN SOLUTION
    p, (A, B) = padding, kernel.shape[:2]
    box = np.pad(x, [(0, 0), (p, p), (p, p), (0, 0)])
    d_box, d_kernel = np.zeros(box.shape), np.zeros(kernel.shape)
    for n in range(dy.shape[1]):
        for m in range(dy.shape[2]):
            r, c, up = n * stride, m * stride, dy[:, n, m]  # up: (batch, filters)
            window = box[:, r : r + A, c : c + B]
            d_kernel += np.einsum("zabc,zf->abcf", window, up)
            d_box[:, r : r + A, c : c + B] += np.einsum("abcf,zf->zabc", kernel, up)
    return d_box[:, p : p + x.shape[1], p : p + x.shape[2]], d_kernel, dy.sum((0, 1, 2))
    ### END SOLUTION


# %% check="conv_backward"
check("conv_backward", conv_backward)

# %% hint="conv_backward"
hint("conv_backward")

# %% [markdown]
# **Automatic differentiation is the judge.** TensorFlow records the forward pass of Keras's own layer and
# differentiates it without having seen your formulas.

# %%
layer = keras.layers.Conv2D(3, (3, 2), strides=2, padding="valid")
x = rng.standard_normal((2, 7, 8, 2))
layer.build(x.shape)
tensor = tf.constant(x, "float32")
with tf.GradientTape() as tape:
    tape.watch(tensor)
    y = layer(tensor)
dy = rng.standard_normal(y.shape)
wanted = [tensor, layer.kernel.value, layer.bias.value]
theirs = tape.gradient(y, wanted, output_gradients=tf.constant(dy, "float32"))
found = conv_backward(x, np.asarray(layer.kernel), dy, 2, 0)
yours = [np.asarray(one) for one in found]

# %%
for name, mine, tape_says in zip(
    ("dx", "dkernel", "dbias"), yours, theirs, strict=True
):
    difference = np.abs(mine - tape_says.numpy()).max()
    print(
        f"{name:>8} {mine.shape!s:<14} differs by less than 1e-5: {difference < 1e-5}"
    )

# %% [markdown]
# ## 4 · Checking a gradient
#
# No tape at hand? A gradient can always be checked against its definition. Move one number by $h$ to
# either side, and divide:
#
# $$\frac{\partial f}{\partial x_i} \approx \frac{f(x + h e_i) - f(x - h e_i)}{2h}$$
#
# **By hand.** $f(x) = x^3$ at $x = 2$, $h = 0.1$: $(9.261 - 6.859)/0.2 = 12.01$, and $3x^2 = 12$. With
# one side only: $(9.261 - 8)/0.1 = 12.61$.
#
# ### Exercise 4 ★★ · 2 points
#
# For any `f` that takes an array and gives a number. Work in float64, whatever `x` is, and leave `x`
# as you found it.


# %% exercise="numerical_gradient" points=2
def numerical_gradient(f, x, h):
    """The gradient of `f` at `x`, by central differences of step `h`; the shape of `x`."""
    ### BEGIN SOLUTION
    gradient = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        plus, minus = x.astype(float), x.astype(float)
        plus[place] += h
        minus[place] -= h
        gradient[place] = (f(plus) - f(minus)) / (2 * h)
    return gradient
    ### END SOLUTION


# %% check="numerical_gradient"
check("numerical_gradient", numerical_gradient)

# %% hint="numerical_gradient"
hint("numerical_gradient")

# %% [markdown]
# **Predict, then run.** The central difference is off by something like $h^2$, so a smaller $h$ is better.
# Is it always? In float64, which is best for $f = \sin$ at 1: $10^{-2}$, $10^{-5}$ or $10^{-12}$?

# %% predict="step"
### BEGIN SOLUTION
prediction = 1e-5
### STUB: prediction = None  # replace None by one of the three numbers
### END SOLUTION


# %%
def errors(steps, dtype, sides):
    at, slopes = dtype(1), []
    for h in map(dtype, steps):
        back = h if sides == 2 else dtype(0)
        slopes.append((np.sin(at + h) - np.sin(at - back)) / (dtype(sides) * h))
    return np.maximum(np.abs(np.array(slopes, float) - np.cos(1.0)), 1e-17)


# %%
three = (1e-2, 1e-5, 1e-12)
reveal(prediction, three[int(errors(three, np.float64, 2).argmin())])
steps = 2.0 ** -np.arange(1, 46, 4)
slopes = {
    "central": errors(steps, np.float64, 2),
    "one-sided": errors(steps, np.float64, 1),
    "central, float32": errors(steps, np.float32, 2),
}

# %%
plots.show(
    plots.curves(
        steps,
        slopes,
        xlabel="step h",
        ylabel="error of the slope",
        log="xy",
        legend=True,
    ),
    alt="The error of three numerical slopes against the step h, both on logarithmic scales. "
    "Each falls with h and then rises again, like a V. The central one falls twice as steeply as "
    "the one-sided one and is best near a hundred-thousandth; in float32 it turns much earlier, "
    "and never gets below a hundred-thousandth or so.",
)

# %% [markdown]
# Two errors work against each other: the curve's bend (smaller with $h$) and the digits that cancel in
# $f(x+h) - f(x-h)$ (larger as $h$ shrinks). So: central, float64, $h$ near $10^{-5}$, and compare
# **relative** errors. `labkit.gradients.check_gradients` does that for every parameter, and steps around
# kinks. It judges your layer:


# %%
def loss_of(x, kernel, bias):
    return float((reference.cross_correlate(x, kernel, bias) ** 2).sum() / 2)


given = {
    "x": rng.standard_normal((2, 4, 5, 2)),
    "kernel": rng.standard_normal((3, 2, 2, 3)),
    "bias": rng.standard_normal(3),
}
dy = reference.cross_correlate(**given)  # of half a sum of squares, the gradient is y
mine = conv_backward(given["x"], given["kernel"], dy, 1, 0)
found = dict(zip(given, mine, strict=True))
print(gradients.check_gradients(loss_of, given, found))

# %% [markdown]
# A **kink** is where even a right gradient fails the check: at $x = 0$, ReLU has slope 0 on one side and 1
# on the other, and the central difference says 1/2.

# %%
relu_sum = lambda x: float(np.maximum(x, 0).sum())  # noqa: E731
print("at 0, −1 and 1:", numerical_gradient(relu_sum, np.array([0.0, -1.0, 1.0]), 1e-5))

# %% [markdown]
# ## 5 · The other layers
#
# **ReLU** lets through on the way back what it let through on the way forward. **By hand.**
# $x = (3, -1, 0, 2)$ and $dy = (10, 20, 30, -40)$ give $(10, 0, 0, -40)$: at exactly 0 we take 0, as Keras
# does.
#
# ### Exercise 5 ★ · 1 point


# %% exercise="relu_backward" points=1
def relu_backward(x, dy):
    """What of `dy` comes back through a ReLU that saw `x`; arrays of one shape."""
    ### BEGIN SOLUTION
    return np.where(x > 0, dy, 0)
    ### END SOLUTION


# %% check="relu_backward"
check("relu_backward", relu_backward)

# %% hint="relu_backward"
hint("relu_backward")

# %% [markdown]
# **Average pooling** is a matrix (lab 06), so its transpose is all there is to do: each output's gradient is
# spread evenly over its window. **By hand.** Windows of 2×2 over an image of 2×4, $dy = (10, 20)$: the four
# pixels on the left get $10/4 = 2.5$ each, those on the right 5.

# %%
W = matrix.convolution_matrix(np.full((2, 2), 1 / 4), (2, 4), strides=2)
tensor = tf.ones((1, 2, 4, 1))
with tf.GradientTape() as tape:
    tape.watch(tensor)
    pooled = keras.layers.AveragePooling2D(2)(tensor)
dy = tf.reshape(tf.constant([10.0, 20.0]), pooled.shape)
theirs = tape.gradient(pooled, tensor, output_gradients=dy)
print("W.T @ dy:  ", W.T @ [10, 20])
print("TensorFlow:", theirs.numpy().ravel())

# %% [markdown]
# **Max pooling** has no matrix of its own, but for one given input it *is* one: each row has a single 1,
# where the maximum stood. Its transpose sends each gradient to that place.
#
# **By hand.** Windows of 2×2 over $\begin{pmatrix}1&5&2&0\\3&5&4&4\end{pmatrix}$, $dy = (10, 20)$. The
# first window has two fives, the second two fours. The *first* in reading order takes it all: 10 goes to
# row 0, column 1, and 20 to row 1, column 2.
#
# ### Exercise 6 ★★★ · 3 points


# %% exercise="max_pool_backward" points=3
def max_pool_backward(x, dy, size, stride):
    """The gradient of an image `x` (H, W) under max pooling of size x size windows."""
    ### BEGIN SOLUTION
    dx = np.zeros(x.shape)
    for n in range(dy.shape[0]):
        for m in range(dy.shape[1]):
            r, c = n * stride, m * stride
            window = x[r : r + size, c : c + size]
            i, j = np.unravel_index(np.argmax(window), window.shape)
            dx[r + i, c + j] += dy[n, m]  # a pixel may win in several windows
    return dx
    ### END SOLUTION


# %% check="max_pool_backward"
check("max_pool_backward", max_pool_backward)

# %% hint="max_pool_backward"
hint("max_pool_backward")

# %%
ties = np.array([[1, 5, 5, 0], [3, 5, 4, 4], [2, 0, 1, 6]], float)
tensor = tf.constant(ties.reshape(1, 3, 4, 1))
with tf.GradientTape() as tape:
    tape.watch(tensor)
    pooled = keras.layers.MaxPooling2D(2, strides=1)(tensor)
theirs = tape.gradient(pooled, tensor).numpy()[0, ..., 0]
mine = max_pool_backward(ties, np.ones((2, 3)), 2, 1)
plots.show(
    plots.tables([ties, mine, theirs], ["x", "yours, dy = 1", "TensorFlow"]),
    alt="Three tables of 3 by 4. The input has three fives, two of them side by side in the first "
    "row. Your gradient and TensorFlow's are equal: the first five wins two windows, its neighbor "
    "one, the five below them two, and the 6 in the corner one.",
)

# %% [markdown]
# **Softmax and cross-entropy** are where it all begins. Logits $z$ become probabilities $p$, the loss is
# $-\log p_{\text{right}}$, and of all that only a difference is left:
#
# $$\frac{\partial L}{\partial z} = p - \text{one-hot}$$
#
# divided by the number of images, since the loss is their mean. **By hand.** Two classes, logits
# $(0, 0)$, the second is right: $p = (\tfrac12, \tfrac12)$, the loss is $\ln 2 \approx 0.693$, the gradient
# $(\tfrac12, -\tfrac12)$.
#
# ### Exercise 7 ★★ · 2 points
#
# Logits may be in the hundreds: $e^{800}$ is too much for a computer. Take something away first.


# %% exercise="softmax_gradient" points=2
def softmax_gradient(logits, labels):
    """(mean cross-entropy, its gradient) of `logits` (batch, classes), `labels` (batch,)."""
    ### BEGIN SOLUTION
    z = logits - logits.max(axis=1, keepdims=True)
    total = np.exp(z).sum(axis=1, keepdims=True)
    rows = np.arange(len(z))
    gradient = np.exp(z) / total
    gradient[rows, labels] -= 1
    return (np.log(total[:, 0]) - z[rows, labels]).mean(), gradient / len(z)
    ### END SOLUTION


# %% check="softmax_gradient"
check("softmax_gradient", softmax_gradient)

# %% hint="softmax_gradient"
hint("softmax_gradient")

# %% [markdown]
# ## 6 · A network of your own
#
# One convolution with bias, ReLU, one dense layer. Forward, and then backward through your own pieces in
# reverse order. The dense layer $\ell = fV + o$ gives $dV = f^\top d\ell$, $do = \sum d\ell$,
# $df = d\ell\,V^\top$: the tied gradient with nothing tied.
#
# ### Exercise 8 ★★★ · 4 points


# %% exercise="network_gradients" points=4
def network_gradients(x, labels, kernel, bias, weights, offset):
    """A dict of the loss and the gradients of kernel, bias, weights and offset.

    x (batch, H, W), kernel (A, B, filters), bias (filters,), weights (features, classes).
    """
    ### BEGIN SOLUTION
    windows = np.lib.stride_tricks.sliding_window_view(x, kernel.shape[:2], axis=(1, 2))
    z = np.tensordot(windows, kernel, 2) + bias
    features = np.maximum(z, 0).reshape(len(x), -1)
    loss, d_logits = softmax_gradient(features @ weights + offset, labels)
    dz = relu_backward(z, (d_logits @ weights.T).reshape(z.shape))
    _, d_kernel, d_bias = conv_backward(x[..., None], kernel[:, :, None], dz, 1, 0)
    return {
        "loss": loss,
        "kernel": d_kernel[:, :, 0],
        "bias": d_bias,
        "weights": features.T @ d_logits,
        "offset": d_logits.sum(0),
    }
    ### END SOLUTION


# %% check="network_gradients"
check("network_gradients", network_gradients)

# %% hint="network_gradients"
hint("network_gradients")

# %% [markdown]
# Train it on real digits: plain gradient descent, nothing of Keras in it. Beside it, the same network from
# Keras's layers, the same first weights, the same images in the same order, under automatic
# differentiation.

# %%
(x_train, y_train), _ = data.load("digits")
digits, labels = x_train[:IMAGES] / 255, y_train[:IMAGES]
start = {
    "kernel": rng.normal(0, 0.3, (3, 3, 8)),
    "bias": np.zeros(8),
    "weights": rng.normal(0, 0.05, (6 * 6 * 8, 10)),
    "offset": np.zeros(10),
}


# %%
def train(gradients_of):
    parameters = {name: value.copy() for name, value in start.items()}
    losses = []
    for step in range(EPOCHS * IMAGES // BATCH):
        part = slice(step * BATCH % IMAGES, step * BATCH % IMAGES + BATCH)
        found = gradients_of(digits[part], labels[part], *parameters.values())
        losses.append(float(found["loss"]))
        for name in parameters:
            parameters[name] -= RATE * found[name]
    return losses


# %%
def keras_network():
    stack = [keras.layers.Conv2D(8, 3, activation="relu"), keras.layers.Flatten()]
    model = keras.Sequential([keras.Input((8, 8, 1)), *stack, keras.layers.Dense(10)])
    first, *rest = start.values()
    model.set_weights([first[:, :, None], *rest])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.SGD(RATE), loss)
    return model


# %%
def train_keras():
    model, losses = keras_network(), []
    for step in range(EPOCHS * IMAGES // BATCH):
        part = slice(step * BATCH % IMAGES, step * BATCH % IMAGES + BATCH)
        losses.append(model.train_on_batch(digits[part, ..., None], labels[part]))
    return [float(loss) for loss in losses]


# %% [markdown]
# **Predict, then run.** After 40 steps, in how many decimals will the two losses agree: 0, 1, or 4 and
# more?

# %% predict="agreement"
### BEGIN SOLUTION
prediction = 4
### STUB: prediction = None  # replace None by 0, 1 or 4
### END SOLUTION

# %%
own, automatic = train(network_gradients), train_keras()
print("step   yours    Keras")
for step in (0, 1, 10, 20, 39):
    print(f"{step:>4} {own[step]:8.4f} {automatic[step]:8.4f}")
apart = max(abs(a - b) for a, b in zip(own, automatic, strict=True))
reveal(prediction, 4 if apart < 1e-4 else 1 if apart < 0.1 else 0)

# %% [markdown]
# ### A failure worth seeing
#
# Turn the kernel's gradient by 180 degrees, as a mix-up of convolution and cross-correlation does. What
# does training say?


# %%
def faulty_gradients(*network):
    found = network_gradients(*network)
    return found | {"kernel": found["kernel"][::-1, ::-1]}


# %%
faulty = train(faulty_gradients)
plots.show(
    plots.curves(
        range(len(own)),
        {"right": own, "turned": faulty},
        xlabel="step",
        ylabel="loss",
        log=False,
        legend=True,
    ),
    alt="The loss over forty steps, with the right gradient and with the kernel's turned around. Both "
    "fall from above two to near zero; the faulty one swings more on its way, as many a right one "
    "does, and ends nearly as low.",
)

# %% [markdown]
# It learns! The dense layer makes up for a kernel that goes astray. A falling loss proves nothing; a
# network with a wrong gradient is merely worse than it could be, and you never know. The gradient check
# tells at once. That is the habit to keep: **check the gradient, not the loss.**

# %% [markdown]
# ## Summary
#
# - Free entries have the gradient $dy_r x_c$; **tied** entries share a weight, so their gradients are
#   added. That is all there is to the gradient of a kernel.
# - What came through $W$ goes back through $W^\top$: the input's gradient is a transposed convolution.
# - ReLU gates, average pooling spreads, max pooling routes to the first maximum, softmax with
#   cross-entropy leaves $p$ minus one-hot. Wherever something is used twice: `+=`.
# - Check gradients with central differences in float64, away from kinks; automatic differentiation is
#   the same judge, and quicker.

# %%
progress()

# %% [markdown]
# ## Two open questions
#
# Your instructor reads these; no program does.

# %% [markdown] question="q_untied" points=2
# **Question 1 · 2 points.** A *locally connected* layer has the zeros of a convolution without the equal
# weights. How does its gradient follow from $D$? Compare with a convolution: which of the two has the
# larger gradients, which sees more examples for each weight, and what does that mean for the learning rate?
#
# <!-- BEGIN SOLUTION -->
# It keeps the entries of D where weights stand, and adds nothing: one gradient for each entry. A
# convolution's gradient is the sum of as many such entries as there are places, so it is typically larger
# (up to that number of times, if the entries agree) and less noisy relative to its size, as each image gives
# one example per place. With plain gradient descent the same rate therefore moves a shared weight faster:
# rates for the two layers should differ, or an optimizer that scales each weight (lab 10) should be used.
# <!-- END SOLUTION -->

# %% [markdown] question="q_frozen" points=2
# **Question 2 · 2 points.** In a network of five convolutions you want to train only the last one. Which of
# the computations of this lab can you leave out, layer by layer? And which if you want to train only the
# *first* one?
#
# <!-- BEGIN SOLUTION -->
# Only the last: compute its dkernel and dbias; its dx is not needed, and nothing below it is differentiated
# at all (nor need the activations below be kept). Only the first: every layer above must still pass the
# gradient down, so dx is needed in layers 2 to 5 (and the gates of their ReLUs), but no dkernel or dbias there;
# in the first layer dkernel and dbias, and no dx.
# <!-- END SOLUTION -->
