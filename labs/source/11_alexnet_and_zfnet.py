# %% [markdown]
# # Lab 11 · AlexNet and ZFNet on a GPU
#
# By the end of this lab you will be able to
#
# - say what AlexNet stores, computes, sees and needs in memory, layer by layer, before you run it;
# - train a network of its kind, and say what its speed is limited by;
# - look inside: its first filters, where it looks, and what a hidden unit answered to.
#
# **Rests on** the lecture's *Several Famous Architectures of CNNs* (figures 9 and 10); Krizhevsky, Sutskever
# and Hinton, *ImageNet classification with deep convolutional neural networks*, NIPS 25, 2012; Zeiler and
# Fergus, *Visualizing and understanding convolutional networks*, ECCV 2014.
#
# **Time budget:** about 120 minutes of yours, under 180 seconds of your computer's, offline and without a GPU.

# %%
import numpy as np

from labkit import data, matrix, plots, widgets
from labkit.checks import check, hint, progress
from labkit.predict import reveal
from labkit.quiet import import_keras

keras = import_keras()

# %%
from labkit import models, training
from labkit.bench import roofline
from labkit.bench.measure import interleaved, peak_memory
from labkit.training.pipeline import training_batches

# Every seed and size of this lab. FULL_SIZE = True takes photographs (see labkit.data) and wants a GPU
FULL_SIZE = False
TRAIN, TEST, SIZE = 1600, 400, 32  # generated images, pixels
RECIPE = training.Recipe(
    epochs=6, batch=32, learning_rate=1e-3, warmup=1, augmentation=({"name": "flip"},)
)
BATCHES = (1, 4, 16, 64) if not FULL_SIZE else (1, 16, 64, 256)
keras.utils.set_random_seed(2012)

# %% [markdown]
# ## 1 · The network of 2012
#
# LeNet-5's pyramid again, a thousand times the parameters, and every habit of today's networks: ReLU, dropout,
# augmented images, graphics processors. It was cut in two **groups** because one card's 3 GB were too few.

# %%
published = models.alexnet()
plots.show(
    plots.architecture(published),
    alt="AlexNet as a row of blocks: a 227 by 227 color image, 96 maps of 55 by 55, 256 maps of 27 by "
    "27, then 384, 384 and 256 maps of 13 by 13, and dense layers of 4096, 4096 and 1000 units. "
    "The maps become smaller and more numerous.",
)

# %% [markdown]
# **By hand.** conv1 has 96 filters of 11×11 over 3 channels, stride 4, on 227×227 pixels: each filter has
# $11\cdot 11\cdot 3 = 363$ weights and a bias, $96\cdot 364 = 34{,}944$ parameters. It has
# $(227-11)/4+1 = 55$ places along each side. Every weight is used once at each of the $55\cdot 55$ places:
# $3{,}025\cdot 96\cdot 363 = 105{,}415{,}200$ multiply-adds.
#
# With $g$ groups, a filter reads only the channels of its own group, one $g$-th of them.
#
# ### Exercise 1 ★ · 2 points


