# %% [markdown]
# # Lab 09 · LeNet-5
#
# By the end of this lab you will be able to
#
# - account for every parameter and every connection of LeNet-5 as it was published in 1998, its
#   60,000 trainable numbers to the last one;
# - build it as it is built today, and train it to read the digits of strangers;
# - look at what it gets wrong, and at what its feature maps see.
#
# **Rests on** the lecture's *Typical Architectures of CNNs* (figures 6 and 7) and *LeNet-5* (figure 8);
# LeCun, Bottou, Bengio and Haffner, *Gradient-based learning applied to document recognition*, Proceedings
# of the IEEE 86(11), 1998.
#
# **Time budget:** about 120 minutes of yours, under 180 seconds of your computer's, offline.

# %%
import numpy as np

from labkit import data, plots, widgets
from labkit.checks import check, hint, progress
from labkit.predict import reveal
from labkit.quiet import import_keras

keras = import_keras()

# %%
from labkit import layers, models, training

# Every seed and size of this lab. FULL_SIZE = True takes MNIST (see labkit.data) and wants some minutes
FULL_SIZE = False
DATA, RECIPE = ("mnist", "mnist") if FULL_SIZE else ("digits", "digits")
SIZE = {} if FULL_SIZE else {"size": 32}
EPOCHS = 10
SHIFTS = tuple(range(-6, 7))  # pixels
keras.utils.set_random_seed(2017)

# %% [markdown]
# ## 1 · A pyramid
#
# Nearly all convolutional networks have one shape: convolution and pooling take turns, the maps become
# **smaller** and **more**, and at the end dense layers read what is left. LeNet-5 is the one that all the
# others are compared with.

# %%
published = models.lenet5_1998()
plots.show(
    plots.architecture(published),
    alt="LeNet-5 as a row of blocks: a 32 by 32 image, 6 maps of 28 by 28, 6 of 14 by 14, 16 of 10 by 10, "
    "16 of 5 by 5, 120 of 1 by 1, 84 units and 10 outputs. The maps become smaller and more numerous.",
)

# %% [markdown]
# Its layers have names: **C** for convolutions, **S** for subsampling, **F** for fully connected. Two
# counts tell them apart. *Parameters* are what is stored and learned; *connections* are what is computed:
# one for each weight and bias at each place where it is used.
#
# **By hand.** C1 has 6 maps and 5×5 kernels over one 32×32 image, so each map is 28×28. A unit joins 25
# pixels and a bias: 26. Shared within a map: $6\cdot 26 = 156$ parameters. Used at $28\cdot 28$ places:
# $156\cdot 784 = 122{,}304$ connections. Both numbers stand in the paper.
#
# ### Exercise 1 ★ · 2 points


# %% exercise="layer_counts" points=2
def layer_counts(height, width, channels, maps, kernel):
    """(parameters, connections) of a convolution with square kernels, nothing padded."""
    ### BEGIN SOLUTION
    unit = kernel * kernel * channels + 1
    places = (height - kernel + 1) * (width - kernel + 1)
    return maps * unit, maps * unit * places
    ### END SOLUTION


# %% check="layer_counts"
check("layer_counts", layer_counts)

# %% hint="layer_counts"
hint("layer_counts")

# %% [markdown]
# **Predict, then run.** C5 sees 16 maps of 5×5 and has 120 maps, again with 5×5 kernels. How many
# connections has it for each parameter?

# %% predict="c5_reuse"
### BEGIN SOLUTION
prediction = 1
### STUB: prediction = None  # replace None by a number
### END SOLUTION

# %%
parameters, connections = layer_counts(5, 5, 16, 120, 5)
reveal(
    prediction,
    connections // parameters,
    f"Its maps are 1 by 1: {parameters:,} of both. On a larger image it would be a convolution.",
)

