"""A promise that a Target breaks is named."""

import shutil

import pytest

from edgekit.files import read_json, write_json
from edgekit.manifest import Golden, read_manifest, write_manifest
from edgekit.target import target_named
from edgekit.testing import BrokenPromiseError, check_target
from edgekit.testing.target import check_golden, check_sealed, check_size

X86 = target_named("x86")
FLOAT = X86.model_copy(update={"precisions": ("fp32", "auto")})


@pytest.fixture
def bundle(bundles, tmp_path):
    return bundles.copy("x86", "fp32", tmp_path)


def sealed(bundle, **update):
    write_manifest(read_manifest(bundle).model_copy(update=update), bundle)


def test_a_target_that_is_not_registered_can_be_checked(made, tmp_path):
    mine = FLOAT.model_copy(update={"name": "mine"})
    assert check_target(mine, tmp_path, made) == []
    assert [path.name for path in tmp_path.iterdir()] == ["mine-fp32"]


def test_what_the_builder_leaves_behind(bundle, made):
    (bundle / "scratch.bin").write_bytes(b"forgotten")
    sealed(bundle)
    with pytest.raises(BrokenPromiseError, match=r"its artifact and nothing else; found .*scratch"):
        check_sealed(bundle, X86, "fp32", made)


def test_layers_that_are_not_what_the_precision_says(bundle, made):
    sealed(bundle, layers={"conv1": "int8"})
    with pytest.raises(BrokenPromiseError, match="layers are int8 in int8 only"):
        check_sealed(bundle, X86, "fp32", made)


def test_golden_answers_of_another_student(bundle, made):
    manifest, path = read_manifest(bundle), bundle / "golden" / "expected.json"
    golden = read_json(path)
    golden["samples"][0]["logits"][0] += 1
    write_json(path, golden)
    write_manifest(manifest, bundle)
    with pytest.raises(BrokenPromiseError, match="golden answers are the float student's"):
        check_golden(bundle, made)


def test_an_artifact_that_is_no_smaller(bundle, bundles):
    with pytest.raises(BrokenPromiseError, match=r"at most 0.45 of fp32's \d+ B; found \d+"):
        check_size(bundle, "int8", bundles.of("x86", "fp32"))


def test_an_artifact_that_gives_other_answers(bundles, made, tmp_path):
    shutil.copytree(bundles.of("x86", "fp32"), tmp_path / "x86-fp32")
    sealed(tmp_path / "x86-fp32", golden=Golden(samples=8, max_abs=0.5))
    with pytest.raises(BrokenPromiseError, match="a second run says what the first did"):
        check_target(FLOAT, tmp_path, made)
