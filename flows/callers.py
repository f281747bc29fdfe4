"""Who is calling, from the settings' own list of contacts; a CRM implements the same interface."""

from config.company import Company


class ListedCallers:
    """The `contacts:` of the settings."""

    def __init__(self, company: Company) -> None:
        self._contacts = company.known_callers

    def begin(self, caller: str) -> None:
        """Nothing to be done: the list is at hand."""

    def responsible(self, caller: str) -> str | None:
        """Name the employee responsible for a caller, None when he is not listed."""
        contact = self._contacts.get(caller)
        return contact.employee if contact else None
