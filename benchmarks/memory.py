"""How much memory a process and its children take together."""

import threading
import time
from types import TracebackType

import psutil

_PAUSE_S = 0.05


class PeakMemory:
    """Watches a running process until it ends.

        with PeakMemory(process.pid) as peak:
            process.wait()
        print(peak.bytes)

    Attributes:
        bytes: the largest resident size that was seen, of the process and its children together.
    """

    def __init__(self, process: int) -> None:
        self.bytes = 0
        self._thread = threading.Thread(target=self._watch, args=(process,))

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Wait for the process to end."""
        self._thread.join()

    def _watch(self, process: int) -> None:
        try:
            root = psutil.Process(process)
            while root.is_running() and root.status() != psutil.STATUS_ZOMBIE:
                self.bytes = max(self.bytes, _resident(root))
                time.sleep(_PAUSE_S)
        except psutil.NoSuchProcess:
            return


def _resident(root: psutil.Process) -> int:
    total = 0
    for process in [root, *root.children(recursive=True)]:
        try:
            total += process.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total
