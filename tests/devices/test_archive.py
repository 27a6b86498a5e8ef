"""The runner as one file."""

import ast
import io
import zipfile

import pytest

from edgekit.devices.archive import MAIN, packed, write_runner


@pytest.fixture(scope="module")
def files():
    with zipfile.ZipFile(io.BytesIO(packed())) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def test_it_is_the_same_whenever_it_is_packed(tmp_path):
    assert packed() == packed() == write_runner(tmp_path).read_bytes()


def test_it_holds_the_whole_package_and_what_starts_it(files):
    assert files["__main__.py"] == MAIN
    assert {"runner/__init__.py", "runner/main.py", "runner/sessions/litert.py"} <= set(files)


def test_only_edgekits_own_interpreter_needs_edgekit(files):
    own = {name for name, text in files.items() if "from edgekit" in text}
    assert own == {"runner/sessions/reference.py"}
    tree = ast.parse(files["runner/sessions/reference.py"])
    outside = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
    assert "edgekit" not in "\n".join(map(ast.unparse, outside))


def test_it_is_python_3_8(files):
    for text in files.values():
        ast.parse(text, feature_version=(3, 8))
