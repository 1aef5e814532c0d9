"""Writes the area codes of +1 into calling-rules.toml, between its marks: those of states that have rules of their own,
of Canada, and of nowhere (other countries of +1; toll-free, premium and personal numbers).

Run it after `pip install phonenumbers==9.0.43`, from any folder, without arguments. The data are libphonenumber's, as
PyPI's `phonenumbers` carries them. An area code in none of the lists is one of the United States as a whole, by the
prefix +1.
"""

import re
import sys
from pathlib import Path

import phonenumbers
from phonenumbers import PhoneMetadata
from phonenumbers.geodata import GEOCODE_DATA

VERSION = "9.0.43"
RULES = Path(__file__).parent.parent / "calling-rules.toml"
INDENT, WIDTH = "    ", 12

# Places as libphonenumber writes them. Where it names a city, the state stands behind it: "Chicago, IL".
STATES = {
    "AK": "Alaska", "AL": "Alabama", "AR": "Arkansas", "AZ": "Arizona", "CA": "California", "CO": "Colorado",
    "CT": "Connecticut", "DC": "Washington D.C.", "DE": "Delaware", "FL": "Florida", "GA": "Georgia", "HI": "Hawaii",
    "IA": "Iowa", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "KS": "Kansas", "KY": "Kentucky", "LA": "Louisiana",
    "MA": "Massachusetts", "MD": "Maryland", "ME": "Maine", "MI": "Michigan", "MN": "Minnesota", "MO": "Missouri",
    "MS": "Mississippi", "MT": "Montana", "NC": "North Carolina", "ND": "North Dakota", "NE": "Nebraska",
    "NH": "New Hampshire", "NJ": "New Jersey", "NM": "New Mexico", "NV": "Nevada", "NY": "New York", "OH": "Ohio",
    "OK": "Oklahoma", "OR": "Oregon", "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina",
    "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas", "UT": "Utah", "VA": "Virginia", "VT": "Vermont",
    "WA": "Washington State", "WI": "Wisconsin", "WV": "West Virginia", "WY": "Wyoming",
}
PROVINCES = {
    "AB": "Alberta", "BC": "British Columbia", "MB": "Manitoba", "NB": "New Brunswick",
    "NL": "Newfoundland and Labrador", "NS": "Nova Scotia/Prince Edward Island",
    "NT": "Northwest Territories/Nunavut/Yukon", "ON": "Ontario", "QC": "Quebec", "SK": "Saskatchewan",
}  # fmt: skip
MISSPELT = {"British Colombia": "British Columbia"}
TERRITORIES = {"AS", "GU", "MP", "PR", "VI"}

# What libphonenumber leaves out: toll-free codes held in reserve; 700 (carriers) and 710 (government).
UNPLACED = ["822", *(f"88{n}" for n in range(10)), "700", "710"]

# One code for each list and more where a mistake would be likely: Kansas City lies in two states, 809 is not American.
KNOWN = {
    "305": "US-FL", "786": "US-FL", "405": "US-OK", "410": "US-MD", "206": "US-WA", "201": "US-NJ", "214": "US-TX",
    "512": "US-TX", "713": "US-TX", "205": "US-AL", "203": "US-CT", "502": "US-KY", "504": "US-LA", "617": "US-MA",
    "601": "US-MS", "313": "US-MI", "612": "US-MN", "505": "US-NM", "702": "US-NV", "207": "US-ME", "401": "US-RI",
    "416": "CA", "514": "CA", "604": "CA", "867": "CA", "905": "CA", "212": "US-NY", "718": "US-NY", "213": "US-CA",
    "310": "US-CA", "202": "US-DC", "816": "US-MO", "913": "US-KS", "787": "US", "671": "US", "800": "nowhere",
    "888": "nowhere", "900": "nowhere", "500": "nowhere", "809": "nowhere", "242": "nowhere", "876": "nowhere",
    "441": "nowhere",
}  # fmt: skip


