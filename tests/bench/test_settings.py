import pytest

from edgekit.bench.settings import BenchSettings
from edgekit.errors import InputError


@pytest.mark.parametrize(
    "table", [{"pairs": 1}, {"runs": 0}, {"threads": 0}, {"max_ratio": 0}, {"max_p50_ms": -1}]
)
def test_settings_that_measure_nothing_are_refused(table):
    with pytest.raises(InputError, match=next(iter(table))):
        BenchSettings.parse(table, "edgekit.toml: bench")
