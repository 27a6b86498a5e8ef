import numpy as np

from edgekit.dataset import open_dataset
from edgekit.detectors.score import score
from edgekit.signature import Preprocessing, image_input


def test_scores_come_in_the_datasets_order(student, data):
    logits = score(student, data)
    assert logits.shape == (len(data), 2)
    for index in (0, 9):
        alone = student.logits(data.read(data.samples[index]))
        assert abs(alone - logits[index]).max() < 1e-3


def test_a_detector_reads_with_its_own_preprocessing(student, data, signature):
    other = signature.model_copy(update={"inputs": (image_input(Preprocessing(size=(8, 8))),)})
    view = open_dataset(data.folder, other)
    assert np.array_equal(score(student, view), score(student, data))


def test_progress_is_told(student, data):
    told = []
    score(student, data, lambda done, total: told.append((done, total)))
    assert told[-1] == (len(data), len(data))
