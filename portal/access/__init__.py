"""Who may do what: permissions, roles and the guards of the views."""
