"""The boot proofs leave nothing out. This needs no boot, and is looked at in every run."""

from labkit.scenario.generations import GENERATIONS
from tests.boot.medium import LAYOUTS


def test_every_generation_is_booted_under_every_firmware() -> None:
    wanted = {
        (generation.name, firmware)
        for generation in GENERATIONS.values()
        for firmware in generation.firmware
    }
    assert {(each.generation, each.firmware) for each in LAYOUTS if each.maker == "virtualbox"} == (
        wanted
    )


def test_both_ways_to_make_a_plain_iso_are_booted_under_every_firmware() -> None:
    booted = {(each.maker, each.firmware) for each in LAYOUTS}
    assert booted == {
        (maker, firmware) for maker in ("virtualbox", "pycdlib") for firmware in ("bios", "efi")
    }
