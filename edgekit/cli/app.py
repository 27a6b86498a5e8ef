"""The application: every command, registered."""

from importlib import import_module

import typer

# In the order of the work. A new command is one module beside this one, with a function of the same
# name, and one line here.
COMMANDS = (
    "init",
    "run",
    "distill",
    "calibrate",
    "export",
    "verify",
    "diff",
    "bench",
    "report",
    "targets",
    "devices",
    "doctor",
)

app = typer.Typer(
    name="edgekit",
    help="Compile a large CLIP detector into compact, verified bundles for edge devices.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def _version(
    context: typer.Context,
    version: bool = typer.Option(False, "--version", help="Show the version and exit."),
) -> None:
    if version:
        from edgekit import __version__

        typer.echo(__version__)
        raise typer.Exit
    if context.invoked_subcommand is None:
        raise typer.Exit


for _name in COMMANDS:
    app.command(_name)(getattr(import_module(f"edgekit.cli.{_name}"), _name))
