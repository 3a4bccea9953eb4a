# %% [markdown]
# # Lab 01 · Convolution as a constrained matrix multiply
#
# By the end of this lab you will be able to
#
# - compute a convolution by hand, with loops, and **as a matrix** whose entries obey two
#   constraints: some are zero, some are equal;
# - look at any matrix and say whether it *is* a convolution, and read the kernel back out of it;
# - say what the two constraints buy: far fewer weights, learning from far less data, and outputs
#   that move with the input.
#
# **Rests on** the lecture's *Definition of Convolution* and *Viewing the Convolution in a Classical
# FNN* (figures 1 and 2); LeCun et al., *Backpropagation applied to handwritten zip code
# recognition*, Neural Computation 1(4), 1989; Goodfellow, Bengio and Courville, *Deep Learning*,
# chapter 9, 2016.
#
# **Time budget:** about 90 minutes of yours, under 60 seconds of your computer's, offline.
#
# **How it works.** Cells with `# YOUR CODE HERE` are yours. The cell under each of them checks your
# function and, when something is off, says *what*. Stuck? `hint("…")` gives one step at a time.

# %%
import numpy as np

from labkit import data, matrix, plots, widgets
from labkit.checks import check, hint, progress
from labkit.predict import reveal

# Every seed and size of this lab
rng = np.random.default_rng(2017)
PHOTO_EVERY = 2  # keep every 2nd row and column of the photograph: 214 x 320
TRAINING_SIZES = (
    4,
    16,
    64,
    256,
    1024,
)  # how many digits the layers of part 6 learn from

# %% [markdown]
# ## 1 · A weighted average that slides
#
# The convolution of two functions is a running, weighted average: around every moment $t$, weigh
# the values of $F$ by $W$ and add them up.
#
# $$(F * W)(t) = \int_{-\infty}^{\infty} F(t-x)\,W(x)\,dx$$
#
# Our signals are lists of numbers, so the integral is a sum. And the networks use the sum without
# the minus sign, which saves a mirror (part 2 comes back to it):
#
# $$y(n) = \sum_{i=0}^{A-1} x(n+i)\,k(i)$$
#
# Here $x$ is the **input**, $k$ the **kernel** of $A$ weights, $y$ the **feature map**. The sum is
# taken wherever the whole kernel fits, so $N$ inputs give $N-A+1$ outputs.
#
# **By hand.** Let $x = (3, 1, 4, 1, 5, 9)$ and $k = (1, 0, -2)$.
#
# $$y(0) = 3\cdot 1 + 1\cdot 0 + 4\cdot(-2) = -5 \qquad y(1) = 1\cdot 1 + 4\cdot 0 + 1\cdot(-2) = -1$$
#
# Work out $y(2)$ and $y(3)$ on paper before you go on.

# %% [markdown]
# ### Exercise 1 ★ · 2 points
#
# Write that sum. Loops are welcome; so is any other way that you understand.


# %% exercise="conv1d" points=2
def conv1d(x, kernel):
    """Slide `kernel` (A numbers) along `x` (N numbers): N - A + 1 weighted sums."""
    ### BEGIN SOLUTION
    size = len(kernel)
    places = len(x) - size + 1
    return np.array(
        [sum(x[n + i] * kernel[i] for i in range(size)) for n in range(places)]
    )
    ### END SOLUTION


# %% check="conv1d"
check("conv1d", conv1d)

# %% hint="conv1d"
hint("conv1d")

# %%
x = np.array([3, 1, 4, 1, 5, 9])
k = np.array([1, 0, -2])

print("y =", conv1d(x, k))

# %% [markdown]
# Did your paper agree? The slides let $i$ run from $1$ to $A$ and still read $x(n+i)$. Try it on
# paper: $y(0)$ would then start at the *second* number, and no output would ever see $x(0)$. Count
# from zero.

