"""Recordings: fetched from the provider, kept, and removed when their time is over."""
