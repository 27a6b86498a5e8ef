"""A Runtime and a Target outside of edgekit's tree, as a package that pip installed."""

from pathlib import Path

DESCRIPTION = """
from edgekit.runtime import Package, Runtime

RUNTIME = Runtime(
    name="plugged",
    title="a runtime of somebody else's",
    builder="plugged.build",
    folded=True,
    builds_with=(Package("onnx", "onnx", "reads ONNX"),),
    schemes=("onnxruntime",),
    runner="plugged",
    session="plugged.session:Session",
    runs_with=(Package("onnx", "onnx", "runs ONNX"),),
)
"""
BUILD = """
from edgekit.exporters import onnx
from edgekit.exporters.registry import Built


def build(program, target, precision, folder):
    built = onnx.build(program, target, precision, folder)
    (folder / built.artifact).rename(folder / "model.plugged")
    return Built("model.plugged")
"""
SESSION = '''
import numpy as np


class Session:
    """The interpreter that comes with ONNX itself."""

    def __init__(self, path, names, threads, plain=False):
        import onnx
        from onnx.reference import ReferenceEvaluator

        self.version, self.names = "plugged 1", names
        self.model = ReferenceEvaluator(onnx.load(path))

    def inputs(self):
        return [{"name": name} for name in self.names]

    def run(self, arrays):
        return np.asarray(self.model.run(None, dict(zip(self.names, arrays)))[0])

    def ready(self, arrays):
        return lambda: self.run(arrays)
'''
TARGET = """
title = "Somebody else's device"
runtime = "plugged"
scheme = "onnxruntime"
precisions = ["fp32", "int8"]
machines = ["x86_64", "aarch64", "arm64", "AMD64"]

[options]
opset = 20
"""
ENTRY_POINTS = """
[edgekit.runtimes]
plugged = plugged.description:RUNTIME

[edgekit.targets]
plugged = plugged.targets
"""


def install(folder: Path, **changed: str) -> Path:
    """Write the package as pip does: importable, and with a record of its entry points.

    Args:
        folder: what shall be on Python's path.
        changed: other texts of `description`, `build`, `session`, `target` or `entry_points`.
    """
    files = {
        "plugged/__init__.py": "",
        "plugged/description.py": changed.get("description", DESCRIPTION),
        "plugged/build.py": changed.get("build", BUILD),
        "plugged/session.py": changed.get("session", SESSION),
        "plugged/targets/__init__.py": "",
        "plugged/targets/theirs.toml": changed.get("target", TARGET),
        "plugged-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: plugged\nVersion: 1.0\n",
        "plugged-1.0.dist-info/entry_points.txt": changed.get("entry_points", ENTRY_POINTS),
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder
