"""The logits of the artifact on disk over many images, in fresh processes."""

import io
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from edgekit.dataset import Dataset
from edgekit.devices.device import Device, device_named
from edgekit.errors import EdgekitError
from edgekit.files import write_whole
from edgekit.progress import Progress

# Samples a process gets: 150 MB of 224-pixel images; those of the next process are read meanwhile.
CHUNK = 256


def artifact_logits(
    bundle: Path,
    data: Dataset,
    device: str | Device = "local",
    progress: Progress | None = None,
    kept: Path | None = None,
) -> NDArray[np.float32]:
    """Run the artifact over a dataset in fresh processes; memory does not grow with the images.

    Args:
        bundle: the bundle's folder.
        data: the samples, opened with the manifest's Signature.
        device: where to run it.
        progress: called with (samples done, samples in all).
        kept: folder of this bundle and these samples alone, where the logits of finished chunks
            stay, so that a run that was killed is carried on; nothing is kept when left out.

    Returns:
        float32 [N, C].
    """
    chunks = [range(at, min(at + CHUNK, len(data))) for at in range(0, len(data), CHUNK)]
    places = {chunk: kept / f"{chunk.start:09d}.npy" for chunk in chunks} if kept else {}
    missing = [chunk for chunk in chunks if chunk not in places or not places[chunk].exists()]
    ahead, opened = _ahead(data, missing), device_named(device)
    rows: list[NDArray[np.float32]] = []
    for chunk in chunks:
        if chunk in missing:
            rows.append(_run(bundle, next(ahead), opened))
            if chunk in places:
                keep(places[chunk], rows[-1])
        else:
            rows.append(np.load(places[chunk], allow_pickle=False))
        if progress:
            progress(chunk.stop, len(data))
    return np.concatenate(rows)


def _ahead(data: Dataset, chunks: Sequence[range]) -> Iterator[dict[str, NDArray[np.float32]]]:
    """Read each chunk while the artifact runs on the one before."""
    names = [spec.name for spec in data.signature.inputs]

    def read(chunk: range) -> dict[str, NDArray[np.float32]]:
        _, arrays = next(data.batches(CHUNK, chunk))
        return dict(zip(names, arrays, strict=True))

    with ThreadPoolExecutor(1) as reader:
        waiting = [reader.submit(read, chunk) for chunk in chunks[:1]]
        for following in [*chunks[1:], None]:
            inputs = waiting.pop().result()
            if following is not None:
                waiting.append(reader.submit(read, following))
            yield inputs


def keep(path: Path, logits: NDArray[np.float32]) -> None:
    """Write logits as a whole: half a chunk must not pass for one after a kill."""
    buffer = io.BytesIO()
    np.save(buffer, logits)
    write_whole(path, buffer.getvalue())


def _run(
    bundle: Path, inputs: dict[str, NDArray[np.float32]], device: Device
) -> NDArray[np.float32]:
    count = len(next(iter(inputs.values())))
    result = device(bundle, inputs)
    if len(result.logits) != count:
        raise EdgekitError(
            f"{bundle} gave {len(result.logits)} results for {count} images",
            "Its output has no batch dimension of its own; export it again",
        )
    return result.logits
