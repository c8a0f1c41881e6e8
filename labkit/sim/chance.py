"""Chance in the pretend computer, which can be told from the beginning: a world has a seed
(`LABKIT_SIM_SEED` when it is first asked for), and counts its draws."""

import os
import random

from labkit.sim.world import World

_SEED = "LABKIT_SIM_SEED"


def draw(world: World) -> float:
    """A number from 0 to 1, 1 left out."""
    if world.seed is None:
        said = os.environ.get(_SEED, "")
        world.seed = int(said) if said.isdigit() else random.SystemRandom().getrandbits(32)
    drawn = random.Random(f"{world.seed}:{world.draws}").random()
    world.draws += 1
    return drawn
