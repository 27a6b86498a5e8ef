"""The plugin of qemu, on programs whose every instruction is known: they are written here."""

import os
import shutil
import struct
import subprocess

import pytest

from edgekit.devices import counting, qemu
from edgekit.devices.cores import Caches
from edgekit.errors import UnavailableError
from edgekit.performance.clocks import read_clocks
from edgekit.performance.counters import read_qemu

BASE = 0x400000
# mov x0, #0; mov x8, #93 (exit); svc #0
END = (0xD2800000, 0xD2800BA8, 0xD4000001)
# As the Arm Architecture Reference Manual (DDI 0487) encodes them, registers 0, 1, 2 and the stack.
ENCODED = {
    "dot": {
        "sdot v0.4s, v1.16b, v2.16b": 0x4E829420,
        "sdot v0.4s, v1.16b, v2.4b[0]": 0x4F82E020,
        "udot v0.4s, v1.16b, v2.16b": 0x6E829420,
        "udot v0.4s, v1.16b, v2.4b[0]": 0x6F82E020,
        "usdot v0.4s, v1.16b, v2.16b": 0x4E829C20,
        "usdot v0.4s, v1.16b, v2.4b[0]": 0x4F82F020,
        "bfdot v0.4s, v1.8h, v2.8h": 0x6E42FC20,
    },
    "matrix": {
        "smmla v0.4s, v1.16b, v2.16b": 0x4E82A420,
        "ummla v0.4s, v1.16b, v2.16b": 0x6E82A420,
        "usmmla v0.4s, v1.16b, v2.16b": 0x4E82AC20,
        "bfmmla v0.4s, v1.8h, v2.8h": 0x6E42EC20,
    },
    "multiply_fp32": {
        "fmla v0.4s, v1.4s, v2.4s": 0x4E22CC20,
        "fmls v0.4s, v1.4s, v2.4s": 0x4EA2CC20,
        "fmla v0.4s, v1.4s, v2.s[0]": 0x4F821020,
        "fmul v0.4s, v1.4s, v2.4s": 0x6E22DC20,
    },
    "multiply_fp16": {
        "fmla v0.8h, v1.8h, v2.8h": 0x4E420C20,
        "fmla v0.8h, v1.8h, v2.h[0]": 0x4F021020,
        "fmul v0.8h, v1.8h, v2.8h": 0x6E421C20,
    },
    "multiply_integer": {
        "mla v0.4s, v1.4s, v2.4s": 0x4EA29420,
        "mul v0.4s, v1.4s, v2.4s": 0x4EA29C20,
        "smlal v0.8h, v1.8b, v2.8b": 0x0E228020,
        "smull v0.8h, v1.8b, v2.8b": 0x0E22C020,
        "smlal v0.4s, v1.4h, v2.h[0]": 0x0F422020,
        "mla v0.4s, v1.4s, v2.s[0]": 0x6F820020,
        "sqrdmulh v0.4s, v1.4s, v2.4s": 0x6EA2B420,
    },
    "vector": {
        "add v0.4s, v1.4s, v2.4s": 0x4EA28420,
        "fadd v0.4s, v1.4s, v2.4s": 0x4E22D420,
        "fmax v0.4s, v1.4s, v2.4s": 0x4E22F420,
        "saddl v0.8h, v1.8b, v2.8b": 0x0E220020,
        "sshr v0.4s, v1.4s, #1": 0x4F3F0420,
        "fmadd s0, s1, s2, s3": 0x1F020C20,
    },
    "vector_load": {
        "ldr q0, [sp]": 0x3DC003E0,
        "ld1 {v0.16b}, [sp]": 0x4C4073E0,
        "ld1r {v0.4s}, [sp]": 0x4D40CBE0,
        "ldr d0, [sp]": 0xFD4003E0,
    },
    "vector_loads": {
        "ldp q0, q1, [sp]": 0xAD4007E0,
        "ld1 {v0.16b, v1.16b}, [sp]": 0x4C40A3E0,
        "ld2 {v0.16b, v1.16b}, [sp]": 0x4C4083E0,
    },
    "vector_store": {"str q0, [sp]": 0x3D8003E0, "st1 {v0.16b}, [sp]": 0x4C0073E0},
    "vector_stores": {"stp q0, q1, [sp]": 0xAD0007E0},
    "load": {
        "ldr x0, [sp]": 0xF94003E0,
        "ldp x0, x1, [sp]": 0xA94007E0,
        "ldrsb w0, [sp]": 0x39C003E0,
        "prfm pldl1keep, [sp]": 0xF98003E0,
        "ldar x0, [sp]": 0xC8DFFFE0,
        "ldadd x0, x1, [sp]": 0xF82003E1,
    },
    "store": {
        "str x0, [sp]": 0xF90003E0,
        "stp x0, x1, [sp]": 0xA90007E0,
        "strb w0, [sp, x2]": 0x38226BE0,
        "stlr x0, [sp]": 0xC89FFFE0,
    },
    "branch": {"b .+4": 0x14000001, "cbz x0, .+4": 0xB4000020, "b.eq .+4": 0x54000020},
    "rest": {
        "add x0, x0, #1": 0x91000400,
        "mul x0, x1, x2": 0x9B027C20,
        "nop": 0xD503201F,
        "mrs x0, tpidr_el0": 0xD53BD040,
    },
}  # fmt: skip


