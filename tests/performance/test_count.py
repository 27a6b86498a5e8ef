import pytest

from edgekit.devices.device import device_named
from edgekit.errors import InputError, UnavailableError
from edgekit.performance.count import count_bundle
from edgekit.performance.counters import find_counter
from edgekit.performance.settings import BenchSettings

SETTINGS = BenchSettings()


@pytest.fixture(scope="module")
def counter():
    try:
        return find_counter(device_named("local"))
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.mark.slow
def test_instructions_hardly_vary_and_int8_needs_fewer_than_fp32(bundles, counter):
    first, again = (
        count_bundle(bundles.of("android", "int8"), SETTINGS, counter=counter) for _ in range(2)
    )
    assert first.instructions == pytest.approx(again.instructions, rel=0.003)
    assert first.instructions > 10_000
    assert first.inferences >= 1
    assert first.tool.split()[0] in ("perf", "valgrind")
    if first.tool.startswith("valgrind"):
        assert not [name for name in first.instruction_sets if name.startswith("AVX512")]


def test_nothing_counts_on_a_board(bundles):
    with pytest.raises(InputError, match="cannot count instructions on device 'ssh://pi@board'"):
        count_bundle(bundles.of("android", "int8"), SETTINGS, "ssh://pi@board")
