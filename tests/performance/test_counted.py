"""Counts of an emulated ARM core: by a real qemu, with a plugin that is built here."""

import json

import pytest

from edgekit.devices.emulated import Emulated
from edgekit.devices.settings import DeviceSettings
from edgekit.errors import InputError
from edgekit.performance.counted import gate_counts
from edgekit.performance.gate import Gate
from edgekit.performance.settings import BenchSettings
from edgekit.results.counted import Counted
from edgekit.results.timing import Count

SETTINGS = BenchSettings()


def core(cpu="cortex-a76"):
    return Emulated("emulated", DeviceSettings(url="emulated", cpu=cpu))


@pytest.fixture(scope="module")
def counts(arm_core):
    """What counts bundles on emulated cores, where qemu and a compiler are."""

    def count(bundle, cpu="cortex-a76", gate=Gate(), what="instructions"):  # noqa: B008
        return gate_counts(bundle, gate, SETTINGS, arm_core(cpu), what)

    return count


@pytest.mark.slow
def test_int8_takes_dot_products_where_the_core_has_them(bundles, counts):
    found = {
        cpu: counts(bundles.of("android", "int8"), cpu).count
        for cpu in ("cortex-a53", "cortex-a72", "cortex-a76")
    }
    assert found["cortex-a76"].classes["dot"] > 0.1 * found["cortex-a76"].instructions
    assert found["cortex-a72"].classes["dot"] == found["cortex-a53"].classes["dot"] == 0
    assert found["cortex-a72"].classes["multiply_integer"] > 0
    assert found["cortex-a53"].cycles is None
    assert found["cortex-a76"].cycles < found["cortex-a72"].cycles


@pytest.mark.slow
def test_fp32_multiplies_floats_and_two_counts_agree(bundles, counts):
    first, again = (counts(bundles.of("android", "fp32")) for _ in range(2))
    assert first.evidence == "emulated"
    assert first.count.instructions == pytest.approx(again.count.instructions, rel=0.001)
    classes = first.count.classes
    assert max(classes, key=classes.get) == "multiply_fp32"
    assert sum(classes.values()) == pytest.approx(first.count.instructions)


@pytest.mark.slow
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_the_operators_are_the_whole_inference_within_a_hundredth(bundles, counts, precision):
    count = counts(bundles.of("android", precision), what="operators").count
    own = sum(each.instructions for each in count.operators)
    assert own + count.outside == pytest.approx(count.instructions)
    assert abs(count.outside) < 0.01 * count.instructions
    assert [each.place for each in count.operators] == list(range(len(count.operators)))
    assert sum(each.share for each in count.operators) == pytest.approx(1.0, abs=0.01)
    heavy = max(count.operators, key=lambda each: each.share)
    assert "Convolution" in heavy.kind
    assert heavy.names
    assert sum(heavy.classes.values()) == heavy.instructions
    assert (heavy.classes.get("dot", 0) > 0) == (precision == "int8")


@pytest.mark.slow
def test_int8_reads_less_than_fp32_and_looking_changes_no_count(bundles, counts):
    found = {
        precision: counts(bundles.of("android", precision), what="memory").count
        for precision in ("fp32", "int8")
    }
    fp32, int8 = found["fp32"].memory, found["int8"].memory
    assert int8.bytes_read < 0.7 * fp32.bytes_read
    assert int8.l1_misses < fp32.l1_misses
    assert 0 <= fp32.l2_misses < fp32.l1_misses < fp32.bytes_read / 64
    plain = counts(bundles.of("android", "int8")).count
    assert plain.memory is None
    assert plain.instructions == pytest.approx(found["int8"].instructions, rel=0.001)


@pytest.mark.slow
def test_the_gate_passes_itself_and_catches_one_percent(bundles, counts, tmp_path):
    bundle, path = bundles.of("android", "int8"), tmp_path / "baseline.json"
    files = {"junit": tmp_path / "j.xml", "summary": tmp_path / "s.md"}
    assert counts(bundle, gate=Gate(baseline=path, update=True)).updated == str(path)
    passed = counts(bundle, gate=Gate(baseline=path, **files))
    assert passed.verdict == "pass"
    assert {each.name for each in passed.gate.figures} == {"size", "instructions"}
    assert "cortex-a76" in files["summary"].read_text()
    assert 'tests="2"' in files["junit"].read_text()
    less = json.loads(path.read_text())
    less["figures"]["instructions"]["value"] /= 1.01
    write_sealed(less, path)
    failed = counts(bundle, gate=Gate(baseline=path))
    assert failed.verdict == "fail"
    assert failed.reasons[0].startswith("instructions +")


def write_sealed(values, path):
    """Write a baseline as if it had been measured so."""
    from edgekit.performance.baseline import Baseline, write_baseline

    baseline = Baseline.parse({**values, "sha256": ""}, path)
    write_baseline(baseline.model_copy(update={"sha256": baseline.digest()}), path)


def test_what_only_times_can_tell_is_refused(bundles, tmp_path):
    bundle = bundles.of("android", "int8")
    for gate in (Gate(against=bundle), Gate(history=tmp_path / "h.jsonl")):
        with pytest.raises(InputError, match="never timed"):
            gate_counts(bundle, gate, SETTINGS, core())
    two = SETTINGS.model_copy(update={"threads": 2})
    with pytest.raises(InputError, match="not at 2"):
        gate_counts(bundle, Gate(), two, core(), "operators")
    with pytest.raises(InputError, match="--batch"):
        gate_counts(bundle, Gate(), SETTINGS.model_copy(update={"batch": 4}), core())


def test_an_unknown_core_is_refused_before_anything_is_made(bundles):
    with pytest.raises(InputError, match="pentium"):
        gate_counts(bundles.of("android", "int8"), Gate(), SETTINGS, core("pentium"))


def counted(**more):
    count = {
        "instructions": 9.5e6,
        "cache_misses": None,
        "tool": "qemu 7.2.22",
        "inferences": 5,
        "instruction_sets": ["ASIMDDP"],
        "runtime": "ai-edge-litert 2.3.0",
        "threads": 1,
        **more,
    }
    return {
        "verdict": "pass",
        "reasons": [],
        "evidence": "emulated",
        "target": "android",
        "precision": "int8",
        "bundle": "android-int8",
        "device": "emulated",
        "threads": 1,
        "runtime": "ai-edge-litert 2.3.0",
        "environment": {"processor": "Cortex-A76"},
        "count": count,
        "measured": {},
    }


MEMORY = {"bytes_read": 64e6, "bytes_written": 8e6, "l1_misses": 9e5, "l2_misses": 1e5}
OPERATOR = {
    "place": 0,
    "kind": "Convolution (NHWC, QC8) IGEMM",
    "names": ["backbone.conv1 1x64x64x16"],
    "instructions": 9_000_000,
    "classes": {"dot": 9_000_000},
    "cycles": 4.5e6,
    "share": 0.95,
}


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"core": "cortex-a76", "classes": {"dot": 9.5e6}},
        {"core": "cortex-a76", "memory": MEMORY},
        {"core": "cortex-a76", "operators": [OPERATOR], "outside": 500_000.0},
    ],
)
def test_it_is_read_and_written_the_same(more):
    found = counted(**more)
    assert Counted.from_json(found, "bench.json").to_json() == found


def test_counts_of_two_cores_are_not_compared():
    one, other = (
        Count.from_json(counted(core=name)["count"], "count")
        for name in ("cortex-a72", "cortex-a76")
    )
    assert one.readings["instructions"].about != other.readings["instructions"].about
