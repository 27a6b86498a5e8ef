"""What a file of Python names."""

import pytest

from edgekit.steps.imports import names_in


def test_imports_at_once_and_those_inside_functions_are_told_apart() -> None:
    names = names_in(
        b"import a.b\nfrom c import d\nclass E:\n    import e\ndef f():\n    import g\n"
    )
    assert names.eager == {"a.b", "c.d", "e"}
    assert names.lazy == {"g"}


def test_imports_that_begin_with_a_dot_are_the_packages() -> None:
    names = names_in(b"from . import a\nfrom .b import c\nfrom ..d import e\n", "one.two")
    assert names.eager == {"one.two.a", "one.two.b.c", "one.d.e"}


@pytest.mark.parametrize("test", ["TYPE_CHECKING", "typing.TYPE_CHECKING"])
def test_imports_for_type_checkers_never_run(test: str) -> None:
    names = names_in(f"if {test}:\n    import a\nelse:\n    import b\n".encode())
    assert names.eager == {"b"}


def test_other_conditions_and_handlers_count() -> None:
    source = b"try:\n    import a\nexcept ImportError:\n    import b\nif c:\n    import d\n"
    assert names_in(source).eager == {"a", "b", "d"}


def test_strings_and_the_beginnings_of_those_with_values_in_them() -> None:
    names = names_in(b'KINDS = {"x": "edgekit.x"}\nname = f"edgekit.cli.{kind}"\n')
    assert {"x", "edgekit.x"} <= names.strings
    assert names.beginnings == {"edgekit.cli.", ""}


@pytest.mark.parametrize(
    ("source", "place", "own"),
    [("__file__", True, False), ("__name__", False, True), ("data.__file__", False, False)],
)
def test_a_file_that_asks_where_it_lies_or_what_it_is_called(
    source: str, place: bool, own: bool
) -> None:
    names = names_in(source.encode())
    assert (names.place, names.own) == (place, own)
