import pytest

from edgekit.devices.pip import NoSuchPackageError, pip
from edgekit.errors import UnavailableError


def test_no_such_package_is_one_line(tmp_path):
    """Without an index and without links there is nothing to be found."""
    alone = ("download", "--isolated", "--no-index", "--no-deps", "--dest", str(tmp_path))
    with pytest.raises(NoSuchPackageError, match=r"pip finds no edgekit-no-such==1\.0") as caught:
        pip(*alone, wanted=["edgekit-no-such==1.0"])
    assert "\n" not in str(caught.value)


def test_what_pip_says_is_passed_on(tmp_path):
    with pytest.raises(UnavailableError, match=r"pip cannot fetch .*[Ii]nvalid requirement"):
        pip("download", "--no-index", "--dest", str(tmp_path), wanted=["=="])
