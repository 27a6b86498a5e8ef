"""The project file."""

from pathlib import Path

import pytest

from edgekit.errors import InputError
from edgekit.steps.project import open_project

SMALL = """
[project]
name = "small"
[detector]
kind = "exported"
[data]
calibration = "c"
test = "t"
[targets.x86]
"""


def _write(folder: Path, text: str) -> Path:
    path = folder / "edgekit.toml"
    path.write_text(text)
    return path


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    project = open_project(_write(tmp_path, SMALL))
    assert project.data_folder("test") == tmp_path.resolve() / "t"
    assert project.bundle_folder("x86", "int8") == tmp_path.resolve() / "build/bundles/x86-int8"


def test_a_folder_stands_for_its_project_file(tmp_path: Path) -> None:
    _write(tmp_path, SMALL)
    assert open_project(tmp_path).path == (tmp_path / "edgekit.toml").resolve()


def test_sample_data_lies_in_the_output_folder(tmp_path: Path) -> None:
    text = SMALL.replace('calibration = "c"\ntest = "t"', "sample = 3")
    project = open_project(_write(tmp_path, text))
    assert project.data_folder("train") == project.output / "data" / "train"


def test_a_split_that_is_not_named_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="names no `train` folder"):
        open_project(_write(tmp_path, SMALL)).data_folder("train")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("[detector]", "[teacher]", r"either \[teacher\] and \[student\], or \[detector\]"),
        ('test = "t"', "", "calibration` and `test`"),
        ("[targets.x86]", "", "targets"),
        ("[targets.x86]", "[targets.fridge]", "unknown target 'fridge'"),
        ("[targets.x86]", "[targets.x86]\ncolour = 1", "targets.x86.colour"),
        ('name = "small"', "name = 3", "project.name"),
        ("[data]", "[[data]", "not TOML"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(
    tmp_path: Path, old: str, new: str, said: str
) -> None:
    with pytest.raises(InputError, match=said) as caught:
        open_project(_write(tmp_path, SMALL.replace(old, new)))
    assert "\n" not in str(caught.value)


def test_a_missing_file_leads_to_init(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="edgekit init"):
        open_project(tmp_path / "edgekit.toml")
