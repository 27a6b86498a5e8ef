import pytest

from edgekit.errors import InputError
from edgekit.performance.settings import BenchSettings

WRONG = (
    {"pairs": 9, "max_pairs": 8},
    {"pairs": 1},
    {"runs": 0},
    {"warmup": -1},
    {"launches": 0},
    {"threads": 0},
    {"batch": 0},
    {"max_ratio": 0},
    {"max_p50_ms": -1},
)


@pytest.mark.parametrize("table", WRONG)
def test_settings_that_measure_nothing_are_refused(table):
    with pytest.raises(InputError, match=list(table)[-1]):
        BenchSettings.parse(table, "edgekit.toml: bench")
