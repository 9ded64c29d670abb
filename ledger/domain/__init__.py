"""Frozen values and pure functions: what a practice recorded, and what follows from it.

Time, ids and the actor are arguments. Nothing here reads a clock, a file or a database.
"""
