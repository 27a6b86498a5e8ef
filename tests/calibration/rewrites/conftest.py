import pytest
import torch

from edgekit.calibration.program import relift, unlift


def _compare(rewrite, model, *shape):
    """Rewrite a traced model: how often, the new graph, and its largest difference."""
    sample = torch.randn(*shape)
    graph = unlift(torch.export.export(model.eval(), (sample,)))
    count = rewrite(graph)
    program = relift(graph, (sample,))
    with torch.inference_mode():
        wanted, got = model(sample), program.module(check_guards=False)(sample)
    assert got.shape == wanted.shape
    return count, program.graph, float((got - wanted).abs().max())


@pytest.fixture(scope="session")
def compare():
    return _compare
