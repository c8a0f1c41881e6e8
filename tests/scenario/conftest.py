"""`pytest tests/scenario --regenerate-scenarios` writes anew what the examples must give.

Look at what changed before committing it: it is what people will read.
"""

from collections.abc import Callable
from pathlib import Path

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--regenerate-scenarios",
        action="store_true",
        default=False,
        help="write what the scenarios in good/ and bad/ give now beside them",
    )


@pytest.fixture
def expect(request: pytest.FixtureRequest) -> Callable[[Path, str], None]:
    """Compare with the file, or write it when asked to."""
    regenerate = request.config.getoption("--regenerate-scenarios", default=False)

    def check(file: Path, found: str) -> None:
        if regenerate:
            file.write_text(found, encoding="utf-8", newline="\n")
        assert file.exists(), "pytest tests/scenario --regenerate-scenarios writes it"
        assert found == file.read_text(encoding="utf-8")

    return check
