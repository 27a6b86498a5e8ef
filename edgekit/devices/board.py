"""What happens on a board: keeps files by hash, unpacks wheels, starts the runner.

    python board.py < request > reply

A request is its length in 8 bytes, a JSON object, and the bytes that the object announces; a reply
is MAGIC and then the same. This file is sent to the board with each request, so nothing has to be
installed there first. It needs Python 3.8 and nothing else.

What it keeps lies in one folder, `root`:

    objects/<sha256>     the runner, artifacts; wheels until they are unpacked
    sites/<name>/        unpacked wheels; `<name>.sha256` is the hash of that tree
    runs/<process>-*/    one run; removed when it ends, however it ends
"""

import compileall
import contextlib
import errno
import hashlib
import json
import os
import platform
import py_compile
import re
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import time
import zipfile
from importlib.metadata import PackageNotFoundError, version
from typing import Any, BinaryIO, Dict, Iterator, List, Optional, Tuple

MAGIC = b"\0edgekit\0"
BLOCK = 1 << 20
KEPT_OBJECTS = 24  # the runner and the artifacts that were used last
WHOLE = -1
STDERR_BYTES = 4000
_NEVER_RUN = re.compile("/(tests?|f2py|lib2to3|idlelib|distutils|transformers|quantization|tools)/")
Reply = Tuple[Dict[str, Any], bytes]


class RefusedError(Exception):
    """A request that cannot be served; `kind` says why."""

    def __init__(self, kind: str, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind


def read_exactly(stream: BinaryIO, count: int) -> bytes:
    """Read that many bytes, or say that the other side has gone."""
    data = stream.read(count)
    if len(data) != count:
        raise RefusedError("cut", "the connection ended in the middle of a request")
    return data


def sha256(path: str) -> str:
    """Hash a file."""
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        for block in iter(lambda: file.read(BLOCK), b""):
            digest.update(block)
    return digest.hexdigest()


def sha256_site(folder: str) -> str:
    """Hash a tree: names and contents."""
    digest = hashlib.sha256()
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(place, name)
            digest.update(f"{os.path.relpath(path, folder)}\0{sha256(path)}\n".encode())
    return digest.hexdigest()


def machine() -> str:
    """Return the architecture of the interpreter: a 32-bit one may run on a 64-bit kernel."""
    found = platform.machine()
    narrow = {"aarch64": "armv7l", "x86_64": "i686"}
    return narrow.get(found, found) if struct.calcsize("P") == 4 else found


def probe(request: Dict[str, Any], _: BinaryIO) -> Reply:
    """Say what this board is, and which of the request's packages are installed here."""
    root = os.path.expanduser(request["root"])
    while not os.path.isdir(root):
        root = os.path.dirname(root) or "."
    darwin = platform.system() == "Darwin"
    found = {
        "machine": machine(),
        "system": platform.system(),
        "release": platform.release(),
        "python": platform.python_version(),
        "libc": platform.mac_ver()[0] if darwin else platform.libc_ver()[1],
        "free_bytes": shutil.disk_usage(root).free,
        "versions": {name: _version(name) for name in request["packages"]},
    }
    return found, b""


def _version(package: str) -> Optional[str]:
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def state(request: Dict[str, Any], _: BinaryIO) -> Reply:
    """Say which of the wanted things are here: bytes of each object, WHOLE when it is all there."""
    root = folder_of(request)
    objects = {name: _present(root, name) for name in request["objects"]}
    return {"objects": objects, "site": site_is_whole(root, request["site"])}, b""


def _present(root: str, name: str) -> int:
    path = os.path.join(root, "objects", name)
    if os.path.isfile(path):
        if sha256(path) == name:
            os.utime(path)
            return WHOLE
        os.unlink(path)
    part = path + ".part"
    return os.path.getsize(part) if os.path.isfile(part) else 0


def site_is_whole(root: str, name: Optional[str]) -> bool:
    """Tell whether unpacked wheels are there as they were unpacked."""
    if name is None:
        return True
    folder = os.path.join(root, "sites", name)
    try:
        with open(folder + ".sha256", encoding="ascii") as file:
            return file.read() == sha256_site(folder)
    except OSError:
        return False


def put(request: Dict[str, Any], stdin: BinaryIO) -> Reply:
    """Take an object, or the rest of one; what arrived before the connection dropped stays.

    The reply says how much is there then: nothing, where what arrived has another hash.
    """
    root = folder_of(request)
    path = os.path.join(root, "objects", request["name"])
    with locked(root):
        at = _present(root, request["name"])
        if at != request["offset"]:  # somebody else has sent it meanwhile
            return {"present": at}, b""
        left = request["size"] - at
        if left < 0:  # not of this file
            os.unlink(path + ".part")
            return {"present": 0}, b""
        _refuse_full(root, left)
        with open(path + ".part", "ab") as file:
            while left:
                block = stdin.read(min(BLOCK, left))
                if not block:
                    raise RefusedError("cut", "the connection ended in the middle of a file")
                file.write(block)
                left -= len(block)
            file.flush()
            os.fsync(file.fileno())
        if sha256(path + ".part") != request["name"]:
            os.unlink(path + ".part")
            return {"present": 0}, b""
        os.rename(path + ".part", path)
    return {"present": WHOLE}, b""


def install(request: Dict[str, Any], _: BinaryIO) -> Reply:
    """Unpack wheels into a site."""
    root = folder_of(request)
    with locked(root):
        if not site_is_whole(root, request["site"]):
            unpack(
                [os.path.join(root, "objects", name) for name in request["wheels"]],
                os.path.join(root, "sites", request["site"]),
            )
        for name in request["wheels"]:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(os.path.join(root, "objects", name))
    return {}, b""


def unpack(wheels: List[str], site: str) -> None:
    """Unpack wheels beside their place, hash what came out, and give it its name."""
    shutil.rmtree(site, ignore_errors=True)
    work = tempfile.mkdtemp(prefix=".site-", dir=os.path.dirname(site))
    try:
        for wheel in wheels:
            with zipfile.ZipFile(wheel) as archive:
                archive.extractall(work)  # takes `..` and absolute names out of paths
        compiled(work)
        with open(site + ".sha256", "w", encoding="ascii") as file:
            file.write(sha256_site(work))
        os.rename(work, site)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def compiled(folder: str) -> None:
    """Compile a tree's Python once: runs write nothing there, and would do it again each time."""
    mode = py_compile.PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(folder, rx=_NEVER_RUN, quiet=2, invalidation_mode=mode)


def run(request: Dict[str, Any], stdin: BinaryIO) -> Reply:
    """Run a bundle once; nothing of the run stays here."""
    root = folder_of(request)
    _sweep(root)
    _refuse_full(root, request["needs_bytes"])
    runs = os.path.join(root, "runs")
    scratch = tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=runs)
    try:
        for kind in ("bundle", "against"):
            _lay_out(root, os.path.join(scratch, kind), request[kind])
        _write_inputs(request["inputs"], stdin, os.path.join(scratch, "inputs"))
        return _execute(root, scratch, request)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def _lay_out(root: str, bundle: str, files: Dict[str, str]) -> None:
    for name, digest in files.items():
        path = os.path.join(bundle, *name.split("/"))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        os.symlink(os.path.join(root, "objects", digest), path)


