"""Core ML, an ML program in an `.mlpackage`, for iPhone and iPad."""

import shutil
from pathlib import Path

from torch.export import ExportedProgram

from edgekit.evidence import Evidence
from edgekit.exporters.registry import Built
from edgekit.target import Buildable, Target

ARTIFACT = "model.mlpackage"


def build(program: ExportedProgram, target: Target, precision: Buildable, folder: Path) -> Built:
    """Write `model.mlpackage`; see `registry.Runtime.build`.

    Evidence `compiled` here means that Apple's converter (coremltools) lowered every operator and
    validated the program for the deployment version; nothing has executed it.
    """
    import coremltools as ct

    halves = ct.precision.FLOAT32 if precision == "fp32" else ct.precision.FLOAT16
    version = str(target.options["minimum_deployment_target"])
    model = ct.convert(
        program.run_decompositions({}),
        convert_to="mlprogram",
        minimum_deployment_target=getattr(ct.target, version),
        compute_precision=halves,
        outputs=[ct.TensorType(name="logits")],
        skip_model_load=True,
    )
    _move(Path(model.package_path), folder / ARTIFACT)
    return Built(ARTIFACT, Evidence.COMPILED)


def _move(package: Path, artifact: Path) -> None:
    """Move what the converter left in the temporary folder.

    Not `model.save`, nor shutil: what they raise on a full disk does not say that it is full.
    """
    for file in (path for path in package.rglob("*") if path.is_file()):
        copy = artifact / file.relative_to(package)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_bytes(file.read_bytes())
    shutil.rmtree(package, ignore_errors=True)
