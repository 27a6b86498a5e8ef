"""The documents: their links lead somewhere, their commands exist, the README's ones work."""

import re
import shlex
from pathlib import Path

import pytest

from edgekit.cli.app import COMMANDS
from tests.small_project import Edgekit

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def _commands(page: Path) -> list[list[str]]:
    blocks = re.findall(r"```sh\n(.*?)```", page.read_text(), flags=re.DOTALL)
    lines = [line.partition("#")[0].strip() for block in blocks for line in block.splitlines()]
    parts = [shlex.split(part) for line in lines for part in line.split("&&")]
    return [words for words in parts if words and words[0] == "edgekit"]


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text()):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_commands_exist(page: Path, edgekit: Edgekit) -> None:
    for words in _commands(page):
        assert words[1] in COMMANDS, words
        explained = edgekit(words[1], "--help").out
        for word in words[2:]:
            if word.startswith("--"):
                assert word in explained, words


@pytest.mark.slow
def test_the_readmes_commands_work(done_project: Path, edgekit: Edgekit) -> None:
    """In a project that ran, every command of the README ends as the README says."""
    found = _commands(ROOT / "README.md")
    assert {words[1] for words in found} >= {"init", "run", "export", "verify", "bench"}
    for words in found:
        answer = edgekit(*words[1:], cwd=done_project)
        # 4: too noisy a machine to judge a speed; 3: nothing here executes Core ML.
        fine = {0, 4 if words[1] in ("bench", "run") else 0, 3 if "iphone" in str(words) else 0}
        assert answer.code in fine, (words, answer.out, answer.err)