def _write_inputs(inputs: List[Dict[str, Any]], stdin: BinaryIO, folder: str) -> None:
    """Write the inputs as arrays, a sample at a time; see `coding.py` for what arrives."""
    os.makedirs(folder)
    header = "{{'descr': '<f4', 'fortran_order': False, 'shape': {}, }}"
    for item in inputs:
        text = header.format(tuple(item["shape"])).encode()
        text += b" " * (-(len(text) + 11) % 64) + b"\n"  # numpy's format 1.0
        path = os.path.join(folder, item["name"] + ".npy")
        tables = [bytes.fromhex(table) for table in item["tables"]]
        with open(path, "wb") as file:
            file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text)
            for index in range(item["blocks"]):
                data = read_exactly(stdin, item["block_bytes"])
                file.write(_decoded(data, tables[index % len(tables)]) if tables else data)


def _decoded(data: bytes, table: bytes) -> bytes:
    """Replace every byte by the 4 bytes that it stands for."""
    out = bytearray(4 * len(data))
    for place in range(4):
        out[place::4] = data.translate(table[256 * place : 256 * (place + 1)])
    return bytes(out)


def _execute(root: str, scratch: str, request: Dict[str, Any]) -> Reply:
    bundle, source, target = (os.path.join(scratch, name) for name in ("bundle", "inputs", "out"))
    runner = os.path.join(root, "objects", request["runner"])
    command = [sys.executable, runner, bundle, source, target, *request["flags"]]
    if request["against"]:
        command += ["--against", os.path.join(scratch, "against")]
    environment = dict(os.environ, PYTHONDONTWRITEBYTECODE="1", PYTHONPATH="")
    if request["site"]:
        environment["PYTHONPATH"] = os.path.join(root, "sites", request["site"])
    log = os.path.join(scratch, "stderr")
    with open(log, "wb") as stderr:
        code = wait(command, environment, stderr, request["timeout_s"])
    with open(log, "rb") as file:
        file.seek(max(0, os.path.getsize(log) - STDERR_BYTES))
        end = file.read().decode(errors="replace")
    left = _read_all(target, request["left"])
    sizes = [[name, len(data)] for name, data in left]
    return {"code": code, "stderr": end, "left": sizes}, b"".join(data for _, data in left)


