//! The nasty inputs that lists are known for, by their numbers in the catalogue of forty.

use Remark::{
    ExponentWrittenOut, ExtensionKept, FractionCut, LeadingZeroRestored, LetterReadAsZero, NumberLeftOut, PlusRestored,
    SeveralNumbers,
};

use super::*;

const MOBILE: &str = "+33612345678";
const LANDLINE: &str = "+33145678910";
const PLUS: Habit = Habit { plus: true, letter_o: false, thousands: false };
const LETTER_O: Habit = Habit { plus: false, letter_o: true, thousands: false };
const THOUSANDS: Habit = Habit { plus: false, letter_o: false, thousands: true };

fn read(cell: &str, code: &str, habit: Habit) -> Result<CellPhones, PhoneProblem> {
    read_cell(cell, code.parse().expect("a country"), habit)
}

/// The cell holds these numbers, in this order, and these remarks are made.
fn holds(cell: &str, code: &str, habit: Habit, numbers: &[&str], remarks: &[Remark]) {
    let found = read(cell, code, habit).unwrap_or_else(|problem| panic!("{cell:?} in {code}: {problem}"));
    let read: Vec<&str> = found.phones.iter().map(|phone| phone.number.reveal()).collect();
    assert_eq!(read, numbers, "{cell:?} in {code}");
    assert_eq!(found.remarks.iter().collect::<Vec<_>>(), remarks, "{cell:?} in {code}");
}

fn all_hold(cells: &[&str], code: &str, number: &str, remarks: &[Remark]) {
    for cell in cells {
        holds(cell, code, Habit::default(), &[number], remarks);
    }
}

fn all_refused(cells: &[&str], code: &str, problem: &PhoneProblem) {
    for cell in cells {
        assert_eq!(read(cell, code, Habit::default()).as_ref(), Err(problem), "{cell:?} in {code}");
    }
}

#[test]
fn case_22_a_number_that_a_workbook_keeps_as_an_amount() {
    all_hold(&["33612345678", " 33612345678 "], "FR", MOBILE, &[PlusRestored]);
    holds("33612345678", "FR", PLUS, &[MOBILE], &[PlusRestored]);
    all_hold(&["19495550122"], "US", "+19495550122", &[]);
}

#[test]
fn case_23_a_leading_zero_that_a_spreadsheet_dropped() {
    all_hold(&["612345678", "6 12 34 56 78"], "FR", MOBILE, &[LeadingZeroRestored]);
    all_hold(&["0612345678", "+33612345678", "0033612345678"], "FR", MOBILE, &[]);
    all_hold(&["3012345678"], "DE", "+493012345678", &[LeadingZeroRestored]);
    all_hold(&["612345678"], "ES", "+34612345678", &[]);
    all_hold(&["9495550122"], "US", "+19495550122", &[]);
}

#[test]
fn case_24_digits_that_an_exponent_lost() {
    let lost = ["3,36123E+10", "3.36123E+10", "3E+10", "3.36123456789E+10", "6.12E+8", "6,12E+08"];
    all_refused(&lost, "FR", &PhoneProblem::DigitsLost);
    all_refused(&lost, "DE", &PhoneProblem::DigitsLost);
}

#[test]
fn case_25_an_exponent_with_all_digits() {
    let cells = ["3.3612345678E+10", "3,3612345678e10", "3.3612345678E+010", "\"3,3612345678E+10\""];
    all_hold(&cells, "FR", MOBILE, &[ExponentWrittenOut, PlusRestored]);
    all_hold(&["6.12345678E+8"], "FR", MOBILE, &[LeadingZeroRestored, ExponentWrittenOut]);
}

#[test]
fn case_26_a_fraction_of_zeros() {
    let cells = ["33612345678.0", "33612345678,00", "33612345678.000", "33 612 345 678,00", "33.612.345.678,00"];
    all_hold(&cells, "FR", MOBILE, &[FractionCut, PlusRestored]);
    all_hold(&["0612345678.0"], "FR", MOBILE, &[FractionCut]);
    all_hold(&["612345678.0", "612,345,678.00"], "FR", MOBILE, &[LeadingZeroRestored, FractionCut]);
    all_hold(&["30123456.0"], "DE", "+4930123456", &[LeadingZeroRestored, FractionCut]);
}

#[test]
fn case_27_digits_grouped_as_those_of_an_amount() {
    all_hold(&["33 612 345 678", "33,612,345,678", "33.612.345.678"], "FR", MOBILE, &[PlusRestored]);
    all_hold(&["612,345,678"], "FR", MOBILE, &[LeadingZeroRestored]);
    holds("33'612'345'678", "FR", THOUSANDS, &[MOBILE], &[PlusRestored]);
    all_refused(&["33'612'345'678", "33,612,345,67", "3361,234,5678"], "FR", &PhoneProblem::Sign);
}

#[test]
fn case_28_what_spreadsheets_wrap_around_a_number() {
    let cells = ["'0612345678", "=\"0612345678\"", "\"06 12 34 56 78\"", "’0612345678", "«0612345678»"];
    all_hold(&cells, "FR", MOBILE, &[]);
}

