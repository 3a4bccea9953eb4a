"""What holds for every test: a quiet, small TensorFlow, and Hypothesis without chance."""

import os

from hypothesis import settings

# before anything imports them; who sets them outside has the last word
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

os.environ["LABKIT_LANG"] = "en"  # texts are pinned as they stand in the code

# derandomize: the same examples in every run, so that a failure is never "try again"
settings.register_profile("labkit", derandomize=True, deadline=None, max_examples=60)
settings.load_profile("labkit")

# Two workers share the tests (--dist worksteal): what takes minutes comes first, and what takes a
# moment last, so that neither waits long for the other.
BEGIN = {"test_layers_backends.py": 0, "test_labs.py": 1, "test_exercises.py": 9}


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: BEGIN.get(item.path.name, 5))
