"""Real bundles through a real ssh server."""

import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from hashlib import sha256

import numpy as np
import pytest

from edgekit.devices import archive, local
from edgekit.devices.device import device_named
from edgekit.devices.request import Request
from edgekit.errors import EdgekitError, OutputError, UnavailableError
from edgekit.search.profilers import kernels
from edgekit.target import target_named
from edgekit.verification.layers.artifacts import trace_artifact
from edgekit.verification.layers.programs import layers_of
from tests.ssh_server import Server, free_port, make_key


def settled(condition, seconds=30):
    """Wait until something is true; tell whether it became so."""
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return condition()


def is_empty(server):
    return not list((server.folder / "board" / "runs").iterdir())


@pytest.mark.parametrize("target", ["x86", "android"])
def test_a_board_gives_what_this_machine_gives(server, bundles, golden, target):
    bundle = bundles.of(target, "int8")
    there = server.device()(bundle, golden, Request(runs=2, warmup=1))
    here = local.run(bundle, golden)
    np.testing.assert_array_equal(there.logits, here.logits)
    assert len(there.times_ms) == 2
    assert is_empty(server)


@pytest.mark.parametrize("target", ["x86", "android"])
def test_a_board_shows_the_tensors_that_this_machine_shows(
    server, bundles, golden, program, target
):
    bundle, layers = bundles.of(target, "int8"), layers_of(program)
    sides = [server.device(), device_named("local")]
    there, here = (trace_artifact(side, bundle, (golden["image"],), layers) for side in sides)
    assert len(there) > 10
    assert there.keys() == here.keys()
    for name, value in here.items():
        np.testing.assert_array_equal(there[name], value)
    assert is_empty(server)


def test_a_boards_own_profiler_names_its_kernels(server, bundles, program):
    found = kernels(server.device(), bundles.of("x86", "int8"))
    assert {kernel.name for kernel in found} & {layer.name for layer in layers_of(program)}
    assert sum(kernel.us for kernel in found) > 0


def test_a_second_bundle_goes_with_its_golden_inputs(
    server, bundles, golden, tmp_path, monkeypatch
):
    text = "import os, sys; other = sys.argv[sys.argv.index('--against') + 1]; sys.exit("
    text += "' '.join(sorted(os.path.join(*path.split(os.sep)[-2:]) for path in "
    text += "(os.path.join(place, name) for place, _, names in os.walk(other) for name in names))))"
    monkeypatch.setattr(archive, "MAIN", text)
    with pytest.raises(EdgekitError, match=r"against/manifest\.json .*inputs/image\.npy"):
        server.device()(
            bundles.of("x86", "int8"), golden, Request(against=bundles.of("x86", "fp32"))
        )


def test_it_says_what_it_is(server):
    probe = server.device().probe()
    assert probe.works
    assert probe.runtimes["onnxruntime"]
    assert probe.free_bytes > 0


def test_evidence_is_the_devices_where_it_is_what_the_target_is_for(server):
    device = server.device()
    evidence = {name: device.evidence(target_named(name)) for name in ("x86", "jetson", "android")}
    machine = device.probe().machine
    assert evidence["x86"] == ("device" if machine == "x86_64" else "host")
    assert evidence["android"] == ("device" if machine == "aarch64" else "host")
    assert evidence["jetson"] == "reference"


def test_nothing_is_sent_twice(server, bundles, golden):
    bundle, device = bundles.of("x86", "int8"), server.device()
    device(bundle, golden)
    objects = server.folder / "board" / "objects"
    before = {path.name: path.stat().st_ino for path in objects.iterdir()}
    server.device()(bundle, golden)
    assert {path.name: path.stat().st_ino for path in objects.iterdir()} == before


