"""Quick tests first: a small mistake is known before real programs are started."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Put tests marked 'system' last; the order is kept otherwise."""
    items.sort(key=lambda item: item.get_closest_marker("system") is not None)