#[test]
fn case_29_international_prefixes() {
    for code in ["FR", "US", "RU", "DE", "IT", "BR"] {
        all_hold(&["0033612345678", "00 33 6 12 34 56 78"], code, MOBILE, &[]);
    }
    all_hold(&["011 33 6 12 34 56 78", "01133612345678"], "US", MOBILE, &[]);
    all_hold(&["011 33 6 12 34 56 78"], "CA", MOBILE, &[]);
    for code in ["RU", "KZ"] {
        all_hold(&["810 33 6 12 34 56 78", "8~10 33 612345678", "8 ~ 10 33 612345678"], code, MOBILE, &[]);
    }
}

#[test]
fn case_30_a_zero_behind_the_country_code() {
    let cells = ["+33 (0)6 12 34 56 78", "+330612345678", "0033 (0)6 12 34 56 78", "+33(0)612345678"];
    all_hold(&cells, "FR", MOBILE, &[]);
    holds("330612345678", "FR", PLUS, &[MOBILE], &[PlusRestored]);
    all_hold(&["06 6982 0000", "+39 06 69820000"], "IT", "+390669820000", &[]);
}

#[test]
fn case_31_several_numbers_in_a_cell() {
    let cells = [
        "06 12 34 56 78 / 01 45 67 89 10",
        "0612345678/0145678910",
        "06/12/34/56/78 / 01/45/67/89/10",
        "0612345678;0145678910",
        "0612345678, 0145678910",
        "0612345678|0145678910",
        "06 12 34 56 78 ou 01 45 67 89 10",
        "06 12 34 56 78 OU 01 45 67 89 10",
        "0612345678 или 0145678910",
        "0612345678 or 0145678910",
        "0612345678 et 0145678910",
        "0612345678\n0145678910",
        "0612345678\r\n0145678910",
        "06 12 34 56 78  01 45 67 89 10",
        "Portable : 06 12 34 56 78 / Fixe : 01 45 67 89 10",
        "+33612345678 / 01 45 67 89 10",
        "0612345678; 0145678910;",
        "0612345678 / bureau / 0145678910",
    ];
    for cell in cells {
        holds(cell, "FR", Habit::default(), &[MOBILE, LANDLINE], &[SeveralNumbers]);
    }
    let de = ["+4930123456", "+4989654321"];
    holds("030 123456 / 089 654321", "DE", Habit::default(), &de, &[SeveralNumbers]);
    let both = [LeadingZeroRestored, SeveralNumbers];
    holds("612345678 / 145678910", "FR", Habit::default(), &[MOBILE, LANDLINE], &both);
    all_hold(&["0612345678 / +33 6 12 34 56 78"], "FR", MOBILE, &[]);
    all_hold(&["06 12 34 56 78 /", "06 12 34 56 78, ", "0612345678 / bureau", "; 0612345678"], "FR", MOBILE, &[]);
}

#[test]
fn case_31_a_part_that_is_no_number_is_left_out() {
    let cells = [
        "06 12 34 56 78 / 79",
        "06 12 34 56 78 / 01 45",
        "0612345678, Mme Dupont",
        "0612345678 / Fax 01 45 67 89 10",
        "0612345678 / 0899 70 01 23",
        "00 / 0612345678",
        "06 12 34 56 78  79",
    ];
    all_hold(&cells, "FR", MOBILE, &[NumberLeftOut]);
    // A number without its zero may be a piece of the one before it.
    all_hold(&["0234 567890 / 567891"], "DE", "+49234567890", &[NumberLeftOut]);
    all_refused(&["0899 70 01 23 / 0820 20 20 20"], "FR", &PhoneProblem::Kind("premium-rate"));
}

#[test]
fn case_31_pieces_of_one_number_are_not_several() {
    all_hold(&["06/12/34/56/78", "06  12  34  56  78"], "FR", MOBILE, &[]);
    all_hold(&["030/1234567", "030 / 1234567", "030  1234567"], "DE", "+49301234567", &[]);
    all_hold(&["0234/567890", "0234 / 567890"], "DE", "+49234567890", &[]);
    all_hold(&["02/555.12.12"], "BE", "+3225551212", &[]);
    // Nobody knows whether the last digit belongs to the number or to a second line.
    all_refused(&["030 1234567 / 8"], "DE", &PhoneProblem::Several);
}

#[test]
fn case_32_an_extension_is_kept_apart() {
    let cells = [
        ("06 12 34 56 78 poste 12", "12"),
        ("06 12 34 56 78 доб. 5", "5"),
        ("0612345678x5", "5"),
        ("06 12 34 56 78 ext. 165", "165"),
        ("06 12 34 56 78 (ext 5)", "5"),
        ("0612345678 #5", "5"),
        ("+33612345678;ext=7", "7"),
        ("0612345678, poste 12", "12"),
        ("0612345678 / poste 12", "12"),
        ("0612345678 poste 012", "012"),
    ];
    for (cell, extension) in cells {
        holds(cell, "FR", Habit::default(), &[MOBILE], &[ExtensionKept]);
        let found = read(cell, "FR", Habit::default()).expect("a number");
        assert_eq!(found.phones[0].extension.as_deref(), Some(extension), "{cell}");
    }
    let both = read("0145678910 poste 12 / 0612345678", "FR", Habit::default()).expect("two numbers");
    let extensions: Vec<_> = both.phones.iter().map(|phone| phone.extension.as_deref()).collect();
    assert_eq!(extensions, [Some("12"), None]);
    all_hold(&["030 1234567 Durchwahl 12"], "DE", "+49301234567", &[ExtensionKept]);
}

