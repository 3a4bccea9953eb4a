"""Lab 11: AlexNet and ZFNet. One module for each exercise."""

from labkit.exercises.lab11.conv_cost import CONV_COST
from labkit.exercises.lab11.lrn import LRN
from labkit.exercises.lab11.occlusion_map import OCCLUSION_MAP
from labkit.exercises.lab11.receptive_field import RECEPTIVE_FIELD
from labkit.exercises.lab11.training_memory import TRAINING_MEMORY

EXERCISES = (CONV_COST, LRN, RECEPTIVE_FIELD, TRAINING_MEMORY, OCCLUSION_MAP)

__all__ = ["EXERCISES"]
