# %% [markdown]
# # Lab 10 · What makes convolutional networks work
#
# By the end of this lab you will be able to
#
# - write the four ingredients that most networks share, by hand: Glorot's first weights, a step of
#   Adagrad and of RMSProp, dropout, and batch normalization;
# - find out what an ingredient is worth: one switch at a time, several seeds, and an error bar;
# - say for which data a convolution is the right layer, and show that it is not magic elsewhere.
#
# **Rests on** the lecture's *What Makes CNNs Work?*; Glorot and Bengio, *Understanding the
# difficulty of training deep feedforward neural networks*, 2010; Nair and Hinton (ReLU), 2010;
# Duchi et al. (Adagrad), 2011; Tieleman and Hinton (RMSProp), 2012; Srivastava et al., *Dropout*,
# 2014; Ioffe and Szegedy, *Batch normalization*, 2015; Jarrett et al. (contrast normalization),
# 2009; Simard et al., *Best practices for convolutional neural networks applied to visual document
# analysis*, 2003.
#
# **Time budget:** about 120 minutes of yours, under 180 seconds of your computer's, offline.

# %%
import functools

import numpy as np
from scipy import ndimage

from labkit import data, matrix, plots
from labkit.checks import check, hint, progress
from labkit.predict import reveal
from labkit.quiet import import_keras

keras = import_keras()

# %%
# Every seed and size of this lab. FULL_SIZE = True takes MNIST (see labkit.data), and wants a GPU; what
# the text says was found is the small run's
FULL_SIZE = False
SEEDS = range(10) if FULL_SIZE else range(5)
IMAGES = 10_000 if FULL_SIZE else 400  # how many the standard recipe learns from
PASSES = 20  # how often it sees each of them
BATCH = 50
rng = np.random.default_rng(2017)

# %% [markdown]
# ## 1 · The first weights
#
# Training starts somewhere. If the first weights are too small, signals die on their way through the
# layers; if they are too large, they blow up or saturate. Take a layer in which every output adds up
# $f$ inputs of spread 1 with weights of spread $\sigma$. The sum has spread $\sqrt f\,\sigma$.
#
# **Predict, then run.** Ten layers of 100 units, weights of spread 0.01. The input has spread 1. How
# large, roughly, is the spread after the tenth layer: 0.1, 0.001, or 0.0000000001?

# %% predict="vanishing"
### BEGIN SOLUTION
prediction = 0.0000000001
### STUB: prediction = None  # replace None by one of the three numbers
### END SOLUTION


# %%
def spreads(first_weights, layers=10, units=100):
    """The spread of the signals after each layer of a tanh network."""
    signals = np.random.default_rng(1).standard_normal((500, units))
    found = [signals.std()]
    for _ in range(layers):
        signals = np.tanh(signals @ first_weights((units, units)))
        found.append(signals.std())
    return found


# %%
small = spreads(lambda shape: 0.01 * rng.standard_normal(shape))
closest = min((0.1, 0.001, 0.0000000001), key=lambda g: abs(np.log(small[-1] / g)))
reveal(prediction, closest, "Each layer divides it by ten: √100 · 0.01 = 0.1.")

# %% [markdown]
# Glorot and Bengio asked for weights that keep the spread, of the signals on their way forward *and*
# of the gradients on their way back. An output reads **fan-in** numbers, an input feeds **fan-out**
# outputs, and the compromise between $1/\text{fan-in}$ and $1/\text{fan-out}$ is a variance of
# $2 / (\text{fan-in} + \text{fan-out})$. Spread evenly over an interval, that is
#
# $$w \sim U[-\ell, \ell], \qquad \ell = \sqrt{\frac{6}{\text{fan-in} + \text{fan-out}}}$$
#
# **By hand.** A 3×3 kernel from 2 to 4 channels: an output reads $3\cdot 3\cdot 2 = 18$ numbers, an
# input feeds $3\cdot 3\cdot 4 = 36$ outputs, so $\ell = \sqrt{6/54} = 1/3$.
#
# ### Exercise 1 ★★ · 2 points
#
# Randomness comes in as `noise`, numbers in $[0, 1)$ of the shape of the kernel
# `(*kernel_size, in_channels, filters)`: one, two or three sizes, or none for a dense layer. Noise 0
# becomes $-\ell$, noise 1 would become $\ell$.


