"""What was found so far, so that a run that was stopped carries on."""

import json
from pathlib import Path

from benchmarks.faults.bench import Json


class Notes:
    """Findings by key, one JSON line each as soon as it is there."""

    def __init__(self, path: Path) -> None:
        self._path = path
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        self._found: dict[str, Json] = {}
        for line in lines:
            row = json.loads(line)
            self._found[row.pop("key")] = row

    def __contains__(self, key: str) -> bool:
        return key in self._found

    def __getitem__(self, key: str) -> Json:
        return self._found[key]

    def add(self, key: str, row: Json) -> None:
        """Note a finding."""
        self._found[key] = row
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"key": key, **row}) + "\n")
