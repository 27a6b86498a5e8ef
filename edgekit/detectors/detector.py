"""The Detector: a model, what goes in, what comes out, and how to build it again."""

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import BeforeValidator
from torch import nn

from edgekit.errors import InputError
from edgekit.files import read_json, whole_folder, write_json
from edgekit.hashes import sha256_json
from edgekit.settings import Json, Settings
from edgekit.signature import Signature, as_recorded

FORMAT = 1


class Record(Settings):
    """What `detector.json` holds.

    Attributes:
        format: version of this file format.
        signature: the Detector's Signature.
        architecture: `kind` names the builder, the other keys are its arguments.
    """

    format: int
    signature: Annotated[Signature, BeforeValidator(as_recorded)]
    architecture: Json


@dataclass(frozen=True)
class Detector:
    """A model plus its Signature.

    Attributes:
        model: in eval mode; takes one float32 tensor per input, returns [N, C] or [N, 1]: what
            the Signature's `output` says.
        signature: inputs, classes, positive class, threshold.
        architecture: how to build `model` without its weights; empty when it cannot be saved.
        notes: what a user would want to know about how its files were read, a line each.
    """

    model: nn.Module
    signature: Signature
    architecture: Json
    notes: tuple[str, ...] = ()

    def with_threshold(self, threshold: float) -> "Detector":
        """Return the same Detector with another operating point."""
        return replace(self, signature=self.signature.with_threshold(threshold))

    @torch.inference_mode()
    def logits(self, arrays: tuple[NDArray[np.float32], ...]) -> NDArray[np.float32]:
        """Run the model on preprocessed inputs; one by one where its code fixes a batch of 1.

        Args:
            arrays: one [N, ...] float32 array per input.

        Returns:
            float32 [N, C].
        """
        tensors = [torch.from_numpy(array) for array in arrays]
        try:
            output = self.model(*tensors)
        except RuntimeError:
            if len(tensors[0]) == 1:
                raise
            rows = zip(*(tensor.split(1) for tensor in tensors), strict=True)
            output = torch.cat([self.model(*row) for row in rows])
        return np.asarray(output.float().numpy())

    def example(self) -> tuple[torch.Tensor, ...]:
        """Return one zero input per input, float32, batch dimension 1, to trace the model with."""
        return tuple(torch.zeros(spec.shape) for spec in self.signature.inputs)


def detector_sha256(detector: Detector) -> str:
    """Hash a Detector's Signature and weights: what its bundles are known by without a project."""
    digest = hashlib.sha256(sha256_json(detector.signature.to_json()).encode())
    for name, tensor in sorted(detector.model.state_dict().items()):
        values = tensor.detach().cpu().contiguous()
        digest.update(f"{name} {values.dtype} {tuple(values.shape)}".encode())
        digest.update(values.reshape(-1).view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()


def check_outputs(detector: Detector, where: str | Path) -> Detector:
    """Run the Detector once and refuse it when its logits do not fit its Signature.

    Raises:
        InputError: when the model does not run on the Signature's inputs, or returns something
            other than one logit per class.
    """
    columns = _columns(detector.signature)
    try:
        with torch.inference_mode():
            output = detector.model(*detector.example())
    except Exception as error:  # whatever a foreign model raises, it does not fit its Signature
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        shapes = [spec.shape for spec in detector.signature.inputs]
        raise InputError(
            f"{where} does not run on inputs of shape {shapes}: {reason}", "Correct the signature"
        ) from error
    shape = tuple(getattr(output, "shape", ()))
    if len(shape) != 2 or shape[0] != 1 or shape[1] not in columns:
        wanted = " or ".join(f"(1, {count})" for count in columns)
        raise InputError(
            f"{where} returns shape {shape or type(output).__name__}, "
            f"its signature wants {detector.signature.output} of shape {wanted}",
            "Correct the classes or the head",
        )
    return detector


def _columns(signature: Signature) -> tuple[int, ...]:
    """Return how many columns the outputs may have."""
    count = len(signature.classes)
    return {"logits": (count, 1), "probabilities": (count,), "score": (1,)}[signature.output]


def save_detector(detector: Detector, folder: Path) -> None:
    """Write `detector.json` and `weights.safetensors`, both or none.

    Raises:
        InputError: when the Detector cannot be built again from data alone.
        OutputError: when the folder cannot be written.
    """
    from safetensors.torch import save

    if not detector.architecture:
        raise InputError(
            f"cannot save a detector to {folder}: it came from code or from a saved program",
            "Name it in the project file by its kind each time",
        )
    # Cloned, because safetensors refuses weights that share memory.
    weights = {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, tensor in detector.model.state_dict().items()
    }
    record = Record(format=FORMAT, signature=detector.signature, architecture=detector.architecture)
    with whole_folder(folder) as work:
        # Not `save_file`: what that raises on a full disk does not say that it is full.
        (work / "weights.safetensors").write_bytes(save(weights))
        write_json(work / "detector.json", record.to_json())


def read_record(folder: Path) -> Record:
    """Read `detector.json`.

    Raises:
        InputError: when it is missing, damaged or of another format version.
    """
    path = folder / "detector.json"
    record = Record.parse(read_json(path), path)
    if record.format != FORMAT:
        raise InputError(
            f"{path} has format {record.format}, this edgekit reads format {FORMAT}",
            "Make the detector again with this version",
        )
    return record
