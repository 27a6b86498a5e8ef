import pytest

from edgekit.report import markdown
from edgekit.report.groups import groups_lines
from edgekit.report.page import render
from tests.report.conftest import typed
from tests.report.test_terminal import drawn

LINE = "900 test images are of 450 groups, which intervals count"


@pytest.fixture
def in_groups(results):
    """The images are of groups, worth 610 to 700 independent ones."""
    judged = [each["verify"] for each in results["bundles"] if "decision" in each["verify"]]
    for verified, worth in zip(judged, (610, 700, *[650] * len(judged)), strict=False):
        held = {"count": 450, "fewest": 450, "effective_images": worth, "needed": 20}
        verified["groups"] = held
        for part in verified["decision"]["slices"].values():
            part["groups"] = 150
    return typed(results)


def test_images_without_groups_have_no_line(results):
    assert groups_lines(typed(results).bundles) == []
    assert "groups" not in markdown.table(typed(results))


def test_every_form_says_how_many_groups_and_what_they_are_worth(in_groups, results):
    for text in (render(in_groups), markdown.table(in_groups), " ".join(drawn(results).split())):
        assert LINE in text
        assert "worth 610 to 700 independent images" in text


def test_each_artifact_has_its_own_number(in_groups):
    page, text = render(in_groups), markdown.table(in_groups)
    for worth in (610, 700):
        assert f"450 groups; worth {worth} images" in text
        assert f"<span>450 groups</span><span>worth {worth} images</span>" in page


def test_slices_say_how_many_groups_they_hold(in_groups):
    assert "<span>150 images</span><span>150 groups</span>" in render(in_groups)
