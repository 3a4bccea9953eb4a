# %% [markdown]
# # Lab 08 · A real Keras layer
#
# By the end of this lab you will be able to
#
# - compute one convolution in four ways (matrix, patches, shifted images, Fourier) and say what each of
#   them has to hold in memory;
# - measure where each way wins, and say why;
# - write a convolution as a **real Keras layer**: built, trained, saved, loaded, and equal to the built-in.
#
# **Rests on** the lecture's *Do It Yourself Deep Learning* (define, don't implement); Chellapilla et al.,
# *High performance convolutional neural networks for document processing* (im2col), 2006; Mathieu et al.,
# *Fast training of convolutional networks through FFTs*, 2014; the Keras guide *Making new layers*.
#
# **Time budget:** about 100 minutes of yours, under 60 seconds of your computer's, offline.

# %%
import inspect
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from labkit import plots
from labkit.checks import check, hint, progress
from labkit.predict import reveal
from labkit.quiet import import_keras

keras = import_keras()

# %%
from labkit import layers
from labkit.bench.measure import interleaved, peak_memory

# Every seed and size of this lab
rng = np.random.default_rng(2017)
keras.utils.set_random_seed(2017)
SIZES = (8, 16, 32, 64, 128)  # image sides that are measured
KERNELS = (3, 7, 11, 15, 19)  # kernel sides that are measured
CHANNELS = (1, 4, 16, 64)
MEMORY_SIZES = (16, 32, 64, 128)
SECONDS = 0.08  # for each point of a plot

# %% [markdown]
# ## 1 · Patches
#
# The matrix of lab 01 is almost all zeros. Keep only what is read: put the pixels under the kernel, one
# **patch** for each output, into the rows of a table, and the kernel into columns. Then the whole layer is
# one dense matrix product, which computers do better than anything else. The trick is called **im2col**.
#
# **By hand.** The image $\begin{pmatrix}3&1&4\\1&5&9\end{pmatrix}$ and a 2×2 kernel: two places, so two
# rows, $(3, 1, 1, 5)$ and $(1, 4, 5, 9)$. With channels, a row has the channels of each pixel side by side,
# the order in which `kernel.reshape(-1, filters)` puts the weights.
#
# ### Exercise 1 ★★ · 3 points


# %% exercise="im2col" points=3
def im2col(x, size, stride):
    """The patches of `x` (batch, H, W, channels) under a `size` (A, B) kernel, as rows.

    Returns (batch * rows * columns, A * B * channels).
    """
    ### BEGIN SOLUTION
    A, B = size
    rows = (x.shape[1] - A) // stride + 1
    columns = (x.shape[2] - B) // stride + 1
    patches = [
        x[:, n * stride : n * stride + A, m * stride : m * stride + B].reshape(
            len(x), -1
        )
        for n in range(rows)
        for m in range(columns)
    ]
    return np.stack(patches, axis=1).reshape(-1, A * B * x.shape[3])
    ### END SOLUTION


# %% check="im2col"
check("im2col", im2col)

# %% hint="im2col"
hint("im2col")

# %%
batch = rng.standard_normal((4, 8, 8, 3)).astype("float32")
kernel = rng.standard_normal((3, 3, 3, 5)).astype("float32")
patches = np.asarray(im2col(batch, (3, 3), 1))
product = (patches @ kernel.reshape(-1, 5)).reshape(4, 6, 6, 5)
print(
    "image:",
    batch.size,
    "numbers; patches:",
    patches.shape,
    "=",
    patches.size,
    "numbers",
)

# %% [markdown]
# ## 2 · Shifted images
#
# Or turn the loops inside out. Instead of asking for each output what it reads, ask for each **tap** what
# it meets: a shifted copy of the image. A 3×3 kernel has nine taps: nine shifts, and never a patch in memory.
#
# **By hand.** In one dimension, $x = (3, 1, 4, 1)$ and $k = (1, 10)$: tap 0 meets $(3, 1, 4)$, tap 1 meets
# $(1, 4, 1)$, and $1\cdot(3,1,4) + 10\cdot(1,4,1) = (13, 41, 14)$.
#
# ### Exercise 2 ★★ · 3 points


# %% exercise="shift_and_add" points=3
def shift_and_add(x, kernel, stride):
    """Convolve `x` (batch, H, W, channels) with `kernel` (A, B, channels, filters)."""
    ### BEGIN SOLUTION
    A, B = kernel.shape[:2]
    rows = (x.shape[1] - A) // stride + 1
    columns = (x.shape[2] - B) // stride + 1
    total = 0
    for i in range(A):
        for j in range(B):
            shifted = x[:, i::stride, j::stride][:, :rows, :columns]
            total = total + shifted @ kernel[i, j]
    return total
    ### END SOLUTION