def program(path, words):
    """Write a static ELF program for AArch64 of these instructions; at the end it exits with 0."""
    code = struct.pack(f"<{len(words) + len(END)}I", *words, *END)
    start, size = 64 + 56, 64 + 56 + len(code)
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHIQQQIHHHHHH", 2, 183, 1, BASE + start, 64, 0, 0, 64, 56, 1, 64, 0, 0)
    head += struct.pack("<IIQQQQQQ", 1, 5, 0, BASE, BASE, size, size, 0x1000)
    path.write_bytes(head + code)
    path.chmod(0o755)
    return path


def counts(emulator, path, out):
    command = [emulator, "-cpu", "max", *counting.flags(out, 1), str(path)]
    subprocess.run(command, check=True, capture_output=True)
    return {name: int(number) for name, number in map(str.split, out.read_text().splitlines())}


@pytest.mark.parametrize("kind", ENCODED)
def test_every_instruction_is_of_its_class(armed, tmp_path, kind):
    wrong = []
    nothing = counts(armed, program(tmp_path / "nothing", ()), tmp_path / "nothing.txt")
    assert {name: number for name, number in nothing.items() if number} == {"rest": len(END)}
    for text, word in ENCODED[kind].items():
        found = counts(armed, program(tmp_path / "program", (word,)), tmp_path / "counts.txt")
        more = [name for name, number in found.items() if number != nothing[name]]
        wrong += [] if more == [kind] else [(text, more)]
    assert not wrong


def test_a_loop_is_counted_as_often_as_it_runs(armed, tmp_path):
    # mov x1, #1000; fmla v0.4s, v1.4s, v2.4s; subs x1, x1, #1; b.ne -8
    words = (0xD2807D01, 0x4E22CC20, 0xF1000421, 0x54FFFFC1)
    found = counts(armed, program(tmp_path / "program", words), tmp_path / "counts, of it.txt")
    assert found["multiply_fp32"] == found["branch"] == 1000
    assert found["rest"] == 1001 + len(END)


# mov x0, #1; mov x1, sp; mov x8, #113; svc #0: asks for the time
ASK = (0xD2800020, 0x910003E1, 0xD2800E28, 0xD4000001)


def test_what_ran_between_two_readings_of_the_clock(armed, tmp_path):
    loop = (0xD2807D01, 0x4E22CC20, 0xF1000421, 0x54FFFFC1)  # as above
    path, out = program(tmp_path / "program", (*ASK, *loop, *ASK)), tmp_path / "counts.txt"
    subprocess.run([armed, *counting.flags(out, 1, clocks=True), str(path)], check=True)
    readings = read_clocks(out.read_text())
    first, second = (dict(zip(readings.classes, row, strict=True)) for row in readings.ran.tolist())
    assert {name: number for name, number in first.items() if number} == {"rest": len(ASK)}
    assert second["multiply_fp32"] == second["branch"] == 1000
    assert second["rest"] == 1001 + len(ASK)
    assert 0 < readings.at_ns[1] - readings.at_ns[0] < 60e9
    assert read_qemu(out.read_text(), 1).instructions == readings.ran.sum() + len(END)


def test_without_being_asked_nothing_is_said_of_the_clock(armed, tmp_path):
    path, out = program(tmp_path / "program", ASK), tmp_path / "counts.txt"
    subprocess.run([armed, *counting.flags(out, 1), str(path)], check=True)
    assert "clock" not in out.read_text()


