from tests.cli.conftest import edgekit  # noqa: F401
