import torch
from torch import nn

from edgekit.calibration.corrections.walk import walk


class InPlace(nn.Module):
    """Writes into its input, reads a constant, and gives one of several results."""

    def __init__(self):
        super().__init__()
        self.layer = nn.Linear(4, 4)
        self.register_buffer("shift", torch.arange(4.0))

    def forward(self, values):
        kept = values + self.shift
        values.relu_()
        return torch.split(self.layer(values) + kept, 2, dim=1)[1]


def test_the_walk_gives_what_the_graph_gives(traced):
    torch.manual_seed(0)
    model, samples = InPlace(), [(torch.randn(1, 4),) for _ in range(3)]
    graph = traced(model, samples[0][0].clone())
    expected = [graph(sample[0].clone()) for sample in samples]
    before = [sample[0].clone() for sample in samples]
    assert all(map(torch.equal, walk(graph, samples), expected))
    assert all(torch.equal(s[0], b) for s, b in zip(samples, before, strict=True))


def test_tensors_that_nobody_reads_any_more_are_let_go(traced):
    model = nn.Sequential(*[nn.Linear(4, 4) for _ in range(8)])
    graph, held = traced(model, torch.randn(1, 4)), []

    def count(node, values):
        held.append(sum(one.op == "call_function" for one in values))

    walk(graph, [(torch.randn(1, 4),)], after=count)
    assert max(held) == 2


def test_what_a_visitor_changes_is_what_later_nodes_read(traced):
    model = nn.Sequential(nn.Linear(4, 4), nn.ReLU())
    graph = traced(model, torch.randn(1, 4))

    def zero(node, values):
        if node.target == torch.ops.aten.linear.default:
            values[node] = [value * 0 for value in values[node]]

    (result,) = walk(graph, [(torch.ones(1, 4),)], after=zero)
    assert not result.any()


def test_gradients_flow_where_they_are_switched_on(traced):
    model = nn.Sequential(nn.Linear(4, 2))
    graph = traced(model, torch.randn(1, 4))
    for result in walk(graph, [(torch.ones(1, 4),)]):
        result.sum().backward()
    gradient = dict(graph.named_parameters())["0.weight"].grad
    assert gradient is not None
    assert torch.equal(gradient, torch.ones(2, 4))
