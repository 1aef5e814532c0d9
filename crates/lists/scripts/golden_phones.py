"""Writes tests/data/phones.csv: cells of phone columns and the number that each must become.

Run it after `pip install phonenumbers`, from any folder, without arguments. Every number is one of the library's
examples, so nobody's. The spellings are those of real lists; the expected number is the example itself, whatever the
library reads in the spelling. Columns: country, cell, the number in E.164 form (`-` where the cell must be refused),
its extension.
"""

from pathlib import Path

import phonenumbers
from phonenumbers import PhoneNumberFormat as Format
from phonenumbers import PhoneNumberType as Type

TABLE = Path(__file__).parent.parent / "tests" / "data" / "phones.csv"
COUNTRIES = ["FR", "US", "GB", "DE", "RU", "ES", "PT", "IT", "BE", "CH"]
CALLED = [Type.FIXED_LINE, Type.MOBILE, Type.FIXED_LINE_OR_MOBILE, Type.TOLL_FREE, Type.VOIP, Type.PERSONAL_NUMBER]
REFUSED = [Type.PREMIUM_RATE, Type.SHARED_COST, Type.UAN, Type.PAGER, Type.VOICEMAIL]
# What a national number has in front at home and not abroad. In Italy a 0 stays, in the United States a 1 may stand.
TRUNK = {"FR": "0", "GB": "0", "DE": "0", "BE": "0", "CH": "0", "RU": "8", "US": "1"}
ABROAD = {"US": ["011"], "RU": ["810", "8~10"]}


def valid(text, country):
    try:
        number = phonenumbers.parse(text, country)
    except phonenumbers.NumberParseException:
        return None
    return number if phonenumbers.is_valid_number(number) else None


def digits(text):
    return "".join(c for c in text if c.isascii() and c.isdigit())


def other_digits(text, zero):
    return "".join(chr(ord(zero) + int(c)) if c.isdigit() else c for c in text)


def bare(number, country):
    """Spellings in digits alone, without plus and zero, where they are one number only."""
    code, national = str(number.country_code), phonenumbers.national_significant_number(number)
    at_home = valid(national, country)
    if at_home == number and valid("+" + national, None) in (None, number):
        yield national
        yield national + ".0"
    with_code = valid(code + national, country)
    if with_code in (None, number):
        yield code + national
        yield f"{code}{national}.0"
        yield f"{code}{national},00"
        whole = code + national
        yield f"{whole[0]}.{whole[1:]}E+{len(whole) - 1}"
        yield f"{whole[0]},{whole[1:]}e{len(whole) - 1}"
        yield f"{int(whole):,}"
        yield f"{int(whole):,}".replace(",", " ")


def spellings(number, country):
    e164 = phonenumbers.format_number(number, Format.E164)
    abroad = phonenumbers.format_number(number, Format.INTERNATIONAL)
    home = phonenumbers.format_number(number, Format.NATIONAL)
    code, national = str(number.country_code), phonenumbers.national_significant_number(number)
    trunk = TRUNK.get(country, "")
    groups = abroad.split(" ", 1)[1]
    yield from [e164, abroad, home, digits(home), home.replace(" ", "."), home.replace(" ", "-")]
    yield from [f"'{digits(home)}", f'="{digits(home)}"', f'"{home}"', f" {home} ", f"\u2019{digits(home)}"]
    yield from [home.replace(" ", sign) for sign in ("\u202f", "\u00a0", "\u2009", "\u2011", "\u2013")]
    yield from [other_digits(home, zero) for zero in ("\uff10", "\u0660", "\u06f0")]
    yield from [f"\u202a{e164}\u202c", f"\u200e{home}\ufeff", "\u200b".join(home), f"tel:{e164}"]
    yield from [f"00{code}{national}", f"00 {code} {groups}", f"({e164[:1]}{code}) {groups}"]
    yield from [f"{prefix}{code}{national}" for prefix in ABROAD.get(country, [])]
    yield from [f"{prefix} {code} {groups}" for prefix in ABROAD.get(country, [])]
    if trunk == "0":
        yield from [f"+{code} (0){groups}", f"+{code}0{national}", f"00{code} (0) {groups}"]
    if trunk:
        yield from [trunk + national, f"{trunk} {groups}"]
    yield from [f"T\u00e9l : {home}", f"{home} (bureau)", f"mobile: {home}", f"\u0442\u0435\u043b. {home}"]
    yield from bare(number, country)


def with_extension(number):
    home = phonenumbers.format_number(number, Format.NATIONAL)
    words = ["poste 12", "ext. 12", "x12", "#12", "\u0434\u043e\u0431. 12", "(ext 12)", "Durchwahl 12"]
    return [f"{home} {word}" for word in words]


def numbers(country, types):
    examples = (phonenumbers.example_number_for_type(country, kind) for kind in types)
    unique = {phonenumbers.format_number(number, Format.E164): number for number in examples if number}
    if country == "RU" and Type.MOBILE in types:
        # Numbers that begin with the trunk digit: a library took it for one twice.
        for text in ["+78121234567", "+78462123456", "+78003012345"]:
            unique[text] = phonenumbers.parse(text)
    return unique


def rows():
    for country in COUNTRIES:
        for e164, number in numbers(country, CALLED).items():
            for cell in dict.fromkeys(spellings(number, country)):
                # What has more digits than an international prefix and a number is refused, a 0 in between or not.
                if len(digits(cell)) <= 17:
                    yield country, cell, e164, ""
            for cell in with_extension(number):
                yield country, cell, e164, "12"
            for other in COUNTRIES:
                yield other, phonenumbers.format_number(number, Format.INTERNATIONAL), e164, ""
        for e164, number in numbers(country, REFUSED).items():
            yield country, e164, "-", ""
            yield country, phonenumbers.format_number(number, Format.NATIONAL), "-", ""


def main():
    lines = [";".join(row) for row in rows()]
    header = f"# Written by scripts/golden_phones.py with phonenumbers {phonenumbers.__version__}; do not edit.\n"
    TABLE.write_text(header + "".join(f"{line}\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
