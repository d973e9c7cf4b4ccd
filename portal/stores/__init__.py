"""Stores: where a restaurant keeps its stock."""
