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


# A quick run leaves these out altogether, and takes one test in ten of the long lists and of the
# files whose tests start kernels, workers or trainings.
LEFT_OUT = ("slow", "jax", "torch")
SAMPLED = [
    "exercises",
    "families",
    "hidden",
    "layers_contract",
    "layers_conv",
    "layers_others",
    "layers_training",
    "models",
    "models_contract",
    "training_command",
    "training_fit",
    "training_resume",
    "attacks",
    "cluster",
    "command",
    "engine",
    "guarded_kernel",
    "nbgrader",
    "session",
    "committed",
    "execute",
    "regression",
    "view",
    "walls",
]


def pytest_addoption(parser):
    parser.addoption(
        "--quick",
        action="store_true",
        help="a selection that takes about two minutes: no slow tests, TensorFlow only, and one "
        "test in ten of the long lists and of those that start kernels or train",
    )


def pytest_collection_modifyitems(config, items):
    if config.getoption("--quick"):
        kept = [item for item in items if not any(map(item.get_closest_marker, LEFT_OUT))]
        left = set()
        for name in SAMPLED:
            listed = [item for item in kept if item.path.stem == f"test_{name}"]
            left |= set(listed) - set(listed[::10])
        kept = [item for item in kept if item not in left]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(kept)])
        items[:] = kept
    items.sort(key=lambda item: BEGIN.get(item.path.name, 5))
