"""Data generated from a seed, where no real data could be distributed with labkit."""

import numpy as np
from numpy.typing import NDArray

__all__ = ["SHAPES", "TEXTURES", "motion", "textures", "volumes"]

SHAPES = ("disk", "square", "triangle", "cross")
TEXTURES = ("stripes", "checks")


def _checked(count: int, name: str) -> int:
    """Return ``count`` if it is a positive whole number, else raise ValueError."""
    if not isinstance(count, int) or count < 1:
        raise ValueError(f"{name}: expected a positive whole number, received {count!r}")
    return count


def motion(
    count: int = 512, steps: int = 64, *, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Generate angles of eight joints over time, of a figure that walks, waves, jumps or bows.

    Tempo, phase and strength differ from sample to sample; the movements differ in which joints
    move together, and how.

    Args:
        count: the number of samples.
        steps: the number of time steps, 16 to a second.
        seed: of the random numbers.

    Returns:
        ``(x, y)``: angles float32 ``(sample, time=steps, channel=8)`` in radians, and labels int64
        ``(sample,)``, 0 to 3.

    Raises:
        ValueError: ``count`` or ``steps`` is not a positive whole number.

    >>> x, y = motion(8, 32)
    >>> x.shape, y.tolist()
    ((8, 32, 8), [0, 1, 2, 3, 0, 1, 2, 3])
    """
    rng = np.random.default_rng(seed)
    labels = np.arange(_checked(count, "count")) % 4
    time = np.arange(_checked(steps, "steps")) / 16  # seconds

    def drawn(low: float, high: float) -> NDArray[np.float64]:
        return rng.uniform(low, high, (count, 1))

    phase = 2 * np.pi * (drawn(0.8, 1.4) * time + drawn(0, 1))
    strength, center = drawn(0.6, 1.2), drawn(0.3, 0.7) * time[-1]
    once = np.exp(-((time - center) ** 2) / 0.18)  # a movement that happens once
    swing = strength * np.sin(phase)
    # shoulders, elbows, hips, knees: left, right
    still = np.zeros((count, steps))
    walk = [swing, -swing, 0.4 * swing, -0.4 * swing, -swing, swing]
    walk += [np.maximum(swing, 0), np.maximum(-swing, 0)]
    wave = [strength * 1.5 + still, still, 0.6 * np.sin(3 * phase), still, *[still] * 4]
    jump = [2 * strength * once] * 2 + [still] * 2 + [-strength * once] * 2 + [1.5 * once] * 2
    bow = [0.3 * once] * 2 + [0.2 * once] * 2 + [1.4 * strength * once] * 2 + [0.1 * once] * 2
    moves = np.stack([np.stack(each, axis=-1) for each in (walk, wave, jump, bow)])
    x = moves[labels, np.arange(count)] + rng.normal(0, 0.08, (count, steps, 8))
    return x.astype(np.float32), labels.astype(np.int64)


def volumes(
    count: int = 128, size: int = 16, *, seed: int = 0
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Generate noisy volumes in color, each with a red or green ball or a blue or yellow cube.

    Args:
        count: the number of samples.
        size: the length of each side in voxels.
        seed: of the random numbers.

    Returns:
        ``(x, y)``: float32 ``(sample, depth, height, width, channel=3)`` from 0 to 1, and labels
        int64 ``(sample,)``, 0 to 3.

    Raises:
        ValueError: ``count`` or ``size`` is not a positive whole number.

    >>> x, y = volumes(4, 8)
    >>> x.shape, y.tolist()
    ((4, 8, 8, 8, 3), [0, 1, 2, 3])
    """
    rng = np.random.default_rng(seed)
    labels = np.arange(_checked(count, "count")) % 4
    _checked(size, "size")
    colors = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 1, 0]], np.float32)
    grid = np.stack(np.meshgrid(*[np.arange(size)] * 3, indexing="ij"), axis=-1)
    radius = rng.uniform(0.15, 0.25, (count, 1, 1, 1)) * size
    center = rng.uniform(0.3, 0.7, (count, 1, 1, 1, 3)) * size
    offset = grid - center
    ball = np.sqrt((offset**2).sum(-1)) <= radius
    cube = np.abs(offset).max(-1) <= 0.85 * radius
    inside = np.where((labels < 2)[:, None, None, None], ball, cube)
    x = 0.15 + rng.normal(0, 0.05, (count, size, size, size, 3))
    x += 0.7 * inside[..., None] * colors[labels][:, None, None, None]
    return np.clip(x, 0, 1).astype(np.float32), labels.astype(np.int64)


def textures(
    count: int = 800, size: int = 64, *, seed: int = 0
) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Generate images of textured shapes in color: four shapes in two textures, eight classes.

    The class is ``2 * shape + texture``, counted in `SHAPES` and `TEXTURES`. Colors, position,
    size, the texture's angle and the background's shade are drawn anew for every image, so that
    neither color nor any single pixel tells the class: a linear model stays near chance.

    Args:
        count: the number of samples.
        size: the height and width of the images in pixels.
        seed: of the random numbers.

    Returns:
        ``(x, y)``: uint8 ``(sample, height=size, width=size, channel=3)`` and labels int64
        ``(sample,)``, 0 to 7.

    Raises:
        ValueError: ``count`` or ``size`` is not a positive whole number.

    >>> x, y = textures(8, 32)
    >>> x.shape, x.dtype, y.tolist()
    ((8, 32, 32, 3), dtype('uint8'), [0, 1, 2, 3, 4, 5, 6, 7])
    """
    rng = np.random.default_rng(seed)
    labels = np.arange(_checked(count, "count")) % 8
    grid = (np.arange(_checked(size, "size"), dtype=np.float32) + 0.5) / size
    images = np.empty((count, size, size, 3), np.uint8)
    for image, label in zip(images, labels, strict=True):
        image[...] = _textured(rng, grid, *divmod(int(label), 2))
    return images, labels.astype(np.int64)


def _textured(
    rng: np.random.Generator, grid: NDArray[np.floating], shape: int, texture: int
) -> NDArray[np.float64]:
    """Draw one image, ``(height, width, channel=3)`` from 0 to 255."""
    y, x = np.meshgrid(grid, grid, indexing="ij")
    center, radius = rng.uniform(0.36, 0.64, 2), rng.uniform(0.22, 0.32)
    u, v = (x - center[0]) / radius, (y - center[1]) / radius
    if SHAPES[shape] == "disk":
        inside = u**2 + v**2 <= 1
    elif SHAPES[shape] == "square":
        inside = np.maximum(abs(u), abs(v)) <= 0.88
    elif SHAPES[shape] == "triangle":
        inside = (v <= 0.8) & (abs(u) <= (v + 1) * 0.58)
    else:
        inside = (np.minimum(abs(u), abs(v)) <= 0.3) & (np.maximum(abs(u), abs(v)) <= 1)
    angle = rng.uniform(0, np.pi)
    turned = np.stack(
        [np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x]
    )
    waves = np.sin(2 * np.pi * rng.uniform(9, 12) * turned + rng.uniform(0, 6, (2, 1, 1)))
    pattern = waves[0] > 0 if TEXTURES[texture] == "stripes" else waves[0] * waves[1] > 0
    colors = rng.uniform(0, 255, (2, 3))
    colors[1] = (colors[0] + rng.uniform(90, 160, 3)) % 255  # the two are never alike
    ground = rng.uniform(60, 200) + rng.normal(0, 12, (len(grid), len(grid), 3))
    painted = np.where(pattern[..., None], colors[0], colors[1])
    return np.clip(np.where(inside[..., None], painted, ground), 0, 255)
