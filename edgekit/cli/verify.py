"""`edgekit verify`: does the artifact still decide what the student decides?"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgekit.cli.command import EXIT_CODES, Command
from edgekit.cli.options import (
    HERE,
    BundleArgument,
    DevicesOption,
    JsonOption,
    ProjectOption,
    RuntimeOption,
)
from edgekit.cli.work import opened, workspace
from edgekit.errors import InputError

if TYPE_CHECKING:
    from edgekit.results.inputs import InputCheck, InputsCheck
    from edgekit.results.verification import Verification, Verifications

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
        current.code = EXIT_CODES[result.verdict]
        current.emit(result.to_json())
        current.reporter.close()
        local = result.device == "local"
        _say(current, bundle.name if local else f"{bundle.name} on {result.device}", result)


def _say_all(current: Command, result: "Verifications") -> None:
    from edgekit.results.unmeasured import Unmeasured

    current.code = EXIT_CODES[result.verdict]
    current.emit(result.to_json())
    current.reporter.close()
    for device, one in result.devices.items():
        name = f"{result.bundle} on {device}"
        if isinstance(one, Unmeasured):
            current.say(f"{name}: {one.verdict}\n  {one.reason}")
        else:
            _say(current, name, one)


def _say(current: Command, name: str, result: "Verification") -> None:
    """Write one verdict with its figures."""
    from edgekit.report.verification import lines

    about = f"evidence {result.evidence}, {result.images} images"
    if result.runtime:
        about += f", {result.runtime}"
    current.say(f"{name}: {result.verdict} ({about})")
    for line in lines(result):
        current.say(f"  {line}")


def _say_inputs(current: Command, result: "InputsCheck") -> None:
    current.code = EXIT_CODES[result.verdict]
    current.emit(result.to_json())
    for name, found in result.inputs.items():
        current.say(f"{result.bundle} {name}: {_difference(found)}")


def _difference(found: "InputCheck") -> str:
    if found.right:
        return f"pass, 99% of the values at most {found.p99_steps:.1f} of 255 steps apart"
    if found.step is None or found.flips is None:
        return f"fail, {found.p99_steps:.1f} of 255 steps apart, by nothing known here"
    flips = found.flips
    return (
        f"fail, {found.step}: {found.name} ({found.p99_steps:.1f} of 255 steps apart, "
        f"{found.left_steps:.1f} without it); it changes {flips.count} decisions "
        f"({flips.rate:.2%})"
    )
