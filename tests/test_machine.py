"""The machine's description."""

import platform

from edgekit.machine import machine


def test_the_record_names_no_host_and_no_path() -> None:
    found = machine().to_json()
    assert found.keys() == {"processor", "cores", "system", "python"}
    assert found["cores"] >= 1
    text = " ".join(str(value) for value in found.values())
    assert platform.node() not in text.split()
    assert "/" not in found["system"]