# %% check="shift_and_add"
check("shift_and_add", shift_and_add)

# %% hint="shift_and_add"
hint("shift_and_add")

# %%
builtin = keras.layers.Conv2D(5, 3, use_bias=False)
builtin.build(batch.shape)
builtin.set_weights([kernel])
theirs = np.asarray(builtin(batch))
for name, value in {
    "im2col": product,
    "shift": np.asarray(shift_and_add(batch, kernel, 1)),
}.items():
    print(
        f"{name:>7} {value[0, 0, 0, :3].round(4)}  equal: {np.allclose(value, theirs, atol=1e-4)}"
    )
print(f"{'Keras':>7} {theirs[0, 0, 0, :3].round(4)}")

# %% [markdown]
# The fourth way goes through **Fourier**: a convolution of images is a plain product of their spectra
# (lab 01's cross-correlation: with one of them conjugated). The kernel is made as large as the image with
# zeros, so its size costs nothing. `labkit.layers.Conv2D(implementation="fft")` does it, and the matrix is
# one of its ways, too. All four give the same numbers:

# %%
for way in ("matrix", "fft"):
    layer = layers.Conv2D(5, 3, use_bias=False, implementation=way)
    layer.build(batch.shape)
    layer.set_weights([kernel])
    value = np.asarray(layer(batch))
    print(
        f"{way:>7} {value[0, 0, 0, :3].round(4)}  equal: {np.allclose(value, theirs, atol=1e-4)}"
    )

# %% [markdown]
# ## 3 · What each has to hold
#
# **By hand.** A 28×28 image, one channel, a 5×5 kernel, 6 filters. The output has 24×24 places. The dense
# matrix: $(24\cdot 24\cdot 6)\times(28\cdot 28) = 3{,}456 \times 784 = 2{,}709{,}504$ values. The patches:
# $576 \times 25 = 14{,}400$. Shift-and-add holds one tap's product at a time: $576\cdot 6 = 3{,}456$.
#
# ### Exercise 3 ★ · 2 points


# %% exercise="extra_values" points=2
def extra_values(height, width, channels, a, b, filters):
    """Values held besides image, kernel and output: (dense matrix, patches, one tap's product)."""
    ### BEGIN SOLUTION
    places = (height - a + 1) * (width - b + 1)
    return (
        places * filters * height * width * channels,
        places * a * b * channels,
        places * filters,
    )
    ### END SOLUTION


# %% check="extra_values"
check("extra_values", extra_values)

# %% hint="extra_values"
hint("extra_values")

# %%
print("     image       dense matrix       patches   one product   in float32")
for side in (28, 64, 224):
    counts = extra_values(side, side, 3, 3, 3, 64)
    gigabytes = [4 * count / 2**30 for count in counts]
    print(
        f"{side:>4}×{side:<4} {counts[0]:>18,} {counts[1]:>13,} {counts[2]:>13,}"
        f"   {gigabytes[0]:.1f} GiB against {gigabytes[1] * 1024:.1f} MiB"
    )

# %% [markdown]
# ## 4 · Who is quick?
#
# Do not guess, measure. Every way is a real layer of labkit's, timed in turns with the others so that a
# slow moment of the machine hits them all. The medians go into a plot, and so does the memory at the peak.
#
# **Predict, then run.** The kernel grows from 3×3 to 19×19 on a 64×64 image. Which of the ways hardly
# notices: "matrix", "im2col", "shift" or "fft"?

# %% predict="unmoved"
### BEGIN SOLUTION
prediction = "fft"
### STUB: prediction = None  # replace None by one of the four names
### END SOLUTION

# %%
WAYS = ("matrix", "im2col", "shift", "fft")
NAMES = (*WAYS, "Keras")
TOO_LARGE = 2**26  # values: a quarter of a gigabyte


def compiled(layer, x):
    import tensorflow as tf

    run = tf.function(layer)
    run(x)  # the first call builds the graph
    return lambda: run(x).numpy()


# %%
def runs_of(side, size, channels, batch):
    x = keras.random.normal((batch, side, side, channels))
    ways = [way for way in WAYS if way != "matrix"]
    if extra_values(side, side, channels, size, size, 8)[0] <= TOO_LARGE:
        ways.append("matrix")
    runs = {
        way: compiled(layers.Conv2D(8, size, implementation=way), x) for way in ways
    }
    return runs | {"Keras": compiled(keras.layers.Conv2D(8, size), x)}


