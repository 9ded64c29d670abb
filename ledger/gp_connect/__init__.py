"""Asking a practice's system for its patients' records, one by one, by GP Connect.

asking     what is asked, and who is said to ask
answers    what an answer means
client     asking over HTTP; nothing else here knows how
folder     what came back, as files that the readers take
fetching   a whole list of numbers, and what became of each

What is fetched is taken in as any delivery is, so nothing here knows the ledger.
"""