# %% exercise="glorot" points=2
def glorot(noise):
    """First weights from `noise` (*kernel_size, in_channels, filters), of the same shape."""
    ### BEGIN SOLUTION
    taps = np.prod(noise.shape[:-2])
    limit = np.sqrt(6 / (taps * noise.shape[-2] + taps * noise.shape[-1]))
    return (2 * noise - 1) * limit
    ### END SOLUTION


# %% check="glorot"
check("glorot", glorot)

# %% hint="glorot"
hint("glorot")

# %%
kernel = np.asarray(glorot(rng.random((3, 3, 2, 400))))
keras_kernel = keras.initializers.GlorotUniform(seed=1)((3, 3, 2, 400))
print(f"yours: within ±{np.abs(kernel).max():.3f}, spread {kernel.std():.3f}")
print(
    f"Keras: within ±{np.abs(keras_kernel).max():.3f}, spread {np.std(keras_kernel):.3f}"
)

# %%
glorots = spreads(lambda shape: np.asarray(glorot(rng.random(shape))))
large = spreads(rng.standard_normal)
plots.show(
    plots.curves(
        range(11),
        {"Glorot": glorots, "spread 1": large, "spread 0.01": small},
        xlabel="layer",
        ylabel="spread of the signals",
        log="y",
    ),
    alt="The spread of the signals in a tanh network, layer by layer, on a logarithmic "
    "scale. With first weights of spread 0.01 it falls by a factor of ten in every "
    "layer. With spread 1 it jumps to nearly 1 at once and stays there: all units "
    "are saturated. With Glorot's weights it falls gently, from 1 to about a quarter.",
)

# %% [markdown]
# The upper curve is no success: signals of spread 1 out of a tanh are all close to $-1$ or $1$, where
# its slope is zero and no gradient comes through (lab 03). Part 5 will measure what that costs.

# %% [markdown]
# ## 2 · The steps
#
# Plain gradient descent takes the same learning rate for every weight. Look at a valley that is a
# hundred times steeper across than along, $f(a, b) = (a^2 + 100\,b^2)/2$: a rate that is safe across
# crawls along. **Adagrad** gives every weight a rate of its own: it divides by the root of the sum of
# all squares of its gradients so far.
#
# $$s \leftarrow s + g^2, \qquad w \leftarrow w - \eta\,\frac{g}{\sqrt{s + \varepsilon}}$$
#
# **By hand.** $w = (1, 2)$, gradient $(3, -4)$, memory $s = (16, 9)$, rate $0.5$. The new memory is
# $(25, 25)$, and $w$ becomes $(1 - 0.5\cdot 3/5,\ 2 + 0.5\cdot 4/5) = (0.7,\ 2.4)$.
#
# ### Exercise 2 ★ · 2 points
#
# $\varepsilon = 10^{-7}$ keeps a weight whose gradients were all 0 from 0 / 0.


# %% exercise="adagrad_step" points=2
def adagrad_step(w, gradient, memory, learning_rate):
    """One step of Adagrad: the new (w, memory), each of the shape of `w`."""
    ### BEGIN SOLUTION
    memory = memory + gradient**2
    return w - learning_rate * gradient / np.sqrt(memory + 1e-7), memory
    ### END SOLUTION


# %% check="adagrad_step"
check("adagrad_step", adagrad_step)

# %% hint="adagrad_step"
hint("adagrad_step")

# %% [markdown]
# Adagrad's memory can only grow, so its steps die out. **RMSProp** forgets: its memory is a running
# *average* of the squares,
#
# $$v \leftarrow \rho\,v + (1-\rho)\,g^2, \qquad w \leftarrow w - \eta\,\frac{g}{\sqrt{v + \varepsilon}}$$
#
# **By hand.** $v = 4$, $g = 2$, $\rho = 0.75$: the new $v$ is $0.75\cdot 4 + 0.25\cdot 4 = 4$. An
# average of equal squares stays where it is.
#
# ### Exercise 3 ★ · 2 points


# %% exercise="rmsprop_step" points=2
def rmsprop_step(w, gradient, memory, learning_rate, rho):
    """One step of RMSProp: the new (w, memory), each of the shape of `w`."""
    ### BEGIN SOLUTION
    memory = rho * memory + (1 - rho) * gradient**2
    return w - learning_rate * gradient / np.sqrt(memory + 1e-7), memory
    ### END SOLUTION


# %% check="rmsprop_step"
check("rmsprop_step", rmsprop_step)

