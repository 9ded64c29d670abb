"""The sealed log as files that need no database: Parquet, a file a range, and a manifest beside them.

manifest    what an archive says of itself
writing     from the log to files: what stands already is left, what was begun is finished
verifying   whether the files are what was signed, and which position is the first that is not

docs/formats.md 9 says what stands in them, docs/adr/0034 why.
"""
