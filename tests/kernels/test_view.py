"""What a box hides is handed in, and nobody gets a box without saying it."""

import ast
import itertools
import re
from pathlib import Path

import package
import pytest

from labkit import paths
from labkit.bench import kernels as bench
from labkit.kernels.provisioner import SandboxProvisioner
from labkit.kernels.sandbox import box, mounts
from labkit.kernels.sandbox.limits import Limits
from labkit.kernels.sandbox.mounts import View

boxed = pytest.mark.skipif(bool(box.why_not()), reason=str(box.why_not()))
KERNELS = [name for name in package.MODULES if name.startswith("labkit.kernels")]
OTHER_ROOMS = r"\b(exercises?|grading|graders?|gradebook|checks|submissions?|answer_key)\b"


def test_who_does_not_say_what_to_hide_gets_no_box():
    with pytest.raises(TypeError, match="view"):
        box.Box()
    with pytest.raises(TypeError, match="hidden"):
        View()
    with pytest.raises(TypeError, match=r"expected a tuple of paths, received '/somewhere'"):
        View(hidden="/somewhere")
    with pytest.raises(ValueError, match=r"expected a folder to hide, received .*nowhere"):
        View(hidden=(Path("/nowhere"),))


@boxed
def test_a_hidden_folder_is_empty_and_its_neighbours_are_not(tmp_path):
    for name in ("hidden/deep", "shown"):
        (tmp_path / name).mkdir(parents=True)
        (tmp_path / name / "text").write_text("here")
    view = View(hidden=(tmp_path / "hidden",), shown=(tmp_path,))
    with box.Box(view) as opened:
        inside = opened.root / tmp_path.relative_to("/")
        assert (inside / "shown" / "text").read_text() == "here"
        assert list((inside / "hidden").iterdir()) == []
        assert not (opened.root / "etc" / "hostname").exists()


def test_a_folder_is_hidden_under_every_path_that_shows_it(tmp_path):
    (tmp_path / "real" / "hidden").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    view = View(
        hidden=(tmp_path / "link" / "hidden",), shown=(tmp_path / "link", tmp_path / "real")
    )
    words = mounts.arguments(view, Limits())
    covered = [path for word, path in itertools.pairwise(words) if word == "--tmpfs"]
    for name in ("link", "real"):
        assert str(tmp_path / name / "hidden") in covered


@boxed
def test_a_kernel_that_nobody_configured_shows_no_solution(tmp_path):
    """JupyterLab and nbval start one by its name alone."""
    assert set(SandboxProvisioner().view.hidden) >= set(paths.hidden_from_students())
    look = "[len(list(Path(folder).rglob('*'))) for folder in folders]"
    folders = [str(path) for path in paths.hidden_from_students()]
    with bench._kernel("sandboxed", str(tmp_path)) as (_, client):
        reply = client.execute(
            f"from pathlib import Path; folders = {folders!r}",
            user_expressions={"files": look, "package": "Path(folders[0]).parent.is_dir()"},
            reply=True,
            timeout=60,
        )
    values = reply["content"]["user_expressions"]
    assert values["files"]["data"]["text/plain"] == str([0] * len(folders))
    assert values["package"]["data"]["text/plain"] == "True"


@pytest.mark.parametrize("name", KERNELS)
def test_kernels_do_not_mention_what_runs_in_them(name):
    text = package.MODULES[name].read_text(encoding="utf-8")
    assert re.findall(OTHER_ROOMS, text, re.IGNORECASE) == []
    strings = {
        node.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    modules = {value for value in strings if re.fullmatch(r"labkit(\.\w+)+", value)}
    assert all(value.startswith("labkit.kernels.") for value in modules)
