"""What a peer is and what it gets. Runs in every peer's own environment, so it needs only numpy."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Runtime = Literal["onnxruntime", "openvino", "litert"]
SUFFIXES: dict[Runtime, str] = {"onnxruntime": ".onnx", "openvino": ".xml", "litert": ".tflite"}
TITLES = {"onnxruntime": "ONNX Runtime", "openvino": "OpenVINO", "litert": "LiteRT"}


@dataclass(frozen=True)
class Task:
    """The one student and the images that every peer works from; paths are absolute.

    Attributes:
        student: its name.
        detector: folder of the trained float Detector.
        sha256: of the Detector and the calibration images.
        input: name of the artifact's one input.
        onnx: the float ONNX model, opset 20, which OpenVINO reads too.
        tflite: the float TFLite model.
        calibration: `.npy` file, float32 [N, 3, H, W], preprocessed.
        labels: `.npy` file, int64 [N], class of each calibration image.
        images: folder that the calibration images were read from.
        auto: folder of artifacts that edgekit's precision search left for this student.
        contents: hash of the float model, by runtime.
        faults: why a runtime has no float model, by runtime.
    """

    student: str
    detector: str
    sha256: str
    input: str
    onnx: str
    tflite: str
    calibration: str
    labels: str
    images: str
    auto: str
    contents: dict[str, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    def samples(self, limit: int | None = None) -> NDArray[np.float32]:
        """Return calibration images, float32 [N, 3, H, W], evenly taken when there is a limit."""
        found = np.load(self.calibration, mmap_mode="r", allow_pickle=False)
        if limit is None or limit >= len(found):
            return found
        return np.asarray(found[np.linspace(0, len(found) - 1, limit).astype(int)])

    def batches(self, limit: int | None = None) -> list[dict[str, NDArray[np.float32]]]:
        """Return one {input name: float32 [1, 3, H, W]} for each calibration image."""
        return [{self.input: np.array(sample[None])} for sample in self.samples(limit)]

    def write(self, path: Path) -> None:
        """Write `task.json`."""
        path.write_text(json.dumps(asdict(self), indent=2) + "\n", encoding="utf-8")


def read_task(path: Path) -> Task:
    """Read `task.json`."""
    return Task(**json.loads(path.read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Peer:
    """One way to get an artifact.

    Attributes:
        name: as the command line and the tables say it.
        runtime: what executes the artifact.
        module: that lists it, so that its own environment finds it.
        make: writes the artifact to the path and returns how many calibration images it used;
            whatever it raises becomes the reason in the table.
        packages: distributions whose versions belong to the result.
        imports: modules to import before the clock starts.
        requirements: what pip installs into an environment of its own; none: edgekit's own.
        environment: that environment's name; peers with the same one share it.
        code: modules of edgekit whose functions make the artifact.
        copy: the artifact only copies what is there already, so that it is made every time.
        own: edgekit's, so that it is compared with the others.
        timeout: seconds after which it is ended.
    """

    name: str
    runtime: Runtime
    module: str
    make: Callable[[Task, Path], int]
    packages: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    requirements: tuple[str, ...] = ()
    environment: str = ""
    code: tuple[str, ...] = ()
    copy: bool = False
    own: bool = False
    timeout: float = 1800.0

    @property
    def artifact(self) -> str:
        """File name of the artifact."""
        return "model" + SUFFIXES[self.runtime]


def peer_of(module: str, runtime: str, name: str) -> Peer:
    """Import a module and return the peer that it lists under a runtime and name."""
    listed: tuple[Peer, ...] = import_module(module).PEERS
    return next(peer for peer in listed if (peer.runtime, peer.name) == (runtime, name))
