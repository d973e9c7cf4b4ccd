"""The tenant sweep: everybody asks everything with everybody's ids; see ``test_tenant_sweep_*``."""
