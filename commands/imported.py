"""Commands that are imported when they are asked for: each needs other parts of the house, and most of them none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module

import click


class Imported(MutableMapping[str, click.Command]):
    """Commands by their names; `places` says of each where it is, as "module:attribute"."""

    def __init__(self, places: Mapping[str, str]) -> None:
        self._places = dict(places)
        self._found: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        """Import a command; raises KeyError when there is none of this name."""
        if name not in self._found:
            module, _, attribute = self._places[name].partition(":")
            try:
                self._found[name] = getattr(import_module(module), attribute)
            except KeyError as error:  # which would be taken for "there is no such command"
                raise ImportError(f"{module} cannot be imported: {error!r}") from error
        return self._found[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        """Add a command that is here already."""
        self._found[name] = command

    def __delitem__(self, name: str) -> None:
        """Take a command out."""
        self._places.pop(name, None)
        self._found.pop(name, None)

    def __iter__(self) -> Iterator[str]:
        """Name every command, without importing any."""
        yield from {**self._places, **self._found}

    def __len__(self) -> int:
        """Count them."""
        return len({**self._places, **self._found})
