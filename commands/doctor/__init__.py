"""`flask doctor`: everything that an installation needs, looked at once, each finding with what to do about it."""

from commands.doctor.command import doctor

__all__ = ["doctor"]
