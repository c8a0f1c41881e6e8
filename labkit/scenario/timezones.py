"""Time zones: whether there is one of a name, and since when.

No installer checks them: a name that its host does not know leaves it without a time zone. The
lists of old releases are old, so the names that came later are kept here, with their year.
"""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_FORM = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+){0,2}")
_CAME_IN = {
    "Asia/Khandyga": 2013,
    "Asia/Ust-Nera": 2013,
    "Europe/Busingen": 2013,
    "Antarctica/Troll": 2014,
    "Asia/Chita": 2014,
    "Asia/Srednekolymsk": 2014,
    "Pacific/Bougainville": 2014,
    "America/Fort_Nelson": 2015,
    "Asia/Barnaul": 2016,
    "Asia/Famagusta": 2016,
    "Asia/Tomsk": 2016,
    "Asia/Yangon": 2016,
    "Europe/Astrakhan": 2016,
    "Europe/Kirov": 2016,
    "Europe/Saratov": 2016,
    "Europe/Ulyanovsk": 2016,
    "America/Punta_Arenas": 2017,
    "Asia/Atyrau": 2017,
    "Asia/Qostanay": 2018,
    "America/Nuuk": 2020,
    "Pacific/Kanton": 2021,
    "America/Ciudad_Juarez": 2022,
    "Europe/Kyiv": 2022,
    "America/Coyhaique": 2025,
}


def timezone_missing(name: str, year: int) -> str:
    """Why a host whose list of time zones is of that year has no such one; empty: it has."""
    if not _exists(name):
        return "there is no such time zone: it is a region and a city, such as `Europe/Madrid`"
    came = _CAME_IN.get(name, 0)
    if came > year:
        return f"this time zone is of {came}, and the installer's list of {year}: name another city"
    return ""


def _exists(name: str) -> bool:
    if not _FORM.fullmatch(name):
        return False
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, OSError):
        # Windows brings no time zones, and a Python may be older than a name: the form has to do.
        return name in _CAME_IN or not _has_list()
    return True


def _has_list() -> bool:
    try:
        ZoneInfo("Etc/UTC")
    except (ZoneInfoNotFoundError, OSError):
        return False
    return True
