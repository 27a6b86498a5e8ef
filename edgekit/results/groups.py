"""How far images that depend on one another decide."""

from edgekit.record import Record


class Grouped(Record):
    """The groups of the images that a verdict rests on.

    Attributes:
        count: how many groups there are; an image without one is a group by itself.
        fewest: of how many groups the images of the class with the fewest are.
        effective_images: how many independent images would tell as much of the change of the AUC.
        needed: below how many groups a class nothing is decided.
    """

    count: int
    fewest: int
    effective_images: int
    needed: int

    @property
    def enough(self) -> bool:
        """Whether there are as many groups as a verdict takes."""
        return self.fewest >= self.needed
