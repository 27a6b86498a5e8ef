"""How long the emulated core takes to be ready, and for an image; what a board's inputs weigh."""

import os
import tempfile
import time
from pathlib import Path
from typing import Any

IMAGES = 40
LIMITS = {"first_s": 60, "again_s": 1, "image_s": 0.5}


def measure() -> dict[str, Any]:
    """Prepare the emulated core in an empty cache, then again; run an int8 CNN on it; seconds."""
    from edgekit.devices.device import device_named

    with tempfile.TemporaryDirectory(prefix="edgekit-benchmark-") as folder:
        os.environ["XDG_CACHE_HOME"] = folder
        first = _time(lambda: device_named("emulated").prepare("litert"))
        again = _time(lambda: device_named("emulated").prepare("litert"))
        sample = _sample(Path(folder))
    return {"first_s": first, "again_s": again, **sample, "limits": LIMITS}


def _sample(folder: Path) -> dict[str, Any]:
    """Time the sample project's student in int8: many images less one, so that start-up cancels."""
    import numpy as np

    from edgekit.devices.coding import coded
    from edgekit.devices.device import device_named
    from edgekit.manifest import read_manifest
    from edgekit.progress import Silent
    from edgekit.sample.project import make_project
    from edgekit.steps import data, export
    from edgekit.steps.project import open_project
    from edgekit.steps.workspace import Workspace

    make_project(folder / "project")
    path = folder / "project" / "edgekit.toml"
    # What an image costs does not depend on how well the student has learnt.
    path.write_text(path.read_text(encoding="utf-8").replace("epochs = 6", "epochs = 1"))
    space = Workspace(open_project(path), Silent())
    bundle = export.export(space, "android", "int8")
    test = data.split(space, "test", read_manifest(bundle).signature)
    _, (images,) = next(test.batches(256, range(min(256, len(test)))))
    device = device_named("emulated")
    many = np.resize(images, (IMAGES, *images.shape[1:]))
    one_s = _time(lambda: device(bundle, {"image": many[:1]}))
    many_s = _time(lambda: device(bundle, {"image": many}))
    start = time.process_time()
    _, sent = coded("image", images)
    return {
        "student": student.model if (student := space.project.settings.student) else None,
        "image_s": (many_s - one_s) / (IMAGES - 1),
        "start_s": one_s,
        "input_shape": list(images.shape),
        "input_bytes": images.nbytes,
        "sent_bytes": len(sent),
        "coding_s": time.process_time() - start,
    }


def _time(work: Any) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