# %% hint="rmsprop_step"
hint("rmsprop_step")


# %%
def sgd_step(w, gradient, memory, learning_rate):
    return w - learning_rate * gradient, memory


def momentum_step(w, gradient, memory, learning_rate):
    memory = 0.9 * memory - learning_rate * gradient  # a ball that keeps rolling
    return w + memory, memory


def descend(step, *settings, steps=60):
    w, memory, heights = np.array([10.0, 1.0]), np.zeros(2), []
    for _ in range(steps):
        heights.append((w[0] ** 2 + 100 * w[1] ** 2) / 2)
        w, memory = map(np.asarray, step(w, w * [1, 100], memory, *settings))
    return heights


# %% [markdown]
# **Predict, then run.** Plain gradient descent, just below the rate at which it diverges (0.02),
# against momentum, Adagrad and RMSProp, 60 steps each. Which of the four ends highest in the valley?

# %% predict="slowest"
### BEGIN SOLUTION
prediction = "SGD"
### STUB: prediction = None  # replace None by "SGD", "momentum", "Adagrad" or "RMSProp"
### END SOLUTION

# %%
descents = {
    "SGD": descend(sgd_step, 0.019),
    "momentum": descend(momentum_step, 0.019),
    "Adagrad": descend(adagrad_step, 2.0),
    "RMSProp": descend(rmsprop_step, 0.3, 0.9),
}
reveal(prediction, max(descents, key=lambda name: descents[name][-1]))

# %%
plots.show(
    plots.curves(
        range(60), descents, xlabel="step", ylabel="height in the valley", log="y"
    ),
    alt="Height in the valley against steps, on a logarithmic scale, for four "
    "optimizers. SGD falls slowly and steadily and ends highest. Momentum falls in "
    "waves and gets far below it. RMSProp falls fast and is thrown back up twice. "
    "Adagrad falls steadily and ends lowest.",
)

# %% [markdown]
# In this valley, dividing by the root makes both directions look alike, which is exactly what it
# needs. RMSProp is thrown back up near the bottom: its steps keep their length, so it needs a rate
# that falls. Now beside Keras, one step from the same start:

# %%
w, g = np.array([1.0, 2.0], "float32"), np.array([3.0, -4.0], "float32")
builtin = {
    "Adagrad": keras.optimizers.Adagrad(0.5, initial_accumulator_value=0.0),
    "RMSProp": keras.optimizers.RMSprop(0.5, rho=0.75),
}
yours = {
    "Adagrad": adagrad_step(w, g, np.zeros(2), 0.5)[0],
    "RMSProp": rmsprop_step(w, g, np.zeros(2), 0.5, 0.75)[0],
}
for name, optimizer in builtin.items():
    variable = keras.Variable(w)
    optimizer.apply([keras.ops.convert_to_tensor(g)], [variable])
    theirs = keras.ops.convert_to_numpy(variable.value)
    print(f"{name}: yours {np.round(yours[name], 4)}, Keras {theirs.round(4)}")

# %% [markdown]
# ## 3 · Dropout
#
# In training, switch each value off with probability `rate`: units cannot rely on each other, and the
# network that is left at the end acts like the average of many. What stays is made larger, so that the
# *sum* into the next layer keeps its size: **inverted** dropout, as Keras has it.
#
# **By hand.** $x = (4, -2, 6, 8)$, noise $(0.9, 0.1, 0.6, 0.3)$, rate $0.5$. A value stays if its noise
# is at least the rate: the first and the third. They are divided by $1 - 0.5$: $(8, 0, 12, 0)$.
# Outside of training, $x$ passes as it is.
#
# ### Exercise 4 ★ · 2 points


# %% exercise="dropout" points=2
def dropout(x, noise, rate, training):
    """Drop values of `x` whose `noise` (same shape, in [0, 1)) is below `rate`."""
    ### BEGIN SOLUTION
    return np.where(noise >= rate, x / (1 - rate), 0) if training else x
    ### END SOLUTION


# %% check="dropout"
check("dropout", dropout)

# %% hint="dropout"
hint("dropout")

# %%
x = np.array([4.0, -2.0, 6.0, 8.0])
many = np.array([dropout(x, rng.random(4), 0.25, True) for _ in range(20_000)])
layer = keras.layers.Dropout(0.25, seed=1)
keras_many = np.asarray(layer(np.tile(x, (20_000, 1)), training=True))
for name, drawn in (("yours", many), ("Keras", keras_many)):
    print(f"{name}: mean {drawn.mean(0).round(1)}, dropped {np.mean(drawn == 0):.2f}")