# %% [markdown]
# ## 2 · The mirror
#
# In the integral, $F$ runs forward while $W$ is read backward: $F(t-x)\,W(x)$. What part 1 computes,
# and what every deep-learning library calls *convolution*, reads both forward; its proper name is
# **cross-correlation**. NumPy's `np.convolve` is the mathematician's convolution:
#
# $$(x * k)(n) = \sum_i x(n-i)\,k(i)$$
#
# **Predict, then run.** With the same $x$ and $k$, the first place where the kernel fits whole is
# $n = 2$. What will `np.convolve(x, k, mode="valid")[0]` be?

# %% predict="mirror"
### BEGIN SOLUTION
prediction = -2
### STUB: prediction = None  # replace None by a number
### END SOLUTION

# %%
reveal(prediction, np.convolve(x, k, mode="valid")[0])

# %% [markdown]
# It is $x(2)k(0) + x(1)k(1) + x(0)k(2) = 4\cdot 1 + 1\cdot 0 + 3\cdot(-2)$: the kernel is read from
# right to left.
#
# ### Exercise 2 ★ · 1 point
#
# So a convolution is a cross-correlation with the mirrored kernel, and in two dimensions the mirror
# is a turn by 180 degrees: top and bottom change places, and so do left and right. Write it for a
# kernel with any number of rows and columns.


# %% exercise="flip" points=1
def flip(kernel):
    """Turn `kernel` (A rows, B columns) by 180 degrees; the shape stays (A, B)."""
    ### BEGIN SOLUTION
    return np.asarray(kernel)[::-1, ::-1]
    ### END SOLUTION


# %% check="flip"
check("flip", flip)

# %% hint="flip"
hint("flip")

# %% [markdown]
# A network *learns* its kernel, so it does not care: it learns the mirrored one. You care whenever
# you compare with a book, with `scipy.signal.convolve2d`, or with a derivative (lab 07).

# %% [markdown]
# ## 3 · Two dimensions, and a photograph
#
# An image slides in two directions. For an $N \times M$ image $I$ and an $A \times B$ kernel $K$:
#
# $$C(n, m) = \sum_{i=0}^{A-1}\sum_{j=0}^{B-1} I(n+i,\, m+j)\,K(i,j)$$
#
# **By hand.** With the image and kernel of the next cell, the corner is
#
# $$C(0,0) = 1\cdot 1 + 2\cdot 0 + 0\cdot(-1) \;+\; 0\cdot 2 + 1\cdot 1 + 2\cdot 0 = 2$$
#
# Now you: which six pixels does $C(1, 2)$ read, and what is it?

# %%
image = np.array(
    [
        [1, 2, 0, 1, 3],
        [0, 1, 2, 3, 1],
        [2, 0, 1, 1, 0],
        [1, 3, 0, 2, 2],
    ]
)
kernel = np.array([[1, 0, -1], [2, 1, 0]])

# %% [markdown]
# ### Exercise 3 ★★ · 3 points
#
# Write it for any image and any kernel that fits into it.


# %% exercise="conv2d" points=3
def conv2d(image, kernel):
    """Cross-correlate `image` (N, M) with `kernel` (A, B): (N - A + 1, M - B + 1)."""
    ### BEGIN SOLUTION
    image, kernel = np.asarray(image), np.asarray(kernel)
    rows, columns = kernel.shape
    height, width = image.shape[0] - rows + 1, image.shape[1] - columns + 1
    feature_map = np.zeros((height, width))
    for n in range(height):
        for m in range(width):
            feature_map[n, m] = (image[n : n + rows, m : m + columns] * kernel).sum()
    return feature_map
    ### END SOLUTION


# %% check="conv2d"
check("conv2d", conv2d)

# %% hint="conv2d"
hint("conv2d")

# %%
print(conv2d(image, kernel))

# %% [markdown]
# Nine numbers by six multiplications each. Now the same function on a real photograph, with two
# kernels of which one is the other on its side. **Predict, then run.** The photograph has 214 rows
# and 320 columns. What shape has the feature map of a 3×3 kernel?

