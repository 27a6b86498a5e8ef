"""`edgekit verify`: does the artifact still decide what the student decides?"""

from typing import Any

from edgekit.cli.options import HERE, BundleArgument, DeviceOption, JsonOption, ProjectOption
from edgekit.cli.session import EXIT_CODES
from edgekit.cli.work import workspace


def verify(
    bundle: BundleArgument,
    project: ProjectOption = HERE,
    device: DeviceOption = "local",
    as_json: JsonOption = False,
) -> None:
    """Run a bundle's artifact over the test images and compare its decisions."""
    with workspace(project, as_json) as (current, space):
        from edgekit.steps import judge

        result = judge.verify(space, bundle, device)
        current.code = EXIT_CODES[result["verdict"]]
        current.emit(result)
        current.say(
            f"{bundle.name}: {result['verdict']} (evidence {result['evidence']}, "
            f"{result['images']} images)"
        )
        for name in ("auc", "ap", "accuracy"):
            current.say(f"  {name:<9} {_drop(result['decision'][name])}")
        current.say(f"  flips     {_flips(result['decision']['flips'])}")
        for line in result["failures"]:
            current.say(f"  {line}")
        if result["verdict"] == "inconclusive":
            current.say(f"  about {result['images_to_decide']} images would decide it")


def _drop(figure: dict[str, Any]) -> str:
    """Write a figure before and after; scores that are not finite have none."""
    if figure["artifact"] is None or figure["ci95"] is None:
        return "has no value"
    low, high = figure["ci95"]
    return (
        f"{figure['reference']:.4f} -> {figure['artifact']:.4f}  "
        f"{figure['delta']:+.4f} [{low:+.4f}, {high:+.4f}], budget -{figure['budget']:g}"
    )


def _flips(figure: dict[str, Any]) -> str:
    if figure["count"] is None or figure["ci95"] is None:
        return "have no value"
    return (
        f"{figure['count']} ({figure['rate']:.2%}, at most {figure['ci95'][1]:.2%}), "
        f"budget {figure['budget']:.2%}"
    )
