"""`edgekit calibrate`: observe the activations once, for every target."""

from typing import Annotated

import typer

from edgekit.cli.options import HERE, ForceOption, JsonOption, ProjectOption
from edgekit.cli.paths import here
from edgekit.cli.work import workspace


def calibrate(
    project: ProjectOption = HERE,
    as_json: JsonOption = False,
    force: ForceOption = False,
    workers: Annotated[
        int, typer.Option("--workers", "-w", min=1, help="Processes that share the images.")
    ] = 1,
) -> None:
    """Run the student over the calibration images and keep a histogram per tensor."""
    with workspace(project, as_json, "calibrate" if force else None) as (current, space):
        from edgekit.calibration.coverage import coverage
        from edgekit.calibration.ranges import load_ranges
        from edgekit.steps.calibrate import ranges_file

        path = ranges_file(space, workers)
        ranges = load_ranges(path)
        covered = coverage(ranges)
        current.emit(
            {
                "ranges": here(path),
                "tensors": len(ranges.histograms),
                "samples": ranges.samples,
                "data_sha256": ranges.data_sha256,
                "coverage": covered.to_json(),
            }
        )
        current.say(
            f"ranges: {here(path)} ({len(ranges.histograms)} tensors, {ranges.samples} samples)"
        )
        for note in covered.notes:
            current.say(f"  {note}")
