import json

import pytest

from edgekit.errors import InputError
from edgekit.hashes import sha256_json
from edgekit.manifest import NAME, read_manifest, write_manifest


@pytest.fixture
def bundle(bundles, tmp_path):
    return bundles.copy("x86", "fp32", tmp_path)


def edit(bundle, **changes):
    table = json.loads((bundle / NAME).read_text())
    (bundle / NAME).write_text(json.dumps(table | changes))


def test_what_is_sealed_is_read(bundle):
    manifest = read_manifest(bundle)
    assert write_manifest(manifest, bundle) == manifest
    assert read_manifest(bundle) == manifest


def test_a_bundle_of_before_orientation_and_alpha_is_whole_and_keeps_its_meaning(bundle):
    written = json.loads((bundle / NAME).read_text())
    for key in ("orientation", "alpha"):
        written["signature"]["inputs"][0]["preprocessing"].pop(key)
    written["sha256"] = sha256_json({**written, "sha256": ""})
    (bundle / NAME).write_text(json.dumps(written))
    rule = read_manifest(bundle).signature.inputs[0].preprocessing
    assert (rule.orientation, rule.alpha) == ("stored", "drop")


@pytest.mark.parametrize(
    "change", [{"target": "x87"}, {"size_bytes": 1}, {"evidence": "device"}, {"sha256": ""}]
)
def test_an_edit_is_noticed(bundle, change):
    edit(bundle, **change)
    with pytest.raises(InputError, match="was edited"):
        read_manifest(bundle)


@pytest.mark.parametrize("name", ["model.onnx", "labels.txt", "golden/expected.json"])
def test_a_changed_file_is_named(bundle, name):
    with (bundle / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(InputError, match=f"{name.split('/')[0]} was changed"):
        read_manifest(bundle)


def test_a_file_that_was_added_to_a_folder_is_noticed(bundle):
    (bundle / "golden" / "999.image.png").write_bytes(b"")
    with pytest.raises(InputError, match="golden was changed"):
        read_manifest(bundle)


@pytest.mark.parametrize("name", ["model.onnx", "labels.txt"])
def test_a_missing_file_is_named(bundle, name):
    (bundle / name).unlink()
    with pytest.raises(InputError, match=f"lacks {name}"):
        read_manifest(bundle)


def test_a_folder_without_manifest_is_no_bundle(tmp_path):
    with pytest.raises(InputError, match="is no bundle"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', "null"])
def test_what_is_no_manifest_is_one_clear_error(bundle, text):
    (bundle / NAME).write_text(text)
    with pytest.raises(InputError, match=NAME):
        read_manifest(bundle)


def test_another_format_says_so(bundle):
    edit(bundle, format=99)
    with pytest.raises(InputError, match="has format 99"):
        read_manifest(bundle)


@pytest.mark.parametrize("artifact", ["../model.onnx", "/etc/passwd", "a/b", "", ".hidden"])
def test_an_artifact_outside_the_bundle_is_refused(bundle, artifact):
    edit(bundle, artifact=artifact)
    with pytest.raises(InputError, match="artifact"):
        read_manifest(bundle)
