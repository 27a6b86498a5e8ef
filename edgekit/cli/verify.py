"""`edgekit verify`: does the artifact still decide what the student decides?"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from edgekit.cli.options import (
    HERE,
    BundleArgument,
    DevicesOption,
    JsonOption,
    ProjectOption,
    RuntimeOption,
)
from edgekit.cli.session import EXIT_CODES, Session, worst
from edgekit.cli.work import opened, workspace
from edgekit.errors import InputError

InputsOption = Annotated[
    Path | None,
    typer.Option("--inputs", help="Check an app's tensors of the golden samples, in this folder."),
]
RobustnessOption = Annotated[
    bool, typer.Option("--robustness", help="Under JPEG, blur, noise, rotation and so on as well.")
]
LayersOption = Annotated[
    bool, typer.Option("--layers", help="Compare every layer too, whatever the decisions say.")
]

_MOVES = 6  # what a line holds


def verify(
    bundle: BundleArgument,
    project: ProjectOption = HERE,
    device: DevicesOption = ["local"],  # noqa: B006  (typer copies it)
    runtime: RuntimeOption = None,
    robustness: RobustnessOption = False,
    layers: LayersOption = False,
    inputs: InputsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Run a bundle's artifact over the test images and compare its decisions."""
    with workspace(project, as_json) as (current, space):
        from edgekit.steps import verify as step
        from edgekit.steps.robustness import stress

        if inputs is not None:
            _say_inputs(current, step.inputs(space, bundle, inputs))
            return
        devices = opened(space, device, runtime)
        if len(devices) > 1 and robustness:
            raise InputError("--robustness goes with one device", "Name one with --device")
        if len(devices) > 1:
            _say_all(current, step.verify_on(space, bundle, devices, layers))
            return
        run = stress if robustness else step.verify
        space.reporter.start(f"verify {bundle.name}")
        result = run(space, bundle, devices[0], layers)
        current.code = EXIT_CODES[result["verdict"]]
        current.emit(result)
        current.reporter.close()
        local = result["device"] == "local"
        _say(current, bundle.name if local else f"{bundle.name} on {result['device']}", result)


def _say_all(current: Session, result: dict[str, Any]) -> None:
    current.code = worst([EXIT_CODES[one["verdict"]] for one in result["devices"].values()])
    current.emit(result)
    current.reporter.close()
    for name, one in result["devices"].items():
        if "decision" in one:
            _say(current, f"{result['bundle']} on {name}", one)
        else:
            current.say(f"{result['bundle']} on {name}: {one['verdict']}\n  {one['reason']}")


def _say(current: Session, name: str, result: dict[str, Any]) -> None:
    """Write one verdict with its figures."""
    about = f"evidence {result['evidence']}, {result['images']} images"
    if result["runtime"]:
        about += f", {result['runtime']}"
    current.say(f"{name}: {result['verdict']} ({about})")
    decision = result["decision"]
    for metric, figure in decision.items():
        if "delta" in (figure if isinstance(figure, dict) else {}) and "budget" in figure:
            current.say(f"  {metric:<9} {_change(metric, figure)}")
    current.say(f"  flips     {_flips(decision['flips'])}")
    if "class_flips" in decision:
        current.say(f"  class flips {_flips(decision['class_flips'])}")
    for line in _classes(result["classes"] or {}):
        current.say(f"    {line}")
    current.say(f"  always naming the larger class is right for {decision['majority']:.2%}")
    for novelty, figure in (decision["novelty"] or {}).items():
        current.say(f"  {novelty:<9} slices: {_auc(figure['auc'])}")
    if decision["shift"]:
        current.say(f"  {_shift(decision['shift'])}")
    for disturbance, cells in result.get("robustness", {}).items():
        current.say(f"  {disturbance:<12} {_auc(cells['all'])}  {cells['all']['verdict']}")
    if "picture" in result:
        current.say(f"  {result['picture']}")
    for line in result["failures"]:
        current.say(f"  {line}")
    if result["cause"]:
        current.say(f"  cause: {result['cause']['what']}: {result['cause']['advice']}")
    if result["verdict"] == "inconclusive" and result["images_to_decide"]:
        current.say(f"  about {result['images_to_decide']} images would decide it")


def _say_inputs(current: Session, result: dict[str, Any]) -> None:
    current.code = EXIT_CODES[result["verdict"]]
    current.emit(result)
    for name, found in result["inputs"].items():
        current.say(f"{result['bundle']} {name}: {_difference(found)}")


def _difference(found: dict[str, Any]) -> str:
    if found["right"]:
        return f"pass, 99% of the values at most {found['p99_steps']:.1f} of 255 steps apart"
    if found["step"] is None:
        return f"fail, {found['p99_steps']:.1f} of 255 steps apart, by nothing known here"
    flips = found["flips"]
    return (
        f"fail, {found['step']}: {found['name']} ({found['p99_steps']:.1f} of 255 steps apart, "
        f"{found['left_steps']:.1f} without it); it changes {flips['count']} decisions "
        f"({flips['rate']:.2%})"
    )


def _auc(cell: dict[str, Any]) -> str:
    now = "no value" if cell["artifact"] is None else f"{cell['artifact']:.4f}"
    return f"auc {cell['reference']:.4f} -> {now}"


def _shift(shift: dict[str, Any]) -> str:
    """Say whether another threshold would do; none is ever applied."""
    flips = f"flips {shift['flips']:.2%}"
    if shift["kind"] == "threshold":
        return (
            f"the scores moved and kept their order: threshold {shift['threshold']:.4g} would give "
            f"{flips}; fix it on other images before you use it"
        )
    return f"the scores lost their order: at the best threshold, {shift['threshold']:.4g}, {flips}"


def _change(name: str, figure: dict[str, Any]) -> str:
    """Write a figure before and after; scores that are not finite have none."""
    if figure["artifact"] is None or figure["ci95"] is None:
        return "has no value"
    from edgekit.metrics import METRICS

    low, high = figure["ci95"]
    limit = -METRICS[name].gain * figure["budget"]
    return (
        f"{figure['reference']:.4f} -> {figure['artifact']:.4f}  "
        f"{figure['delta']:+.4f} [{low:+.4f}, {high:+.4f}], budget {limit:+g}"
    )


def _classes(figures: dict[str, Any]) -> Iterator[str]:
    """Write each class's recall before and after, and where images went that changed."""
    for name, figure in figures.get("by_class", {}).items():
        recall = figure["recall"]
        if recall["reference"] is not None:
            yield (
                f"{name}: recall {recall['reference']:.4f} -> {recall['artifact']:.4f}, "
                f"{figure['changed']} of {figure['images']} images change"
            )
    moves = [f"{m['count']} from {m['from']} to {m['to']}" for m in figures.get("confusion", [])]
    if moves:
        yield f"images that change: {', '.join(moves[:_MOVES])}"


def _flips(figure: dict[str, Any]) -> str:
    if figure["count"] is None or figure["ci95"] is None:
        return "have no value"
    return (
        f"{figure['count']} ({figure['rate']:.2%}, at most {figure['ci95'][1]:.2%}), "
        f"budget {figure['budget']:.2%}"
    )
