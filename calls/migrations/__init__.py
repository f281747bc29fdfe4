"""Migrations of the database, in order; `calls.upgrade` runs them."""
