"""What an operator sees: log lines, metrics, the state of the queues, reports of faults."""
