"""A project around the sample teacher."""

import shutil
from pathlib import Path

from edgekit.errors import OutputError
from edgekit.files import whole_folder, write_whole, writing
from edgekit.sample import TEACHER_FOLDER

TEMPLATE = Path(__file__).with_name("edgekit.toml")


def make_project(folder: Path) -> Path:
    """Write `edgekit.toml` and the sample teacher's folder.

    Args:
        folder: made when it is missing.

    Returns:
        the project file.

    Raises:
        OutputError: when there is a project already, or the folder cannot be written.
    """
    path, teacher = folder / TEMPLATE.name, folder / "teacher"
    for taken in (path, teacher):
        if taken.exists():
            raise OutputError(f"{taken} exists already", "Name another folder")
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    with whole_folder(teacher) as work:
        shutil.copytree(TEACHER_FOLDER, work, dirs_exist_ok=True)
    write_whole(path, TEMPLATE.read_bytes())
    return path
