"""Formulas to LaTeX and back: one printer, and a strict reader of exactly what it prints."""
