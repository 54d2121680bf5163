"""Accounts: how somebody shows that they are a person of the register. No right comes from here."""
