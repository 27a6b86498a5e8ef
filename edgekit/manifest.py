"""The bundle's manifest: what an app, a runner and a reader need to know about the artifact."""

from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, Field

from edgekit.errors import InputError
from edgekit.evidence import Evidence
from edgekit.files import read_json, write_json
from edgekit.hashes import sha256_json, sha256_tree
from edgekit.settings import Json, Settings
from edgekit.signature import Signature, as_recorded
from edgekit.target import Precision

FORMAT = 1
NAME = "manifest.json"
GOLDEN = "golden"  # the folder of golden vectors


class Calibration(Settings):
    """Where int8 scales come from."""

    samples: int
    data_sha256: str
    scheme: str
    method: str


class Golden(Settings):
    """How many golden vectors there are, and how far an artifact may be from the float logits."""

    samples: int
    max_abs: float | None


class Manifest(Settings):
    """What `manifest.json` holds.

    Attributes:
        format: version of this file format.
        target: the Target's name.
        runtime: what built the artifact.
        runner: which of the runner's sessions executes it.
        precision: what was asked for.
        artifact: file or folder that an app loads, relative.
        size_bytes: of the artifact.
        evidence: the strongest that the export itself earned.
        signature: inputs with their preprocessing, classes, positive class, threshold.
        artifact_inputs: how the artifact itself describes its inputs, where it could be asked.
        layers: precision of each layer, by the student's module name.
        detector_sha256: content hash of the float Detector it was built from.
        calibration: where int8 scales come from; None for float artifacts.
        needs: what a processor must have for the artifact to compute what was built: `vnni` or
            `fp16`; empty where every processor of the target does.
        recipe: how the artifact was made; see `export/recipe.py`.
        golden: what `golden/` holds.
        tools: versions of what made it.
        notes: what a reader should know.
        files: SHA-256 of every other file of the bundle; folders count as one.
        sha256: hash of this manifest without this field.
    """

    format: int = FORMAT
    target: str
    runtime: str
    runner: str
    precision: Precision
    artifact: Annotated[str, Field(pattern=r"^\w[\w.-]*$")]
    size_bytes: int
    evidence: Evidence | None
    signature: Annotated[Signature, BeforeValidator(as_recorded)]
    artifact_inputs: tuple[Json, ...] = ()
    layers: dict[str, str] = Field(default_factory=dict)
    detector_sha256: str
    calibration: Calibration | None = None
    needs: tuple[str, ...] = ()
    recipe: Json = Field(default_factory=dict)
    golden: Golden
    tools: dict[str, str] = Field(default_factory=dict)
    notes: tuple[str, ...] = ()
    files: dict[str, str] = Field(default_factory=dict)
    sha256: str = ""

    def digest(self) -> str:
        """Hash everything but the hash itself."""
        return _digest(self.to_json())


def _digest(written: Json) -> str:
    """Hash what is written, not what is read of it: a later edgekit may know further fields."""
    return sha256_json({**written, "sha256": ""})


def write_manifest(manifest: Manifest, bundle: Path) -> Manifest:
    """Hash the bundle's files, seal the manifest and write it."""
    names = sorted(entry.name for entry in bundle.iterdir() if entry.name != NAME)
    hashed = manifest.model_copy(
        update={"files": {name: sha256_tree(bundle / name) for name in names}}
    )
    sealed = hashed.model_copy(update={"sha256": hashed.digest()})
    write_json(bundle / NAME, sealed.to_json())
    return sealed


def read_manifest(bundle: Path) -> Manifest:
    """Read and check a bundle's manifest and the hashes of its files.

    Raises:
        InputError: when the folder is no bundle, is incomplete, or was edited.
    """
    path = bundle / NAME
    if not path.is_file():
        raise InputError(f"{bundle} is no bundle: it has no {NAME}", "Name a bundle's folder")
    written = read_json(path)
    manifest = Manifest.parse(written, path)
    if manifest.format != FORMAT:
        raise InputError(f"{path} has format {manifest.format}, not {FORMAT}", "Export it again")
    if _digest(written) != manifest.sha256:
        raise InputError(f"{path} was edited: its hash does not match", "Export it again")
    for name, digest in manifest.files.items():
        if not (bundle / name).exists():
            raise InputError(f"bundle {bundle} lacks {name}", "Export it again")
        if sha256_tree(bundle / name) != digest:
            raise InputError(f"{bundle / name} was changed after the export", "Export it again")
    return manifest
