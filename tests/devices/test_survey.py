from edgekit.devices.device import device_named
from edgekit.devices.survey import survey
from tests.ssh_server import free_port


def test_one_that_does_not_answer_holds_up_no_other(server):
    dead = device_named(f"ssh://127.0.0.1:{free_port()}")
    found = survey([dead, server.device(), device_named("local")])
    assert [row.works for row in found] == [False, True, True]
    assert found[0].fix
    assert found[1].url.startswith("ssh://")


def test_nobody_to_ask():
    assert survey([]) == []


def test_what_cannot_be_had_is_told(server, tmp_path):
    found = survey([server.device(folder="/dev/null")], prepare=True)
    assert not found[0].works
    assert any("cannot write /dev/null" in fault for fault in found[0].faults)
