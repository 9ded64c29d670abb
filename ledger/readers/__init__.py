"""Supplier files in, the domain's values out. One file a format; readers know no database.

`finding.find` says which deliveries lie under a path and what format each has; `read` reads one.
"""
