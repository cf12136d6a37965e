"""The bench of formulas: what deep-learning homework asks for, derived, read back, mutated."""
