"""Checks for those who add a Target or a Runtime, inside of this tree or outside.

    from edgekit.testing import check_runtime, check_target

    def test_my_target(tmp_path):
        check_target("mine", tmp_path)

A promise that is broken is a BrokenPromiseError, an AssertionError that says which. No test runner
is needed.
"""

from edgekit.testing.promise import BrokenPromiseError
from edgekit.testing.runtime import check_runtime
from edgekit.testing.student import small_student
from edgekit.testing.target import check_target

__all__ = ["BrokenPromiseError", "check_runtime", "check_target", "small_student"]
