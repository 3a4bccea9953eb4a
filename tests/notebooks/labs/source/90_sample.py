# %% [markdown]
# # Lab 90 · A sample for the tests
#
# By the end you will be able to
#
# - double a number,
# - add two,
# - say which is which.
#
# **Time budget:** 2 minutes.

# %%
import random


def check(exercise, answer):
    """The smallest check there can be: right, or an error."""
    expected = {"double": 14, "add": 10}[exercise]
    given = answer(7) if exercise == "double" else answer(7, 3)
    if given != expected:
        raise ValueError(f"{exercise}: expected {expected}, received {given}")
    print(f"{exercise}: passed")


# %%
def hint(exercise):
    print(f"a hint on {exercise}")


random.seed(90)

# %% [markdown]
# ## 1 · Twice
#
# ### Exercise 1 ★ · 2 points


# %% exercise="double" points=2
def double(number):
    """Twice the number."""
    ### BEGIN SOLUTION
    result = number + number  # no multiplication sign needed
    return result
    ### END SOLUTION


# %% check="double"
check("double", double)

# %% hint="double"
hint("double")

# %% [markdown]
# **Predict, then run.** What is twice 21?

# %% predict="twice"
### BEGIN SOLUTION
prediction = 42
### STUB: prediction = None  # replace None by a number
### END SOLUTION

# %%
print("predicted", prediction)

# %% [markdown]
# ### Exercise 2 ★★ · 1.5 points


# %% exercise="add" points=1.5
def add(first, second):
    if first == 0:
        ### BEGIN SOLUTION
        return second
        ### STUB: return None  # is that so?
        ### END SOLUTION
    ### BEGIN SOLUTION
    return sum([first, second])
    ### END SOLUTION


# %% check="add"
check("add", add)

# %% hint="add"
hint("add")

# %%
print(add(2, 3), random.random())

# %%
print(add(2, 3), "again")

# %% [markdown]
# ## Summary
#
# Doubling is adding.

# %% [markdown] question="q_why" points=3
# **Question.** Why is doubling adding?
#
# <!-- BEGIN SOLUTION -->
# Because two times a number is that number and itself.
# <!-- END SOLUTION -->
