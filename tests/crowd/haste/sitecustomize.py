"""Shorter pauses for the processes of the kill test, so that its end can be waited for.

Python imports this module by itself at its start, wherever it is on the path. What is in PAUSES (JSON: the name of a
module and its constant → a value, or a table's changed entries) takes the place of what the module has said itself,
before anybody else sees it. A name that does not exist ends the process.
"""

import importlib.abc
import importlib.machinery
import json
import os
import sys
from dataclasses import is_dataclass
from dataclasses import replace as with_other
from datetime import timedelta


class Hasten(importlib.abc.MetaPathFinder):
    """Finds the modules that are to be hastened, as everybody else would, and changes them once they are loaded."""

    def __init__(self, pauses):
        self.pauses = pauses

    def find_spec(self, name, path, target=None):
        """Find a module whose loader changes it."""
        mine = {key.rpartition(".")[2]: value for key, value in self.pauses.items() if key.rpartition(".")[0] == name}
        spec = importlib.machinery.PathFinder.find_spec(name, path, target) if mine else None
        if spec is not None:
            execute = spec.loader.exec_module

            def changed(module):
                execute(module)
                for constant, value in mine.items():
                    replace(module, constant, value)

            spec.loader.exec_module = changed
        return spec


def replace(module, constant, value):
    """Set a constant of a module to a value of the kind that it has had."""
    if not hasattr(module, constant):
        sys.exit(f"{module.__name__} has no {constant} any more: mend the pauses of the test")
    old = getattr(module, constant)
    if isinstance(old, dict):
        if unknown := value.keys() - old.keys():
            sys.exit(f"{module.__name__}.{constant} has no {', '.join(unknown)} any more: mend the pauses of the test")
        old.update({key: sooner(old[key], new) for key, new in value.items()})
    else:
        setattr(module, constant, sooner(old, value))


def sooner(old, seconds):
    """Make a value of the kind of an old one; of several the first is changed, or `wait`."""
    if is_dataclass(old):
        return with_other(old, wait=seconds)
    if isinstance(old, tuple):
        return old._replace(**{old._fields[0]: seconds})
    return timedelta(seconds=seconds) if isinstance(old, timedelta) else type(old)(seconds)


sys.meta_path.insert(0, Hasten(json.loads(os.environ.get("PAUSES") or "{}")))
