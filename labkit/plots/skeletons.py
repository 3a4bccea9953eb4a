"""A skeleton animation: stick figures over time, joints as channels, and a filter's response."""

import numpy as np

from labkit.plots.base import INK, new_figure

__all__ = ["JOINTS", "skeletons"]

#: The order of the angles of a pose, in radians; at 0 a limb hangs straight down
JOINTS = (
    "left shoulder",
    "right shoulder",
    "left elbow",
    "right elbow",
    "left hip",
    "right hip",
    "left knee",
    "right knee",
)
_FRAMES = 7  # one unit of the body is drawn as wide as this many frames
_NECK, _HIP = np.array([0.0, 1.5]), np.array([0.0, 0.9])


def _limb(start, first, second, lengths):
    """Return the three points where a limb of two bones starts, bends and ends, ``(3, 2)``."""
    bend = start + lengths[0] * np.array([np.sin(first), -np.cos(first)])
    end = bend + lengths[1] * np.array([np.sin(first + second), -np.cos(first + second)])
    return np.array([start, bend, end])


def _stick(axes, pose, x):
    """Draw one pose as a stick figure at the frame ``x``."""
    shift = np.array([x, 0.0])
    axes.plot([x, x], [_HIP[1], _NECK[1]], color=INK, lw=2.4)
    axes.scatter([x], [_NECK[1] + 0.16], s=90, color=INK)
    for side, style, color in ((0, "--", "#882255"), (1, "-", "#332288")):
        for start, joint, lengths in ((_NECK, 0, (0.34, 0.3)), (_HIP, 4, (0.44, 0.44))):
            second = pose[joint + 2 + side] * (-1 if joint else 1)  # knees bend backward
            points = _limb(start, pose[joint + side], second, lengths) * (_FRAMES, 1) + shift
            axes.plot(points[:, 0], points[:, 1], style, color=color, lw=2)


def skeletons(angles, response=None, *, every=8, kernel_size=None):
    """Draw an animation as stick figures, its angles as an image, and the response of a filter.

    Left limbs are dashed and right limbs are solid. Where the response is largest, the frames that
    the filter reads are outlined.

    Args:
        angles: ``(frames, 8)``, the angles of the :data:`JOINTS` in radians.
        response: ``(places,)``, the feature map of one filter; None leaves it out.
        every: draw every ``every``-th pose.
        kernel_size: how many frames the filter reads; needed with ``response``.

    Returns:
        a Figure.

    Raises:
        ValueError: ``angles`` does not have the shape ``(frames, 8)``.
    """
    angles = np.asarray(angles, float)
    if angles.ndim != 2 or angles.shape[1] != len(JOINTS):
        raise ValueError(f"angles: expected (frames, {len(JOINTS)}), received {angles.shape}")
    frames = len(angles)
    rows = 2 if response is None else 3
    figure = new_figure(10.2, 2.0 + 1.9 * (rows - 1))
    panels = figure.subplots(rows, 1, sharex=True, height_ratios=[1.5, 1.4, 1.1][:rows])
    for frame in range(0, frames, every):
        _stick(panels[0], angles[frame], frame)
    panels[0].set_ylim(-0.1, 2.2)
    panels[0].set_yticks([])
    panels[0].tick_params(bottom=False)
    panels[0].spines[:].set_visible(False)
    panels[0].set_title("the animation (left limbs dashed)", fontsize=10, color=INK)
    limit = np.abs(angles).max()
    panels[1].imshow(
        angles.T, cmap="PuOr", vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest"
    )
    panels[1].set_yticks(range(len(JOINTS)), JOINTS, fontsize=8)
    panels[1].set_title("its 8 channels (orange negative, purple positive)", fontsize=10, color=INK)
    if response is not None:
        response = np.asarray(response, float)
        peak = int(response.argmax())
        panels[2].plot(response, color="#332288", lw=1.8)
        panels[2].plot(peak, response[peak], "o", color="#882255")
        panels[2].annotate(
            f"largest at {peak}", (peak, response[peak]), xytext=(8, -4), textcoords="offset points"
        )
        panels[2].set_title("feature map of one filter", fontsize=10, color=INK)
        panels[2].spines[["top", "right"]].set_visible(False)
        for axes in panels[:2]:
            axes.axvspan(peak - 0.5, peak + kernel_size - 0.5, fill=False, edgecolor="black", lw=2)
    panels[-1].set_xlabel("frame")
    panels[-1].set_xlim(-4, frames + 3)
    return figure