# %% [markdown]
# ## 2 · A table of connections
#
# A full convolution from 6 to 16 maps would take $16\cdot(6\cdot 25+1) = 2{,}416$ parameters. LeNet-5 has
# 1,516. In C3, most maps read only **some** maps of S2: it saves work, and maps that see different things
# cannot all learn the same.
#
# The rule of the paper's table I: the first six maps read three **neighbors** in a row, the next six read
# four. Neighbors go round: after map 5 comes map 0. Maps 12, 13 and 14 read two pairs of neighbors with a
# gap of one between them, starting at 0, 1 and 2. The last reads all six.
#
# **By hand.** Map 4 of C3 starts at 4 and reads 4, 5 and 0. Map 13 starts at 1: it reads 1 and 2, leaves
# out 3, reads 4 and 5.
#
# ### Exercise 2 ★★ · 2 points


# %% exercise="c3_inputs" points=2
def c3_inputs(m):
    """The maps of S2 (0 to 5) that map `m` of C3 (0 to 15) reads, as a list."""
    ### BEGIN SOLUTION
    if m == 15:
        return list(range(6))
    steps = [(0, 1, 2), (0, 1, 2, 3), (0, 1, 3, 4)][m // 6]
    return sorted((m % 6 + step) % 6 for step in steps)
    ### END SOLUTION


# %% check="c3_inputs"
check("c3_inputs", c3_inputs)

# %% hint="c3_inputs"
hint("c3_inputs")

# %%
table = np.zeros((6, 16))
for m in range(16):
    table[c3_inputs(m), m] = 1
plots.show(
    plots.tables(
        [table], ["map of S2 (rows) read by map of C3 (columns)"], numbered=True
    ),
    alt="A table of 6 rows and 16 columns with a 1 where a map of C3 reads a map of S2. The first six "
    "columns hold bands of three ones that shift down and around, the next six bands of four, then "
    "three columns with a gap in the middle of four ones, and one full column. 60 ones in all.",
)
print(
    int(table.sum()), "kernels of 25 weights and 16 biases:", int(table.sum()) * 25 + 16
)

# %% [markdown]
# In the constrained matrix that is a third kind of restriction. Lab 01 had *zeros* where nothing is read, and
# *equal weights* where a kernel is moved; in lab 02, channels became blocks. Here 36 of the 96 **blocks** are
# zero. Turn the table on its side and put the band of a kernel in place of each 1: that is C3's matrix.
#
# ## 3 · Subsampling that learns
#
# S2 and S4 do not just average. They **add up** the four numbers of a field, multiply by a weight, add a bias
# (one of each for a map), and squash. LeCun's squashing function is $1.7159\,\tanh(\tfrac23 a)$: made so that
# $\pm1$ go nearly to $\pm1$.
#
# **By hand.** The field $\begin{pmatrix}1&0\\2&1\end{pmatrix}$ with weight 0.5 and bias −1: the sum is 4, and
# $4\cdot 0.5 - 1 = 1$ becomes $1.7159\,\tanh(2/3) = 1.0000$.
#
# ### Exercise 3 ★★ · 2 points


# %% exercise="subsample" points=2
def subsample(x, weight, bias):
    """`x` (H, W, channels) with even H, W; `weight` and `bias` (channels,): half as high and wide."""
    ### BEGIN SOLUTION
    total = x[::2, ::2] + x[1::2, ::2] + x[::2, 1::2] + x[1::2, 1::2]
    return 1.7159 * np.tanh((total * weight + bias) * 2 / 3)
    ### END SOLUTION


# %% check="subsample"
check("subsample", subsample)

# %% hint="subsample"
hint("subsample")

# %% [markdown]
# Keras has no such layer; labkit's stands beside yours. With weight ¼, bias 0 and nothing squashed, it is
# Keras's average pooling, and a constrained matrix (lab 06).

# %%
x = np.random.default_rng(9).standard_normal((4, 4, 2)).astype("float32")
numbers = [np.full(2, 0.25, "float32"), np.zeros(2, "float32")]  # weight 1/4, bias 0
plain = layers.Subsampling2D()
squashed = layers.Subsampling2D(activation=layers.scaled_tanh)
for layer in (plain, squashed):
    layer.build((None, 4, 4, 2))
    layer.set_weights(numbers)
for name, pooled in {
    "Keras's average": keras.layers.AveragePooling2D(2)(x[None])[0],
    "labkit, plain": plain(x[None])[0],
    "labkit, squashed": squashed(x[None])[0],
    "yours, squashed": subsample(x, *numbers),
}.items():
    print(f"{name:>16}: {np.asarray(pooled)[0, :, 0].round(4)}")

# %% [markdown]
# ## 4 · As it was published
#
# Add C5 (120 maps), F6 (84 units) and an output that is no dense layer either: each output is the squared
# **distance** between F6 and a drawn picture of its character, 7 by 12 pixels. 84 units, 84 pixels. The
# pictures are fixed, so the output has no parameters.

# %%
models.reconcile(published)

# %% [markdown]
# Every line agrees with the paper, to the last connection. Look at where the parameters are, and where the
# work is done: C5 holds eight of ten parameters, and C1 and C3 do eight of ten multiplications.
#
# ## 5 · As it is built today
#
# Full connections in C3, plain average pooling, a dense layer of ten **logits** at the end with a softmax in
# the loss. 61,706 parameters: 900 more in C3, 850 in the output, 44 fewer in S2 and S4.
#
# ### Exercise 4 ★★ · 4 points


# %% exercise="lenet5" points=4
def lenet5():
    """A Keras model: (32, 32, 1), C1 6, average pooling, C3 16, average pooling, 120, 84, 10 logits.

    tanh after every layer but the pooling and the last.
    """
    ### BEGIN SOLUTION
    return keras.Sequential(
        [
            keras.Input((32, 32, 1)),
            keras.layers.Conv2D(6, 5, activation="tanh"),
            keras.layers.AveragePooling2D(2),
            keras.layers.Conv2D(16, 5, activation="tanh"),
            keras.layers.AveragePooling2D(2),
            keras.layers.Flatten(),
            keras.layers.Dense(120, activation="tanh"),
            keras.layers.Dense(84, activation="tanh"),
            keras.layers.Dense(10),
        ]
    )
    ### END SOLUTION


# %% check="lenet5"
check("lenet5", lenet5)

# %% hint="lenet5"
hint("lenet5")

# %%
print(
    f"yours: {lenet5().count_params():,}  labkit's: {models.lenet5().count_params():,} parameters"
)

# %% [markdown]
# ## 6 · Training
#
# The digits are the real ones that scikit-learn carries: 8 by 8 pixels, enlarged to LeNet-5's 32 by 32. The
# digits come in the source's order, in which those of one person stand together: the last fifth, which is held
# out, was written by **other people** than most of the rest.

# %%
(x_train, y_train), (x_test, y_test) = data.load(DATA, **SIZE)
pads = [(0, 0), *[((32 - x_train.shape[1]) // 2,) * 2] * 2]
x_train, x_test = (np.pad(x, pads)[..., None] / 255 for x in (x_train, x_test))
print(f"{len(x_train):,} digits to learn from, {len(x_test):,} to judge by")

# %% [markdown]
# ### Exercise 5 ★★ · 2 points
#
# Write the training: an optimizer, a loss that knows that it gets **logits**, epochs, a batch size. The
# check gives your function a small network and easy images; you give it LeNet-5. Nine of ten held-out digits
# should be right.


# %% exercise="train" points=2
def train(model, images, labels):
    """Train `model`, in place, on `images` (batch, H, W, 1) in [0, 1] and whole-number `labels`."""
    ### BEGIN SOLUTION
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(3e-3), loss)
    model.fit(images, labels, batch_size=32, epochs=EPOCHS, verbose=0)
    ### END SOLUTION


# %% check="train"
check("train", train)

# %% hint="train"
hint("train")

# %%
keras.utils.set_random_seed(2017)
model = lenet5()
train(model, x_train, y_train)
predictions = model.predict(x_test, verbose=0).argmax(-1)
right = (predictions == y_test).mean()
print("past 90 %:", bool(right > 0.9), " past 95 %:", bool(right > 0.95))

# %% [markdown]
# ### A failure worth seeing
#
# Many people would have mixed all digits and drawn the held-out fifth at random. Let us do that, with the same
# function, and see how much better it looks.

# %%
everything = np.concatenate([x_train, x_test]), np.concatenate([y_train, y_test])
order = np.random.default_rng(2017).permutation(len(everything[0]))
known, unknown = order[: len(x_train)], order[len(x_train) :]
mixed = lenet5()
train(mixed, everything[0][known], everything[1][known])
mixed_right = (
    mixed.predict(everything[0][unknown], verbose=0).argmax(-1)
    == everything[1][unknown]
).mean()
print("mixed looks better:", bool(mixed_right > right))

# %% [markdown]
# The network did not get better; the question got easier. Every writer wrote many digits, so now it has seen
# the hand of everybody that it is tested on. Whoever deploys it among strangers will be disappointed. Hold out
# **whole writers** (patients, cameras, days), not images.
#
# MNIST, which the full size takes, has two groups of writers as well. The first 5,000 of its test images cause
# two to three times as many errors as the last 5,000, although MNIST's own page calls the first half the easier
# one. So judge by all 10,000 of them.
#
# ## 7 · Who is taken for whom?
#
# One number says how many are wrong. A table says which.
#
# **By hand.** Labels 0, 0, 1, 2, 2 and answers 0, 1, 1, 0, 0. Row 0 holds both zeros: one right, one taken for
# a 1: $(1, 1, 0)$. Row 1 is $(0, 1, 0)$. Row 2: two taken for a 0, $(2, 0, 0)$.
#
# ### Exercise 6 ★ · 2 points


# %% exercise="confusion" points=2
def confusion(labels, predictions, classes):
    """Counts (classes, classes): the row is what it is, the column what it was taken for."""
    ### BEGIN SOLUTION
    table = np.zeros((classes, classes), int)
    for true, said in zip(labels, predictions, strict=True):
        table[true, said] += 1
    return table
    ### END SOLUTION


# %% check="confusion"
check("confusion", confusion)

# %% hint="confusion"
hint("confusion")

# %%
errors = np.asarray(confusion(y_test, predictions, 10))
plots.show(
    plots.tables(
        [errors],
        [f"{right:.1%} on the diagonal: what it is (rows), was taken for (columns)"],
        numbered=True,
    ),
    alt="A table of ten rows and ten columns with counts. Nearly all lie on the diagonal, from 0 "
    "taken for 0 to 9 taken for 9; the few others are errors.",
)

# %%
wrong = np.flatnonzero(predictions != y_test)[:12]
plots.show(
    plots.images(
        [1 - x_test[i, ..., 0] for i in wrong],
        [f"{y_test[i]}, read as {predictions[i]}" for i in wrong],
        columns=6,
    ),
    alt="Digits that the network misread, each with what it is and what it was read as. Many would "
    "make a person hesitate, too.",
)

# %% [markdown]
# ## 8 · What the maps see, and what moves them
#
# Six maps of C1 for one digit: each answers to strokes of its own. Move the slider: the digit is shifted, and
# the maps follow (**equivariance**, lab 01). The answer above the digit stays, or does it?


# %%
def moved(images, shift):
    """`shift` pixels to the right; blank paper comes in from the other side."""
    far = max(SHIFTS)
    wide = np.pad(images, [(0, 0), (0, 0), (far, far), (0, 0)])
    return wide[:, :, far - shift : far - shift + images.shape[2]]


def shown(shift):
    digit, c1 = moved(x_test[:1], shift), model.layers[0].name
    maps = models.maps_of(model, digit, [c1])[c1]
    said = model.predict(digit, verbose=0)[0].argmax()
    titles = [f"read as {said}", *[f"map {k}" for k in range(6)]]
    pictures = [digit[0, ..., 0], *np.moveaxis(maps[0], -1, 0)]
    return plots.images(pictures, titles, signed=True, limit=1)


# %%
widgets.frames(
    {shift: shown(shift) for shift in SHIFTS},
    {
        shift: f"A handwritten digit shifted by {shift} pixels, and six feature maps of C1, in which "
        "the strokes that each answers to stand out, shifted as the digit is."
        for shift in SHIFTS
    },
    what="shift in pixels",
    at=len(SHIFTS) // 2,
)

# %% [markdown]
# **Predict, then run.** All held-out digits move 4 pixels to the right, about the width of a stroke, and
# nearly all ink stays in the image. How many of a hundred are still read right: 90, 50 or 10?

# %% predict="moved_digits"
### BEGIN SOLUTION
prediction = 50
### STUB: prediction = None  # replace None by 90, 50 or 10
### END SOLUTION


# %%
def percent_right(network, shift, prepare=lambda images: images):
    logits = network.predict(prepare(moved(x_test, shift)), verbose=0)
    return 100 * (logits.argmax(-1) == y_test).mean()


found = percent_right(model, 4)
reveal(prediction, min((90, 50, 10), key=lambda guess: abs(guess - found)))

# %% [markdown]
# The maps moved along, and pooling forgives a pixel or two (lab 06). But C5 and F6 have a weight for every
# place, and at these places they have met no such ink. What the architecture does not give, **data** can
# teach. Labkit's recipe shows the digits turned, scaled and shifted a little, each time in another way. (It
# also smooths the labels, and its learning rate warms up and cools down.) With ReLU and max pooling, and the
# same 61,706 parameters:

# %%
history = training.fit(
    lambda: models.lenet5(activation="relu", pooling="max"),
    ((x_train, y_train), (x_test, y_test)),
    RECIPE,
    quiet=True,
)
plots.show(
    history.plot("accuracy"),
    alt="Accuracy over the epochs, on the digits that it learns from and on those held out. Both rise "
    "steeply at first and then level off near 1, the held-out ones a little lower.",
)

# %%
lines = {
    "your training": [percent_right(model, shift) for shift in SHIFTS],
    "with the recipe": [
        percent_right(history.model, shift, history.preparation) for shift in SHIFTS
    ],
}

# %%
plots.show(
    plots.curves(
        SHIFTS,
        lines,
        xlabel="pixels to the right (negative: to the left)",
        ylabel="held-out digits right, in percent",
        log=False,
        legend=True,
    ),
    alt="Held-out digits that are read right against the shift, 6 pixels to the left to 6 to the "
    "right. Both lines are highest in the middle and fall off to both sides. That of the recipe "
    "stays high for some pixels more.",
)

# %% [markdown]
# Shifts that it has seen, it takes; beyond them it fails as well. A network is invariant to what its layers or
# its data make it invariant to, and to nothing else.

# %% [markdown]
# ## Summary
#
# - LeNet-5 is a pyramid: convolutions and pooling in turns, then dense layers. 60,000 parameters serve 340,908
#   connections.
# - The table of C3 sets whole blocks of the constrained matrix to zero; subsampling is average pooling with two
#   trained numbers for each map.
# - Judge by data that is held out as the world will be: by writers, not by images. Then look at the errors.

# %%
progress()

# %% [markdown]
# ## Two open questions
#
# Your instructor reads these; no program does.

# %% [markdown] question="q_c3_table" points=2
# **Question 1 · 2 points.** The paper gives two reasons for C3's table. Which are they, and does either still
# hold today? How would you find out by experiment whether the table helps?
#
# <!-- BEGIN SOLUTION -->
# It keeps the number of connections in bounds, and it breaks symmetry: maps that see different inputs must learn
# different features. Cost hardly matters at this size today, and random first weights break the symmetry anyway;
# groups (AlexNet) and depthwise convolutions are its heirs where cost does matter. Train both networks with the
# same recipe, several seeds each, held-out writers, and compare the difference with its standard error (lab 10).
# <!-- END SOLUTION -->

# %% [markdown] question="q_rbf" points=2
# **Question 2 · 2 points.** An output unit that measures the distance to a drawn picture can say "this is none of
# them". Why can a softmax not, and where would you want that?
#
# <!-- BEGIN SOLUTION -->
# A softmax always shares out a total of one, so something that is no digit at all still gets a most probable
# class, often with confidence. Distances can all be large at once, and a threshold rejects. Wanted wherever
# nonsense comes in: badly segmented characters on checks, other scripts, noise, attacks.
# <!-- END SOLUTION -->