# %% predict="photo_shape"
### BEGIN SOLUTION
prediction = (212, 318)
### STUB: prediction = None  # replace None by (rows, columns)
### END SOLUTION

# %%
photo = data.photograph("china", gray=True, every=PHOTO_EVERY) / 255.0
left_right = np.array([[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]])
edges = np.asarray(conv2d(photo, left_right))
reveal(
    prediction,
    edges.shape,
    "N − A + 1 rows and M − B + 1 columns: a 3×3 kernel costs two of each.",
)

# %%
plots.show(
    plots.images(
        [edges, np.asarray(conv2d(photo, left_right.T))],
        ["dark-to-bright from left to right", "dark-to-bright from top to bottom"],
        signed=True,
    ),
    alt="Two feature maps of a photograph of a temple roof. The left one shows "
    "upright lines, such as columns and the sides of carvings; the right one "
    "shows the long level edges of the roof. Each upright or level line is "
    "positive on one side and negative on the other.",
)

# %% [markdown]
# Six numbers that differ from zero, used sixty-seven thousand times, found every upright edge in
# the picture. Keep that ratio in mind: it is what the rest of this lab is about.

# %% [markdown]
# ## 4 · The same sum, drawn as a network
#
# A classical layer joins every input to every output, and each joint has a weight of its own. What
# is a convolution in that drawing? Each output sees only the $A$ inputs under the kernel, and every
# output uses the *same* $A$ numbers.

# %%
plots.show(
    plots.network(6, 3),
    alt="Three drawings of a layer with inputs x0 to x5 and outputs y0 to y3. "
    "Dense: every input is joined to every output, 24 edges and 24 weights. "
    "Local: each output is joined to three neighboring inputs, 12 edges and 12 "
    "weights. Convolutional: the same 12 edges, but they wear only three "
    "labels, k0, k1 and k2, repeated for every output.",
)

# %% [markdown]
# Taking edges away is **sparse interaction**; repeating labels is **weight sharing**. A classical
# layer is a matrix, $y = Wx$, so a convolution is a matrix too, one with *restrictions*:
#
# $$W = \begin{pmatrix}
# k_0 & k_1 & k_2 & 0 & 0 & 0\\
# 0 & k_0 & k_1 & k_2 & 0 & 0\\
# 0 & 0 & k_0 & k_1 & k_2 & 0\\
# 0 & 0 & 0 & k_0 & k_1 & k_2
# \end{pmatrix}$$
#
# Row $n$ holds the weights of output $n$. Zeros where there is no edge; equal numbers along every
# diagonal, which makes it a **Toeplitz matrix**. By hand: for our $k = (1, 0, -2)$, row 2 is
# $(0, 0, 1, 0, -2, 0)$, and row 2 times $x = (3,1,4,1,5,9)$ is $4 - 10 = -6$: the $y(2)$ of part 1.
#
# ### Exercise 4 ★★ · 2 points


# %% exercise="matrix1d" points=2
def matrix1d(kernel, n):
    """The matrix W (n - A + 1, n): W @ x is conv1d(x, kernel) for every x of size n."""
    ### BEGIN SOLUTION
    size = len(kernel)
    W = np.zeros((n - size + 1, n))
    for row in range(n - size + 1):
        W[row, row : row + size] = kernel
    return W
    ### END SOLUTION


# %% check="matrix1d"
check("matrix1d", matrix1d)

# %% hint="matrix1d"
hint("matrix1d")

# %%
W = matrix1d(k, 6)
print(W)
print("W @ x     =", W @ x)
print("conv1d    =", conv1d(x, k))

