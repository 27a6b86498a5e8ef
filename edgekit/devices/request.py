"""What a runner shall do with a bundle, whatever Device starts it."""

from dataclasses import dataclass, replace
from pathlib import Path

UNTIL_STABLE = -1  # for `warmup`


@dataclass(frozen=True)
class Request:
    """What a runner shall do: run every sample once, and what else is wanted of time and tensors.

    Attributes:
        threads: of the runtime.
        warmup: untimed runs of the first sample before the timed ones; `UNTIL_STABLE` for as many
            as it takes.
        runs: timed runs of the first sample.
        against: a bundle to time in the same process, in turns with this one, on its own first
            golden sample.
        swap: `against` has the first and the last turn.
        batch: time that many copies of the first sample at once as well.
        sustained_s: run the first sample that long without a pause as well, seconds.
        plain: with the runtime's plain kernels.
        taps: tensors inside of the artifact to bring back besides, by the runtime's names; those of
            ONNX and TFLite files must be outputs of the file.
        profile: have the runtime's own profiler say where the time goes as well.
        profile_runs: inferences that it looks at; 0 for as many as the session takes by itself.
        timeout_s: when to give up, seconds; the Device's own when None.
        launcher: command that starts the interpreter's, such as a counter's; on this machine only.
        counts: file where an emulated ARM core writes how many instructions of each class the
            runner executed; its times then mean nothing. With `profile` also how many between two
            readings of the clock.
        memory: with `counts`, also what the runner reads and writes; that takes longer.
    """

    threads: int = 1
    warmup: int = 0
    runs: int = 0
    against: Path | None = None
    swap: bool = False
    batch: int = 1
    sustained_s: float = 0.0
    plain: bool = False
    taps: tuple[str, ...] = ()
    profile: bool = False
    profile_runs: int = 0
    timeout_s: float | None = None
    launcher: tuple[str, ...] = ()
    counts: Path | None = None
    memory: bool = False

    @property
    def timed(self) -> bool:
        """Whether anything is timed."""
        return self.runs > 0 or self.sustained_s > 0 or self.profile

    def within(self, timeout_s: float | None) -> "Request":
        """Return it with a Device's own time limit, seconds, where it has none itself."""
        return replace(self, timeout_s=self.timeout_s or timeout_s)

    def flags(self) -> list[str]:
        """Return the runner's arguments; `against` is a path that each transport has to name."""
        numbers = {"threads": self.threads, "warmup": self.warmup, "runs": self.runs}
        numbers |= {"batch": self.batch} if self.batch > 1 else {}
        found = [part for name, value in numbers.items() for part in (f"--{name}", str(value))]
        if self.sustained_s:
            found += ["--sustained", str(self.sustained_s)]
        if self.profile_runs:
            found += ["--profile-runs", str(self.profile_runs)]
        found += [f"--tap={tap}" for tap in self.taps]
        wanted = ("swap", "plain", "profile")
        return found + [f"--{name}" for name in wanted if getattr(self, name)]


RUN = Request()  # every sample once, nothing timed
