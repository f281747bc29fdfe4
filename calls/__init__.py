"""What happened, in SQL: call details, recordings, contacts, the block list."""
