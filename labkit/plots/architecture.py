"""A network drawn as a row of blocks, one for each layer."""

import math

from matplotlib.patches import Rectangle

from labkit.plots.base import INK, new_figure

__all__ = ["architecture"]

_FILLS = {"image": "#E5E5E5", "maps": "#88CCEE", "pooled": "#DDCC77", "units": "#CC6677"}
_TALLEST = 3.0  # the height of the largest map, in data units
_MOST = 8  # how many maps of a layer are drawn at most
_STEP = 0.11  # how far each map is shifted from the one behind it, in data units
_POOLS, _DRAWN = ("Pooling", "Subsampling"), ("Conv", "Dense", "RBF")


def architecture(network, *, pooled=()):
    """Draw the layers of a network as blocks, with their names and sizes.

    The sides of a map are proportional to the square roots of its height and width. At most eight
    maps of a layer are drawn. Dense layers are bars, and pooled maps have a color of their own.

    Args:
        network: a Keras model, whose convolution, pooling and dense layers are drawn; or a dict
            from names to output shapes, ``(height, width, channels)`` or ``(units,)``, in the
            order of the layers, with the image first.
        pooled: if ``network`` is a dict, the names of its pooling layers.

    Returns:
        a Figure.

    Raises:
        ValueError: a shape has another rank or a size that is not fixed, or the first shape is not
            that of an image.

    >>> figure = architecture({"input": (8, 8, 3), "c1": (6, 6, 4), "f2": (10,)})
    >>> [text.get_text() for text in figure.axes[0].texts][-1]
    'f2\\n10'
    """
    stages, pooled = (network, pooled) if isinstance(network, dict) else _of_model(network)
    for number, (name, shape) in enumerate(stages.items()):
        if len(shape) not in ((3,) if number == 0 else (1, 3)) or None in shape:
            raise ValueError(
                f"{name}: expected (height, width, channels), or (units,) behind the image, "
                f"received {tuple(shape)}"
            )
    largest = max(shape[0] for shape in stages.values() if len(shape) == 3)
    figure = new_figure(1.22 * len(stages) + 0.4, 3.6)
    axes = figure.subplots()
    x = 0.0
    for number, (name, shape) in enumerate(stages.items()):
        kind = "image" if number == 0 else "pooled" if name in pooled else "maps"
        if len(shape) == 3:
            height, width = (_TALLEST * math.sqrt(side / largest) for side in shape[:2])
            width *= 0.42  # drawn narrower, as if viewed from the side
            drawn = 1 if kind == "image" else min(shape[2], _MOST)
            label = f"{shape[2]} @ {shape[0]} × {shape[1]}"
        else:
            kind, height, width, drawn, label = "units", _TALLEST * 0.8, 0.16, 1, f"{shape[0]:,}"
        whole = (drawn - 1) * _STEP + width
        room = max(whole, 1.05)  # room for the label
        _block(axes, x + (room - whole) / 2, width, height, drawn, _FILLS[kind])
        text = {"ha": "center", "va": "top", "fontsize": 9, "color": INK}
        axes.text(x + room / 2, -2.15, f"{name}\n{label}", **text)
        x += room + 0.42
    axes.set_xlim(-0.5, x)
    axes.set_ylim(-3.1, 2.0)
    axes.set_aspect("equal")
    axes.axis("off")
    return figure


def _of_model(model):
    """Return the shapes of the image and the drawn layers, and the names of the pooling layers."""
    kinds = {layer.name: type(layer).__name__ for layer in model.layers}
    stages = {"input": tuple(model.input_shape[1:])}
    for layer in model.layers:
        if any(word in kinds[layer.name] for word in (*_POOLS, *_DRAWN)):
            stages[layer.name] = tuple(layer.output.shape[1:])
    return stages, [name for name in stages if any(word in kinds.get(name, "") for word in _POOLS)]


def _block(axes, x, width, height, drawn, color):
    """Draw ``drawn`` maps, one behind the other, with the first one farthest back."""
    for number in range(drawn):
        left = x + number * _STEP
        low = -height / 2 - number * _STEP / 2 + drawn * _STEP / 4
        axes.add_patch(
            Rectangle((left, low), width, height, facecolor=color, edgecolor=INK, lw=0.8)
        )
