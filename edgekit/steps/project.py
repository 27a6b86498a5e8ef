"""The project file `edgekit.toml`: detector, data, targets and budgets, one table each."""

import tomllib
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, field_validator, model_validator

from edgekit.devices.settings import DeviceSettings
from edgekit.distillation.settings import DistillSettings
from edgekit.errors import InputError
from edgekit.evidence import Evidence
from edgekit.groups import rule_of
from edgekit.performance.settings import BenchSettings
from edgekit.search.settings import SearchSettings
from edgekit.settings import ForeignJson, Settings
from edgekit.target import Precision, checked_precision, target_named
from edgekit.verification.parity import Budget

FILE = "edgekit.toml"


class Place(Settings):
    """The `[project]` table.

    Attributes:
        name: for reports.
        output: folder for everything that is made, relative to the project file.
    """

    name: str
    output: str = "build"


class StudentTable(Settings):
    """The `[student]` table: what is distilled.

    Attributes:
        model: a name that timm knows.
        image_size: pixels; the teacher's when left out.
        checkpoint: weights to start from, relative to the project file.
        weights_key: which weights to take where the checkpoint holds several.
        options: further arguments of the timm model.
    """

    model: str
    image_size: int | None = None
    checkpoint: str | None = None
    weights_key: str | None = None
    options: ForeignJson = Field(default_factory=dict)


class DataTable(Settings):
    """The `[data]` table: folders, or CSV sheets, relative to the project file.

    Attributes:
        sample: make edgekit's own sample data, with this seed, instead of naming folders.
        train: to learn on; only distillation needs it.
        validation: to choose epoch and threshold on; only distillation needs it.
        calibration: to observe activations on; never the test set.
        test: held out, to verify on.
        groups: how the group of an image is told, `folder` or a regular expression; see
            `edgekit/groups.py`.
    """

    sample: int | None = None
    train: str | None = None
    validation: str | None = None
    calibration: str | None = None
    test: str | None = None
    groups: str | None = None

    @field_validator("groups")
    @classmethod
    def _is_a_rule(cls, value: str | None) -> str | None:
        rule_of(value)
        return value


class QuantizationTable(Settings):
    """The `[quantization]` table.

    Attributes:
        corrections: names in `calibration/corrections/registry.py`. Exact ones change the float
            Program before it is calibrated, fitted ones change int8 artifacts.
    """

    corrections: tuple[str, ...] = ()


class TargetTable(Settings):
    """A `[targets.<name>]` table.

    Attributes:
        precision: what to build; the Target's default when left out.
        accept: the weakest evidence that `edgekit run` takes for done; what nothing here can
            execute is then reported, not failed.
    """

    precision: Precision | None = None
    accept: Evidence = Evidence.REFERENCE


class Project(Settings):
    """The whole file.

    Attributes:
        project: name and output folder.
        teacher: what to distil from: `kind` and that kind's settings.
        student: what to distil into; goes with `teacher`.
        detector: a Detector that needs no distillation, instead of `teacher` and `student`.
        data: where the samples are.
        distill: how the student is taught.
        quantization: what is done beyond choosing scales.
        targets: what to build.
        budget: what an artifact may lose against the float student.
        bench: how latency is measured and judged.
        search: how precision `auto` is searched.
        devices: where bundles can run besides this machine, by name.
    """

    project: Place
    teacher: ForeignJson | None = None
    student: StudentTable | None = None
    detector: ForeignJson | None = None
    data: DataTable
    distill: DistillSettings = DistillSettings()
    quantization: QuantizationTable = QuantizationTable()
    targets: Annotated[dict[str, TargetTable], Field(min_length=1)]
    budget: Budget = Budget()
    bench: BenchSettings = BenchSettings()
    search: SearchSettings = SearchSettings()
    devices: dict[str, DeviceSettings] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        distilled = self.teacher is not None and self.student is not None
        if distilled == (self.detector is not None):
            raise ValueError("give either [teacher] and [student], or [detector]")
        return self

    @model_validator(mode="after")
    def _data_is_named(self) -> Self:
        if self.data.sample is None and not (self.data.calibration and self.data.test):
            raise ValueError("[data] needs the folders `calibration` and `test`")
        return self


class OpenProject:
    """A project file that was read, and where its parts lie.

    Attributes:
        path: the project file.
        base: its folder, which relative paths start from.
        settings: what it says.
        output: folder for everything that is made.
    """

    def __init__(self, path: Path, settings: Project) -> None:
        self.path = path
        self.base = path.parent
        self.settings = settings
        self.output = self.base / settings.project.output

    def data_folder(self, split: Literal["train", "validation", "calibration", "test"]) -> Path:
        """Return the folder of a split, or the sheet that lists its files.

        Raises:
            InputError: when the project file names none.
        """
        if self.settings.data.sample is not None:
            return self.output / "data" / split
        folder = getattr(self.settings.data, split)
        if folder is None:
            raise InputError(f"{self.path}: [data] names no `{split}` folder", f"Add {split} = ...")
        return self.base / str(folder)

    def bundle_folder(self, target: str, precision: str) -> Path:
        """Return where a bundle is put."""
        return self.output / "bundles" / f"{target}-{precision}"


def open_project(path: Path) -> OpenProject:
    """Read a project file.

    Args:
        path: the file, or the folder that holds `edgekit.toml`.

    Raises:
        InputError: when it is missing, not TOML, or says something that cannot be.
    """
    if path.is_dir():
        path = path / FILE
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise InputError(
            f"there is no project file {path}",
            "Make one with edgekit init, or name another with --project",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"cannot read {path}: {error}", "Check the file") from error
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{path} is not TOML: {error}", "Correct that line") from error
    project = Project.parse(table, path)
    for name, wanted in project.targets.items():
        checked_precision(target_named(name), wanted.precision)
    return OpenProject(path.resolve(), project)
