"""The program that reads what strangers send: it runs by itself and knows nothing else of the portal."""
