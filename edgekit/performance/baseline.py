"""The reviewed file that a gate compares with: one bundle on one device, sealed by its own hash."""

from pathlib import Path
from typing import Self

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from edgekit.errors import InputError
from edgekit.files import read_json, write_json
from edgekit.hashes import sha256_json
from edgekit.manifest import Manifest, read_manifest
from edgekit.results.counted import Counted
from edgekit.results.gate import Reading
from edgekit.results.measurement import Measurement
from edgekit.settings import Json, Settings
from edgekit.verdict import Interval

FORMAT = 1
REVIEW = "Review the change and write it with --update-baseline"


class Reviewed(Settings):
    """One figure of a baseline.

    Attributes:
        value: what was measured: milliseconds, bytes, instructions, or a share of 1.
        samples: one per process, for figures that vary.
        interval: of a share, 95% interval of its difference to the student's; None in a file that
            was written without.
        about: what the figure depends on besides the bundle, such as the tool that counted.
    """

    value: float
    samples: tuple[float, ...] = ()
    interval: Interval | None = None
    about: Json = Field(default_factory=dict)

    @classmethod
    def of(cls, reading: Reading) -> Self:
        """Keep what was measured."""
        return cls(
            value=reading.value,
            samples=reading.samples or (),
            interval=reading.interval,
            about=reading.about or {},
        )

    @model_serializer(mode="wrap")
    def _written(self, fields: SerializerFunctionWrapHandler) -> Json:
        """Leave out an interval that is not there, as files do whose hash was made without it."""
        found: Json = fields(self)
        return {name: value for name, value in found.items() if value is not None}


class Baseline(Settings):
    """What a baseline file holds.

    Attributes:
        format: version of this file format.
        bundle: name of the bundle's folder.
        target: the Target's name.
        precision: the bundle's.
        detector_sha256: of the float student that it was built from.
        artifact_sha256: of the artifact itself.
        device: where it was measured.
        threads: of the runtime.
        runtime: name and version of what ran it.
        environment: processor, governor, temperature, load and versions.
        pair_spread: standard deviation of the logarithm of a pair's ratio; None without pairs.
        figures: by name.
        sha256: hash of all this without this field.
    """

    format: int = FORMAT
    bundle: str
    target: str
    precision: str
    detector_sha256: str
    artifact_sha256: str
    device: str
    threads: int
    runtime: str
    environment: Json
    pair_spread: float | None = None
    figures: dict[str, Reviewed]
    sha256: str = ""

    def digest(self) -> str:
        """Hash everything but the hash itself."""
        return sha256_json(self.model_copy(update={"sha256": ""}).to_json())


def artifact_sha256(manifest: Manifest) -> str:
    """Return the hash of a bundle's artifact."""
    return manifest.files[manifest.artifact]


def baseline_of(bundle: Path, result: Measurement | Counted) -> Baseline:
    """Make a baseline of a measurement.

    Args:
        bundle: what was measured.
        result: as `gate_bundle` or `gate_counts` returns it.
    """
    manifest = read_manifest(bundle)
    unsealed = Baseline(
        bundle=bundle.name,
        target=manifest.target,
        precision=manifest.precision,
        detector_sha256=manifest.detector_sha256,
        artifact_sha256=artifact_sha256(manifest),
        device=result.device,
        threads=result.threads,
        runtime=result.runtime,
        environment=result.environment,
        pair_spread=result.noise.pair_spread if isinstance(result, Measurement) else None,
        figures={name: Reviewed.of(found) for name, found in result.measured.items()},
    )
    return unsealed.model_copy(update={"sha256": unsealed.digest()})


def write_baseline(baseline: Baseline, path: Path) -> None:
    """Write it, whole or not at all."""
    write_json(path, baseline.to_json())


def read_baseline(path: Path) -> Baseline:
    """Read and check a baseline file.

    Raises:
        InputError: when it is missing, truncated, edited or of another format.
    """
    found = read_json(path)
    if not isinstance(found, dict) or "format" not in found:
        raise InputError(f"{path} is no baseline: it has no format", "Name a baseline file")
    if found["format"] != FORMAT:
        raise InputError(
            f"{path} has format {found['format']}, not {FORMAT}", "Make it again: --update-baseline"
        )
    baseline = Baseline.parse(found, path)
    if baseline.digest() != baseline.sha256:
        raise InputError(
            f"{path} was edited: its hash does not match", "Restore it, or use --update-baseline"
        )
    return baseline


def refuse_other(baseline: Baseline, path: Path, bundle: Path, device: str, threads: int) -> None:
    """Refuse to compare what cannot be compared.

    Raises:
        InputError: when the baseline is of another target, precision, device or number of threads.
    """
    manifest = read_manifest(bundle)
    asked = {
        "target": (baseline.target, manifest.target),
        "precision": (baseline.precision, manifest.precision),
        "device": (baseline.device, device),
        "threads": (baseline.threads, threads),
    }
    for name, (theirs, ours) in asked.items():
        if theirs != ours:
            raise InputError(
                f"{path} is of {name} {theirs}, {bundle} is of {name} {ours}",
                f"Name the baseline of this {name}. {REVIEW}",
            )


def refuse_other_bundle(baseline: Baseline, path: Path, against: Path) -> None:
    """Refuse a bundle that is not the one which the baseline was measured on.

    Raises:
        InputError: when its artifact is another one.
    """
    if artifact_sha256(read_manifest(against)) != baseline.artifact_sha256:
        raise InputError(
            f"{against} is not the bundle that {path} was measured on", "Name that bundle"
        )


def refuse_other_processor(baseline: Baseline, path: Path, environment: Json) -> None:
    """Refuse to compare times of two kinds of processor.

    Raises:
        InputError: when the baseline's processor is another one.
    """
    theirs, ours = baseline.environment.get("processor"), environment.get("processor")
    if theirs != ours:
        raise InputError(
            f"{path} was measured on processor {theirs}, this is {ours}",
            "Use --against with the baseline's own bundle, or make a baseline on this machine",
        )
