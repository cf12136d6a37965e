"""Typed index calculus: tensors with named dimensions, rules that log themselves, matrix forms."""
