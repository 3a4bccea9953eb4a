"""The examples in the docstrings run, and give what they say."""

import doctest
import importlib

import package
import pytest


@pytest.mark.parametrize("name", package.PUBLIC)
def test_the_examples_of(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS)
    assert result.failed == 0, f"{result.failed} examples of {name} failed, see above"


def test_examples_are_found_at_all():
    finder = doctest.DocTestFinder(exclude_empty=True)
    geometry = importlib.import_module("labkit.geometry.sliding")
    assert sum(bool(test.examples) for test in finder.find(geometry)) >= 5
