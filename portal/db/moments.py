"""The present moment in SQL, UTC without zone as the columns hold it.

``NOW`` goes on within a statement, ``STATEMENT_NOW`` stands still within one (an index can be asked with it), and
``TRANSACTION_NOW`` within a transaction.
"""

NOW = "timezone('utc', clock_timestamp())"
STATEMENT_NOW = "timezone('utc', statement_timestamp())"
TRANSACTION_NOW = "timezone('utc', now())"