# ldr x0, [sp]; ldr x0, [sp, #128]; str x0, [sp]
NEAR, FAR, STORE = 0xF94003E0, 0xF94043E0, 0xF90003E0
# Two lines in L1, which addresses 128 bytes apart take from each other; four in L2.
SMALL = Caches(source="a test", l1_bytes=128, l1_ways=1, l2_bytes=256, l2_ways=2)
LARGE = Caches(source="a test", l1_bytes=32768, l1_ways=4, l2_bytes=524288, l2_ways=16)


@pytest.mark.parametrize(
    ("words", "caches", "wanted"),
    [
        ((), SMALL, (0, 0, 0, 0)),
        ((NEAR, NEAR), SMALL, (16, 0, 1, 1)),
        ((NEAR, FAR, NEAR), SMALL, (24, 0, 3, 2)),
        ((NEAR, FAR, NEAR), LARGE, (24, 0, 2, 2)),
        ((STORE, NEAR), LARGE, (8, 8, 1, 1)),
    ],
)
def test_what_is_read_written_and_missed(armed, tmp_path, words, caches, wanted):
    path, out = program(tmp_path / "program", words), tmp_path / "counts.txt"
    subprocess.run([armed, *counting.flags(out, 1, caches=caches), str(path)], check=True)
    tally = read_qemu(out.read_text(), 1)
    assert tuple(tally.memory.values()) == wanted
    assert tally.instructions == len(words) + len(END)


def tools(folder, monkeypatch, **scripts):
    """Leave these programs alone on the PATH."""
    folder.mkdir()
    for name, text in scripts.items():
        path = folder / name.replace("_", "-")
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.delenv("CC", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))


VERSION = "echo qemu-aarch64 version 2.0.0"


def test_a_static_qemu_is_refused_with_the_package_of_the_other(tmp_path, monkeypatch):
    tools(tmp_path / "bin", monkeypatch, qemu_aarch64_static=VERSION)
    with pytest.raises(UnavailableError) as caught:
        counting.loading_qemu()
    assert "qemu-aarch64-static is linked statically" in caught.value.what
    assert caught.value.fix == "apt-get install qemu-user"


def test_no_compiler_is_one_line(tmp_path, monkeypatch):
    tools(tmp_path / "bin", monkeypatch, qemu_aarch64=VERSION)
    with pytest.raises(UnavailableError, match="needs a C compiler") as caught:
        counting.plugin()
    assert "gcc" in caught.value.fix


def test_a_compiler_without_headers_is_one_line(tmp_path, monkeypatch):
    refusing = "echo 'count.c:18:10: fatal error: stdio.h: No such file' >&2; exit 1"
    tools(tmp_path / "bin", monkeypatch, qemu_aarch64=VERSION, cc=refusing)
    with pytest.raises(UnavailableError, match=r"cannot build the plugin of qemu: .*stdio\.h"):
        counting.plugin()


def test_a_qemu_too_old_for_plugins_is_one_line(armed, tmp_path, monkeypatch):
    root = counting.sysroot()
    refusing = "echo \"qemu: unknown option 'plugin'\" >&2; exit 1"
    old = f"[ $1 = --version ] && {VERSION} && exit; {refusing}"
    tools(tmp_path / "bin", monkeypatch, qemu_aarch64=old, cc="exit 0")
    monkeypatch.setattr(counting, "sysroot", lambda: root)
    with pytest.raises(UnavailableError, match=r"qemu 2\.0\.0 does not load .*'plugin'") as caught:
        counting.plugin()
    assert "6.0" in caught.value.fix
    assert "\n" not in str(caught.value)


def test_another_qemu_or_source_has_a_plugin_of_its_own(armed, monkeypatch, tmp_path):
    first = counting.plugin()
    assert counting.plugin() == first
    sources = shutil.copytree(counting.SOURCES, tmp_path / "plugin")
    with (sources / "classes.h").open("a") as file:
        file.write("\n")
    monkeypatch.setattr(counting, "SOURCES", sources)
    assert counting.plugin().parent != first.parent


def test_a_core_that_qemu_does_not_know_is_one_line(armed):
    with pytest.raises(qemu.InputError, match="does not know the core 'pentium'") as caught:
        qemu.refuse_unknown(armed, "pentium")
    assert os.path.basename(armed) in caught.value.fix