# %% [markdown]
# ## 4 · Batch normalization
#
# Why keep the spread right only at the start? Batch normalization does it at every step: each
# *channel* is brought to mean 0 and spread 1, over all images and all places, because all places share
# the kernel (lab 01's equal weights again). Then a trained $\gamma$ and $\beta$ give it the spread and
# mean that serve best.
#
# $$y = \gamma\,\frac{x - \mu}{\sqrt{\sigma^2 + \varepsilon}} + \beta$$
#
# **By hand.** A channel with the values $1, 3, 5, 7$: mean 4, variance $(9+1+1+9)/4 = 5$. With
# $\varepsilon = 4$ the root is 3; $\gamma = 2$, $\beta = 10$ give $2\cdot(-3)/3 + 10 = 8$ for the first.
#
# ### Exercise 5 ★★ · 3 points
#
# Outside of training one image must not depend on the others: there, moving averages collected in
# training take the place of $\mu$ and $\sigma^2$.


# %% exercise="batch_norm" points=3
def batch_norm(x, gamma, beta, moving_mean, moving_variance, training, epsilon):
    """Normalize the maps `x` (batch, height, width, channels), channel by channel."""
    ### BEGIN SOLUTION
    mean, variance = moving_mean, moving_variance
    if training:
        mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    return gamma * (x - mean) / np.sqrt(variance + epsilon) + beta
    ### END SOLUTION


# %% check="batch_norm"
check("batch_norm", batch_norm)

# %% hint="batch_norm"
hint("batch_norm")

# %%
maps = rng.standard_normal((8, 5, 5, 3)).astype("float32") * [1, 10, 0.1] + [0, 5, 9]
layer = keras.layers.BatchNormalization(epsilon=1e-3)
keras_maps = np.asarray(layer(maps.astype("float32"), training=True))
yours = batch_norm(
    maps, np.ones(3), np.zeros(3), np.zeros(3), np.ones(3), True, epsilon=1e-3
)
print(
    "before: mean",
    maps.mean((0, 1, 2)).round(2),
    "spread",
    maps.std((0, 1, 2)).round(2),
)
first = np.asarray(yours)[0, 0, 0].round(3)
print("yours: ", first, " Keras:", keras_maps[0, 0, 0].round(3))
print("equal to 4 decimals:", np.allclose(yours, keras_maps, atol=1e-4))

# %% [markdown]
# ## 5 · One switch at a time
#
# What is each ingredient worth? Take one standard recipe, change **one** thing, and compare. The
# network is small (two convolutions, one dense layer), the digits are real, and there are few of them,
# so that there is something to gain.

# %%
(x_train, y_train), (x_test, y_test) = data.load("mnist" if FULL_SIZE else "digits")
x_train, x_test = x_train / 255, x_test / 255

STANDARD = {
    "first": "glorot_uniform",
    "activation": "relu",
    "optimizer": ("SGD", {"learning_rate": 0.05, "momentum": 0.9}),
    "dropout": 0.0,
    "normalization": None,
    "images": IMAGES,
    "distort": False,
    "convolutional": True,
    "order": None,
}


# %%
def network(recipe):
    layers, weights = keras.layers, {"kernel_initializer": recipe["first"]}
    stack = [keras.Input((*x_train.shape[1:], 1))]
    for filters in (16, 32) if recipe["convolutional"] else ():
        stack.append(layers.Conv2D(filters, 3, padding="same", **weights))
        if recipe["normalization"]:
            stack.append(recipe["normalization"]())
        stack += [layers.Activation(recipe["activation"]), layers.MaxPooling2D(2)]
    stack += [layers.Flatten()]
    for units in (64,) if recipe["convolutional"] else (128, 64):
        stack += [layers.Dense(units, activation=recipe["activation"], **weights)]
    stack += [layers.Dropout(recipe["dropout"]), layers.Dense(10, **weights)]
    return keras.Sequential(stack)


# %%
def compiled(recipe):
    model, (kind, settings) = network(recipe), recipe["optimizer"]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = getattr(keras.optimizers, kind)(**settings)
    model.compile(optimizer, loss, jit_compile=False, steps_per_execution=8)
    optimizer.build(model.trainable_variables)
    return model