# %%
def milliseconds(side, size=3, channels=4):
    """Of a forward pass of four images in each way; None where it is too large."""
    runs = runs_of(side, size, channels, batch=4)
    medians = interleaved(runs, seconds=SECONDS, rounds=(3, 30))
    return {way: 1e3 * medians[way][0] if way in runs else None for way in NAMES}


def mebibytes(side, size=3, channels=4):
    """That a forward pass of 64 images needs at its peak; None where unknown."""
    runs = runs_of(side, size, channels, batch=64)
    return {way: peak_memory(runs[way]) if way in runs else None for way in NAMES}


# %%
def table(rows):
    return {name: [row[name] for row in rows] for name in rows[0]}


by_size = table([milliseconds(side) for side in SIZES])
by_kernel = table([milliseconds(64, size) for size in KERNELS])
by_channels = table([milliseconds(32, channels=count) for count in CHANNELS])
memory = table([mebibytes(side) for side in MEMORY_SIZES])
growth = {
    way: by_kernel[way][-1] / by_kernel[way][0]
    for way in WAYS
    if None not in by_kernel[way]
}
reveal(
    prediction, min(growth, key=growth.get), "Its work does not depend on the kernel."
)

# %%
plots.show(
    plots.timings(SIZES, by_size, xlabel="side of the image (kernel 3 × 3)"),
    alt="Milliseconds of a forward pass against the side of the image, 8 to 128 pixels, both on "
    "logarithmic scales, for the matrix, im2col, shift-and-add, FFT and Keras. The matrix rises "
    "most steeply and ends early, where it would not fit into memory; the others rise more and more "
    "like the number of pixels. FFT lies above the other three, which stay close together.",
)

# %%
plots.show(
    plots.timings(KERNELS, by_kernel, xlabel="side of the kernel (image 64 × 64)"),
    alt="Milliseconds of a forward pass against the side of the kernel, 3 to 19, both on logarithmic "
    "scales. The lines of im2col, shift-and-add and Keras rise with the size of the kernel; that "
    "of FFT is nearly level: highest at 3, and below im2col and shift-and-add for large kernels.",
)

# %%
plots.show(
    plots.timings(
        CHANNELS, by_channels, xlabel="channels (image 32 × 32, kernel 3 × 3)"
    ),
    alt="Milliseconds of a forward pass against the number of channels, 1 to 64, on logarithmic "
    "scales. The matrix lies far above and ends at 4 channels. FFT lies above the other three, "
    "which stay close together; all rise far more slowly than the number of channels.",
)

# %%
plots.show(
    plots.timings(
        MEMORY_SIZES,
        memory,
        xlabel="side of the image (64 images, kernel 3 × 3)",
        ylabel="MiB at the peak",
    ),
    alt="Memory at the peak of a forward pass against the side of the image, on logarithmic scales. "
    "The matrix rises most steeply, is far above all others at 32 pixels and would not fit beyond. "
    "The others rise like the number of pixels; at 128 pixels im2col, shift-and-add and FFT lie "
    "close together, and Keras needs least.",
)

# %% [markdown]
# Read it by what each way does for one output. The **matrix** multiplies every input of the image, zeros
# and all, and has to be built first. **im2col** and **shift** multiply $A \cdot B$ inputs: the first writes
# them down once more and then makes one large product, the second makes $A \cdot B$ small ones. **FFT** pays
# for the image's size and its logarithm, whatever the kernel. **Keras** calls a library that cuts the same
# loops so that they stay in the processor's caches.
#
# So the matrix has nowhere to win once the image grows; im2col and shift win with small kernels, FFT with
# large ones, and the library nearly everywhere. **Channels** add work to all of them, and FFT has a spectrum
# to make of each. But dense products get better as they get larger, and at this size a call costs nearly
# as much as its arithmetic: 64 times the channels take nowhere near 64 times as long.
#
# One thing the formula of exercise 3 did not foresee: **shift** needs as much memory as its rivals. A loop
# holds one product at a time, but a graph has no order: TensorFlow may make all nine before it adds them.
#
# ### Exercise 4 ★ · 1 point
#
# Turn such a plot into a list: for each size, who is the quickest? `None` means that a way could not run.


# %% exercise="winners" points=1
def winners(times):
    """The quickest at each size; `times` maps names to lists of seconds (or None)."""
    ### BEGIN SOLUTION
    found = []
    for size in range(len(next(iter(times.values())))):
        ran = {
            name: line[size] for name, line in times.items() if line[size] is not None
        }
        found.append(min(ran, key=ran.get))
    return found
    ### END SOLUTION


