from xml.etree import ElementTree

from edgekit.performance.junit import junit


def test_junit_has_a_case_for_each_figure(gated):
    root = ElementTree.fromstring(junit(gated).encode())
    suite = root.find("testsuite")
    assert suite.get("tests") == "3"
    assert (suite.get("failures"), suite.get("skipped")) == ("1", "1")
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert cases["size"].find("failure").get("message") == "size <changed> | much"
    assert cases["latency"].find("skipped") is not None
    assert len(cases["auc"].findall("failure") + cases["auc"].findall("skipped")) == 0
