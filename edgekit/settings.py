"""Base of everything that is read from TOML or JSON: checked, frozen, one clear line when wrong."""

from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from edgekit.errors import InputError

# An object as JSON or TOML has it, at the edge where it is written or was read.
Json = dict[str, object]
# What another library wrote for itself: its own code takes it, its keys are checked where they are
# read, and nothing of ours travels in it.
ForeignJson = dict[str, Any]


class Settings(BaseModel):
    """A frozen record whose unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="strings")

    @classmethod
    def parse(cls, value: Any, where: str | Path, fix: str = "Correct that key") -> Self:
        """Check `value` against this record.

        Args:
            value: what was read, normally a dict.
            where: the file (and table) it was read from, for the message.
            fix: what to do about a wrong key.

        Raises:
            InputError: naming the first wrong key and what is wrong with it.
        """
        try:
            return cls.model_validate(value)
        except ValidationError as error:
            raise InputError(_first_fault(error, where), fix) from error

    def to_json(self) -> Json:
        """Return the record as plain JSON values."""
        return self.model_dump(mode="json")


def _first_fault(error: ValidationError, where: str | Path) -> str:
    fault = error.errors()[0]
    key = ".".join(str(part) for part in fault["loc"]) or "the table"
    message = fault["msg"].removeprefix("Value error, ")
    given = "" if fault["type"] == "missing" else f" (given: {str(fault['input'])[:80]!r})"
    return f"{where}: {key}: {message}{given}"
