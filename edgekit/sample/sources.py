"""The list of photographs and licences that goes with every copy of the sample."""

from edgekit.sample.photographs import PHOTOGRAPHS

_HEAD = """# Sources

Real images are crops of these photographs, which come with scikit-image; fake images are the same
crops re-synthesised by small neural decoders. All may be used and shared without conditions.

| photograph | file | split | licence | author | source |
|---|---|---|---|---|---|
"""


def sources_table() -> str:
    """Return the photographs and their licences as a Markdown page."""
    rows = (
        f"| {p.name} | {p.file} | {p.split} | {p.licence} | {p.author} | {p.source} |\n"
        for p in PHOTOGRAPHS
    )
    return _HEAD + "".join(rows)
