"""`edgekit verify`: does the artifact still decide what the student decides?"""

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
        decision = result["decision"]
        current.say(
            f"{bundle.name}: {result['verdict']} (evidence {result['evidence']}, "
            f"{result['images']} images)"
        )
        for name in ("auc", "ap", "accuracy"):
            figure = decision[name]
            low, high = figure["ci95"]
            current.say(
                f"  {name:<9} {figure['reference']:.4f} -> {figure['artifact']:.4f}  "
                f"{figure['delta']:+.4f} [{low:+.4f}, {high:+.4f}], budget -{figure['budget']:g}"
            )
        flips = decision["flips"]
        current.say(
            f"  flips     {flips['count']} ({flips['rate']:.2%}, at most {flips['ci95'][1]:.2%}), "
            f"budget {flips['budget']:.2%}"
        )
        for line in result["failures"]:
            current.say(f"  {line}")
        if result["verdict"] == "inconclusive":
            current.say(f"  about {result['images_to_decide']} images would decide it")
