"""`edgekit targets`: the device families that there are bundles for."""

from edgekit.cli.options import JsonOption
from edgekit.cli.session import session


def targets(as_json: JsonOption = False) -> None:
    """List the targets, with what builds them and what a verdict here rests on."""
    with session(as_json) as current:
        from edgekit.target import targets as known

        rows = [target.to_json() for target in known().values()]
        current.emit({"targets": rows})
        for row in rows:
            current.say(
                f"{row['name']:<9} {row['title']:<34} runtime {row['runtime']:<9} "
                f"{', '.join(row['precisions'])} (default {row['precision']})"
            )