# %% [markdown]
# ## 5 · An image is a long vector
#
# A matrix multiplies vectors, so the image has to become one: its rows, one after the other. Pixel
# $(r, c)$ of an image of width $M$ lands at place $r \cdot M + c$. Neighbors in a row stay
# neighbors; neighbors in a *column* end up $M$ places apart.
#
# **By hand.** In our 4×5 image, $C(1,2)$ reads the pixels $(1,2), (1,3), (1,4)$ and
# $(2,2), (2,3), (2,4)$: places $7, 8, 9$ and $12, 13, 14$.
#
# **Predict, then run.** In which six columns of the matrix do the weights of $C(0,0)$ stand? The
# kernel is 2×3.

# %% predict="first_row"
### BEGIN SOLUTION
prediction = (0, 1, 2, 5, 6, 7)
### STUB: prediction = None  # replace None by six column numbers, (…, …, …, …, …, …)
### END SOLUTION

# %%
first_row = matrix.convolution_matrix(np.ones((2, 3)), (4, 5))[0]
reveal(prediction, tuple(np.flatnonzero(first_row).tolist()))

# %% [markdown]
# The second kernel row starts one image *width* after the first: not one kernel width.
#
# ### Exercise 5 ★★★ · 4 points
#
# Build the matrix of a two-dimensional convolution. Output $(n, m)$ is row $n \cdot (M - B + 1) + m$;
# which columns get which weight is for you to say.


# %% exercise="matrix2d" points=4
def matrix2d(kernel, height, width):
    """The matrix of conv2d with `kernel` (A, B) on images (height, width).

    Both sides read row by row: ((height - A + 1) * (width - B + 1), height * width).
    """
    ### BEGIN SOLUTION
    kernel = np.asarray(kernel)
    A, B = kernel.shape
    out_height, out_width = height - A + 1, width - B + 1
    W = np.zeros((out_height * out_width, height * width))
    for n in range(out_height):
        for m in range(out_width):
            for i in range(A):
                start = (n + i) * width + m
                W[n * out_width + m, start : start + B] = kernel[i]
    return W
    ### END SOLUTION


# %% check="matrix2d"
check("matrix2d", matrix2d)

# %% hint="matrix2d"
hint("matrix2d")

# %%
W = matrix2d(kernel, 4, 5)
print("through the matrix:", W @ image.ravel())
print("through the loops: ", np.ravel(conv2d(image, kernel)))

# %% [markdown]
# Here is that matrix next to what it does. Follow the outlined output: its receptive field in the
# image, its row in the matrix, and the sum below. Every kernel cell has one color and one label
# (`12` is row 1, column 2 of the kernel), wherever it turns up. You will meet this picture in every
# lab.

# %%
plots.show(
    plots.picture(image, kernel, at=(1, 2)),
    alt="The 4 by 5 image, the 2 by 3 kernel, the 3 by 3 output and the 9 by 20 "
    "matrix. Output (1, 2), worth 4, is outlined, and so are the six pixels "
    "that it reads and row 5 of the matrix. In every row of the matrix the six "
    "kernel weights stand in two runs of three, five columns apart; from one "
    "row to the next they move one column to the right, and three where a new "
    "image row begins.",
)

# %% [markdown]
# Look at the matrix in blocks of five columns, one block for each image row. Each block is a small
# Toeplitz matrix, and the blocks themselves repeat along the diagonals: **doubly blocked Toeplitz**.
#
# Now move through it yourself. Point at an output, or walk with the arrow keys.

# %%
widgets.explorer(image, kernel)

# %% [markdown]
# ### A failure worth seeing
#
# If the image is one long vector, why not slide one long *kernel* along it? Put $M - B = 2$ zeros
# between the kernel's rows, and call your `conv1d`:

# %%
long_kernel = np.array([1, 0, -1, 0, 0, 2, 1, 0])
long_output = np.asarray(conv1d(image.ravel(), long_kernel))
try:
    print(long_output.reshape(3, 3))
except ValueError as error:
    print("ValueError:", error)

# %% [markdown]
# Thirteen outputs instead of nine. Which four are too many? Lay them out as if each image row still
# had five starting places:

