"""`edgekit bench`: how fast is it, against its fp32 sibling?"""

from edgekit.cli.options import HERE, BundleArgument, DeviceOption, JsonOption, ProjectOption
from edgekit.cli.session import EXIT_CODES
from edgekit.cli.work import opened, workspace


def bench(
    bundle: BundleArgument,
    project: ProjectOption = HERE,
    device: DeviceOption = "local",
    as_json: JsonOption = False,
) -> None:
    """Time a bundle's artifact in interleaved pairs of fresh processes."""
    with workspace(project, as_json) as (current, space):
        from edgekit.steps import judge

        result = judge.bench(space, bundle, opened(space, [device])[0])
        current.code = EXIT_CODES[result["verdict"]]
        current.emit(result)
        current.say(
            f"{bundle.name}: {result['verdict']} (evidence {result['evidence']})\n"
            f"  p50 {result['p50_ms']:.3f} ms, p90 {result['p90_ms']:.3f} ms, "
            f"p99 {result['p99_ms']:.3f} ms over {result['runs']} runs, "
            f"peak memory {result['peak_mem_bytes'] / 2**20:.0f} MiB"
        )
        if result["against"]:
            low, high = result["against"]["ci95"]
            current.say(
                f"  {result['against']['ratio']:.3f} [{low:.3f}, {high:.3f}] times the latency of "
                f"{result['against']['name']}"
            )
        for line in result["reasons"]:
            current.say(f"  {line}")
