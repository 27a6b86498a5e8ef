from edgekit.sample.photographs import PHOTOGRAPHS
from edgekit.sample.sources import sources_table


def test_every_photograph_has_a_row_with_its_licence():
    rows = sources_table().splitlines()
    for photograph in PHOTOGRAPHS:
        assert any(
            row.startswith(f"| {photograph.name} |") and photograph.licence in row for row in rows
        )
