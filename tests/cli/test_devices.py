"""`edgekit devices`, and `edgekit verify` on devices."""

import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from edgekit.devices import archive
from tests.small_project import Answer, Edgekit
from tests.ssh_server import Server, free_port

BUNDLE = "build/bundles/x86-int8"


@pytest.fixture(autouse=True)
def _own_settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def entry(server: Server, name: str, **changes: str) -> str:
    settings = server.settings(**changes).model_dump(exclude_none=True)
    lines = [f"{key} = {json.dumps(value)}\n" for key, value in settings.items()]
    return f"\n[devices.{name}]\n{''.join(lines)}"


def add(project: Path, *entries: str) -> None:
    path = project / "edgekit.toml"
    path.write_text(path.read_text() + "".join(entries))


def rows(answer: Answer) -> dict[str, dict]:
    return {row["name"]: row for row in answer.json["devices"]}


def test_devices_are_listed_and_asked(new_project: Path, server: Server, edgekit: Edgekit) -> None:
    dead = f'\n[devices.dead]\nurl = "ssh://127.0.0.1:{free_port()}"\n'
    add(new_project, entry(server, "pi4"), dead)
    answer = edgekit("devices", "--json", cwd=new_project)
    assert answer.code == 0
    found = rows(answer)
    assert list(found) == ["local", "emulated", "emulated-x86", "pi4", "dead"]
    assert found["pi4"]["works"]
    assert found["pi4"]["runtimes"].keys() >= {"numpy", "onnxruntime"}
    assert found["dead"]["detail"] == "nothing listens on that port"
    said = edgekit("devices", cwd=new_project).out
    assert "nothing listens on that port  ->" in said


def test_a_named_device_that_is_not_there_is_exit_code_3(
    server: Server, edgekit: Edgekit, tmp_path: Path
) -> None:
    url = f"ssh://127.0.0.1:{free_port()}"
    assert edgekit("devices", url, cwd=tmp_path).code == 3
    assert edgekit("devices", "local", cwd=tmp_path).code == 0


def test_a_device_can_be_prepared(new_project: Path, server: Server, edgekit: Edgekit) -> None:
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", new_project / "bare"], check=True
    )
    python = str(new_project / "bare" / "bin" / "python")
    add(new_project, entry(server, "pi4"), entry(server, "bare", python=python))
    good = rows(edgekit("devices", "pi4", "--prepare", "--json", cwd=new_project))["pi4"]
    assert (good["works"], good["faults"]) == (True, [])
    bad = rows(edgekit("devices", "bare", "--prepare", "--json", cwd=new_project))["bare"]
    assert not bad["works"]
    assert any("has no onnxruntime" in fault for fault in bad["faults"])


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("devices", "toaster"), "unknown device 'toaster'"),
        (("devices", "ssh://-oProxyCommand=x"), "write it as ssh://user@host"),
        (("verify", BUNDLE, "--device", "toaster"), "unknown device 'toaster'"),
        (("verify", BUNDLE, "--runtime", "tflite"), "does not name a runtime"),
        (("verify", BUNDLE, "--runtime", "torch==2.0"), "edgekit runs nothing with torch"),
        (("verify", BUNDLE, "--runtime", "tflite-runtime==2.14.0"), "It takes onnxruntime"),
    ],
)
def test_mistakes_are_one_line(
    done_project: Path, edgekit: Edgekit, arguments: tuple[str, ...], said: str
) -> None:
    answer = edgekit(*arguments, cwd=done_project)
    assert answer.code == 2
    assert said in answer.complaint


def test_a_wrong_entry_is_named(new_project: Path, edgekit: Edgekit) -> None:
    add(new_project, '\n[devices.pi4]\nurl = "ssh://pi4"\nspeed = 1\n')
    answer = edgekit("devices", cwd=new_project)
    assert answer.code == 2
    assert "devices.pi4.speed" in answer.complaint


def test_verify_on_a_board_says_so(done_project: Path, server: Server, edgekit: Edgekit) -> None:
    add(done_project, entry(server, "pi4"))
    answer = edgekit("verify", BUNDLE, "--device", "pi4", "--json", cwd=done_project)
    here = edgekit("verify", BUNDLE, "--json", cwd=done_project)
    assert (answer.code, answer.json["device"]) == (0, "pi4")
    assert answer.json["decision"] == here.json["decision"]


