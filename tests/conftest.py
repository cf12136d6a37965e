"""What all tests start from."""

import signal


def pytest_configure() -> None:
    """Hear SIGINT, to which shells make deaf what runs in their background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