def place(description):
    """The jurisdiction of a description such as `Florida`, `Chicago, IL` or `Toronto, ON`."""
    name = MISSPELT.get(description, description).rsplit(", ", 1)[-1]
    for code, state in STATES.items():
        if name in (code, state):
            return f"US-{code}"
    if name in PROVINCES or name in PROVINCES.values():
        return "CA"
    sys.exit(f"{description!r} is neither a state nor a province that this script knows")


def codes_of(region):
    """The area codes that are a country's own."""
    leading = PhoneMetadata.metadata_for_region(region).leading_digits
    return [f"{n}" for n in range(200, 1000) if re.fullmatch(leading, f"{n}")]


def is_unplaced(code):
    """Whether an area code is for toll-free, premium or personal numbers, in the United States or in Canada."""
    kinds = ["toll_free", "premium_rate", "personal_number", "voip"]
    patterns = [getattr(PhoneMetadata.metadata_for_region(region), kind) for region in ("US", "CA") for kind in kinds]
    numbers = [f"{code}{rest}" for rest in ("2002345", "3122345", "5552345", "9202345", "2110234")]
    texts = [pattern.national_number_pattern for pattern in patterns if pattern and pattern.national_number_pattern]
    return any(re.fullmatch(text, number) for text in texts for number in numbers)


def jurisdictions():
    """Which jurisdiction each area code is of."""
    of = {}

    def put(code, jurisdiction):
        if of.setdefault(code, jurisdiction) != jurisdiction:
            sys.exit(f"area code {code} is of {of[code]} and of {jurisdiction}")

    for region in phonenumbers.COUNTRY_CODE_TO_REGION_CODE[1]:
        if region not in ("US", "CA"):
            for code in codes_of(region):
                put(code, "US" if region in TERRITORIES else "nowhere")
    described = {digits[1:]: names["en"] for digits, names in GEOCODE_DATA.items() if digits.startswith("1")}
    abroad = set(of)
    for digits, description in described.items():
        # A few area codes are described only by the towns in them.
        if len(digits) == 3 or (digits[:3] not in described and digits[:3] not in abroad):
            put(digits[:3], place(description))
    for code in UNPLACED:
        put(code, "nowhere")
    for n in range(200, 1000):
        if is_unplaced(f"{n}"):
            put(f"{n}", "nowhere")
    return of


def check(of):
    """Every area code with fixed lines has a place, and the known ones have theirs."""
    for region in ("US", "CA"):
        pattern = PhoneMetadata.metadata_for_region(region).fixed_line.national_number_pattern
        missing = [f"{n}" for n in range(200, 1000) if re.fullmatch(pattern, f"{n}2345678") and f"{n}" not in of]
        if missing:
            sys.exit(f"area codes of {region} without a place: {missing}")
    wrong = {code: of.get(code) for code, jurisdiction in KNOWN.items() if of.get(code) != jurisdiction}
    if wrong:
        sys.exit(f"not where they are known to be: {wrong}")


def lines(codes):
    """The lines of a TOML array."""
    quoted = [f'"+1{code}",' for code in sorted(codes)]
    return "".join(f"{INDENT}{' '.join(quoted[at : at + WIDTH])}\n" for at in range(0, len(quoted), WIDTH))


def splice(text, mark, codes):
    begin, end = f"{INDENT}# {mark}: area codes of prefixes.py\n", f"{INDENT}# {mark}: end\n"
    if text.count(begin) != 1 or text.count(end) != 1 or not codes:
        sys.exit(f"{RULES.name} has no place for the area codes of {mark}, or there are none")
    before, rest = text.split(begin)
    return before + begin + lines(codes) + end + rest.split(end)[1]


def main():
    if phonenumbers.__version__ != VERSION:
        sys.exit(f"phonenumbers is {phonenumbers.__version__}; this script was checked with {VERSION}")
    of = jurisdictions()
    check(of)
    text = RULES.read_text(encoding="utf-8")
    for mark in re.findall(r"# (\S+): area codes of prefixes\.py", text):
        wanted = "nowhere" if mark == "+1" else mark
        text = splice(text, mark, [code for code, jurisdiction in of.items() if jurisdiction == wanted])
    RULES.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