# %%
for start in range(0, 13, 5):
    row = [f"{value:4.0f}" for value in long_output[start : start + 5]]
    print("".join(row[:3]), "  |", "".join(row[3:]))
print(conv2d(image, kernel), "<- what it should be")

# %% [markdown]
# Left of the bar everything is right. Right of it, the kernel starts at column 3 or 4, runs over the
# edge of the image and goes on *in the next row*, as if the right edge touched the left one. So the
# two-dimensional matrix is this one-dimensional Toeplitz matrix with some rows **deleted**. Deleting
# rows is what stride will be (lab 05), and the same wrapping is the most common mistake in
# exercise 5.

# %% [markdown]
# ## 6 · Reading the matrix
#
# From kernel to matrix you can go. Now back: somebody hands you the matrix of a convolution. Where
# in it is the kernel?
#
# ### Exercise 6 ★★ · 2 points


# %% exercise="recover_kernel" points=2
def recover_kernel(W, height, width, a, b):
    """The kernel (a, b) of which `W` is the matrix, on images (height, width)."""
    ### BEGIN SOLUTION
    # Row 0 is output (0, 0): its receptive field is the image's top left corner.
    return np.asarray(W)[0].reshape(height, width)[:a, :b]
    ### END SOLUTION


# %% check="recover_kernel"
check("recover_kernel", recover_kernel)

# %% hint="recover_kernel"
hint("recover_kernel")

# %% [markdown]
# And when nobody promises that it *is* a convolution? Then both constraints have to be checked, on
# every row: zeros where no edge may be, and equal weights wherever the same kernel cell turns up.
#
# ### Exercise 7 ★★★ · 3 points
#
# Numbers that were computed are rarely equal to the last bit: allow a difference of about $10^{-6}$.


# %% exercise="is_convolution" points=3
def is_convolution(W, height, width, a, b):
    """Is `W` the matrix of conv2d with some (a, b) kernel on (height, width) images?"""
    ### BEGIN SOLUTION
    W = np.asarray(W)
    if W.shape != ((height - a + 1) * (width - b + 1), height * width):
        return False
    candidate = recover_kernel(W, height, width, a, b)
    return bool(np.allclose(W, matrix2d(candidate, height, width), rtol=0, atol=1e-6))
    ### END SOLUTION


# %% check="is_convolution"
check("is_convolution", is_convolution)

# %% hint="is_convolution"
hint("is_convolution")

# %% [markdown]
# ### What would a layer learn without the constraints?
#
# A question that the drawing of part 4 begs. Take real handwritten digits, 8×8 pixels. A teacher
# shows us the digits and their edge maps, with a little noise on them. Two layers learn to do the
# same, by least squares:
#
# - a **dense** layer, $36 \times 64$ free weights, which has never heard of convolution;
# - a **convolutional** layer, nine weights.
#
# Both *can* represent the right answer. How many digits does each need to see?

# %%
(x_train, _), (x_test, _) = data.load("digits")
teacher = np.asarray(matrix2d(left_right, 8, 8))
X, X_test = x_train.reshape(-1, 64) / 255, x_test.reshape(-1, 64) / 255
Y = X @ teacher.T + 0.1 * rng.standard_normal((len(X), 36))


def learn_dense(size):
    return np.linalg.lstsq(X[:size], Y[:size])[0].T


def learn_shared(size):
    windows = np.lib.stride_tricks.sliding_window_view(
        X[:size].reshape(-1, 8, 8), (3, 3), axis=(1, 2)
    )
    weights = np.linalg.lstsq(windows.reshape(-1, 9), Y[:size].ravel())[0]
    return np.asarray(matrix2d(weights.reshape(3, 3), 8, 8))


# %% [markdown]
# **Predict, then run.** After 64 digits, as many as a dense output has weights, how many times larger
# is the dense layer's error on unseen digits: about 1, 5, or 50 times?

# %% predict="dense_against_shared"
### BEGIN SOLUTION
prediction = 50
### STUB: prediction = None  # replace None by 1, 5 or 50
### END SOLUTION