def restart(model, state):
    """New first weights, and an optimizer that remembers nothing."""
    model.set_weights(keras.models.clone_model(model).get_weights())
    for variable, value in zip(model.optimizer.variables, state, strict=True):
        variable.assign(value)


# %% [markdown]
# One more ingredient needs a few lines: Simard's **elastic distortions**, which bend every image a
# little, each time in another way. A random field of displacements is made smooth by a Gaussian of
# width $\sigma$ and scaled by $\alpha$; new digits for free.


# %%
def distorted(images, rng, sigma=1.5, alpha=2.5):
    grid = np.meshgrid(*map(np.arange, images.shape), indexing="ij")
    places = [grid[0].astype(float)]
    for axis in (1, 2):
        field = rng.uniform(-1, 1, images.shape)
        bend = ndimage.gaussian_filter(field, (0, sigma, sigma), mode="constant")
        places.append(grid[axis] + alpha * bend)
    return ndimage.map_coordinates(images, places, order=1)


# %%
bent = distorted(x_train[:5], np.random.default_rng(3))
plots.show(
    plots.images([*x_train[:5], *bent], columns=5, width=7),
    alt="Five handwritten digits of 8 by 8 pixels above, and the same five below with "
    "their strokes bent a little. They are still easy to read.",
)


# %%
def training_images(recipe, rng):
    """All passes one after the other, each image distorted anew; as many steps for all."""
    chosen = rng.permutation(len(x_train))[: recipe["images"]]
    passes = PASSES * IMAGES // recipe["images"]
    places = np.concatenate([rng.permutation(chosen) for _ in range(passes)])
    images = x_train[places]
    if recipe["distort"]:
        images = distorted(images, rng)
    return images, y_train[places]


def arranged(images, recipe):
    """As the network gets them; the order of the pixels is for part 6."""
    if recipe["order"] is not None:
        images = np.asarray(permute_pixels(images, recipe["order"]))
    return images[..., np.newaxis].astype("float32")


# %%
def accuracies(**switches):
    """Percent right on unseen digits, a number for each seed."""
    recipe = STANDARD | switches
    model = compiled(recipe)
    state = [keras.ops.convert_to_numpy(v.value) for v in model.optimizer.variables]
    found = []
    for seed in SEEDS:
        keras.utils.set_random_seed(seed)
        restart(model, state)
        images, labels = training_images(recipe, np.random.default_rng(seed))
        images = arranged(images, recipe)
        model.fit(images, labels, batch_size=BATCH, shuffle=False, verbose=0)
        logits = model.predict(arranged(x_test, recipe), batch_size=1250, verbose=0)
        found.append(100 * np.mean(logits.argmax(1) == y_test))
    return np.array(found)


# %%
standard = accuracies()
print(f"standard recipe: {standard.mean():.0f} % of unseen digits, {len(SEEDS)} seeds")

# %% [markdown]
# Each seed chooses other training images and other first weights, so the seeds differ, and by more
# than many an ingredient changes. That is why one run proves nothing. But the *same* seed with and
# without an ingredient shares its luck, good or bad, and in the difference it cancels.
#
# **By hand.** With it: 93, 95, 97 %. Without: 90, 94, 95 %. The differences are 3, 1 and 2: mean 2,
# standard deviation 1 (with $n - 1$), so the standard error of the mean is $1/\sqrt 3 \approx 0.58$.
#
# ### Exercise 6 ★★ · 2 points


# %% exercise="ablation_effect" points=2
def ablation_effect(with_it, without):
    """(effect, standard error) of an ingredient, from accuracies of the same seeds."""
    ### BEGIN SOLUTION
    differences = with_it - without
    return differences.mean(), differences.std(ddof=1) / np.sqrt(len(differences))
    ### END SOLUTION


# %% check="ablation_effect"
check("ablation_effect", ablation_effect)

# %% hint="ablation_effect"
hint("ablation_effect")

# %% [markdown]
# ### Exercise 7 ★★ · 2 points
#
# An effect is *clear* if it is more than two standard errors away from zero, on either side. List the
# names of the clear ones, the most helpful first.


# %% exercise="clear_effects" points=2
def clear_effects(effects):
    """Names whose effect is clear; `effects` maps names to (effect, standard error)."""
    ### BEGIN SOLUTION
    clear = [name for name, (mean, error) in effects.items() if abs(mean) > 2 * error]
    return sorted(clear, key=lambda name: effects[name][0], reverse=True)
    ### END SOLUTION


