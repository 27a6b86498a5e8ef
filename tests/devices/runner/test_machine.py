"""What the runner says of its machine."""

import json
import sys

from edgekit.devices.runner import machine


def test_the_machine_is_described():
    found = machine.environment()
    assert found["processor"]
    assert found["machine"]
    assert isinstance(found["instruction_sets"], list)
    assert json.loads(json.dumps(found)) == found


def test_a_process_knows_its_age():
    if sys.platform == "linux":
        assert machine.process_age_ms() > 0
