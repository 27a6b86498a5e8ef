import pytest
import torch
from torch import nn

from edgekit.calibration.program import float_program, unlift
from edgekit.calibration.rewrites import REWRITES, rewrite_graph, rewritten
from edgekit.calibration.scheme import SCHEMES
from edgekit.errors import InputError
from edgekit.target import targets


def test_schemes_and_targets_name_rewrites_that_exist():
    named = [scheme.rewrites for scheme in SCHEMES.values()]
    named += [target.rewrites for target in targets().values()]
    assert {name for names in named for name in names} <= set(REWRITES)


def test_an_unknown_rewrite_is_refused():
    graph = unlift(torch.export.export(nn.ReLU(), (torch.zeros(1, 2),)))
    with pytest.raises(InputError, match="unknown rewrite 'fuse'"):
        rewrite_graph(graph, ["fuse"])


def test_a_program_without_such_places_is_the_same_object(program):
    assert rewritten(program, REWRITES) is program


def test_all_rewrites_together_keep_the_function(detector_of, run_program):
    torch.manual_seed(0)
    layers = nn.Conv2d(3, 6, 7, 2, 3, groups=3), nn.GELU(), nn.Conv2d(6, 2, 1), nn.Flatten()
    program = float_program(detector_of(nn.Sequential(*layers), (1, 3, 8, 8)))
    changed, sample = rewritten(program, REWRITES), torch.randn(1, 3, 8, 8)
    assert len(list(changed.graph.nodes)) > len(list(program.graph.nodes)) + 10
    assert torch.allclose(run_program(changed, sample), run_program(program, sample), atol=1e-5)
