"""Mistakes in gradients, and in what is done with them."""

from labkit.exercises.families.family import Family

__all__ = ["bias_per_place", "downhill", "kernel_turned", "this_gradient_only"]

downhill = Family(
    "downhill",
    "the sign is wrong",
    why="The minus belongs to the step of gradient descent, not to the gradient.",
    question="Does the loss grow or fall along the gradient?",
    after=lambda answer, *args: -answer,
)

bias_per_place = Family(
    "bias_per_place",
    "the bias's gradient is added up over the images only",
    why="A bias is shared by all places of its map, too.",
    question="Which shape has the bias?",
)

kernel_turned = Family(
    "dkernel_turned",
    "the kernel's gradient is turned by 180 degrees",
    why="The forward pass was a cross-correlation: no mirror, on the way back neither.",
    question="Which pixel did kernel[0, 0] meet in the first output?",
)

this_gradient_only = Family(
    "this_gradient_only",
    "only this gradient is in the memory",
    why="Then every step is as long as the learning rate, whatever the gradient.",
    question="Where does the memory from before go?",
)