# %% check="clear_effects"
check("clear_effects", clear_effects)

# %% hint="clear_effects"
hint("clear_effects")

# %% [markdown]
# Now all of it, thirteen switches. (For the rates of Adagrad and RMSProp, four were tried for each.)

# %%
from keras.layers import BatchNormalization as BatchNorm

from labkit.layers import LocalContrastNormalization

# %%
SWITCHES = {
    "sigmoid": {"activation": "sigmoid"},
    "first weights 0.01": {"first": keras.initializers.RandomNormal(0, 0.01)},
    "He's first weights": {"first": "he_uniform"},
    "no momentum": {"optimizer": ("SGD", {"learning_rate": 0.05})},
    "no momentum, rate 0.3": {"optimizer": ("SGD", {"learning_rate": 0.3})},
    "Adagrad": {"optimizer": ("Adagrad", {"learning_rate": 0.2})},
    "RMSProp": {"optimizer": ("RMSprop", {"learning_rate": 0.002})},
    "dropout": {"dropout": 0.5},
    "batch norm": {"normalization": functools.partial(BatchNorm, momentum=0.9)},
    "contrast norm": {"normalization": LocalContrastNormalization},
    "elastic": {"distort": True},
    "half the images": {"images": IMAGES // 2},
    "twice the images": {"images": 2 * IMAGES},
}

# %% [markdown]
# **Predict, then run.** Which of these three will help *most*: dropout, batch normalization, or twice as
# many images? Say which, before the next cell but one starts its minute of work.

# %% predict="most_helpful"
### BEGIN SOLUTION
prediction = "batch norm"
### STUB: prediction = None  # replace None by "dropout", "batch norm" or "twice the images"
### END SOLUTION

# %%
effects = {
    name: ablation_effect(accuracies(**switch), standard)
    for name, switch in SWITCHES.items()
}
three = ("dropout", "batch norm", "twice the images")
reveal(prediction, max(three, key=lambda name: effects[name][0]))

# %%
plots.show(
    plots.effects(
        effects,
        xlabel="change of accuracy on unseen digits, in percent points",
        title="one switch at a time; bars are two standard errors",
        limits=(-3, 1) if FULL_SIZE else (-30, 8),
    ),
    alt="Thirteen effects with error bars, sorted. Batch normalization and twice the images "
    "help clearly, and so does contrast normalization. He's first weights, dropout, elastic "
    "distortions, Adagrad, and no momentum at a rate of 0.3 cannot be told from zero. RMSProp "
    "and half the images cost some percent points, no momentum at the old rate costs tens, and "
    "sigmoid and first weights of 0.01 lose everything, beyond the left edge.",
)

# %%
print("help: ", [name for name in clear_effects(effects) if effects[name][0] > 0])
print("harm: ", [name for name in clear_effects(effects) if effects[name][0] < 0])

# %% [markdown]
# Batch normalization is worth more here than twice the data. Dropout, famous for good reason, does
# nothing for a network this small that is trained this briefly: an ingredient works *in a context*,
# and only an experiment in yours tells. And what cannot be told from zero with five seeds is not
# proved to be zero: more seeds make the bars shorter.
#
# Now look at the two without momentum. Momentum of 0.9 adds up about ten gradients, so it also makes
# the steps about ten times as long. Take it away and nothing else, and more than twenty points are
# gone; give plain descent a larger rate, and nearly all of them come back. An optimizer and its rate
# belong together: Adagrad at a rate of 0.02, when it was tried, cost fifteen points. Ask of every
# switch what *else* it turns.
#
# ### A failure worth seeing
#
# Two switches lost everything: one digit in ten is what guessing gets. Look at the loss while it
# "learns" from first weights of spread 0.01, beside the standard recipe.


# %%
def losses(**switches):
    """The mean loss of each pass over the images, for one seed."""
    recipe = STANDARD | switches
    keras.utils.set_random_seed(0)
    model = compiled(recipe)
    images, labels = training_images(recipe, np.random.default_rng(0))
    passes = zip(
        np.split(arranged(images, recipe), PASSES),
        np.split(labels, PASSES),
        strict=True,
    )
    fits = [model.fit(x, y, batch_size=BATCH, verbose=0) for x, y in passes]
    return [fit.history["loss"][0] for fit in fits]


# %%
stuck = losses(**SWITCHES["first weights 0.01"])
print("standard:   ", " ".join(f"{loss:.2f}" for loss in losses()[::4]))
print("spread 0.01:", " ".join(f"{loss:.2f}" for loss in stuck[::4]))
print(f"ln 10 =      {np.log(10):.2f}")

# %% [markdown]
# The loss stands at $\ln 10$, the loss of saying "one in ten" to everything. No error message, no NaN:
# the signals have vanished (part 1), and with them the gradients. The sigmoid's network is stuck at the
# same height, because its slope is at most $1/4$ in each layer. If your loss sits at
# $\ln(\text{classes})$, look at the first weights before anything else.

# %% [markdown]
# ## 6 · Data where convolution makes sense
#
# Now shuffle the pixels: one fixed permutation, the same for every image. Nothing is lost, since it
# can be undone. A person could no longer read a single digit.
#
# **By hand.** Image $\begin{pmatrix}1&2&3\\4&5&6\end{pmatrix}$, order $(3, 0, 5, 1, 2, 4)$: new pixel
# $p$ is old pixel $\text{order}[p]$, so the new image is $\begin{pmatrix}4&1&6\\2&3&5\end{pmatrix}$.
#
# ### Exercise 8 ★ · 1 point


# %% exercise="permute_pixels" points=1
def permute_pixels(images, order):
    """The same shuffle for each of `images` (images, height, width)."""
    ### BEGIN SOLUTION
    return images.reshape(len(images), -1)[:, order].reshape(images.shape)
    ### END SOLUTION


# %% check="permute_pixels"
check("permute_pixels", permute_pixels)

# %% hint="permute_pixels"
hint("permute_pixels")

# %%
order = rng.permutation(x_train[0].size)
plots.show(
    plots.images(
        [*x_train[:5], *permute_pixels(x_train[:5], order)], columns=5, width=7
    ),
    alt="Five handwritten digits above, and the same five below with their pixels "
    "shuffled by one fixed order: scattered gray squares in which nothing can be read.",
)

# %% [markdown]
# What has become of the convolution? A network that gets shuffled digits and should compute the same
# maps needs the same matrix, with its **columns** in the new order. Here it is for an image of 3×4
# and a kernel of 2×2, plain and shuffled:

# %%
small_order = np.random.default_rng(6).permutation(12)
plots.show(
    plots.matrix((3, 4), (2, 2)),
    alt="The 6 by 12 constrained matrix of a 2 by 2 kernel on a 3 by 4 image: four weights, "
    "each in one color, on slanted bands; all else is zero.",
)
plots.show(
    plots.matrix((3, 4), (2, 2), order=small_order),
    alt="The same matrix with its columns shuffled: in every row the same four colors, but "
    "they stand anywhere, and no band is left.",
)
W = matrix.convolution_matrix(np.array([[1, 2], [3, 4]]), (3, 4))
print(matrix.recognize(W[:, small_order], (3, 4), (2, 2)).reason)

# %% [markdown]
# As many zeros, the same equal weights, but no kernel of neighbors has them. A dense layer could learn
# this matrix as well as the one above.
#
# **Predict, then run.** A convolutional network and one of dense layers only, each on plain and on
# shuffled digits. Which of the two suffers from the shuffle: "convolutional", "dense" or "both"?

# %% predict="shuffled"
### BEGIN SOLUTION
prediction = "convolutional"
### STUB: prediction = None  # replace None by "convolutional", "dense" or "both"
### END SOLUTION

# %%
on = {"plain": {}, "shuffled": {"order": order}}
scores = {
    (kind, name): accuracies(
        convolutional=kind == "convolutional", images=2 * IMAGES, **switch
    )
    for kind in ("convolutional", "dense")
    for name, switch in on.items()
}

# %%
changes = {
    kind: ablation_effect(scores[kind, "shuffled"], scores[kind, "plain"])
    for kind in ("convolutional", "dense")
}
suffering = [kind for kind, (change, error) in changes.items() if change < -2 * error]
reveal(prediction, "both" if len(suffering) == 2 else "".join(suffering) or "neither")

# %%
advantage = {
    name: ablation_effect(scores["convolutional", name], scores["dense", name])
    for name in on
}

# %%
plots.show(
    plots.effects(
        {f"{kind}: shuffled against plain": changes[kind] for kind in changes}
        | {
            f"{name} digits: convolutional against dense": advantage[name]
            for name in on
        },
        xlabel="change of accuracy on unseen digits, in percent points",
    ),
    alt="Four effects with error bars. On plain digits the convolutional network is some "
    "percent points better than the dense one; on shuffled digits it is no better. The "
    "shuffle costs the convolutional network some points, and the dense one nothing that "
    "can be told from zero.",
)

# %% [markdown]
# A dense layer has a weight for every pixel, and does not care which pixel is where: the shuffle only
# renames its weights. A convolution was *told* two things about images, near pixels belong together
# (zeros in the matrix) and what matters in one place matters in another (equal weights). Both are true
# of digits. After the shuffle both are false, and the constraint that helped now hurts. Where is it
# true? Sound, text, weather maps, protein chains. Where not? Columns of a spreadsheet.

# %% [markdown]
# ## 7 · More data, or a better constraint?

# %%
SIZES = [IMAGES * 2**doubled // 8 for doubled in range(5)]
wrong = {
    kind: [
        100 - accuracies(convolutional=kind == "convolutional", images=size)
        for size in SIZES
    ]
    for kind in ("convolutional", "dense")
}

# %%
plots.show(
    plots.curves(
        SIZES,
        {kind: np.mean(found, axis=1) for kind, found in wrong.items()},
        errors={
            kind: 2 * np.std(found, axis=1, ddof=1) / np.sqrt(len(SEEDS))
            for kind, found in wrong.items()
        },
        xlabel="digits learned from",
        ylabel="percent wrong on unseen digits, ± 2 standard errors",
    ),
    alt="Percent wrong on unseen digits against the number of digits learned from, 50 to "
    "800, both on logarithmic scales, with bars of two standard errors. Both curves fall, "
    "and the convolutional network's stays below the dense one's from 200 digits on.",
)

# %% [markdown]
# Both need data; the right constraint needs less of it. With few digits the bars overlap, and nothing can
# be told; later the convolutional network is ahead, and with 400 digits about as good as the dense one
# with 800. That is lab 01's experiment again, with a whole network in place of one layer.

# %% [markdown]
# ## Summary
#
# - First weights decide whether signals and gradients arrive at all: Glorot's keep their spread, and a
#   loss that stands at $\ln(\text{classes})$ is what it looks like when they do not.
# - Adagrad and RMSProp give every weight a step of its own; dropout keeps units from relying on each
#   other; batch normalization keeps the spread right during training.
# - What an ingredient is worth in *your* setting is a question for an experiment: one switch at a time,
#   the same seeds on both sides, and an error bar.
# - Convolution helps where its two constraints are true. Shuffle the pixels, and it loses its edge.

# %%
progress()

# %% [markdown]
# ## Two open questions
#
# Your instructor reads these; no program does.

# %% [markdown] question="q_two_switches" points=2
# **Question 1 · 2 points.** Each switch was turned alone. Think of two ingredients that might help only
# *together*, or that might cancel each other's gain, and design the smallest experiment that would
# show it: which runs, how many, and which differences you would look at.
#
# <!-- BEGIN SOLUTION -->
# For example sigmoid and batch normalization: normalization keeps the sigmoid's inputs where it has a
# slope, so it may rescue a network that is otherwise stuck. Four recipes (neither, each alone, both),
# the same seeds for all four, and the interaction: (both − sigmoid alone) − (norm alone − neither),
# averaged over seeds, with its standard error. With the spread seen above, five to ten seeds show an
# interaction of two percent points; a smaller one needs more, since the error falls with the root.
# <!-- END SOLUTION -->

# %% [markdown] question="q_spreadsheet" points=2
# **Question 2 · 2 points.** A colleague uses a 1D convolution over the columns of a customer table (age,
# income, postal code, ...), and it works better than the dense network she had. Which explanation would
# you check first, and how would you use part 6 to check it?
#
# <!-- BEGIN SOLUTION -->
# Neighbors in a table mean nothing, so weight sharing is not why. It may be the smaller number of weights
# (less overfitting), or another unequal ingredient (optimizer, normalization, size). Shuffle the columns
# by one fixed order, several times: if convolution's advantage stays, it has nothing to do with
# neighborhood, and a smaller or better regularized dense network should do as well. If it goes, the
# order of the columns carries something (months side by side, say), and that is worth knowing.
# <!-- END SOLUTION -->