# %%
def error(W):
    """Root mean square error on digits that no layer has seen, per output."""
    return np.sqrt(np.mean((X_test @ W.T - X_test @ teacher.T) ** 2))


dense = [error(learn_dense(size)) for size in TRAINING_SIZES]
shared = [error(learn_shared(size)) for size in TRAINING_SIZES]
at_64 = TRAINING_SIZES.index(64)
closest = min(
    (1, 5, 50), key=lambda guess: abs(np.log(dense[at_64] / shared[at_64] / guess))
)
reveal(prediction, closest, "Each shared weight learns from 36 places in every image.")

# %%
plots.show(
    plots.curves(
        TRAINING_SIZES,
        {"dense, 2,304 weights": dense, "shared, 9 weights": shared},
        xlabel="digits seen",
        ylabel="error on unseen digits",
    ),
    alt="Error on unseen digits against the number of digits seen, both on "
    "logarithmic scales. The layer with nine shared weights starts low and goes"
    " on falling; the dense layer lies far above it at every size, and after "
    "1,024 digits is about as good as the other was after 4.",
)

# %% [markdown]
# One weight shared by 36 places sees 36 examples in every image. That is the whole secret, and it is
# worth more than any optimizer. Is what the dense layer learned a convolution, at least nearly? Ask
# your own function, and labkit's, which also says *where* it is not:

# %%
W_dense, W_shared = learn_dense(len(X)), learn_shared(len(X))
print("shared:", is_convolution(W_shared, 8, 8, 3, 3))
print("dense: ", is_convolution(W_dense, 8, 8, 3, 3))
print(matrix.recognize(W_dense.round(2) + 0, (8, 8), (3, 3), tolerance=0.2).reason)

# %%
middle = 2 * 6 + 3  # the row of output (2, 3)
plots.show(
    plots.images(
        [W[middle].reshape(8, 8) for W in (learn_dense(64), W_dense, teacher)],
        ["dense, 64 digits", f"dense, {len(X):,} digits", "the truth"],
        signed=True,
        limit=3,
    ),
    alt="One row of three matrices, laid out as an 8 by 8 image. In the truth, six "
    "weights stand in the middle and all others are zero. The dense layer "
    "trained on 1,437 digits shows them, with faint noise at the left and right "
    "edges; trained on 64 digits, it shows them among noise of their own size.",
)

# %%
never_inked = np.flatnonzero(X.max(axis=0) == 0)
print("pixels never inked in any training digit:", never_inked.tolist())
print("dense weights on them, largest:", f"{np.abs(W_dense[:, never_inked]).max():.3f}")
print(
    "teacher's weights on them, largest:",
    f"{np.abs(teacher[:, never_inked]).max():.3f}",
)

# %% [markdown]
# A pixel on which nobody ever wrote teaches a dense layer nothing: its weights stay at zero, and no
# amount of such data will change that. A shared weight learned its value elsewhere.

# %% [markdown]
# ## 7 · What it costs
#
# For one feature map without bias, from an $N \times M$ image with an $A \times B$ kernel, count the
# weights that a layer has to *store*: dense (every input to every output), local (each output has its
# own $A \times B$ weights) and convolutional (shared).
#
# **By hand.** Our 4×5 image and 2×3 kernel give 9 outputs: dense $20 \cdot 9 = 180$, local
# $9 \cdot 6 = 54$, convolutional $6$.
#
# ### Exercise 8 ★ · 1 point


# %% exercise="count_parameters" points=1
def count_parameters(height, width, a, b):
    """Weights of one feature map, no bias: (dense, local, convolutional)."""
    ### BEGIN SOLUTION
    outputs = (height - a + 1) * (width - b + 1)
    return height * width * outputs, outputs * a * b, a * b
    ### END SOLUTION


# %% check="count_parameters"
check("count_parameters", count_parameters)

# %% hint="count_parameters"
hint("count_parameters")

