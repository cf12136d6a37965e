"""Solution sets whose every printed formula is derived by machine and checked by a second route."""

__version__ = "0.1.0"
