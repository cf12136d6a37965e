"""What all tests start from."""

import signal


def pytest_configure() -> None:
    """Hear SIGINT: shells start what runs in the background deaf to it, and children inherit that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