# %%
print("    image    dense weights     local  shared   multiplications, dense / local")
for size in (8, 32, 224):
    dense_count, local_count, shared_count = count_parameters(size, size, 3, 3)
    ratio = dense_count / local_count
    print(
        f"{size:>4}×{size:<4} {dense_count:>16,} {local_count:>9,} {shared_count:>7} "
        f"{ratio:>12,.0f} times as many"
    )

# %% [markdown]
# Sharing saves *storage*: nine numbers at any image size. Sparsity saves *work*: local and
# convolutional layers multiply equally often; a dense one multiplies more, on a photograph thousands of
# times more. As a dense float32 array, the matrix of the last line would fill 10 GB, all but 0.02 % of
# it zeros. That is why nobody computes with it. It is a way to *think*; lab 08 measures what is left of
# it in practice.

# %% [markdown]
# ## 8 · Invariant or equivariant?
#
# The slides say that sparse, shared weights give *translation invariance*: a pattern is found in any
# place. Be careful with the word. If the input moves,
#
# - an **invariant** output stays the same;
# - an **equivariant** output moves along.
#
# **Predict, then run.** Move the photograph 8 pixels to the right and convolve again. Which one will
# it be?

# %% predict="equivariance"
### BEGIN SOLUTION
prediction = "equivariant"
### STUB: prediction = None  # replace None by "invariant" or "equivariant"
### END SOLUTION

# %%
shift = 8
edges_moved = np.asarray(conv2d(np.roll(photo, shift, axis=1), left_right))
same_place = np.abs(edges_moved - edges)[:, shift:].max()
moved_along = np.abs(edges_moved[:, shift:] - edges[:, :-shift]).max()
reveal(
    prediction,
    "equivariant" if moved_along < 1e-9 < same_place else "invariant",
    f"Largest change in the same place: {same_place:.3f}; moved along: {moved_along:.3f}.",
)

# %% [markdown]
# Exactly equal, not nearly: every output computes the same sum of whatever lies under it. In the
# matrix, it is the sharing that says so: row $n+1$ is row $n$ moved by one, $W_{n+1,\,c+1} = W_{n,\,c}$.
# A dense or a merely *local* layer has no such law:


# %%
def change_after_moving(W):
    """Move each test digit one pixel right: do the outputs move along?"""
    moved = np.roll(X_test.reshape(-1, 8, 8), 1, axis=2).reshape(-1, 64)
    before, after = ((x @ W.T).reshape(-1, 6, 6) for x in (X_test, moved))
    return np.abs(after[:, :, 1:] - before[:, :, :-1]).max()


local_only = teacher * rng.uniform(0.5, 1.5, teacher.shape)  # zeros kept, equality lost
print(f"convolution: {change_after_moving(teacher):.3f}")
print(f"local only:  {change_after_moving(local_only):.3f}")
print(f"dense:       {change_after_moving(rng.standard_normal((36, 64)) / 8):.3f}")

# %% [markdown]
# So one convolution is **equivariant** to translation, thanks to the sharing. Something like
# invariance comes later, from pooling (lab 06), and only approximately.

# %% [markdown]
# ## 9 · The real thing
#
# Keras has the same layer, and labkit has one that computes through the matrix that you built. Both
# get your kernel and a batch of real digits; `(batch, height, width, channel)` is Keras's order.

# %%
import functools

from labkit.quiet import import_keras

keras = import_keras()

from labkit.layers import Conv2D

builtin = keras.layers.Conv2D(1, (3, 3), use_bias=False)
ours = Conv2D(1, (3, 3), use_bias=False, implementation="matrix")
batch = (x_test[:32] / 255).astype("float32")[..., np.newaxis]
for layer in (builtin, ours):
    layer.build(batch.shape)
    layer.set_weights([left_right.astype("float32").reshape(3, 3, 1, 1)])

