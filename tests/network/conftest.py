"""What the network tests stand on."""

import pytest

from tests.network.lab import refusal


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Where the kernel has none, every test that needs them says so and why: `make test` prints it."""
    if reason := refusal():
        pytest.skip(f"NOTHING IS PROVEN ABOUT BAD LINES HERE: {reason}")
