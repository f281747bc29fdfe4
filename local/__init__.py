"""What makes Ringpath start on a machine with nothing but Python: an embedded Valkey and a supervisor."""


class CannotStartError(RuntimeError):
    """Something here cannot start, and why, in words for whoever asked for it."""
