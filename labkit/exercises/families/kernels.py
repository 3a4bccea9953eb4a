"""Mistakes with a kernel: how it lies on the image, how large it is, how far it moves."""

from labkit.exercises.families.family import Family

__all__ = [
    "dilation_of_two",
    "left_right",
    "moves_by_its_own_size",
    "one_side_only",
    "sizes_exchanged_in_the_result",
    "square",
    "transposed",
    "turned",
    "upside_down",
]

turned = Family(
    "turned",
    "the kernel is turned by 180 degrees",
    why="That is the mathematician's convolution. Here the kernel is laid on the image as it is, "
    "without the mirror: cross-correlation.",
    question="Which weight meets the top left pixel?",
)

upside_down = Family(
    "kernel_upside_down",
    "the kernel is upside down",
    why="Its last row lies on the image's first row; left and right are as they should be.",
    question="Which image row does the kernel's row 0 meet at the first place?",
)

left_right = Family(
    "kernel_left_right",
    "the kernel's left and right are exchanged",
    why="Its last column lies on the image's first column; top and bottom are as they should be.",
    question="Which image column does the kernel's column 0 meet at the first place?",
)

transposed = Family(
    "kernel_transposed",
    "the kernel's rows and columns are exchanged",
    why="kernel[j, i] stands where kernel[i, j] belongs.",
    question="Which index of the kernel goes with the row of the image?",
)

square = Family(
    "square_kernel",
    "the kernel is taken to be square",
    why="Its height is used in place of its width, so it is right only where they are equal.",
    question="Which size is kernel.shape[0], and which is kernel.shape[1]?",
)

sizes_exchanged_in_the_result = Family(
    "kernel_sizes_swapped",
    "the kernel's height and width are exchanged in the size of the result",
    why="Your result has N - B + 1 rows and M - A + 1 columns. With a square kernel nobody "
    "notices.",
    question="Does a wide kernel cost rows, or columns?",
)

moves_by_its_own_size = Family(
    "non_overlapping",
    "the kernel jumps by its own size",
    why="Each pixel is used at most once: the windows stand side by side, where they should "
    "overlap.",
    question="By how many pixels does the kernel move from one place to the next?",
)

dilation_of_two = Family(
    "always_two",
    "the dilation is taken to be 2",
    why="It is right for the example, whose dilation is 2, and for no other.",
    question="Where in your code does a 2 stand, and where does it come from?",
)

one_side_only = Family(
    "kernel_not_squared",
    "the kernel is counted along one side only",
    why="A kernel of 3 x 3 has nine taps.",
    question="How many numbers has a table of 3 rows and 3 columns?",
)
