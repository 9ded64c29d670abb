"""Telling a practice's program of a breach by HTTPS; knows no ledger and no database.

outgoing    what the environment allows to be sent, where to
signing     Standard Webhooks: the secret of a webhook, the signature of a message
client      sending one message, and what became of that; nothing else here knows HTTP
"""
