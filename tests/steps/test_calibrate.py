"""What a calibration depends on."""

from pathlib import Path

from edgekit.steps.calibrate import calibrate_step, ranges_file, student
from edgekit.steps.project import open_project
from edgekit.steps.workspace import Workspace


def test_ranges_are_reused_whatever_number_of_workers_is_asked_for(done_project: Path) -> None:
    space = Workspace(open_project(done_project))
    before = ranges_file(space).read_bytes()
    assert ranges_file(Workspace(open_project(done_project)), workers=2).read_bytes() == before
    assert space.reasons(calibrate_step(space, workers=2)) == ()


def test_corrections_and_images_count(done_project: Path) -> None:
    path = done_project / "edgekit.toml"
    path.write_text(f'[quantization]\ncorrections = ["equalize"]\n{path.read_text()}')
    next((done_project / "data" / "calibration" / "real").iterdir()).unlink()
    space = Workspace(open_project(done_project))
    changed = {reason.name for reason in space.reasons(calibrate_step(space))}
    assert changed == {"calibration", "quantization.corrections"}


def test_the_program_is_traced_once(done_project: Path) -> None:
    space = Workspace(open_project(done_project))
    assert student(space) is student(space)
