"""Every n-th test, for several runs side by side: what takes long is waiting for VirtualBox.

`pytest -p tests.rig.shard` with LABKIT_RIG_SHARD=0/3, 1/3 and 2/3 run all tests between them,
each with a VirtualBox of its own.
"""

import os

import pytest


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    part, _, parts = os.environ["LABKIT_RIG_SHARD"].partition("/")
    mine = items[int(part) :: int(parts)]
    config.hook.pytest_deselected(items=[item for item in items if item not in mine])
    items[:] = mine
