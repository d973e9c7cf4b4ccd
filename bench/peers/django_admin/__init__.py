"""Django's admin over the portal's tables: the same list, search, filters and form, declared as its guide shows."""
