import signal
import sys

import pytest

from edgekit.errors import EdgekitError
from edgekit.process import Ended, finish

HANG = EdgekitError("it hangs", "Wait")


def python(code, timeout_s=60, **options):
    return finish([sys.executable, "-c", code], timeout_s, HANG, **options)


def test_it_says_how_a_process_ended():
    ended = python("import sys; print('out'); print('first\\nlast', file=sys.stderr); sys.exit(5)")
    assert (ended.code, ended.stdout, ended.signal) == (5, b"out\n", None)
    assert ended.last_line("nothing") == "last"


def test_a_signal_has_its_name():
    ended = python("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)")
    assert ended.signal == signal.SIGSEGV.name
    assert ended.last_line("nothing") == "nothing"


def test_a_signal_without_a_name_has_a_number():
    assert Ended(-63).signal == "signal 63"


def test_a_hang_is_the_callers_error():
    with pytest.raises(EdgekitError) as caught:
        python("import time; time.sleep(99)", timeout_s=0.2)
    assert caught.value is HANG


def test_what_is_given_is_its_standard_input():
    code = "import sys; print(len(sys.stdin.buffer.read()))"
    assert python(code, given=b"x" * 300_000).stdout == b"300000\n"
    assert python(code).stdout == b"0\n"


def test_its_environment_is_its_own():
    code = "import os; print(os.environ.get('EDGEKIT_TEST'))"
    assert python(code, environment={"EDGEKIT_TEST": "yes"}).stdout == b"yes\n"
