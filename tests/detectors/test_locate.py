import pytest

from edgekit.detectors.locate import folder_of, is_hub_id
from edgekit.errors import InputError


@pytest.mark.parametrize(
    ("model", "hub"),
    [
        ("hf-hub:openai/clip", True),
        ("openai/clip", True),
        ("models/clip", False),
        ("clip", False),
        ("a/b/c", False),
        ("./clip", False),
        ("../clip", False),
    ],
)
def test_what_is_a_hub_id(tmp_path, model, hub):
    (tmp_path / "models/clip").mkdir(parents=True)
    assert is_hub_id(model, tmp_path) is hub


def test_an_existing_folder_goes_before_the_hub(tmp_path):
    (tmp_path / "openai/clip").mkdir(parents=True)
    assert folder_of("openai/clip", tmp_path, ()) == tmp_path / "openai/clip"
    assert folder_of(str(tmp_path / "openai"), tmp_path, ()) == tmp_path / "openai"


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(InputError, match="clip does not exist"):
        folder_of("clip", tmp_path, ())


def test_a_snapshot_that_was_downloaded_before_is_used(tmp_path, monkeypatch):
    folder = tmp_path / "hub/models--edgekit-tests--clip"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs/main").write_text("0" * 40)
    (folder / "snapshots" / ("0" * 40)).mkdir(parents=True)
    (folder / "snapshots" / ("0" * 40) / "config.json").write_text("{}")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    found = folder_of("edgekit-tests/clip", tmp_path, ("config.json",))
    assert (found / "config.json").read_text() == "{}"