def _read_all(folder: str, names: List[str]) -> List[Tuple[str, bytes]]:
    found = []
    for name in names:
        with contextlib.suppress(FileNotFoundError), open(os.path.join(folder, name), "rb") as file:
            found.append((name, file.read()))
    return found


def wait(
    command: List[str],
    environment: Dict[str, str],
    stderr: BinaryIO,
    timeout_s: float,
) -> Optional[int]:
    """Run a process to its end; None when it took too long. It ends with the connection."""
    process = subprocess.Popen(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=stderr,
        start_new_session=True,
    )
    parent, began = os.getppid(), time.monotonic()
    try:
        while process.poll() is None:
            if time.monotonic() - began > timeout_s:
                return None
            if os.getppid() != parent:
                raise RefusedError("cut", "the connection dropped")
            time.sleep(0.1)
        return process.returncode
    finally:
        if process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def _sweep(root: str) -> None:
    """Clear what killed runs left, and the objects that were not used for the longest time."""
    runs, objects = os.path.join(root, "runs"), os.path.join(root, "objects")
    for name in os.listdir(runs):
        owner = name.partition("-")[0]
        if not (owner.isdigit() and _is_alive(int(owner))):
            shutil.rmtree(os.path.join(runs, name), ignore_errors=True)
    paths = [os.path.join(objects, name) for name in os.listdir(objects)]
    for path in sorted(paths, key=os.path.getmtime)[:-KEPT_OBJECTS]:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _refuse_full(root: str, needed: int) -> None:
    """Refuse at once what would fill the disk in the middle."""
    if shutil.disk_usage(root).free < needed:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), root)


def folder_of(request: Dict[str, Any]) -> str:
    """Return the folder where everything is kept, made if it is not there."""
    root = os.path.expanduser(request["root"])
    for name in ("objects", "sites", "runs"):
        os.makedirs(os.path.join(root, name), exist_ok=True)
    return root


@contextlib.contextmanager
def locked(root: str) -> Iterator[None]:
    """Keep two that provision the same board from each other."""
    import fcntl

    with open(os.path.join(root, "lock"), "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


ACTIONS = {"probe": probe, "state": state, "put": put, "install": install, "run": run}


def answer(request: Dict[str, Any], stdin: BinaryIO) -> Reply:
    """Serve one request; what goes wrong is said in the reply."""
    try:
        return ACTIONS[request["do"]](request, stdin)
    except RefusedError as error:
        return {"fault": error.kind, "detail": str(error)}, b""
    except OSError as error:
        return {"fault": "system", "errno": error.errno, "detail": str(error)}, b""
    except Exception as error:  # whatever it is, the other side must hear of it
        return {"fault": "bug", "detail": f"{type(error).__name__}: {error}"}, b""


def main() -> None:
    """Read a request, serve it, write the reply."""

    def stop(*_: Any) -> None:
        raise RefusedError("cut", "the connection dropped")

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    stdin, stdout = sys.stdin.buffer, sys.stdout.buffer
    request = json.loads(read_exactly(stdin, *struct.unpack(">Q", read_exactly(stdin, 8))))
    reply, payload = answer(request, stdin)
    reply["payload"] = {"bytes": len(payload), "sha256": hashlib.sha256(payload).hexdigest()}
    text = json.dumps(reply).encode()
    stdout.write(MAGIC + struct.pack(">Q", len(text)) + text + payload)
    stdout.flush()


if __name__ == "__main__":
    main()
