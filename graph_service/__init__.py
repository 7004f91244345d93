"""Objectives, key results and their owners as one graph, and the questions a company asks of it."""

__version__ = "0.1.0.dev0"
