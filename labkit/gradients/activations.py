"""Backward passes of non-linearities and of the loss.

Every ``..._gradient(x, dy)`` takes the non-linearity's input ``x``, not its output, and returns
``dy * f'(x)`` in the same shape. At a kink it uses the slope on the left, as Keras does.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from labkit import geometry
from labkit.gradients.arrays import floats, same_shape

__all__ = [
    "elu_gradient",
    "leaky_relu_gradient",
    "relu_gradient",
    "sigmoid_gradient",
    "softmax_cross_entropy",
    "tanh_gradient",
]


def relu_gradient(x: ArrayLike, dy: ArrayLike) -> NDArray[Any]:
    """Differentiate ``max(0, x)``: pass ``dy`` on where x is positive.

    >>> relu_gradient([-1.0, 0.0, 2.0], [5.0, 5.0, 5.0])
    array([0., 0., 5.])
    """
    return leaky_relu_gradient(x, dy, negative_slope=0.0)


def leaky_relu_gradient(x: ArrayLike, dy: ArrayLike, negative_slope: float = 0.3) -> NDArray[Any]:
    """Differentiate the leaky ReLU: ``x`` where positive, else ``negative_slope * x``.

    The default slope, 0.3, is that of ``keras.layers.LeakyReLU``.

    >>> leaky_relu_gradient([-1.0, 0.0, 2.0], [5.0, 5.0, 5.0], negative_slope=0.5)
    array([2.5, 2.5, 5. ])
    """
    x, dy = _pair(x, dy)
    return np.where(x > 0, dy, negative_slope * dy)


def elu_gradient(x: ArrayLike, dy: ArrayLike, alpha: float = 1.0) -> NDArray[Any]:
    """Differentiate the ELU: ``x`` where positive, else ``alpha * (exp(x) - 1)``.

    >>> elu_gradient([-1.0, 2.0], [1.0, 1.0]).round(4)
    array([0.3679, 1.    ])
    """
    x, dy = _pair(x, dy)
    # the minimum keeps exp from overflowing where its value is not used
    return np.where(x > 0, dy, dy * alpha * np.exp(np.minimum(x, 0)))


def sigmoid_gradient(x: ArrayLike, dy: ArrayLike) -> NDArray[Any]:
    """Differentiate ``s = 1 / (1 + exp(-x))``, whose slope is ``s * (1 - s)``, at most 1/4.

    >>> sigmoid_gradient([0.0, -800.0, 800.0], [1.0, 1.0, 1.0])
    array([0.25, 0.  , 0.  ])
    """
    x, dy = _pair(x, dy)
    small = np.exp(-np.abs(x))  # never overflows, and the slope is an even function of x
    return dy * small / (1 + small) ** 2


def tanh_gradient(x: ArrayLike, dy: ArrayLike) -> NDArray[Any]:
    """Differentiate ``tanh(x)``, whose slope is ``1 - tanh(x) ** 2``.

    >>> tanh_gradient([0.0, 1.0], [1.0, 1.0]).round(4)
    array([1.  , 0.42])
    """
    x, dy = _pair(x, dy)
    return dy * (1 - np.tanh(x) ** 2)


def softmax_cross_entropy(logits: ArrayLike, labels: ArrayLike) -> tuple[np.floating, NDArray[Any]]:
    """Compute the mean cross-entropy of ``softmax(logits)`` with the labels, and its gradient.

    Args:
        logits: ``(batch, classes)``.
        labels: class numbers, integers ``(batch,)``, or probabilities ``(batch, classes)``.

    Returns:
        The loss, a number, and its gradient with respect to the logits,
        ``(softmax(logits) - labels) / batch`` of shape ``(batch, classes)``.

    Raises:
        ValueError: the shapes do not fit together, or a label is not one of the classes.

    >>> loss, gradient = softmax_cross_entropy([[0.0, 0.0]], [1])
    >>> round(float(loss), 4), gradient
    (0.6931, array([[ 0.5, -0.5]]))
    """
    (logits,) = floats(logits=logits)
    labels = geometry.as_array(labels, "labels")
    if logits.ndim != 2 or 0 in logits.shape:
        raise ValueError(
            f"logits: expected (batch, classes), none of them 0, received shape {logits.shape}"
        )
    if labels.shape == logits.shape[:1] and labels.dtype.kind in "biu":
        classes = logits.shape[1]
        if labels.min() < 0 or labels.max() >= classes:
            raise ValueError(
                f"labels: expected classes from 0 to {classes - 1} for logits of shape "
                f"{logits.shape}, received {labels.min()} to {labels.max()}"
            )
        labels = np.eye(classes, dtype=logits.dtype)[labels.astype(np.int64)]
    labels = labels.astype(logits.dtype)
    if labels.shape != logits.shape:
        raise ValueError(
            f"labels: expected integers {logits.shape[:1]} or probabilities {logits.shape}, "
            f"received shape {labels.shape} and dtype {labels.dtype}"
        )
    shifted = logits - logits.max(axis=1, keepdims=True)  # gives the same softmax without overflow
    log_softmax = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    loss = -(labels * log_softmax).sum(axis=1).mean()
    # for labels that sum to 1 this is softmax - labels
    gradient = np.exp(log_softmax) * labels.sum(axis=1, keepdims=True) - labels
    return loss, gradient / len(logits)


def _pair(x: ArrayLike, dy: ArrayLike) -> tuple[NDArray[Any], NDArray[Any]]:
    """Convert and check the arguments of an element-wise backward pass."""
    x, dy = floats(x=x, dy=dy)
    same_shape(dy, x.shape, "x")
    return x, dy
