"""Residual blocks."""