@pytest.mark.parametrize("damage", ["half", "wrong", "too much"])
def test_sending_goes_on_where_it_stopped(server, bundles, golden, damage):
    whole = archive.packed()
    left = {"half": whole[: len(whole) // 2], "wrong": b"x" * 99, "too much": whole + b"x"}[damage]
    objects = server.folder / "board" / "objects"
    objects.mkdir(parents=True)
    (objects / f"{sha256(archive.packed()).hexdigest()}.part").write_bytes(left)
    assert len(server.device()(bundles.of("x86", "int8"), golden).logits) == len(golden["image"])


def test_an_edited_file_on_the_board_is_sent_again(server, bundles, golden):
    bundle, device = bundles.of("x86", "int8"), server.device()
    device(bundle, golden)
    objects = server.folder / "board" / "objects"
    (objects / sha256(archive.packed()).hexdigest()).write_text("print('mine')")
    assert len(device(bundle, golden).logits) == len(golden["image"])


def test_what_a_login_script_writes_does_no_harm(server, bundles, golden, tmp_path):
    chatty = tmp_path / "python"
    chatty.write_text(f'#!/bin/sh\necho "Welcome to this board"\nexec "{sys.executable}" "$@"\n')
    chatty.chmod(0o755)
    assert server.device(python=str(chatty)).probe().works


def other_config(server, tmp_path, **changes):
    """Write a client configuration that differs from the server's own; keys may be left out."""
    lines = (server.folder / "ssh_config").read_text().splitlines()
    kept = [line for line in lines if line.split()[0] not in changes]
    added = [f'{key} "{value}"' for key, value in changes.items() if value]
    (tmp_path / "config").write_text("\n".join([*kept, *added, ""]))
    return str(tmp_path / "config")


def fails(device, said):
    with pytest.raises(UnavailableError, match=said) as caught:
        device.prepare("onnxruntime")
    assert "\n" not in str(caught.value)
    probe = device.probe()
    assert not probe.works
    assert probe.fix


def test_an_unknown_host_key_is_refused(server, tmp_path):
    config = other_config(server, tmp_path, UserKnownHostsFile=tmp_path / "nothing")
    fails(server.device(ssh_config=config), "host key is not known here")


def test_a_changed_host_key_is_refused(server, tmp_path):
    other = make_key(tmp_path / "other")
    (tmp_path / "hosts").write_text(f"[127.0.0.1]:{server.port} {other}\n")
    config = other_config(server, tmp_path, UserKnownHostsFile=tmp_path / "hosts")
    fails(server.device(ssh_config=config), "not the one that is known")


def test_a_refused_key_is_said(server, tmp_path):
    make_key(tmp_path / "stranger")
    config = other_config(server, tmp_path, IdentityFile=None)
    device = server.device(ssh_config=config, identity=str(tmp_path / "stranger"))
    fails(device, "refuses the key")


def test_a_named_identity_gets_in(server, tmp_path):
    config = other_config(server, tmp_path, IdentityFile=None)
    identity = str(server.folder / "user_key")
    assert server.device(ssh_config=config, identity=identity).probe().works


def test_a_key_that_others_can_read_is_said(server, tmp_path):
    shutil.copy(server.folder / "user_key", tmp_path / "open")
    (tmp_path / "open").chmod(0o644)
    config = other_config(server, tmp_path, IdentityFile=None)
    fails(server.device(ssh_config=config, identity=str(tmp_path / "open")), "others can read")


def test_a_wrong_configuration_is_said(server, tmp_path):
    config = other_config(server, tmp_path, NoSuchOption="yes")
    fails(server.device(ssh_config=config), "ssh does not take its configuration")


def test_the_agent_is_asked(server, tmp_path, monkeypatch):
    address = tmp_path / "agent"
    agent = subprocess.Popen(["ssh-agent", "-D", "-a", str(address)], stdout=subprocess.DEVNULL)
    try:
        assert settled(address.exists)
        monkeypatch.setenv("SSH_AUTH_SOCK", str(address))
        key = str(server.folder / "user_key")
        subprocess.run(["ssh-add", "-q", key], check=True, capture_output=True)
        changes = {"IdentityFile": None, "IdentityAgent": None, "IdentitiesOnly": None}
        config = other_config(server, tmp_path, **changes)
        assert server.device(ssh_config=config).probe().works
    finally:
        agent.terminate()
        agent.wait()


def test_an_alias_of_the_users_configuration_is_a_host(server, tmp_path):
    config = other_config(server, tmp_path, HostName="127.0.0.1", Port=server.port)
    (tmp_path / "config").write_text("Host pi4\n" + (tmp_path / "config").read_text())
    assert server.device(url="ssh://pi4", ssh_config=config).probe().works


def test_a_port_where_nothing_listens(server):
    fails(server.device(url=f"ssh://127.0.0.1:{free_port()}"), "nothing listens")


def test_a_host_that_does_not_exist(server):
    fails(server.device(url="ssh://board.invalid"), "no such host")


def test_a_host_that_does_not_answer(server):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ssh://127.0.0.1:{silent.getsockname()[1]}"
        fails(server.device(url=url, connect_timeout_s=1), "does not answer in time")


def test_no_such_python_on_the_board(server):
    fails(server.device(python="python9"), "cannot start python9")


def test_a_python_that_is_too_old(server, tmp_path):
    old = tmp_path / "python"
    lie = "import sys; sys.version_info = (3, 6, 9); sys.version = '3.6.9 (old)'; "
    old.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$1" "{lie}$2"\n')
    old.chmod(0o755)
    fails(server.device(python=str(old)), "it has Python 3.6.9, edgekit needs 3.8")


def test_a_board_without_the_runtime(server, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    device = server.device(python=str(tmp_path / "bare" / "bin" / "python"))
    with pytest.raises(UnavailableError, match="has no ai-edge-litert or tflite-runtime"):
        device.prepare("litert")


def test_core_ml_needs_a_mac(server, bundles, golden):
    if sys.platform == "darwin":
        pytest.skip("this is a Mac")
    with pytest.raises(UnavailableError) as caught:
        server.device()(bundles.of("iphone", "fp32"), golden)
    assert caught.value.reason == "Core ML executes on macOS only, this is Linux"


def test_a_full_disk_is_said(server, bundles, golden, tiny_disk):
    disk = tiny_disk("size=64k")
    with pytest.raises(OutputError, match=r"device 'board': cannot write .*: the disk is full"):
        server.device(folder=str(disk))(bundles.of("x86", "fp32"), golden)
    assert list((disk / "runs").iterdir()) == []


def test_a_folder_that_cannot_be_written(server, bundles, golden, tmp_path):
    (tmp_path / "file").write_text("")
    device = server.device(folder=str(tmp_path / "file"))
    with pytest.raises(OutputError, match="a part of the path is a file"):
        device(bundles.of("x86", "fp32"), golden)


def test_a_crash_names_its_signal(server, bundles, golden, tmp_path, monkeypatch):
    crash = "import os, signal; os.kill(os.getpid(), signal.SIGSEGV)"
    monkeypatch.setattr(archive, "MAIN", crash)
    with pytest.raises(EdgekitError, match=rf"crashed on .* on board with {signal.SIGSEGV.name}"):
        server.device()(bundles.of("x86", "fp32"), golden)


def test_a_run_that_hangs_is_stopped(server, bundles, golden, tmp_path, monkeypatch):
    mark = tmp_path / "process"
    text = f"import os, time; open({str(mark)!r}, 'w').write(str(os.getpid())); time.sleep(999)"
    monkeypatch.setattr(archive, "MAIN", text)
    with pytest.raises(EdgekitError, match="took more than 2 s"):
        server.device()(bundles.of("x86", "fp32"), golden, Request(timeout_s=2))
    assert settled(lambda: not _runs(int(mark.read_text())))
    assert is_empty(server)


def _runs(process):
    import psutil

    return psutil.pid_exists(process)


@pytest.mark.parametrize("name", ["logits.npy", "result.json"])
def test_a_result_that_is_cut_short_is_no_result(
    server, bundles, golden, tmp_path, monkeypatch, name
):
    text = f"""
import os, sys
from runner.main import main
main(sys.argv[1:])
path = os.path.join(sys.argv[3], {name!r})
os.truncate(path, os.path.getsize(path) // 2)
"""
    monkeypatch.setattr(archive, "MAIN", text)
    with pytest.raises(EdgekitError, match="damaged or cut short"):
        server.device()(bundles.of("x86", "fp32"), golden)


def waiting(mark):
    """A runner that hangs the first time, and works the second time."""
    return f"""
import os, time
if not os.path.exists({str(mark)!r}):
    open({str(mark)!r}, "w").close()
    time.sleep(999)
{archive.MAIN}"""


def test_a_dropped_connection_is_tried_once_more(server, bundles, golden, tmp_path, monkeypatch):
    mark, dropped = tmp_path / "mark", []
    monkeypatch.setattr(archive, "MAIN", waiting(mark))

    def pull():
        dropped.append(settled(mark.exists, 120) and server.drop())

    cable = threading.Thread(target=pull)
    cable.start()
    result = server.device()(bundles.of("x86", "fp32"), golden)
    cable.join()
    assert dropped == [True]
    np.testing.assert_array_equal(
        result.logits, local.run(bundles.of("x86", "fp32"), golden).logits
    )
    assert settled(lambda: is_empty(server))


def test_a_board_that_vanishes_ends_in_one_line(server, bundles, golden, tmp_path, monkeypatch):
    mark = tmp_path / "mark"
    folder = tmp_path / "vanishing"
    folder.mkdir()
    other = Server(folder)
    other.set_up()
    other.start()
    monkeypatch.setattr(archive, "MAIN", waiting(mark))

    def vanish():
        settled(mark.exists, 120)
        other.stop()

    plug = threading.Thread(target=vanish)
    plug.start()
    with pytest.raises(UnavailableError, match="device 'board'") as caught:
        other.device()(bundles.of("x86", "fp32"), golden)
    plug.join()
    assert "\n" not in str(caught.value)
    assert settled(lambda: is_empty(other))


@pytest.mark.slow
def test_a_board_gets_its_runtime_once(server, bundles, golden, tmp_path, monkeypatch):
    """Wheels come from where pip takes them; the board's own Python has nothing."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "bare"], check=True)
    changes = {"python": str(tmp_path / "bare" / "bin" / "python"), "runtime": None}
    bundle = bundles.of("android", "int8")
    result = server.device(**changes)(bundle, golden)
    np.testing.assert_array_equal(result.logits, local.run(bundle, golden).logits)
    sites = server.folder / "board" / "sites"
    (site,) = [path for path in sites.iterdir() if path.is_dir()]
    module = site / "numpy" / "__init__.py"
    before = module.stat().st_ctime_ns
    server.device(**changes)(bundle, golden)
    assert module.stat().st_ctime_ns == before
    module.write_text("")
    result = server.device(**changes)(bundle, golden)
    assert len(result.logits) == len(golden["image"])
    assert module.stat().st_size > 0
