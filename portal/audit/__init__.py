"""The audit log: who did what, when, as whom, before and after."""
