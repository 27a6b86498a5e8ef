import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from edgekit.dataset import Dataset, Sample, open_dataset
from edgekit.exporters.golden import choose, telling, write_golden
from edgekit.files import read_json
from edgekit.hashes import sha256_file
from edgekit.inputs import read_input
from edgekit.signature import Input, Signature


@given(st.lists(st.integers(1, 9), min_size=2, max_size=4), st.integers(1, 12))
def test_every_class_gets_its_share(tmp_path_factory, sizes, count):
    classes = tuple(f"c{index}" for index in range(len(sizes)))
    inputs = (Input(name="x", shape=(1, 2), layout="ANY"),)
    signature = Signature(inputs=inputs, classes=classes, positive="c0")
    samples = tuple(
        Sample(f"{label}/{index}", label, "", ())
        for label, size in enumerate(sizes)
        for index in range(size)
    )
    chosen = choose(Dataset(tmp_path_factory.getbasetemp(), signature, samples), count)
    assert len(set(chosen)) == len(chosen) <= count
    for label, size in enumerate(sizes):
        share = sum(sample.label == label for sample in chosen)
        assert share == min(size, count // len(sizes) + (label < count % len(sizes)))


def test_an_app_developer_can_follow_every_step(student, data, tmp_path):
    inputs, logits = write_golden(tmp_path, student, data, 4)
    assert logits.shape == (4, 2)
    told = read_json(tmp_path / "golden" / "expected.json")
    stored = np.load(tmp_path / "golden" / "inputs" / "image.npy")
    assert (stored == inputs["image"]).all()
    for index, sample in enumerate(told["samples"]):
        file = tmp_path / "golden" / sample["files"]["image"]
        assert (read_input(file, data.signature.inputs[0])[0] == stored[index]).all()
        shifted = np.exp(logits[index] - logits[index].max())
        assert sample["score"] == pytest.approx(shifted[1] / shifted.sum(), abs=1e-6)
        assert sample["positive"] == (sample["score"] >= told["threshold"])
        assert sample["class"] in data.signature.classes


def test_raw_samples_are_copied_as_they_are(student, data, tmp_path):
    write_golden(tmp_path, student, data, 2)
    first = choose(data, 2)[0]
    copy = tmp_path / "golden" / "000.image.png"
    assert sha256_file(copy) == sha256_file(first.paths[0])
    Image.open(copy).verify()


def test_pictures_that_show_an_app_its_omissions_are_among_them(write_dataset, signature, tmp_path):
    folder = write_dataset(tmp_path / "data", count=6)
    plain = open_dataset(folder, signature)
    assert telling(choose(plain, 4), plain) == choose(plain, 4)
    exif = Image.Exif()
    exif[0x0112] = 8
    with Image.open(folder / "sharp" / "003.png") as image:
        image.save(folder / "sharp" / "phone.jpg", exif=exif)
        image.putalpha(9)
        image.save(folder / "blurred" / "002.png")
    data = open_dataset(folder, signature)
    names = [sample.name for sample in telling(choose(data, 4), data)]
    assert {"sharp/phone.jpg", "blurred/002.png"} <= set(names)
    assert len(set(names)) == 4
    assert [sample.label for sample in telling(choose(data, 4), data)] == [0, 0, 1, 1]
