"""Insight: the shop in figures, each with its definition, its interval, and its rows; silent when too few."""
