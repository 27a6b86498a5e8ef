from dataclasses import fields
from pathlib import Path

import pytest

from edgekit.devices.request import RUN, UNTIL_STABLE, Request
from edgekit.devices.runner import main as runner

EVERYTHING = Request(
    threads=2,
    warmup=UNTIL_STABLE,
    runs=5,
    swap=True,
    batch=3,
    sustained_s=1.5,
    plain=True,
    taps=("-1", "a b"),
    profile=True,
    profile_runs=1,
)


def test_nothing_is_timed_unless_asked():
    assert not RUN.timed
    assert Request(runs=1).timed
    assert Request(sustained_s=1.0).timed
    assert Request(profile=True).timed
    assert not Request(taps=("relu",)).timed


def test_a_devices_own_time_limit_is_taken_where_none_is_asked_for():
    assert RUN.within(60).timeout_s == 60
    assert Request(timeout_s=5).within(60).timeout_s == 5
    assert RUN.within(None) == RUN


@pytest.mark.parametrize("request_", [RUN, EVERYTHING], ids=["run", "everything"])
def test_the_runner_reads_the_same_request(request_, monkeypatch, tmp_path):
    read = []
    monkeypatch.setattr(runner, "execute", lambda options: read.append(options) or {})
    assert runner.main(["bundle", "inputs", str(tmp_path), *request_.flags()]) == 0
    (found,) = read
    names = {"sustained_s": "sustained", "taps": "tap"}
    own = ("against", "timeout_s", "launcher", "counts", "memory")  # each transport's to say
    for field in fields(Request):
        if field.name not in own:
            wanted = getattr(request_, field.name)
            given = getattr(found, names.get(field.name, field.name))
            assert (tuple(given) if isinstance(given, list) else given) == wanted


def test_a_bundle_beside_is_no_flag():
    assert Request(against=Path("other")).flags() == RUN.flags()
