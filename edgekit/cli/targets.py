"""`edgekit targets`: the device families that there are bundles for."""

from edgekit.cli.command import command
from edgekit.cli.options import JsonOption


def targets(as_json: JsonOption = False) -> None:
    """List the targets, with what builds them and what a verdict here rests on."""
    with command(as_json) as current:
        from edgekit.target import targets as known

        rows = known().values()
        current.emit({"targets": [target.to_json() for target in rows]})
        for target in rows:
            current.say(
                f"{target.name:<9} {target.title:<34} runtime {target.runtime:<9} "
                f"{', '.join(target.precisions)} (default {target.precision})"
            )
