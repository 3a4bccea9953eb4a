"""Mistakes with the zeros around an image, and with how far a dilated kernel reaches."""

from labkit.exercises.families.family import Family

__all__ = [
    "circular",
    "counted_once",
    "dilation_left_out",
    "dilation_times_size",
    "directions_exchanged",
    "edge_repeated",
    "first_on_both_sides",
    "full",
    "left_out",
    "mirrored",
    "same",
    "same_more_before",
    "sides_exchanged",
]

left_out = Family(
    "padding_left_out",
    "the padding is left out",
    why="The zeros give the kernel more places.",
    question="Where is `padding` in your formula?",
)

counted_once = Family(
    "padding_once",
    "the padding is counted once, not on both sides",
    why="Zeros are added before and after: n + 2 * padding.",
    question="How many numbers are there after one zero is added on each side of 5?",
)

dilation_left_out = Family(
    "dilation_left_out",
    "the dilation is left out",
    why="Taps that stand further apart make the kernel longer.",
    question="How far from its first tap is the last one of 3, if they are 4 apart?",
)

dilation_times_size = Family(
    "dilation_times_size",
    "the kernel's extent is taken to be dilation * a",
    why="There are a taps, but only a - 1 gaps between them.",
    question="How many numbers does a kernel of 1 tap cover?",
)

directions_exchanged = Family(
    "exchanged",
    "the amounts of rows and columns are exchanged",
    why="pads is ((top, bottom), (left, right)): rows first.",
    question="Which pair belongs to the height?",
)

sides_exchanged = Family(
    "sides_exchanged",
    "before and after are exchanged",
    why="(top, bottom): the first amount goes above, the second below.",
    question="How many rows of zeros stand above the image?",
)

first_on_both_sides = Family(
    "first_on_both_sides",
    "the first amount is used on both sides",
    why="Each side has its own.",
    question="How many rows of zeros stand below the image?",
)

edge_repeated = Family(
    "edge",
    "the values at the edge are repeated, not zeros added",
    why="That is replication padding, which has its uses. Here zeros are asked for.",
    question="What stands around the image?",
)

mirrored = Family(
    "reflect",
    "the image is mirrored at its edge, not surrounded by zeros",
    why="That is reflection padding, which has its uses. Here zeros are asked for.",
    question="Which numbers should stand around the image?",
)

circular = Family(
    "wrap",
    "the image goes on at its other side",
    why="That is circular padding. Here zeros are asked for.",
    question="Which number should stand left of the first column?",
)

full = Family(
    "padded_full",
    "every place that touches the input at all is used (mode='full')",
    why="The result is larger than the input: along all edges the kernel hangs over.",
    question="Where does the kernel have to start and end to stay within the input?",
)

same = Family(
    "padded_same",
    "the input is padded with zeros, so the result is as large as the input",
    why="Half a kernel of zeros was put around it (mode='same'). Asked for are only the places "
    "where the kernel fits whole.",
    question="Which of your outputs touch no added zero?",
)

same_more_before = Family(
    "padded_same_before",
    "the input is padded with zeros, more of them before it than after it",
    why="Half a kernel of zeros was put around it (SciPy's mode='same'), so the result is as "
    "large as the input. Here only the places count where the kernel fits whole.",
    question="Which of your outputs touch no added zero?",
)
