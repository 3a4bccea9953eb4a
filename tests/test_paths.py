from pathlib import Path

import pytest

from labkit import paths


def test_in_a_clone_the_labs_lie_beside_the_package():
    root = Path(paths.__file__).parents[1]
    assert paths.labs() == root / "labs"
    assert (paths.labs() / "source").is_dir()


def test_in_a_wheel_they_lie_in_the_package_and_come_first(tmp_path):
    package = tmp_path / "site-packages" / "labkit"
    (package / "_labs").mkdir(parents=True)
    (tmp_path / "site-packages" / "labs").mkdir()  # somebody else's
    assert paths._shipped("labs", package) == package / "_labs"


def test_without_them_it_says_where_they_were_expected(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        paths._shipped("labs", tmp_path / "labkit")
    assert str(caught.value) == (
        f"labkit's labs were not found: expected the folder {tmp_path / 'labkit' / '_labs'} "
        f"(installed from a wheel) or {tmp_path / 'labs'} (a clone). Install labkit again."
    )
