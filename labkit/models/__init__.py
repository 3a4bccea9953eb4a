"""LeNet-5, AlexNet and ZFNet as in their papers, with tools to count them and look inside."""

from labkit.models.alexnet import alexnet, alexnet_cifar
from labkit.models.counting import memory_estimate
from labkit.models.inside import deconvnet, maps_of, occlusion_map
from labkit.models.lenet5 import CODES, NearestCodeAccuracy, lenet5, lenet5_1998, map_loss
from labkit.models.reconcile import Reconciliation, reconcile
from labkit.models.zfnet import zfnet

__all__ = [
    "CODES",
    "NearestCodeAccuracy",
    "Reconciliation",
    "alexnet",
    "alexnet_cifar",
    "deconvnet",
    "lenet5",
    "lenet5_1998",
    "map_loss",
    "maps_of",
    "memory_estimate",
    "occlusion_map",
    "reconcile",
    "zfnet",
]
