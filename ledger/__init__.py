"""The objection ledger, room by room; nothing below calls up.

cli             ledger <verb>: parse, call one thing, print
web | api       pages for people | routes for programs, both thin
application     what can be done to the ledger: one method a command
projector       feeds events to projections: catch up, rebuild
projections     one file a read model: its tables, how events change it, its questions
readers         one file a supplier's format: files in, entries and settings out
gp_connect      asks a practice's system for its patients' records; knows no ledger
webhooks        tells a practice's program of a breach; knows no ledger
region          the generator of a fictional region's deliveries; knows no store
store           the events table, the recorder, identities, the embedded server
domain          frozen values and pure functions: no IO, no clock
"""
