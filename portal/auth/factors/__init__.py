"""The second factor: an authenticator app, passkeys, recovery codes; decision 020."""