def test_bench_runs_on_a_board(done_project: Path, server: Server, edgekit: Edgekit) -> None:
    add(done_project, entry(server, "pi4"))
    answer = edgekit("bench", BUNDLE, "--device", "pi4", "--json", cwd=done_project)
    assert answer.json["device"] == "pi4", answer.err
    assert answer.json["p50_ms"] > 0


def test_bench_never_times_an_emulated_core(done_project: Path, edgekit: Edgekit) -> None:
    answer = edgekit("bench", BUNDLE, "--device", "emulated", cwd=done_project)
    assert answer.code == 3
    assert "cannot time on an emulated core" in answer.complaint


def test_several_devices_at_once(done_project: Path, server: Server, edgekit: Edgekit) -> None:
    """One that is not there costs nothing but its own result."""
    dead = f'\n[devices.dead]\nurl = "ssh://127.0.0.1:{free_port()}"\n'
    add(done_project, entry(server, "pi4"), dead)
    names = ("--device", "pi4", "--device", "dead", "--device", "local")
    answer = edgekit("verify", BUNDLE, *names, "--json", cwd=done_project)
    assert (answer.code, answer.json["verdict"]) == (3, "unavailable")
    found = answer.json["devices"]
    assert {name: one["verdict"] for name, one in found.items()} == {
        "pi4": "pass",
        "dead": "unavailable",
        "local": "pass",
    }
    assert found["dead"]["reason"] == "nothing listens on that port"
    said = edgekit("verify", BUNDLE, *names, cwd=done_project)
    assert "x86-int8 on dead: unavailable" in said.out
    assert all(f"verify on {name}" in said.err for name in ("pi4", "dead", "local"))


def test_a_board_that_vanishes_costs_only_its_own_result(
    done_project: Path, server: Server, edgekit: Edgekit, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = done_project / "other"
    folder.mkdir()
    other = Server(folder)
    other.set_up()
    other.start()
    # Waits on the second board alone, which it knows by its folder.
    waits = f"""
import sys, time
if {str(folder)!r} in sys.argv[1]:
    open({str(folder / "mark")!r}, "w").close()
    time.sleep(999)
"""
    monkeypatch.setattr(archive, "MAIN", waits + archive.MAIN)
    add(done_project, entry(server, "stays"), entry(other, "goes"))

    def vanish() -> None:
        deadline = time.monotonic() + 120
        while not (folder / "mark").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        other.stop()

    plug = threading.Thread(target=vanish)
    plug.start()
    names = ("--device", "goes", "--device", "stays")
    answer = edgekit("verify", BUNDLE, *names, "--json", cwd=done_project)
    plug.join()
    verdicts = {name: one["verdict"] for name, one in answer.json["devices"].items()}
    assert verdicts == {"goes": "unavailable", "stays": "pass"}


@pytest.mark.slow
def test_bench_counts_on_the_emulated_core(done_project: Path, edgekit: Edgekit) -> None:
    bundle = "build/bundles/android-int8"
    count = ("--device", "emulated", "--count", "instructions")
    answer = edgekit("bench", bundle, *count, "--json", cwd=done_project)
    if answer.code == 3:
        pytest.skip(answer.complaint)
    assert answer.code == 0, answer.err
    assert answer.json["evidence"] == "emulated"
    assert answer.json["count"]["core"] == "cortex-a76"
    assert answer.json["count"]["classes"]["dot"] > 0
    assert not [key for key in answer.json if key.endswith("_ms")]
    refused = edgekit("bench", bundle, *count, "--against", bundle, cwd=done_project)
    assert "never timed" in refused.complaint


@pytest.mark.slow
def test_verify_on_the_emulated_core(done_project: Path, edgekit: Edgekit) -> None:
    (row,) = edgekit("devices", "emulated", "--json", cwd=done_project).json["devices"]
    if not row["works"]:
        pytest.skip(f"{row['detail']}: {row['fix']}")
    bundle = "build/bundles/android-int8"
    answer = edgekit("verify", bundle, "--device", "emulated", "--json", cwd=done_project)
    assert answer.json["evidence"] == "emulated", answer.err
    assert answer.json["images"] == 48


@pytest.mark.slow
def test_verify_with_an_old_runtime(done_project: Path, edgekit: Edgekit) -> None:
    arguments = ("verify", "build/bundles/android-fp32", "--runtime", "tflite-runtime==2.14.0")
    answer = edgekit(*arguments, "--json", cwd=done_project)
    assert answer.code == 0, answer.err
    assert (answer.json["runtime"], answer.json["evidence"]) == ("tflite-runtime==2.14.0", "host")