# %% check="winners"
check("winners", winners)

# %% hint="winners"
hint("winners")

# %%
ours = {name: line for name, line in by_kernel.items() if name in WAYS}
plots.show(
    plots.verdict(dict(zip(KERNELS, winners(ours), strict=True)), "kernel"),
    alt="A row of five boxes, one for each kernel size, with the name of labkit's quickest way on "
    "this machine in each.",
)

# %% [markdown]
# ## 5 · The layer
#
# *Define, don't implement*, says the lecture: describe what a layer is, and the framework does the rest. To
# be a layer, a class needs four methods.
#
# - `__init__` keeps the settings;
# - `build(input_shape)` makes the weights, since only now the number of channels is known;
# - `call(inputs)` computes, with `keras.ops`, so that every backend can run and differentiate it;
# - `get_config` gives the settings back, so that a saved model can be made again.
#
# ### Exercise 5 ★★★ · 4 points
#
# Finish it: any strides (a pair), `"valid"` and TensorFlow's `"same"` (lab 04), an activation, with or
# without bias. Weights as Keras has them: `kernel (A, B, channels, filters)`, then `bias (filters,)`. Use
# whichever way of computing you like; `keras.ops.pad` and slices help.


# %% exercise="keras_layer" points=4
@keras.saving.register_keras_serializable("lab08")
class MyConv2D(keras.layers.Layer):
    def __init__(
        self,
        filters,
        kernel_size,
        strides=(1, 1),
        padding="valid",
        activation=None,
        use_bias=True,
        **kwargs,
    ):
        super().__init__(**kwargs)
        self.filters, self.kernel_size = filters, tuple(kernel_size)
        self.strides, self.padding = tuple(strides), padding
        self.activation, self.use_bias = keras.activations.get(activation), use_bias

    ### BEGIN SOLUTION
    def build(self, input_shape):
        shape = (*self.kernel_size, input_shape[-1], self.filters)
        self.kernel = self.add_weight(shape=shape, name="kernel")
        if self.use_bias:
            self.bias = self.add_weight(
                shape=(self.filters,), initializer="zeros", name="bias"
            )

    def call(self, inputs):
        pads, sizes = [], []
        for n, a, s in zip(
            inputs.shape[1:3], self.kernel_size, self.strides, strict=True
        ):
            total = max((-(-n // s) - 1) * s + a - n, 0) * (self.padding == "same")
            pads.append((total // 2, total - total // 2))
            sizes.append((n + total - a) // s + 1)
        x, (s, t) = keras.ops.pad(inputs, [(0, 0), *pads, (0, 0)]), self.strides
        outputs = 0
        for i in range(self.kernel_size[0]):
            for j in range(self.kernel_size[1]):
                seen = x[:, i : i + (sizes[0] - 1) * s + 1 : s]
                seen = seen[:, :, j : j + (sizes[1] - 1) * t + 1 : t]
                outputs = outputs + seen @ self.kernel[i, j]
        return self.activation(outputs + self.bias if self.use_bias else outputs)

    def get_config(self):
        return super().get_config() | {
            "filters": self.filters,
            "kernel_size": self.kernel_size,
            "strides": self.strides,
            "padding": self.padding,
            "activation": keras.activations.serialize(self.activation),
            "use_bias": self.use_bias,
        }

    ### STUB: def build(self, input_shape):
    ### STUB:     raise NotImplementedError("keras_layer: your code goes here")
    ### END SOLUTION


# %% check="keras_layer"
check("keras_layer", MyConv2D)

# %% hint="keras_layer"
hint("keras_layer")

# %% [markdown]
# Beside the built-in, on the same input, with the same weights: outputs, gradients, dtype, shape, the
# weights' names, and what comes back after saving. This report works for any layer of yours.

# %%
x = rng.standard_normal((2, 9, 8, 3)).astype("float32")
settings = {"strides": (2, 2), "padding": "same", "activation": "relu"}
mine, builtin = MyConv2D(4, (3, 3), **settings), keras.layers.Conv2D(4, 3, **settings)
report = layers.compare(mine, builtin, x)
for finding in report.findings:
    print("ok" if finding.same else "NO", finding.what)

# %% [markdown]
# It trains, in half precision too: the policy keeps the weights in float32 and computes in bfloat16 (on a
# GPU, float16 does as well), and `add_weight` took care of both.

# %%
half = MyConv2D(1, (3, 3), dtype="mixed_bfloat16")
model = keras.Sequential([half, keras.layers.GlobalAveragePooling2D()])
model.compile(keras.optimizers.SGD(0.1), "mean_squared_error")
losses = model.fit(x, np.ones((2, 1)), epochs=5, verbose=0).history["loss"]
print("computes in", half(x).dtype.name, "and keeps its kernel in", half.kernel.dtype)
print("the loss falls:", losses[-1] < losses[0])

# %% [markdown]
# And it runs on another backend, unchanged: `keras.ops` is whatever `KERAS_BACKEND` says. Here are the
# methods that you wrote, on JAX, in a process of its own. **By hand.** A 3×3 kernel of ones over an image of
# ones with 2 channels: every output is $3\cdot 3\cdot 2 = 18$.

# %%
methods = [part for part in vars(MyConv2D).values() if inspect.isfunction(part)]
program = (
    "import keras, numpy as np\nclass MyConv2D(keras.layers.Layer):\n"
    + "\n".join(map(inspect.getsource, methods))
    + "\nlayer = MyConv2D(1, (3, 3), use_bias=False)\nlayer.build((1, 4, 4, 2))"
    + "\nlayer.set_weights([np.ones((3, 3, 2, 1))])\ny = layer(np.ones((1, 4, 4, 2)))"
    + "\nprint(keras.backend.backend(), np.asarray(y).ravel())"
)
environment = os.environ | {"KERAS_BACKEND": "jax", "JAX_PLATFORMS": "cpu"}
done = subprocess.run(
    [sys.executable, "-c", program], capture_output=True, text=True, env=environment
)
print(done.stdout.strip() or done.stderr.strip().splitlines()[-1])

# %% [markdown]
# ### A failure worth seeing
#
# Leave `strides` out of `get_config`, save, and load. What happens?


# %%
@keras.saving.register_keras_serializable("lab08")
class Forgetful(MyConv2D):
    def get_config(self):
        config = super().get_config()
        del config["strides"]
        return config


# %%
model = keras.Sequential([keras.Input((9, 8, 3)), Forgetful(4, (3, 3), strides=(2, 2))])
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "model.keras"
    model.save(path)
    again = keras.saving.load_model(path)
print("saved: ", model.output_shape, " loaded:", again.output_shape)

# %% [markdown]
# No error. The weights fit, since a kernel does not know its stride; the loaded model computes something
# else. That is why the contract asks for a layer made *again from its config*: it is the one thing about a
# layer that nobody notices until it hurts.

# %% [markdown]
# ## Summary
#
# - One convolution, many ways: the matrix holds everything, im2col the patches, shift-and-add one product,
#   FFT the spectra. The numbers are the same.
# - Who is quickest depends on sizes, and on how well memory is used; measure in turns, and read the plot.
# - A Keras layer is `__init__`, `build`, `call`, `get_config`. If it passes the contract, whoever uses it need
#   not know how it computes.

# %%
progress()

# %% [markdown]
# ## Two open questions
#
# Your instructor reads these; no program does.

# %% [markdown] question="q_not_in_practice" points=2
# **Question 1 · 2 points.** The lecture says that the matrix "is not used in practice". Along one axis only,
# as small banded matrices that act on whole image rows, it is nearly as quick as the built-in for LeNet-5's
# layers. Where does the full matrix lose its time, and why does the banded one not?
#
# <!-- BEGIN SOLUTION -->
# The full matrix has a column for every pixel of the image, so nearly all of its products are with zero, a
# share that grows with the image, and it has to be built and read from memory each time. A banded matrix
# connects one row of pixels with one row of outputs, and along the row it repeats itself: cut into pieces about
# as long as the kernel is wide, it holds about one zero for each weight. All pieces of all rows share it, it is
# small enough for the cache, and the product with them at once is large and dense, which processors do at full
# speed.
# <!-- END SOLUTION -->

# %% [markdown] question="q_gpu" points=2
# **Question 2 · 2 points.** Which of your measured curves would you expect to change most on a GPU, with its
# thousands of slow cores and its own memory, and why? Say how you would measure it fairly.
#
# <!-- BEGIN SOLUTION -->
# Small images gain nothing: starting a kernel on the GPU costs more than the work. Large products gain most,
# so im2col and the matrix (dense products) move down relative to shift-and-add, which starts A·B small ones.
# Memory is scarcer, so the matrix ends sooner. Fair: copy the data before timing, wait for the result
# (calls return before the work is done), warm up, interleave, medians, several sizes and batches.
# <!-- END SOLUTION -->
