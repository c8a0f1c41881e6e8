"""What XAPI's classes do: one file a class, for the messages that do not follow from fields.

Read when a message of the class is called first: most commands only look, and looking is all
fields.
"""

import importlib
from functools import cache
from importlib.util import find_spec


@cache
def load(of: str) -> None:
    """Let a class register its messages, if it has any of its own."""
    module = f"{__name__}.{of.lower()}"
    if find_spec(module) is not None:
        importlib.import_module(module)