# %% exercise="conv_cost" points=2
def conv_cost(height, width, channels, filters, kernel, stride, padding, groups):
    """(parameters, multiply_adds) of a convolution; `padding` zeros on every side."""
    ### BEGIN SOLUTION
    weights = kernel * kernel * (channels // groups) * filters
    rows = (height + 2 * padding - kernel) // stride + 1
    columns = (width + 2 * padding - kernel) // stride + 1
    return weights + filters, weights * rows * columns
    ### END SOLUTION


# %% check="conv_cost"
check("conv_cost", conv_cost)

# %% hint="conv_cost"
hint("conv_cost")

# %% [markdown]
# Your count beside that of Keras's own layers:

# %%
for size, channels, filters, kernel, stride, padding, groups in [
    (227, 3, 96, 11, 4, 0, 1),
    (27, 96, 256, 5, 1, 2, 2),
    (13, 256, 384, 3, 1, 1, 1),
    (13, 384, 384, 3, 1, 1, 2),
    (13, 384, 256, 3, 1, 1, 2),
]:
    built_in = keras.layers.Conv2D(filters, kernel, strides=stride, groups=groups)
    built_in.build((None, size, size, channels))
    yours, work = conv_cost(
        size, size, channels, filters, kernel, stride, padding, groups
    )
    print(f"yours {yours:9,}  Keras {built_in.count_params():9,}  work {work:13,}")

# %% [markdown]
# **Predict, then run.** The three dense layers: what share of all parameters is in them, in whole percent?

# %% predict="dense_share"
### BEGIN SOLUTION
prediction = 50
### STUB: prediction = None  # replace None by a number of percent
### END SOLUTION

# %%
dense = sum(published.get_layer(name).count_params() for name in ("fc6", "fc7", "fc8"))
reveal(
    prediction,
    round(100 * dense / published.count_params()),
    f"{dense:,} of {published.count_params():,}.",
)

# %%
models.reconcile(published)

# %% [markdown]
# The parameters sit in the dense layers, the work in the convolutions: a weight of conv2 is used 729 times, a
# weight of fc6 once.
#
# ### Groups, in the matrix
#
# In lab 02, channels were blocks of the constrained matrix. Groups set the blocks off the diagonal to zero: half
# of the weights, half of the work. On two cards, such a layer needs nothing from the other card.

# %%
rng = np.random.default_rng(11)
one = matrix.convolution_matrix(rng.uniform(0.3, 1, (3, 4, 4)), 6)
two = matrix.convolution_matrix(rng.uniform(0.3, 1, (3, 2, 4)), 6, groups=2)


def by_channel(found, places=4, pixels=6):
    """Rows and columns with the channels outside, so that blocks are seen as blocks."""
    blocks = found.reshape(places, 4, pixels, 4).transpose(1, 0, 3, 2)
    return blocks.reshape(places * 4, pixels * 4)


# %%
plots.show(
    plots.images(
        [by_channel(one), by_channel(two)],
        ["one group", "two groups"],
        signed=True,
        limit=1,
    ),
    alt="Two constrained matrices of 16 rows and 24 columns, sorted by channels. In the left one all 16 "
    "blocks hold a diagonal band; in the right one only the 4 blocks at the top left and the 4 at the "
    "bottom right do, all others are empty.",
)

# %% [markdown]
# ### A failure worth seeing
#
# The paper says that its images have 224 by 224 pixels. Let us believe it.

# %%
believed = keras.layers.Conv2D(96, 11, strides=4)
print("the paper's conv1: 55 x 55")
for size in (224, 227):
    print(
        f"from {size} pixels:  ", believed.compute_output_shape((1, size, size, 3))[1:3]
    )

# %% [markdown]
# $(224-11)/4$ is no whole number; 54 places are left, and none of the published counts would come out. With 227
# pixels (or 224 and some unnamed zeros) they do. Published numbers contain slips: count again.
#
# ## 2 · Local response normalization
#
# ReLUs have no upper end. AlexNet lets neighboring **channels** hold each other down, at every pixel for itself:
#
# $$b_i = \frac{a_i}{\bigl(k + \alpha \sum_j a_j^2\bigr)^\beta}\qquad j \text{ from } i-\lfloor n/2\rfloor \text{ to } i+\lfloor n/2\rfloor,\text{ cut at both ends}$$
#
# with $k=2$, $n=5$, $\alpha=10^{-4}$, $\beta=0.75$.
#
# **By hand.** Two channels $(2, 1)$ with $n=3$, $k=1$, $\alpha=1$, $\beta=1$: both windows hold both, the
# divisor is $1 + 4 + 1 = 6$, the result $(\tfrac13, \tfrac16)$.
#
# ### Exercise 2 ★★ · 3 points


# %% exercise="lrn" points=3
def lrn(a, n, k, alpha, beta):
    """`a` (height, width, channels), normalized over `n` neighboring channels (n odd)."""
    ### BEGIN SOLUTION
    b = np.zeros(a.shape)
    for i in range(a.shape[-1]):
        near = a[..., max(0, i - n // 2) : i + n // 2 + 1]
        b[..., i] = a[..., i] / (k + alpha * (near**2).sum(-1)) ** beta
    return b
    ### END SOLUTION


# %% check="lrn"
check("lrn", lrn)

# %% hint="lrn"
hint("lrn")

# %% [markdown]
# TensorFlow asks for the window's **radius** where the paper gives its width. A 5 handed over as it stands runs
# without complaint, and normalizes over eleven channels.

# %%
import tensorflow as tf

a = np.random.default_rng(5).uniform(0, 30, (1, 1, 16)).astype("float32")
right, wrong = (
    tf.nn.local_response_normalization(a[None], radius, bias=2, alpha=1e-4, beta=0.75)
    for radius in (2, 5)
)
print("yours:               ", np.asarray(lrn(a, 5, 2, 1e-4, 0.75))[0, 0, :4].round(3))
print("TensorFlow, radius 2:", right.numpy()[0, 0, 0, :4].round(3))
print("TensorFlow, radius 5:", wrong.numpy()[0, 0, 0, :4].round(3))

# %% [markdown]
# The paper says that it took 1.4 percentage points off AlexNet's top-1 error. Two years later, Simonyan and
# Zisserman measured no gain from it in their networks (VGG), and since 2015 most have batch normalization instead.
#
# ## 3 · What one unit sees
#
# **By hand.** A 3×3 kernel sees 3 pixels along each side. Behind it, a pooling of 2 with stride 2: two such
# fields side by side, 4 pixels; neighbors now lie 2 pixels apart. Another 3×3 joins three of these: $4 + 2\cdot 2 =
# 8$ pixels, still 2 apart.
#
# ### Exercise 3 ★★ · 2 points


# %% exercise="receptive_field" points=2
def receptive_field(layers):
    """`layers`: (kernel, stride) from the image on. Returns (size, stride) in pixels of the image:

    how many one unit of the last layer sees along a side, and how far neighboring units are apart.
    """
    ### BEGIN SOLUTION
    size = apart = 1
    for kernel, stride in layers:
        size += (kernel - 1) * apart
        apart *= stride
    return size, apart
    ### END SOLUTION


# %% check="receptive_field"
check("receptive_field", receptive_field)

# %% hint="receptive_field"
hint("receptive_field")

# %% [markdown]
# Zeiler and Fergus looked into AlexNet. They found first filters for the finest and the coarsest detail and hardly any
# between, and **aliasing** behind the stride of 4 (lab 05), and made the kernels 7×7 with stride 2. That is
# **ZFNet**; a network of Zeiler's company won the competition of 2013.

# %%
alexnet_layers = [(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)]
zfnet_layers = [(7, 2), (3, 2), (5, 2), (3, 2), (3, 1), (3, 1), (3, 1), (3, 2)]
names = ["conv1", "pool1", "conv2", "pool2", "conv3", "conv4", "conv5", "pool5"]
print("       AlexNet           ZFNet")
for depth, name in enumerate(names, start=1):
    pairs = [receptive_field(chain[:depth]) for chain in (alexnet_layers, zfnet_layers)]
    print(
        f"{name}  " + "    ".join(f"sees {see:3}, step {step:2}" for see, step in pairs)
    )

# %%
zfnet = models.zfnet()
models.reconcile(zfnet)

# %% [markdown]
# The same depth, but more places: the first maps are 110×110 where AlexNet's are 55×55, and each unit sees a smaller
# patch. The finer look costs work, hardly any weights.
#
# ## 4 · Will it fit?
#
# Training needs memory for every map of every layer, with its gradient, for each image of the batch; and for
# every parameter three times: the weight, its gradient, and momentum's memory of the gradients before.
#
# **By hand.** conv1's map holds $55\cdot 55\cdot 96 = 290{,}400$ numbers, 4 bytes each, twice, for 128 images:
# 297 million bytes. One layer, and a tenth of the 3 GB of a card of 2012.
#
# ### Exercise 4 ★★ · 2 points


# %% exercise="training_memory" points=2
def training_memory(shapes, parameters, batch, bytes_per_number):
    """Bytes for one step with momentum.

    `shapes`: (height, width, channels) of each layer's map; `parameters`: how many each layer has.
    """
    ### BEGIN SOLUTION
    maps = sum(height * width * channels for height, width, channels in shapes)
    return bytes_per_number * (2 * batch * maps + 3 * sum(parameters))
    ### END SOLUTION


# %% check="training_memory"
check("training_memory", training_memory)

# %% hint="training_memory"
hint("training_memory")

# %%
shapes = [
    shape if len(shape) == 3 else (1, 1, *shape)
    for shape in (layer.output.shape[1:] for layer in published.layers)
]
parameters = [layer.count_params() for layer in published.layers]
print("AlexNet, batch 128, in GB of 2^30 bytes")
for kind, size in {"float32": 4, "float16": 2}.items():
    print(f"{kind}: {training_memory(shapes, parameters, 128, size) / 2**30:.2f}")
estimate = models.memory_estimate(published, 128)["total"]
print(f"labkit.models.memory_estimate, float32: {estimate / 2**30:.2f}")

# %% [markdown]
# An estimate is worth something once it was held against a measurement. Here is one, for a smaller network of the
# same kind, on this machine:

# %%
classes = [f"{shape}, {kind}" for shape in data.SHAPES for kind in data.TEXTURES]
x, y = data.textures(TRAIN + TEST, SIZE, seed=2012)
dataset = (x[:TRAIN], y[:TRAIN]), (x[TRAIN:], y[TRAIN:])
if FULL_SIZE:
    dataset, classes = (
        data.load("imagenette"),
        data.describe("imagenette").dataset.classes,
    )
side = dataset[0][0].shape[1]


def network():
    if FULL_SIZE:
        return models.alexnet((side, side, 3), len(classes))
    # dropout between the convolutions is for more epochs than six
    return models.alexnet_cifar((side, side, 3), len(classes), map_dropout=0)


# %%
trial = network()
trial.compile(keras.optimizers.SGD(0.0, momentum=0.9), "mean_squared_error")


def step(batch, trained=trial):
    images = np.zeros((batch, side, side, 3), "float32")
    scores = np.zeros((batch, len(classes)), "float32")
    return lambda: trained.train_on_batch(images, scores)


def answer(batch):
    images = np.zeros((batch, side, side, 3), "float32")
    return lambda: trial.predict_on_batch(images)


# %%
fixed = models.memory_estimate(trial, 0)["total"]  # is there before the step
estimated = [
    (models.memory_estimate(trial, batch)["total"] - fixed) / 2**20 for batch in BATCHES
]
measured = [peak_memory(step(batch)) or 0.1 for batch in BATCHES]
lines = {"estimated": estimated, "measured": measured}
plots.show(
    plots.curves(
        BATCHES, lines, xlabel="images in a batch", ylabel="MiB for a training step"
    ),
    alt="Memory of a training step against the batch, estimated and measured, on logarithmic scales. "
    "The estimate is proportional to the batch. For large batches the measured line runs along with it.",
)

# %% [markdown]
# The part that grows with the batch decides. A library frees what it no longer needs, which the estimate does not
# know, and lays out patches to multiply them (im2col, lab 08), which it does not know either. To see whether a
# network will fit, it is good enough.
#
# ## 5 · Training
#
# Shapes in color, generated: four shapes in two textures, at any place, size, angle and color. Neither a color nor
# a pixel tells the class.

# %%
plots.show(
    plots.samples(*dataset[0], classes),
    alt="Eight small color pictures for each of eight classes: disks, squares, triangles and crosses, "
    "each striped or checkered, in many colors, sizes and angles on plain grounds.",
)

# %%
model = network()
first_filters = model.get_layer("conv1").get_weights()[0]
history = training.fit(
    model,
    dataset,
    training.RECIPES["imagenette"] if FULL_SIZE else RECIPE,
    quiet=True,
)
plots.show(
    history.plot("accuracy"),
    alt="Accuracy over the epochs, on training and held-out images. Both stay near one in eight at "
    "first, then rise steeply.",
)
accuracy = history["val_accuracy"][-1]
print("past 80 % of the held-out images:", bool(accuracy > 0.8))

# %% [markdown]
# Did you see how little happened at first? With small weights and many layers the first gradients are faint: one in
# eight is what guessing gets, as in lab 10's failure. There it stayed so, here it took patience. In a short test you
# could not have told the two apart.
#
# ## 6 · What limits its speed
#
# A processor can be limited by how fast it **multiplies** or by how fast **memory** delivers. A layer's ratio of
# operations to bytes says which. That is the *roofline*; your machine's, and AlexNet's layers under it:

# %%
limits = roofline.limits()
roofs = {
    batch: plots.roofline(roofline.points(published, batch, seconds=2), limits)
    for batch in BATCHES[:3]
}
widgets.frames(
    roofs,
    {
        batch: f"A roof that rises with the operations per byte and then is level. With {batch} image(s) "
        "in a batch the five convolutions lie to the right under the level part; the three dense "
        "layers lie far to the left under the slope and move right as the batch grows."
        for batch in BATCHES[:3]
    },
    what="images in a batch",
)

# %% [markdown]
# Every weight of a dense layer is fetched from memory and used once for an image: two operations for four bytes. A
# convolution uses it again at each place. A **batch** uses it again for each image, which is why everything is
# trained in batches: move the slider and watch the dense layers climb.

# %%
rates = {"training": [], "answering": []}
for batch in BATCHES:
    both = {"training": step(batch), "answering": answer(batch)}
    for run in both.values():
        run()  # compiled before anything is timed
    found = interleaved(both, seconds=1)
    for name, (seconds, _) in found.items():
        rates[name].append(batch / seconds)
plots.show(
    plots.curves(
        BATCHES, rates, xlabel="images in a batch", ylabel="images per second"
    ),
    alt="Images per second against the batch, for training and for answering, on logarithmic scales. "
    "Both rise with the batch and then level off; answering is quicker.",
)

# %% [markdown]
# Four more levers. Three are settings of `training.fit`, and it chooses for your machine:
#
# - **the pipeline**: the next batch is cut, flipped and normalized while this one is computed;
# - **XLA** joins operations, so that maps need not go out to memory and back between them (`jit`: worth it on
#   GPUs; on the two cores where this was written, it made LeNet-5 slower);
# - **several devices**, each with a part of the batch (`device`);
# - **half precision** (`precision`), twice as many numbers for each byte.
#
# Three of them can be measured here, in steps of 32 images: XLA, half precision, and the pipeline when nobody uses
# what it delivers.


# %%
def step_of_32(jit=False, policy="float32"):
    keras.config.set_dtype_policy(policy)
    fresh = network()
    keras.config.set_dtype_policy("float32")
    sgd = keras.optimizers.SGD(0.0, momentum=0.9)
    fresh.compile(sgd, "mean_squared_error", jit_compile=jit)
    return step(32, fresh)


# %%
x_train, y_train = (part[:TRAIN] for part in dataset[0])
ways = {"plain": {}, "XLA": {"jit": True}, "bfloat16": {"policy": "mixed_bfloat16"}}
runs = {name: step_of_32(**how) for name, how in ways.items()}
pipeline = iter(
    training_batches(
        x_train, y_train, RECIPE, history.preparation, first=0, steps=49, batch=32
    )
)

# %%
for run in runs.values():
    run()  # compiled before anything is timed
found = {name: 32 / seconds for name, (seconds, _) in interleaved(runs).items()}
waiting = {"pipeline": lambda: [next(pipeline) for _ in range(16)]}
((seconds, _),) = interleaved(waiting, seconds=1, rounds=(3, 15)).values()
found["pipeline"] = 16 * 32 / seconds
plots.show(
    plots.verdict({name: f"{rate:,.0f}" for name, rate in found.items()}, "images/s:"),
    alt="Four boxes with images per second: of plain training, with XLA, in bfloat16, and of the "
    "pipeline alone, which delivers many times what training uses.",
)

# %% [markdown]
# The pipeline is far ahead: it works beside the training and nobody waits for it. What XLA and bfloat16 are worth
# depends on the machine. A GPU has units for half precision and gains from both; many a laptop gains nothing, or loses.
#
# The last two levers can go wrong in ways that you should have seen.
#
# **Predict, then run.** Two devices share a batch of 32 images, 24 and 8. Each gives the mean gradient of its own.
# Is the mean of these two the gradient of the batch?

# %% predict="uneven_devices"
### BEGIN SOLUTION
prediction = "yes"
### STUB: prediction = None  # replace None by "yes" or "no"
### END SOLUTION

# %%
some = history.preparation(dataset[0][0][:32]), dataset[0][1][:32]
loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)


def gradient(part):
    with tf.GradientTape() as tape:
        found = loss(some[1][part], model(some[0][part], training=False))
    return tape.gradient(found, model.get_layer("fc8").kernel.value).numpy()


def near(a, b):
    return bool(np.abs(a - b).max() < 1e-4 * np.abs(b).max())


# %%
whole = gradient(slice(32))
even = (gradient(slice(16)) + gradient(slice(16, 32))) / 2
large, small = gradient(slice(24)), gradient(slice(24, 32))
print("16 and 16, the mean:         ", near(even, whole))
print("24 and 8, weighted by images:", near((24 * large + 8 * small) / 32, whole))
reveal(
    prediction,
    "yes" if near((large + small) / 2, whole) else "no",
    "Eight images would count as much as twenty-four. Hand out equal parts, or weight them.",
)

# %% [markdown]
# And half precision: float16 has no positive number below $6\cdot 10^{-8}$. Small gradients become zero, so the
# loss is multiplied by a large number first and the gradient divided by it afterwards (*loss scaling*; Keras does
# it for you). bfloat16 reaches as far down as float32 and has only eight bits of accuracy instead.

# %%
tiny, scale = np.float32(1.3e-8), np.float32(1024)
print("float16:          ", np.float16(tiny))
print("float16, scaled:  ", np.float32(np.float16(tiny * scale)) / scale)
print("bfloat16:         ", np.float32(keras.ops.cast(tiny, "bfloat16")))

# %% [markdown]
# ## 7 · Looking inside
#
# **The first filters** can be looked at directly: they live in the colors of the image. Here are the sixteen that
# learning moved most: as they were drawn at random, as they are now, and what was added.

# %%
filters = model.get_layer("conv1").get_weights()[0]
change = filters - first_filters
most = np.abs(change).sum((0, 1, 2)).argsort()[::-1][:16]


def colors(weights):
    weights = weights[..., most]
    low, high = weights.min((0, 1, 2)), weights.max((0, 1, 2))
    return np.moveaxis((weights - low) / (high - low), -1, 0)


# %%
rows = {"before": first_filters, "after": filters, "added": change}
plots.show(
    plots.images(
        [one for weights in rows.values() for one in colors(weights)],
        [title for name in rows for title in (name, *[""] * 15)],
        columns=16,
    ),
    alt="Three rows of sixteen small color filters, speckled at random. Before and after training they "
    "look nearly the same; what learning added is speckled, too.",
)

# %% [markdown]
# Disappointed? After six epochs on small pictures the first layer is nearly as it was drawn, and the network is right
# nearly always: the layers behind it learned to work with random filters. A million photographs and ninety epochs
# made AlexNet's into edges, gratings and blobs of color (figure 3 of the paper). Filters that look like noise are no
# proof that nothing was learned; they are a reason to look further in.

# %% [markdown]
# **Where does it look?** Cover a part of the image and ask again. Where the score falls, the network was looking.
#
# **By hand.** A 6×8 image, squares of 4 with stride 2: they begin in rows 0 and 2 and in columns 0, 2 and 4. The
# map is 2×3, and its entry (1, 2) covers rows 2 to 5 and columns 4 to 7.
#
# ### Exercise 5 ★★★ · 3 points


# %% exercise="occlusion_map" points=3
def occlusion_map(score, image, size, stride, fill):
    """`score(covered)` for each square of `size` pixels filled with `fill`, in steps of `stride`.

    `image` (height, width) or (height, width, channels) must come out unchanged. Entry (i, j)
    belongs to the square that begins at row i * stride, column j * stride; all squares lie inside.
    """
    ### BEGIN SOLUTION
    rows, columns = ((extent - size) // stride + 1 for extent in image.shape[:2])
    found = np.zeros((rows, columns))
    for i in range(rows):
        for j in range(columns):
            covered = image.copy()
            top, left = i * stride, j * stride
            covered[top : top + size, left : left + size] = fill
            found[i, j] = score(covered)
    return found
    ### END SOLUTION


# %% check="occlusion_map"
check("occlusion_map", occlusion_map)

# %% hint="occlusion_map"
hint("occlusion_map")

# %%
test_images, test_labels = history.preparation(dataset[1][0]), dataset[1][1]
said = keras.ops.softmax(model.predict(test_images, verbose=0)).numpy()
sure = np.flatnonzero((said.argmax(-1) == test_labels) & (said.max(-1) > 0.9))
chosen = int(sure[0])
image, label = test_images[chosen], int(test_labels[chosen])


def score(covered):
    logits = model(covered[None], training=False)
    return float(keras.ops.softmax(logits)[0, label])


# %%
yours = occlusion_map(score, image, side // 4, side // 8, 0.0)
ours = models.occlusion_map(model, image, label, size=side // 4, stride=side // 8)
print(
    "as labkit's, which scores many squares at once:",
    np.allclose(yours, ours, atol=1e-3),
)

# %%
shown = dataset[1][0][chosen] / 255
dark = "dark: covering this takes the class away"
pictures, sentences = {}, {}
for size in (side // 8, side // 4, side // 3, side // 2):
    found = models.occlusion_map(model, image, label, size=size, stride=side // 16)
    sure_there = np.repeat(found[..., None], 3, axis=-1)
    pictures[size] = plots.images(
        [shown, sure_there], [classes[label], dark], width=6.0
    )
    sentences[size] = (
        f"A shape, and how sure the network is of its class with a square of {size} pixels over "
        "each place: bright where the square does not matter, dark where it hides what counts."
    )
widgets.frames(pictures, sentences, what="size of the square", at=1)

# %% [markdown]
# Does it look at the outline or at what is inside? Where a small square inside costs nothing, there is enough of the
# texture left elsewhere; where the rim is dark, nothing replaces that piece of the outline. Larger squares hide more and
# say less about where.
#
# **What did a hidden unit answer to?** Zeiler and Fergus send a single unit's activity back down to the pixels:
# through pooling to where the maximum was, through ReLU by keeping what is positive, through the convolutions by
# their **transpose** (the matrix of lab 05, turned over). What comes out is the part of *this* image that made
# *this* unit speak.

# %%
answers = models.maps_of(model, test_images[sure[:200]], ["conv3"])["conv3"]
best = sure[answers.max((1, 2)).argmax(0)]  # the image that each map answers to most
chosen = {}  # a map for each of four classes, the strongest first
for channel in answers.max((0, 1, 2)).argsort()[::-1]:
    chosen.setdefault(int(test_labels[best[channel]]), int(channel))
pictures, titles = [], []
for kind, channel in list(chosen.items())[:4]:
    back = models.deconvnet(model, test_images[best[channel]], "conv3", channel)
    pictures += [
        dataset[1][0][best[channel]] / 255,
        0.5 + back / (2 * np.abs(back).max()),
    ]
    titles += [classes[kind], f"conv3, map {channel}"]

# %%
plots.show(
    plots.images(pictures, titles, columns=4),
    alt="Four pairs: an image that excites one map of conv3 most, and beside it what that unit answered "
    "to, on gray: a patch with a piece of the shape's outline or of its pattern; the rest is gray.",
)

# %% [markdown]
# Gray is what the unit does not see (how many pixels is that? Exercise 3 tells you) or does not care for. Each answers
# to a patch, and none to the whole shape.
#
# ## Summary
#
# - Parameters live in dense layers, work in convolutions. Count both, what a unit sees, and memory, before you run.
# - Groups are zero blocks in the constrained matrix; LRN divides by neighbors; published numbers contain slips.
# - What limits speed is multiplying or memory; batches, fusion and half precision move a layer under its roof.
# - A trained network can be asked where it looked and what its units answered to.

# %%
progress()

# %% [markdown]
# ## Two open questions
#
# Your instructor reads these; no program does.

# %% [markdown] question="q_two_cards" points=2
# **Question 1 · 2 points.** AlexNet was cut in two since one card was too small. Today's cards hold it many times
# over. Which parts of the cut would you keep, and how would you find out whether it costs accuracy?
#
# <!-- BEGIN SOLUTION -->
# Groups still save half of the weights and work of a layer and live on (ResNeXt, depthwise convolution), so keep
# them where work counts; the cut of the dense layers and the exchange at conv3 only served the cards. Train both
# forms with equal recipes, several seeds each, once with equal width and once with equal work (the ungrouped one
# narrower), and compare held-out error with its standard error (lab 10).
# <!-- END SOLUTION -->

# %% [markdown] question="q_looking" points=2
# **Question 2 · 2 points.** An occlusion map is bright over the whole image: no square takes the class away. Name two
# different reasons, and an experiment that tells them apart.
#
# <!-- BEGIN SOLUTION -->
# What counts is there more than once (texture everywhere, two objects), so that any one square leaves enough; or the
# squares are too small for it; or the network does not look at the object at all but at something spread out, such
# as the background. Larger squares tell the second; covering everything but a square, or pasting the object on
# another background, tells the first from the third. The fill itself may also look like the class: change it.
# <!-- END SOLUTION -->
