import pytest

from edgekit.distillation.losses import LOSSES
from edgekit.distillation.settings import DistillSettings
from edgekit.errors import InputError


def test_the_defaults_name_losses_that_exist():
    assert set(DistillSettings().losses) <= set(LOSSES)


@pytest.mark.parametrize(
    "table",
    [
        {"epochs": 0},
        {"batch_size": 1},
        {"learning_rate": 0},
        {"losses": {}},
        {"losses": {"magic": 1.0}},
        {"losses": {"logits": -1.0}},
        {"augment": ["blur"]},
    ],
)
def test_settings_that_cannot_teach_are_refused(table):
    with pytest.raises(InputError, match=next(iter(table))):
        DistillSettings.parse(table, "edgekit.toml: distill")
