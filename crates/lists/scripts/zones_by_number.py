"""Writes src/zone_by_number/table.txt: the time zones of telephone numbers by their first digits.

Run it after `pip install phonenumbers`, from any folder, without arguments. The data are libphonenumber's
(resources/timezones/map_data.txt), as PyPI's `phonenumbers` carries them.
"""

from collections import defaultdict
from pathlib import Path

import phonenumbers
from phonenumbers.tzdata import TIMEZONE_DATA

TABLE = Path(__file__).parent.parent / "src" / "zone_by_number" / "table.txt"

# Names that the IANA database keeps only for old programs: an installation may lack them.
RENAMED = {
    "Africa/Asmera": "Africa/Asmara",
    "America/Buenos_Aires": "America/Argentina/Buenos_Aires",
    "America/Godthab": "America/Nuuk",
    "Asia/Calcutta": "Asia/Kolkata",
    "Asia/Choibalsan": "Asia/Ulaanbaatar",
    "Asia/Katmandu": "Asia/Kathmandu",
    "Asia/Rangoon": "Asia/Yangon",
    "Atlantic/Faeroe": "Atlantic/Faroe",
    "Pacific/Enderbury": "Pacific/Kanton",
    "Pacific/Ponape": "Pacific/Pohnpei",
    "Pacific/Truk": "Pacific/Chuuk",
}

# The IANA database makes these three links to Europe/London: beside it they are no second zone.
LONDON = {"Europe/Guernsey", "Europe/Isle_of_Man", "Europe/Jersey"}

HEADER = f"""\
# Time zones of telephone numbers by their first digits: zones, a tabulator, the prefixes they hold for. The longest
# prefix counts. Written by scripts/zones_by_number.py from PyPI's phonenumbers {phonenumbers.__version__}; do not edit.
#
# Copyright (C) 2011-2026 The Libphonenumber Authors. Licensed under the Apache License, Version 2.0: you may obtain a
# copy at http://www.apache.org/licenses/LICENSE-2.0. Distributed on an "AS IS" basis, without warranties or conditions
# of any kind. Changes: old names of zones are written as the current ones, Guernsey, the Isle of Man and Jersey are
# left out beside London, and prefixes that say the same as a shorter one are left out.
"""


def zones(names):
    names = {RENAMED.get(name, name) for name in names}
    return tuple(sorted(names - LONDON if "Europe/London" in names else names))


def main():
    table = {prefix: zones(names) for prefix, names in TIMEZONE_DATA.items()}
    prefixes = defaultdict(list)
    for prefix, names in table.items():
        shorter = next((table[prefix[:n]] for n in range(len(prefix) - 1, 0, -1) if prefix[:n] in table), None)
        if names != shorter:
            prefixes[names].append(prefix)
    lines = [f"{' '.join(names)}\t{' '.join(sorted(prefixes[names]))}\n" for names in sorted(prefixes)]
    TABLE.write_text(HEADER + "".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
