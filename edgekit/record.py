"""Base of every result: a typed record that is written and read as JSON at the edge only."""

from pathlib import Path
from typing import Annotated, ClassVar, Self

from pydantic import (
    AliasChoices,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
)

from edgekit.errors import InputError
from edgekit.files import read_json, write_json
from edgekit.settings import Json, Settings
from edgekit.verdict import Interval

FORMAT = 1
_CI95 = Field(validation_alias=AliasChoices("interval", "ci95"), serialization_alias="ci95")
# A 95% interval, which JSON calls `ci95`.
Ci95 = Annotated[Interval, _CI95]
MaybeCi95 = Annotated[Interval | None, _CI95]


class Record(Settings):
    """A frozen result.

    Keys that it does not know are passed over: what is derived from others stands in the JSON too.

    Attributes:
        OPTIONAL: fields that the JSON leaves out where they are None; all others are always there.
    """

    model_config = ConfigDict(extra="ignore", populate_by_name=True)
    OPTIONAL: ClassVar[frozenset[str]] = frozenset()

    @model_serializer(mode="wrap")
    def _written(self, fields: SerializerFunctionWrapHandler) -> Json:
        found: Json = fields(self)
        known = type(self).model_fields
        optional = self.OPTIONAL | {known[name].serialization_alias for name in self.OPTIONAL}
        return {k: v for k, v in found.items() if v is not None or k not in optional}

    def to_json(self) -> Json:
        """Return the record as plain JSON values, its fields in the order of their definition."""
        return self.model_dump(mode="json", by_alias=True)

    @classmethod
    def from_json(cls, value: object, where: str | Path) -> Self:
        """Read what `to_json` returned; a `format` that is missing is the first one.

        Args:
            value: JSON values.
            where: the file that they come from, for the message.

        Raises:
            InputError: when the format is newer, or a key is missing or wrong.
        """
        found = value.get("format", FORMAT) if isinstance(value, dict) else FORMAT
        if found != FORMAT:
            raise InputError(
                f"{where} has format {found}, this edgekit reads format {FORMAT}",
                "Read it with the edgekit that wrote it, or make it again",
            )
        return cls.parse(value, where, "Make it again")

    def write(self, path: Path) -> None:
        """Write a file with the number of its format, whole or not at all."""
        write_json(path, {"format": FORMAT, **self.to_json()})

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read a file that `write` left.

        Raises:
            InputError: when it is missing, cut short, or of a newer format.
        """
        return cls.from_json(read_json(path), path)
