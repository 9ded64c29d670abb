"""What we measure, and against whom: ours and a peer in one run on one machine, as ratios.

`python -m bench` runs all of it (some ten minutes), `python -m bench scan` one part, `--scale 0.1`
a tenth of its size; `--write` keeps the results in `bench/RESULTS.md`. Each part is a file with one
function, `measure`:

group_commit   durable single appends by many clients, against a lock for each
importing      a delivery's events into the log, against `eventsourcing.postgres` and a bare COPY
catching_up    projections, against the library's `ProjectionRunner`; and a rebuild of them all
tailing        what a reader misses who follows the log while others write
scanning       a supplier's bulk file, against a bare Polars scan and Python's csv module
findings       the findings of a region after its monthly collection, and all of them made anew
demo           `ledger demo --check` from an empty folder

and what they share:

reporting      a line of a result, and the table of them
timing         ours and the peer in turn, and the medians
databases      an embedded PostgreSQL in a temporary folder
region_log     a region's log, month by month
events         a delivery's worth of events, and a log of several years
library        the `eventsourcing` library on PostgreSQL: the peer

A machine that others use measures both alike: read the ratios, not the rates.
"""
