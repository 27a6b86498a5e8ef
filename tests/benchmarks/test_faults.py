"""Planted damage is damage: every kind changes what an artifact gives, or what an app does."""

import numpy as np
import pytest

from benchmarks.faults.damaged import damaged
from benchmarks.faults.measure import table
from benchmarks.faults.plant import artifact_faults, manifest_faults
from edgekit.devices import local
from edgekit.exporters.golden import golden_inputs
from edgekit.manifest import read_manifest
from edgekit.verification.contract import breaches


@pytest.mark.slow
@pytest.mark.parametrize("target", ["x86", "android", "jetson"])
def test_every_kind_of_damage_reaches_the_logits_or_the_contract(target, bundles, made, tmp_path):
    whole, signature = bundles.of(target, "int8"), made.detector.signature
    inputs = golden_inputs(whole, signature)
    right, tried = local.run(whole, inputs).logits, []
    for name, bundle, _ in damaged(whole, made, tmp_path):
        own = read_manifest(bundle).signature
        given = local.run(bundle, inputs).logits
        assert breaches(own, signature) or not np.array_equal(given, right), name
        tried.append(name)
    rule = signature.inputs[0].preprocessing
    assert tried == [*artifact_faults(rule), *manifest_faults(signature)]
    assert len(tried) == 27


def test_the_table_says_what_each_fault_was_called():
    def planted(target, verdict, cause):
        return {
            "fault": "BGR",
            "target": target,
            "verdict": verdict,
            "cause": cause,
            "named": cause is not None,
        }

    text = table(
        {
            "machine": {"processor": "one of a kind"},
            "images": 120,
            "planted": [
                planted("x86", "fail", "preprocessing"),
                planted("android", "pass", None),
            ],
            "whole": {"artifacts": 20, "verdicts": {"pass": 19, "fail": 1}, "false_alarms": [{}]},
        }
    )
    assert "1 of 2 planted" in text
    assert "Processor: one of a kind." in text
    assert "Of 20 whole artifacts 1 fail (1 fail, 19 pass)" in text
    assert "| BGR | `preprocessing` | **pass, no cause** |  |" in text