#[test]
fn case_33_signs_that_typography_puts_in() {
    let cells = [
        "06\u{202f}12\u{202f}34\u{202f}56\u{202f}78",
        "06\u{a0}12\u{a0}34\u{a0}56\u{a0}78",
        "06‑12‑34‑56‑78",
        "06–12–34–56–78",
        "０６１２３４５６７８",
        "\u{202a}+33612345678\u{202c}",
        "\u{200e}06\u{200b}12345678\u{feff}",
        "٠٦١٢٣٤٥٦٧٨",
        "۰۶۱۲۳۴۵۶۷۸",
        "06·12·34·56·78",
    ];
    all_hold(&cells, "FR", MOBILE, &[]);
}

#[test]
fn case_34_letters_in_a_number() {
    all_refused(&["O6 12 34 56 78", "06 12 34 56 7o", "О612345678"], "FR", &PhoneProblem::LetterO);
    assert!(PhoneProblem::LetterO.to_string().contains("--repair letter-o"));
    let others =
        ["06 12 34 56 7X", "06 l2 34 56 78", "1-800-FLOWERS", "néant", "n/a", "06 12 mob 34 56 78", "Oo", "O6"];
    all_refused(&others, "FR", &PhoneProblem::Letter);
    for cell in ["O6 12 34 56 78", "o612345678", "О6 12 34 56 78"] {
        holds(cell, "FR", LETTER_O, &[MOBILE], &[LetterReadAsZero]);
    }
    for cell in ["06 12 34 56 7X", "06 l2 34 56 78", "néant", "OOOOOOOOOO", "OoO"] {
        assert_eq!(read(cell, "FR", LETTER_O), Err(PhoneProblem::Letter), "{cell}");
    }
    holds("0612345678", "FR", LETTER_O, &[MOBILE], &[]);
}

#[test]
fn case_35_russian_numbers_keep_their_eight() {
    let cells = ["8 (812) 123-45-67", "+7 812 123-45-67", "812 123-45-67", "8121234567", "88121234567"];
    all_hold(&cells, "RU", "+78121234567", &[]);
    all_hold(&["7 812 123 45 67"], "RU", "+78121234567", &[PlusRestored]);
    all_hold(&["8 (800) 555-35-35", "+7 800 555-35-35", "8005553535"], "RU", "+78005553535", &[]);
    all_hold(&["8 846 212 34 56", "+78462123456"], "RU", "+78462123456", &[]);
}

#[test]
fn case_36_a_german_column_without_plus() {
    assert_eq!(read("4917791589104", "DE", Habit::default()), Err(PhoneProblem::Unclear));
    holds("4917791589104", "DE", PLUS, &["+4917791589104"], &[PlusRestored]);
    holds("017791589104", "DE", PLUS, &["+4917791589104"], &[]);
    holds("+4917791589104", "DE", PLUS, &["+4917791589104"], &[]);
    // No mixed reading: in such a column these are no digits of home.
    assert!(matches!(read("17791589104", "DE", PLUS), Err(PhoneProblem::Invalid(_))));
}

#[test]
fn case_38_numbers_that_nobody_is_called_on() {
    for code in ["FR", "DE", "GB", "US", "RU", "ES", "PT", "IT", "BE", "CH"] {
        for cell in ["112", "15", "110", "115", "117", "911", "999", "02", "103", "0000000000", "1111111111", "0", "00"]
        {
            assert!(read(cell, code, Habit::default()).is_err(), "{cell} in {code}");
        }
    }
    all_refused(&["112", "15", "0000000000"], "FR", &PhoneProblem::Invalid("FR".parse().expect("a country")));
    for (cell, code, kind) in [
        ("0899 70 01 23", "FR", "premium-rate"),
        ("0820 20 20 20", "FR", "shared-cost"),
        ("+49 900 1234567", "DE", "premium-rate"),
        ("+49 164 1234567", "DE", "pager"),
        ("+44 5512345678", "GB", "company access"),
    ] {
        all_refused(&[cell], code, &PhoneProblem::Kind(kind));
    }
}

#[test]
fn a_fixed_line_is_known_as_one() {
    for (cell, code, fixed_line) in [
        ("01 45 67 89 10", "FR", true),
        ("06 12 34 56 78", "FR", false),
        ("0800 12 34 56", "FR", false),
        ("(949) 555-0122", "US", false), // may be a mobile phone
        ("Fixe : 01 45 67 89 10 / 06 12 34 56 78", "FR", true),
        ("06 12 34 56 78 / 01 45 67 89 10", "FR", false),
    ] {
        assert_eq!(read(cell, code, Habit::default()).map(|found| found.fixed_line), Ok(fixed_line), "{cell}");
    }
}
