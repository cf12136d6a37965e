"""Checks by an independent route: points, oracles, comparisons, mutants."""
