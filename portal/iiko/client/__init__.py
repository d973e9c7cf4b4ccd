"""The iiko Server API, read only: addresses, requests, answers and what they say."""
