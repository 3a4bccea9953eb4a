"""Mistakes with the biases, one number for each filter."""

from labkit.exercises.families.family import Family

__all__ = [
    "added_for_every_product",
    "all_added",
    "backward",
    "first_for_all",
    "last_for_all",
    "not_used",
    "spread_over_columns",
    "spread_over_rows",
    "subtracted",
]

not_used = Family(
    "forgotten",
    "the bias is not used",
    why="The result is the convolution alone.",
    question="What should the result be if the image is all zeros?",
)

subtracted = Family(
    "subtracted",
    "the bias is subtracted",
    why="A threshold is subtracted; a bias is added, and is minus the threshold.",
    question="What should the result be if the image is all zeros?",
)

backward = Family(
    "backward",
    "the biases come in backward order",
    why="The last filter gets the first bias.",
    question="Which index of the bias goes along with the filter?",
)

first_for_all = Family(
    "first_bias_for_all",
    "all filters get the first bias",
    why="bias[0] is that of filter 0. The others have biases of their own.",
    question="Which index of the bias goes along with the filter?",
)

added_for_every_product = Family(
    "added_for_every_product",
    "the bias is added inside the sum, once for each product",
    why="It stands inside the innermost loop, so one output gets it A * B * C times.",
    question="How often should one output receive its bias?",
)

spread_over_columns = Family(
    "one_for_each_column",
    "the bias is spread over the columns of the result",
    why="bias[:, None] lines it up with the columns. With as many columns as filters nobody "
    "notices.",
    question="Which axis of the result counts the filters?",
)

spread_over_rows = Family(
    "one_for_each_row",
    "the bias is spread over the rows of the result",
    why="bias[:, None, None] lines it up with the rows. With as many rows as filters nobody "
    "notices.",
    question="Which axis of the result counts the filters?",
)

last_for_all = Family(
    "last_bias_for_all",
    "all filters get the last bias",
    why="bias[-1] is that of the last filter. The others have biases of their own.",
    question="Which index of the bias goes along with the filter?",
)

all_added = Family(
    "sum_of_biases",
    "every output gets the sum of all biases",
    why="The biases were added up. Filter f gets bias[f] alone.",
    question="How many biases does one output receive?",
)
