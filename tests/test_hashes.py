import json

from edgekit.hashes import sha256_json, sha256_tree, size_of


def test_a_tree_is_known_by_names_and_bytes(tmp_path):
    def tree(name, files):
        for file, text in files.items():
            (tmp_path / name / file).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name / file).write_text(text)
        return sha256_tree(tmp_path / name)

    first = tree("first", {"a/b": "1", "c": "2"})
    assert tree("same", {"c": "2", "a/b": "1", ".hidden": "3"}) == first
    assert tree("renamed", {"a/d": "1", "c": "2"}) != first
    assert tree("changed", {"a/b": "1", "c": "3"}) != first
    assert size_of(tmp_path / "first") == 2


def test_canonical_json_hashes_alike():
    assert sha256_json({"a": 1, "b": [2]}) == sha256_json(json.loads('{"b": [2], "a": 1}'))
