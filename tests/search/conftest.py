"""Trials of a tiny student, made by the real runtime."""

import pytest

from edgekit.devices.device import device_named
from edgekit.exporters.recipe import default_recipe
from edgekit.performance.settings import BenchSettings
from edgekit.search.bench import open_bench
from edgekit.search.settings import SearchSettings
from edgekit.search.trial import Trial, key_of
from edgekit.target import target_named
from edgekit.verification.parity import Budget

TIMING = BenchSettings(pairs=3, max_pairs=3, runs=10, warmup=2)
LOOSE = Budget(auc=1.0, ap=1.0, accuracy=1.0, flips=1.0)


def auc_drop(drop, budget):
    """An AUC that dropped by `drop`, or by less."""
    return {"reference": 0.9, "artifact": 0.9 - drop, "ci95": [-drop, 0.0], "budget": budget}


@pytest.fixture(scope="session")
def trial_of():
    """Make a Trial with figures of one's own; nothing is measured."""

    def make(ratio=0.5, drop=0.001, outcome="pass", name="int8", half=0.01, **update):
        recipe = default_recipe(target_named("x86"), update.pop("precision", "int8"))
        recipe = recipe.model_copy(update={"name": name, "floats": (name,)})
        flips = {"count": 1, "rate": 0.01, "ci95": [0.0, 0.02], "budget": 0.03}
        known = {
            "key": key_of(recipe),
            "recipe": recipe,
            "outcome": outcome,
            "ratio": ratio,
            "ci95": (ratio - half, ratio + half),
            "p50_ms": 2.0,
            "size_bytes": 1000,
            "decision": {"auc": auc_drop(drop, 0.002), "flips": flips},
            "seconds": 1.0,
        }
        return Trial.model_validate({**known, **update})

    return make


@pytest.fixture(scope="session")
def heldout(write_dataset, signature, tmp_path_factory):
    from edgekit.dataset import open_dataset

    folder = write_dataset(tmp_path_factory.mktemp("heldout") / "crops", count=10, seed=7)
    return open_dataset(folder, signature)


@pytest.fixture
def bench_of(made, heldout, tmp_path):
    """Open a bench of the tiny student for ONNX Runtime."""

    def make(budget=LOOSE, **settings):
        device, folder = settings.pop("device", device_named("local")), tmp_path / "search"
        quick = SearchSettings.model_validate({"pairs": 2, "max_pairs": 2, "runs": 5, **settings})
        x86, given = target_named("x86"), (heldout, budget, quick, TIMING, folder)
        return open_bench(made, x86, device, *given)

    return make
