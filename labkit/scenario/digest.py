"""A short sign of what a scenario wants, kept as a label on the machines made from it.

Only what differs from the defaults counts, so a newer labkit that knows more settings still
recognizes the labs of an older one. Titles and faults change nothing in a lab; the
password is not to be guessed from a label.
"""

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from labkit.scenario.models import Scenario


def digest(scenario: "Scenario") -> str:
    """Twelve hexadecimal digits, the same for scenarios that want the same."""
    wanted = scenario.model_dump(
        mode="json",
        exclude={"title": True, "faults": True, "installer": {"root_password"}},
        exclude_defaults=True,
    )
    # The order of the hosts counts: it is the order they join in.
    text = json.dumps([wanted, list(scenario.hosts)], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:12]
