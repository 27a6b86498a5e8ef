"""Results as JSON, which tests change, and as the types that the report reads."""

import pytest

from edgekit.results.project import ProjectResult

SLICES = ("nearest", "patch", "transposed", "unseen_shuffle")


def typed(results):
    return ProjectResult.from_json(results, "results.json")


def change(before, after, half, budget, verdict):
    delta = after - before
    return {
        "reference": before,
        "artifact": after,
        "delta": delta,
        "ci95": [delta - half, delta + half],
        "budget": budget,
        "verdict": verdict,
    }


def verified(after, verdict="pass", evidence="host", failures=(), needed=None):
    """What verify says of an artifact with this AUC; the student's is 0.952."""
    return {
        "verdict": verdict,
        "evidence": evidence,
        "target": "x86",
        "precision": "int8",
        "bundle": "x86-int8",
        "device": "local",
        "images": 900,
        "tensor": {"max_abs": 0.1, "cosine": 0.999, "sqnr_db": 31.0},
        "decision": {
            "auc": change(0.952, after, 0.004, 0.01, verdict),
            "ap": change(0.957, after + 0.004, 0.005, 0.02, verdict),
            "accuracy": change(0.881, after - 0.071, 0.006, 0.02, verdict),
            "flips": {
                "count": 9,
                "rate": 0.01,
                "ci95": [0.0046, 0.0189],
                "budget": 0.03,
                "verdict": verdict,
            },
            "majority": 0.5,
            "slices": {
                name: {
                    "images": 150,
                    "seen": name != "unseen_shuffle",
                    "auc": change(0.95, after - 0.05 * rank, 0.01, 0.01, verdict),
                }
                for rank, name in enumerate(SLICES)
            },
        },
        "failures": list(failures),
        "images_to_decide": needed,
    }


def timed(p50, ratio=0.5, evidence="host", verdict="pass"):
    return {
        "verdict": verdict,
        "evidence": evidence,
        "p50_ms": p50,
        "p90_ms": 1.08 * p50,
        "p99_ms": 1.3 * p50,
        "target": "x86",
        "precision": "int8",
        "bundle": "x86-int8",
        "device": "local",
        "reasons": [],
        "throughput_per_s": 1e3 / p50,
        "runs": 300,
        "pairs": 3,
        "threads": 1,
        "load_ms": 5.0,
        "first_ms": 2 * p50,
        "cold_start_ms": 100.0,
        "peak_mem_bytes": 90_000_000,
        "warmup_runs": 10,
        "settled": 3,
        "runtime": "onnxruntime 1.2.3",
        "environment": {"processor": "Example CPU"},
        "samples": {"latency_ms": [p50]},
        "noise": {
            "spread": 0.02,
            "pair_spread": 0.01,
            "drift": 1.0,
            "throttled": False,
            "noisy": False,
        },
        "against": {
            "name": "x86-fp32",
            "ratio": ratio,
            "ci95": [ratio - 0.02, ratio + 0.02],
            "bootstrap95": [ratio - 0.02, ratio + 0.02],
            "pairs": 3,
        },
    }


def unavailable(reason):
    return {"verdict": "unavailable", "reason": reason}


def bundle(target, precision, size, verify, bench, runtime="onnx", evidence="host"):
    return {
        "target": target,
        "runtime": runtime,
        "precision": precision,
        "path": f"build/bundles/{target}-{precision}",
        "size_bytes": size,
        "evidence": evidence,
        "verify": verify,
        "bench": bench,
    }


def detector(name, size, auc):
    return {
        "name": name,
        "size_bytes": size,
        "metrics": {"auc": auc, "ap": auc + 0.005, "accuracy": auc - 0.07},
        "slices": {slice_: {"auc": auc - 0.04 * rank} for rank, slice_ in enumerate(SLICES)},
    }


@pytest.fixture
def results():
    """A project with a verdict of every kind and evidence of every strength."""
    drop = "auc: changed by -0.0410 from 0.9520 (95% interval -0.0450 to -0.0370), budget -0.0100"
    apple = "Core ML runs on macOS only; build there, or use a device with --device"
    return {
        "project": "sample",
        "edgekit": "0.1.0",
        "made": "2026-11-20T18:00:00Z",
        "machine": {
            "processor": "Example CPU",
            "cores": 2,
            "system": "Linux 6.1",
            "python": "3.11.7",
        },
        "data": {
            "test": {"images": 900, "sha256": "3f" * 32},
            "calibration": {"images": 256, "sha256": "a1" * 32},
        },
        "detectors": [
            detector("teacher", 344_000_000, 0.978),
            detector("student", 10_800_000, 0.952),
        ],
        "bundles": [
            bundle("x86", "fp32", 10_900_000, verified(0.952), timed(8.2, 1.0)),
            bundle("x86", "int8", 3_100_000, verified(0.9505), timed(3.4)),
            bundle(
                "android",
                "int8",
                3_000_000,
                verified(0.911, "fail", "reference", [drop]),
                timed(41.0, 0.6, "reference"),
                "litert",
            ),
            bundle(
                "raspberry-pi",
                "int8",
                2_900_000,
                verified(0.947, "inconclusive", "emulated", needed=2400),
                timed(96.0, 0.7, "emulated"),
                "litert",
                "emulated",
            ),
            bundle(
                "iphone",
                "fp16",
                5_500_000,
                unavailable(apple),
                unavailable(apple),
                "coreml",
                "compiled",
            ),
            bundle(
                "jetson",
                "int8",
                None,
                unavailable("TensorRT needs an NVIDIA GPU"),
                unavailable("not measured"),
                "tensorrt",
                None,
            ),
        ],
    }
