"""Which generation an ISO is of. The rules of each are in `labkit/scenario/generations`."""

from labkit.scenario.generations import GENERATIONS, Generation

__all__ = ["GENERATIONS", "Generation", "generation_of"]


def generation_of(product: str, version: str) -> Generation | None:
    """The generation a product's version belongs to; None when labkit cannot drive it."""
    for generation in GENERATIONS.values():
        known = generation.versions
        if product == generation.product and (version == known or version.startswith(f"{known}.")):
            return generation
    return None
