"""The bench of formulas: what deep-learning homework asks for, each derived, read back and mutated."""
