"""What trials share."""

from dataclasses import replace

import numpy as np
import pytest

from edgekit.errors import InputError
from edgekit.search.bench import thinned
from edgekit.search.moves import baseline


def test_heldout_samples_are_thinned_evenly(heldout):
    kept = thinned(heldout, 6)
    assert len(kept) == 6
    assert kept.positives.sum() == 3
    assert len(thinned(heldout, 0)) == len(thinned(heldout, 500)) == len(heldout)


def test_samples_lie_ready_and_are_cleared_away(bench_of, heldout, tmp_path):
    with bench_of(samples=4) as bench:
        path = bench.inputs["image"]
        array = np.load(path)
        assert array.shape == (4, 3, 64, 64)
        assert np.array_equal(array[0], heldout.read(bench.heldout.samples[0])[0][0])
        assert bench.reference.shape == (4, 2)
    assert not (tmp_path / "search" / "work").exists()


def test_half_an_artifact_of_a_killed_search_is_not_taken(bench_of, tmp_path):
    with bench_of() as bench:
        place = bench.place(baseline(bench.target))
    place.mkdir(parents=True)
    place.joinpath("model.onnx").write_bytes(b"half")
    with bench_of() as bench:
        assert bench.artifact(baseline(bench.target)).stat().st_size > len(b"half")


def test_calibration_samples_decide_nothing(bench_of, made, heldout, tmp_path):
    from edgekit.search.bench import open_bench

    with (
        bench_of() as bench,
        pytest.raises(InputError, match="both the calibration and the held-out set"),
        open_bench(
            replace(made, data=heldout),
            bench.target,
            bench.device,
            heldout,
            bench.budget,
            bench.settings,
            bench.timing,
            tmp_path,
        ),
    ):
        pass
