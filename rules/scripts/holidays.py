"""Writes holidays.toml: the holidays that rules of hours look at, for the years given.

    pip install holidays==0.109
    python holidays.py [YEAR ...]

Without years: 2026 to 2029. The days are those of PyPI's `holidays`, in its English names. Where a country's holidays differ
by region, the calendar has those of all regions, because a telephone number does not tell the region: the strictest reading.

Spain's communities choose their days and Russia's government moves days off for one year at a time, and days by the moon
are estimates. Where nothing is published for a year yet, a Russian holiday at a weekend is closed on the Monday after it
too. Run this again each December.
"""

import sys
from datetime import date, timedelta
from pathlib import Path

# The package has this file's name.
sys.path = [folder for folder in sys.path if Path(folder).resolve() != Path(__file__).resolve().parent]
import holidays  # noqa: E402

VERSION = "0.109"
TABLE = Path(__file__).parent.parent / "holidays.toml"
YEARS = [2026, 2027, 2028, 2029]
WEEKEND = [5, 6]

# The eleven days of article L.3133-1 of the Code du travail.
FRENCH = [
    "All Saints' Day", "Armistice Day", "Ascension Day", "Assumption Day", "Christmas Day", "Easter Monday",
    "Labor Day", "National Day", "New Year's Day", "Pentecost Monday", "Victory Day",
]  # fmt: skip
GERMAN = ["BB", "BE", "BW", "BY", "HB", "HE", "HH", "MV", "NI", "NW", "RP", "SH", "SL", "SN", "ST", "TH"]
SPANISH = [
    "AN", "AR", "AS", "CB", "CE", "CL", "CM", "CN", "CT", "EX", "GA", "IB", "MC", "MD", "ML", "NC", "PV", "RI", "VC",
]  # fmt: skip
AUSTRALIAN = ["ACT", "NSW", "NT", "QLD", "SA", "TAS", "VIC", "WA"]

# Days that must be where everybody knows them to be, in any table that has the year.
KNOWN = [
    ("FR", 2026, "2026-05-14"), ("FR", 2027, "2027-03-29"), ("GB", 2026, "2026-08-31"), ("DE", 2026, "2026-10-03"),
    ("DE", 2026, "2026-11-18"), ("ES", 2026, "2026-05-02"), ("IT", 2026, "2026-10-04"), ("NL", 2026, "2026-04-27"),
    ("RU", 2026, "2026-01-05"), ("AU", 2027, "2027-01-26"), ("BR-RJ", 2026, "2026-04-23"), ("MX", 2026, "2026-02-02"),
    ("US-AL", 2026, "2026-06-01"), ("US-LA", 2026, "2026-02-17"), ("US-MS", 2026, "2026-04-27"),
    ("US-RI", 2026, "2026-08-10"),
]  # fmt: skip


def country(code, years, subdivision=None, language="en_US"):
    """Days and their names, two names of a day parted by a semicolon."""
    return dict(holidays.country_holidays(code, subdiv=subdivision, years=years, language=language))


def union(code, years, subdivisions):
    """The days of the whole country, and those of any of its parts under all their names."""
    days = {day: {name} for day, name in country(code, years).items()}
    whole = set(days)
    for subdivision in subdivisions:
        for day, name in country(code, years, subdivision).items():
            if day not in whole:
                days.setdefault(day, set()).add(name)
    return {day: "; ".join(sorted(names)) for day, names in days.items()}


def french(years):
    days = country("FR", years)
    for year in years:
        names = sorted(name for day, text in days.items() if day.year == year for name in text.split("; "))
        if names != FRENCH:
            sys.exit(f"France has {names} in {year} instead of the eleven days of L.3133-1")
    return days


def russian(years):
    days = country("RU", years)
    moved = {}
    for day, name in days.items():
        # The days off of January and of the turn of the year are moved to anywhere in the year, if at all.
        if day.weekday() in WEEKEND and 1 < day.month and "(" not in name:
            moved[day + timedelta(days=7 - day.weekday())] = f"{name} (moved)"
    return moved | days


def australian(years):
    everywhere = [country("AU", years, state) for state in AUSTRALIAN]
    days = set.intersection(*(set(state) for state in everywhere))
    return {day: everywhere[1][day] for day in days} | country("AU", years)


def calendars(years):
    """Code, name and days of each calendar."""
    states = {"US-AL": "Alabama", "US-LA": "Louisiana", "US-MS": "Mississippi", "US-RI": "Rhode Island"}
    yield "AU", "Australia: days that every state and territory has", australian(years)
    yield "BR-RJ", "Brazil, state of Rio de Janeiro", country("BR", years, "RJ")
    yield "DE", "Germany: days of any of the states", union("DE", years, GERMAN)
    yield "ES", "Spain: days of any of the autonomous communities and cities", union("ES", years, SPANISH)
    yield "FR", "France: the eleven days of Code du travail L.3133-1", french(years)
    yield "GB", "United Kingdom: bank holidays of England and Wales", country("GB", years, "ENG")
    yield "IT", "Italy: nationwide days, without patron saints of towns", country("IT", years)
    yield "MX", "Mexico", country("MX", years)
    yield "NL", "Netherlands", country("NL", years)
    yield "RU", "Russia: holidays and the days off moved for them", russian(years)
    for code, name in states.items():
        named = f"{name}: days of the state and the federation, and the days observed for them"
        yield code, named, country("US", years, code[3:])


def check(code, days, years):
    """Every year has its days, the known ones among them."""
    for year in years:
        if sum(day.year == year for day in days) < 5:
            sys.exit(f"{code} has hardly a holiday in {year}")
    known = [date.fromisoformat(day) for calendar, year, day in KNOWN if calendar == code and year in years]
    missing = [f"{day}" for day in known if day not in days]
    if missing:
        sys.exit(f"{code} lacks {missing}")


def main():
    if holidays.__version__ != VERSION:
        sys.exit(f"holidays is {holidays.__version__}; this script was checked with {VERSION}")
    years = sorted({int(year) for year in sys.argv[1:]}) or YEARS
    lines = [
        "# Written by scripts/holidays.py; do not edit. How to make it for other years: README.md.",
        "",
        "[table]",
        f'generated_by = "rules/scripts/holidays.py, holidays {VERSION}"',
        f"years = {years}",
    ]
    for code, name, days in calendars(years):
        check(code, days, years)
        lines += ["", "[[calendars]]", f'code = "{code}"', f'name = "{name}"', "days = ["]
        for day, holiday in sorted(days.items()):
            lines.append(f'    {{ date = {day}, name = "{holiday.replace(chr(34), chr(39))}" }},')
        lines.append("]")
    TABLE.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
