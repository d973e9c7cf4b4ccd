"""Users of an account: members, their roles, restaurants and invitations."""
