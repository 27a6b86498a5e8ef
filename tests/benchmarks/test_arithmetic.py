"""The record of the same files on several processors."""

from benchmarks.arithmetic import add, table


def row(digest, processor, reference="a"):
    ran = {processor: {"db": 20.04, "reference": reference}}
    return {"sha256": digest, "graph_db": 20.5, "executed": ran}


def test_the_same_file_on_another_processor_is_one_more_column():
    networks = {}
    add(networks, "net", "x86", row("1", "old"))
    add(networks, "net", "x86", row("1", "new"))
    text = table({"networks": networks})
    assert "| network | target | graph, dB | old | new | reference |" in text
    assert "| net | x86 | 20.5 | 20.0 | 20.0 | same bits on 2 |" in text


def test_another_file_begins_anew():
    networks = {}
    add(networks, "net", "x86", row("1", "old"))
    add(networks, "net", "x86", row("2", "new"))
    assert list(networks["net"]["x86"]["executed"]) == ["new"]


def test_a_reference_that_differs_is_said():
    networks = {}
    add(networks, "net", "x86", row("1", "old", "a"))
    add(networks, "net", "x86", row("1", "new", "b"))
    assert "**differs**" in table({"networks": networks})


def test_a_refused_network_shows_why():
    networks = {}
    add(networks, "net", "android", {"error": "no such operator"})
    add(networks, "net", "x86", row("1", "old"))
    assert "| net | android | no such operator |  |  |" in table({"networks": networks})
