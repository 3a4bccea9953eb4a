"""The figures that papers give for their layers, with the source, and why ours may differ."""

from typing import Any

__all__ = ["PAPERS"]

_LENET = "LeCun, Bottou, Bengio and Haffner (1998), section II.B"
_ALEXNET = "Krizhevsky, Sutskever and Hinton (2012), section 3.5 and figure 2"

PAPERS: dict[str, dict[str, Any]] = {
    "lenet5_1998": {
        "input": (32, 32, 1),
        "source": _LENET,
        "layers": {
            "c1": {"parameters": 156, "connections": 122_304},
            "s2": {"parameters": 12, "connections": 5_880},
            "c3": {"parameters": 1_516, "connections": 151_600},
            "s4": {"parameters": 32, "connections": 2_000},
            "c5": {"connections": 48_120},
            "f6": {"parameters": 10_164},
        },
        "notes": {
            "c3": "by table I, a map reads 3, 4 or all 6 maps of S2: 60 kernels of 25, 16 biases",
            "c5": "its kernels are as large as its input; the paper calls it a convolution, since "
            "on a larger image it would be one",
            "output": "the codes are fixed: 840 connections, and nothing to train",
        },
        "sums": {"parameters": 60_000, "connections": 340_908},
    },
    "lenet5": {
        "input": (32, 32, 1),
        "source": f"as built today, beside {_LENET}",
        "layers": {
            "c1": {"parameters": 156, "connections": 122_304},
            "s2": {"parameters": 12},
            "c3": {"parameters": 1_516, "connections": 151_600},
            "s4": {"parameters": 32},
            "c5": {"connections": 48_120},
            "f6": {"parameters": 10_164},
        },
        "notes": {
            "s2": "plain pooling: no coefficient, no bias",
            "c3": "every map reads all six: 96 kernels, not 60, so 36 x 25 = 900 more parameters",
            "s4": "plain pooling: no coefficient, no bias",
            "output": "a dense layer of logits, 84 x 10 + 10 = 850, for fixed codes",
        },
        "total": "as built 61,706 = 60,000 + 900 - 44 + 850",
    },
    "alexnet": {
        "input": (227, 227, 3),
        "source": _ALEXNET,
        "layers": {
            "conv1": {"units": 253_440},
            "conv2": {"units": 186_624},
            "conv3": {"units": 64_896},
            "conv4": {"units": 64_896},
            "conv5": {"units": 43_264},
            "fc6": {"units": 4_096},
            "fc7": {"units": 4_096},
            "fc8": {"units": 1_000},
        },
        "notes": {
            "conv1": "the paper's input is 224 x 224, from which 11 x 11 kernels with stride 4 "
            "make 54.25 places; with 227 x 227 they make 55, as figure 2 draws them, and "
            "55 x 55 x 96 = 290,400. Its 253,440 is 55 x 48 x 96",
            "conv2": "groups: each of the 256 filters reads the 48 channels of its half",
        },
        "total": 'as built 60,965,224 with two groups, 62,378,344 without; the paper: "60 million"',
    },
    "zfnet": {
        "input": (224, 224, 3),
        "source": "Zeiler and Fergus (2014), figure 3",
        "layers": {
            "conv1": {"units": 110 * 110 * 96},
            "pool1": {"units": 55 * 55 * 96},
            "conv2": {"units": 26 * 26 * 256},
            "pool2": {"units": 13 * 13 * 256},
            "conv3": {"units": 13 * 13 * 384},
            "conv4": {"units": 13 * 13 * 384},
            "conv5": {"units": 13 * 13 * 256},
            "pool5": {"units": 6 * 6 * 256},
            "fc6": {"units": 4_096},
            "fc7": {"units": 4_096},
        },
        "notes": {
            "conv1": "110 places need one zero around the 224 x 224 image",
            "pool1": "55 places need one more row and column at the end",
            "pool2": "13 places need one more row and column at the end",
        },
        "total": "as built 62,357,608; the figure gives sizes, and no count of parameters",
    },
}
