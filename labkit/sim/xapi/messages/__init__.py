"""What XAPI's classes do: one file a class, for the messages that do not follow from fields."""

import importlib
import pkgutil


def load_all() -> None:
    """Let every class register its messages."""
    for module in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{module.name}")
