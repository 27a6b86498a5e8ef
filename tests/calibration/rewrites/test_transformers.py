import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from edgekit.calibration.program import float_program
from edgekit.calibration.rewrites import rewritten

aten = torch.ops.aten


class Attention(nn.Module):
    """Self-attention as timm writes it."""

    def __init__(self, heads, size, masked=False):
        super().__init__()
        self.heads, self.size, self.masked = heads, size, masked
        width = heads * size
        self.qkv, self.proj = nn.Linear(width, 3 * width), nn.Linear(width, width)

    def forward(self, tokens):
        batch, count, width = tokens.shape
        packed = self.qkv(tokens).reshape(batch, count, 3, self.heads, self.size)
        query, key, value = packed.permute(2, 0, 3, 1, 4).unbind(0)
        mixed = nn.functional.scaled_dot_product_attention(query, key, value, is_causal=self.masked)
        return self.proj(mixed.transpose(1, 2).reshape(batch, count, width))


class Block(nn.Module):
    """One transformer block and a head that reads the first token."""

    def __init__(self, heads, size, masked=False):
        super().__init__()
        width = heads * size
        self.norm, self.attention = nn.LayerNorm(width), Attention(heads, size, masked)
        self.mlp = nn.Sequential(
            nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width)
        )
        self.head = nn.Linear(width, 2)

    def forward(self, tokens):
        tokens = tokens + self.attention(self.norm(tokens))
        return self.head((tokens + self.mlp(tokens))[:, 0])


def targets(program):
    return [node.target for node in program.graph.nodes]


@pytest.mark.parametrize(
    "names", [("attention",), ("flat_tokens",), ("attention", "flat_tokens")], ids="-".join
)
@settings(max_examples=5, deadline=None)
@given(heads=st.integers(1, 3), size=st.integers(2, 5), tokens=st.integers(2, 7))
def test_the_function_stays_the_same(detector_of, run_program, names, heads, size, tokens):
    torch.manual_seed(heads + size + tokens)
    shape = (1, tokens, heads * size)
    program = float_program(detector_of(Block(heads, size), shape))
    changed = rewritten(program, names)
    sample = torch.randn(shape)
    assert changed is not program
    wanted = run_program(program, sample)
    torch.testing.assert_close(run_program(changed, sample), wanted, rtol=1e-4, atol=1e-5)


def test_linears_work_on_two_dimensions(detector_of):
    program = rewritten(float_program(detector_of(Block(2, 4), (1, 5, 8))), ["flat_tokens"])
    linears = [node for node in program.graph.nodes if node.target == aten.linear.default]
    assert len(linears) == 5
    assert {node.meta["val"].dim() for node in linears} == {2}


def test_attention_becomes_two_products_of_three_dimensions(detector_of):
    program = rewritten(float_program(detector_of(Block(2, 4), (1, 5, 8))), ["attention"])
    assert aten.scaled_dot_product_attention.default not in targets(program)
    products = [node for node in program.graph.nodes if node.target == aten.matmul.default]
    assert [node.meta["val"].dim() for node in products] == [3, 3]


def test_masked_attention_is_left_alone(detector_of):
    program = float_program(detector_of(Block(2, 4, masked=True), (1, 5, 8)))
    assert rewritten(program, ["attention"]) is program


def test_a_network_without_tokens_is_left_alone(detector_of):
    program = float_program(detector_of(nn.Sequential(nn.Flatten(), nn.Linear(8, 2)), (1, 2, 4)))
    assert rewritten(program, ["attention", "flat_tokens"]) is program
