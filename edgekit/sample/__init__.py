"""Sample data that is real: public-domain photographs, and what small neural decoders make of them.

Importing this room loads neither torch nor scikit-image; its submodules do, when they are used.
"""

from pathlib import Path

WEIGHTS_FOLDER = Path(__file__).parent / "weights"
TEACHER_FOLDER = Path(__file__).parent / "teacher"

__all__ = ["TEACHER_FOLDER", "WEIGHTS_FOLDER"]
