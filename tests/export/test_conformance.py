"""Every target in every precision, and every runtime: what they promise, tried on artifacts."""

import pytest

from edgekit.manifest import read_manifest
from edgekit.runtimes import runtimes
from edgekit.target import targets
from edgekit.testing.runtime import check_description, check_profiler, check_tracer
from edgekit.testing.target import (
    check_answers,
    check_golden,
    check_sealed,
    check_size,
    precisions_of,
)

CASES = [(name, each) for name, target in targets().items() for each in precisions_of(target)]

each = pytest.mark.parametrize(("target", "precision"), CASES)


@each
def test_the_bundle_is_whole_and_sealed(bundles, target, precision, made):
    check_sealed(bundles.of(target, precision), targets()[target], precision, made)


@each
def test_golden_vectors_show_every_step(bundles, target, precision, made):
    check_golden(bundles.of(target, precision), made)


@each
def test_the_artifact_says_what_the_student_says(bundles, target, precision):
    bundle = bundles.of(target, precision)
    untried = check_answers(bundle, targets()[target], precision)
    if untried:
        assert read_manifest(bundle).needs or read_manifest(bundle).evidence == "compiled"
        pytest.skip(untried)


@each
def test_smaller_precisions_make_smaller_artifacts(bundles, target, precision):
    check_size(bundles.of(target, precision), precision, bundles.of(target, "fp32"))


@pytest.mark.parametrize("name", runtimes())
def test_a_runtime_shows_tensors_and_times(bundles, made, name):
    runtime = runtimes()[name]
    target = next(target.name for target in targets().values() if target.runtime == name)
    bundle = bundles.of(target, "fp32")
    check_description(runtime)
    if read_manifest(bundle).golden.max_abs is None:
        pytest.skip(f"nothing here executes {bundle.name}")
    check_tracer(runtime, bundle, made)
    check_profiler(runtime, bundle)