# %%
yours = np.array([conv2d(digit[..., 0], left_right) for digit in batch])
keras_says, matrix_says = (
    np.asarray(layer(batch))[..., 0] for layer in (builtin, ours)
)
print("first row of the first digit's feature map")
for name, value in [
    ("yours", yours),
    ("Keras", keras_says),
    ("labkit, matrix", matrix_says),
]:
    print(f"{name:>15}: ", " ".join(f"{number:6.2f}" for number in value[0, 0]))
print("equal to 5 decimals:", np.allclose(yours, keras_says, atol=1e-5), end=", ")
print(np.allclose(yours, matrix_says, atol=1e-5))

# %% [markdown]
# And they *learn* alike. The same small classifier twice, once on each layer, from the same start:


# %%
def classifier(convolution):
    keras.utils.set_random_seed(7)
    layers = [
        convolution(8, (3, 3), activation="relu"),
        keras.layers.Flatten(),
        keras.layers.Dense(10),
    ]
    model = keras.Sequential([keras.Input((8, 8, 1)), *layers])
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, metrics=["accuracy"])
    return model


# %%
(x_train, y_train), (x_test, y_test) = data.load("digits")
through_matrix = functools.partial(Conv2D, implementation="matrix")
for name, convolution in [("Keras", keras.layers.Conv2D), ("matrix", through_matrix)]:
    model = classifier(convolution)
    history = model.fit(
        x_train[..., np.newaxis] / 255, y_train, epochs=8, shuffle=False, verbose=0
    )
    _, accuracy = model.evaluate(x_test[..., np.newaxis] / 255, y_test, verbose=0)
    losses = " ".join(f"{loss:.2f}" for loss in history.history["loss"])
    print(f"{name:>6}: loss {losses}, right on unseen digits: {accuracy:.0%}")

# %% [markdown]
# ## Summary
#
# - A convolution is a sliding weighted sum; what networks compute is cross-correlation, the same
#   thing without the mirror.
# - It is a matrix multiply under two constraints: **zeros** (sparse interactions) and **equal
#   weights** (weight sharing). In one dimension the matrix is Toeplitz, in two doubly blocked.
# - Zeros save work; equality saves weights, lets every place teach every other, and makes the layer
#   *equivariant* to translation.
# - Whatever is true of matrix multiplication is true of convolution. That is how labs 03 (stacking
#   layers), 05 (stride) and 07 (gradients) will go.

# %%
progress()

# %% [markdown]
# ## Two open questions
#
# Your instructor reads these; no program does.

# %% [markdown] question="q_photograph" points=2
# **Question 1 · 2 points.** The photograph of part 3 has level and upright edges all over. Suppose
# instead that every image is a passport portrait: eyes always at the same place, mouth always at the
# same place. Which of the two constraints would you keep, which might you give up, and why?
#
# <!-- BEGIN SOLUTION -->
# Keep the zeros: nearby pixels belong together in a face as anywhere. Sharing is the one to question:
# what is worth detecting differs from place to place, and each place always shows the same thing, so a
# locally connected layer could learn an eye detector where eyes are (DeepFace did). The price is data:
# each weight then learns from one place only, as part 6 measured.
# <!-- END SOLUTION -->

# %% [markdown] question="q_transpose" points=2
# **Question 2 · 2 points.** $W$ maps images to feature maps, so $W^\top$ maps feature maps to images.
# Describe in words what column $c$ of $W$ says about pixel $c$, and what $W^\top y$ computes when $y$ is
# zero but for a single 1. Where might a network need that?
#
# <!-- BEGIN SOLUTION -->
# Column c lists, for every output, the weight with which it reads pixel c: the outputs that pixel c
# influences. With a single 1 in y, the product is that output's row laid out as an image: the kernel
# stamped at its place. So the transpose stamps one weighted kernel for each output and adds them up:
# back-propagation sends errors to the input that way (lab 07), and transposed convolution enlarges
# feature maps with it (lab 05).
# <!-- END SOLUTION -->
