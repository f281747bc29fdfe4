"""What is going on now, in Redis: who is free, who waits, which calls are up."""
