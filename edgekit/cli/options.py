"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

ProjectOption = Annotated[
    Path, typer.Option("--project", "-p", help="Project file, or the folder that holds it.")
]
JsonOption = Annotated[
    bool,
    typer.Option("--json", help="One JSON object on standard output, all else on standard error."),
]
ForceOption = Annotated[
    bool, typer.Option("--force", help="Do it again, whatever is there already.")
]
BundleArgument = Annotated[Path, typer.Argument(help="A bundle's folder.")]
DeviceOption = Annotated[str, typer.Option("--device", help="Where to run the artifact.")]
DevicesOption = Annotated[
    list[str],
    typer.Option(
        "--device",
        help="Where to run the artifact: local, emulated, emulated-x86, ssh://user@host or a "
        "name from [devices]. Give it again for several at once.",
    ),
]
RuntimeOption = Annotated[
    str | None,
    typer.Option(
        "--runtime", help="Run it with this runtime instead, such as tflite-runtime==2.14.0."
    ),
]
HERE = Path("edgekit.toml")
