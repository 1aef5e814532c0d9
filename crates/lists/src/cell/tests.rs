use proptest::prelude::*;

use super::*;

fn habits(currency: &str, country: &str) -> Habits {
    Habits::usual(currency.parse().expect("a currency"), country)
}

fn kept(cells: &[(&str, &str)], kind: &FieldKind, habits: Habits) {
    for (cell, kept) in cells {
        assert_eq!(read(cell, kind, habits), Ok((*kept).to_owned()), "{cell}");
    }
}

fn refused(cells: &[&str], kind: &FieldKind, habits: Habits, right: &str) {
    for cell in cells {
        let error = read(cell, kind, habits).expect_err(cell);
        // Fewer characters may stand in any sentence.
        let repeats = cell.len() >= 4 && error.contains(cell);
        assert!(error.contains(right) && !repeats, "{cell}: {error}");
    }
}

#[test]
fn amounts_in_many_hands() {
    let amounts = [
        ("24,99", "24.99"),
        ("24.9", "24.90"),
        ("30", "30.00"),
        ("-3", "-3.00"),
        ("1 234,56", "1234.56"),
        ("1\u{a0}234,56", "1234.56"),
        ("1\u{202f}234\u{202f}567,8", "1234567.80"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1'234.50", "1234.50"),
        ("1’234", "1234.00"),
        ("1.234.567", "1234567.00"),
        ("1,234,567", "1234567.00"),
        ("1 000", "1000.00"),
        ("0,500", "0.50"),
        ("12 €", "12.00"),
        ("€12", "12.00"),
        ("-€12,50", "-12.50"),
        ("€ -12,50", "-12.50"),
        ("12,5 EUR", "12.50"),
        ("EUR 12", "12.00"),
        ("−5", "-5.00"),
        ("1234,500", "1234.50"),
    ];
    kept(&amounts, &FieldKind::Money, habits("EUR", "FR"));
    let wrong =
        ["dix", "12 $", "12,", ",5", "1 23,4", "1.23.456", "1,234.567,8", "24,9999", "1 234'567", "", "€", "--5"];
    refused(&wrong, &FieldKind::Money, habits("EUR", "FR"), "as in 24.99");
    kept(&[("$1,234.56", "1234.56"), ("US$ 5", "5.00")], &FieldKind::Money, habits("USD", "US"));
    kept(
        &[("1 500 руб.", "1500.00"), ("99,90 ₽", "99.90"), ("12 р.", "12.00")],
        &FieldKind::Money,
        habits("RUB", "RU"),
    );
    kept(&[("1,234", "1234"), ("25", "25"), ("¥1.500", "1500")], &FieldKind::Money, habits("JPY", "JP"));
    refused(&["2.5"], &FieldKind::Money, habits("JPY", "JP"), "as in 25");
}

#[test]
fn three_digits_behind_one_separator_are_decided_by_the_column() {
    let of = |decimals| Habits { decimals, ..habits("EUR", "FR") };
    refused(&["1,234", "1.234"], &FieldKind::Money, of(DecimalMark::Unknown), "as in 1234.00");
    kept(&[("1.234", "1234.00"), ("1,500", "1.50")], &FieldKind::Money, of(DecimalMark::Comma));
    kept(&[("1,234", "1234.00"), ("1.500", "1.50")], &FieldKind::Money, of(DecimalMark::Point));
    refused(&["1,234"], &FieldKind::Money, of(DecimalMark::Comma), "as in 24.99");
    let dinars = |decimals| Habits { decimals, ..habits("TND", "TN") };
    kept(&[("1,234", "1.234")], &FieldKind::Money, dinars(DecimalMark::Comma));
    refused(&["1,234"], &FieldKind::Money, dinars(DecimalMark::Unknown), "thousands or decimals");
    let tells = |cell| mark_in(cell, "EUR".parse().expect("a currency"));
    assert_eq!(tells("1.234,56"), (DecimalMark::Comma, false));
    assert_eq!(tells("12.5"), (DecimalMark::Point, false));
    assert_eq!(tells("1,234,567"), (DecimalMark::Point, false));
    assert_eq!(tells("1,234"), (DecimalMark::Unknown, true));
    assert_eq!(tells("12"), (DecimalMark::Unknown, false));
}

#[test]
fn whole_numbers() {
    let numbers =
        [("12", "12"), ("-4", "-4"), ("007", "7"), ("1 234", "1234"), ("1\u{202f}234", "1234"), ("12.0", "12")];
    kept(&numbers, &FieldKind::Integer, habits("EUR", "FR"));
    let wrong = ["12.5", "1,234", "1.000", "12 34", "abc", "99999999999999999999", "- 4", "1 234 5"];
    refused(&wrong, &FieldKind::Integer, habits("EUR", "FR"), "as in 12");
}

#[test]
fn dates_are_never_guessed() {
    let dates = [
        ("2026-11-23", "2026-11-23"),
        ("2026/11/23", "2026-11-23"),
        ("2026-11-23T10:00:00", "2026-11-23"),
        ("2026-11-23T10:00:00.123Z", "2026-11-23"),
        ("2026-11-23 10:00", "2026-11-23"),
        ("23/11/2026", "2026-11-23"),
        ("23.11.2026", "2026-11-23"),
        ("23-11-2026", "2026-11-23"),
        ("23/11/2026 10:00", "2026-11-23"),
        ("3/4/1980 9:05 PM", "1980-04-03"),
        ("3.4.2026", "2026-04-03"),
        ("29/02/2024", "2024-02-29"),
    ];
    kept(&dates, &FieldKind::Date, habits("EUR", "FR"));
    let wrong = [
        "11/23/2026",
        "29/02/2026",
        "24/11/26",
        "26-11-24",
        "2025-12",
        "29314",
        "+1/01/2026",
        "1/1/1/2026",
        "23/11.2026",
        "2026-11-23 ?",
        "0026-11-23",
        "23 novembre 2026",
    ];
    refused(&wrong, &FieldKind::Date, habits("EUR", "FR"), "2026-11-23 or 23/11/2026");
    kept(&[("03/04/2026", "2026-03-04"), ("11/23/2026", "2026-11-23")], &FieldKind::Date, habits("USD", "US"));
    refused(&["23/11/2026"], &FieldKind::Date, habits("USD", "US"), "2026-11-23 or 11/23/2026");
    refused(&["11/12/2026", "23/11/2026"], &FieldKind::Date, habits("JPY", "JP"), "write 2026-11-23");
    let mixed = Habits { dates: DateOrder::Mixed, ..habits("EUR", "FR") };
    kept(
        &[("23/11/2026", "2026-11-23"), ("11/23/2026", "2026-11-23"), ("5/5/2026", "2026-05-05")],
        &FieldKind::Date,
        mixed,
    );
    refused(&["11/12/2026"], &FieldKind::Date, mixed, "write 2026-11-23");
}

#[test]
fn case_39_days_of_excel_only_from_a_workbook() {
    let sheet = Habits { serial_days: true, ..habits("EUR", "FR") };
    let days = [
        ("29314", "1980-04-03"),
        ("1", "1900-01-01"),
        ("59", "1900-02-28"),
        ("61", "1900-03-01"),
        ("29314.75", "1980-04-03"),
    ];
    kept(&days, &FieldKind::Date, sheet);
    refused(&["0", "60", "80001", "-1", "1e4"], &FieldKind::Date, sheet, "write 2026-11-23");
    refused(&["29314"], &FieldKind::Date, habits("EUR", "FR"), "write 2026-11-23");
}

#[test]
fn yes_no_and_choices() {
    let words = [
        ("Oui", "yes"),
        ("YES", "yes"),
        ("1", "yes"),
        ("да", "yes"),
        ("Ja", "yes"),
        ("vrai", "yes"),
        ("x", "yes"),
        ("O", "yes"),
        ("non", "no"),
        ("False", "no"),
        ("0", "no"),
        ("НЕТ", "no"),
        ("nein", "no"),
        ("faux", "no"),
        ("n", "no"),
    ];
    kept(&words, &FieldKind::YesNo, habits("EUR", "FR"));
    refused(&["peut-être", "2"], &FieldKind::YesNo, habits("EUR", "FR"), "write yes or no");
    let choices = FieldKind::Choice(["Fibre", "ADSL", "Câble"].map(str::to_owned).to_vec());
    let right = [("fibre", "Fibre"), ("adsl", "ADSL"), ("CÂBLE", "Câble"), ("cable", "Câble")];
    kept(&right, &choices, habits("EUR", "FR"));
    refused(&["none"], &choices, habits("EUR", "FR"), "write Fibre, ADSL, Câble");
    let alike = FieldKind::Choice(["Côte", "Cote"].map(str::to_owned).to_vec());
    kept(&[("Cote", "Cote")], &alike, habits("EUR", "FR"));
    assert!(read("cote", &alike, habits("EUR", "FR")).is_err());
}

#[test]
fn an_empty_cell_says_no_only_among_ticks() {
    let ticks = Habits { empty_is_no: true, ..habits("EUR", "FR") };
    assert_eq!(read_or_empty(" ", &FieldKind::YesNo, ticks), Ok(Some("no".to_owned())));
    assert_eq!(read_or_empty("", &FieldKind::Text, ticks), Ok(None));
    assert_eq!(read_or_empty("", &FieldKind::YesNo, habits("EUR", "FR")), Ok(None));
    assert_eq!(read_or_empty(" oui ", &FieldKind::YesNo, ticks), Ok(Some("yes".to_owned())));
}

#[test]
fn a_text_is_one_line_of_at_most_a_thousand_characters() {
    assert_eq!(text(" 12 rue\r\n de  la\u{a0}Paix "), Ok("12 rue de la Paix".to_owned()));
    assert_eq!(text(&"é".repeat(1_000)).map(|kept| kept.chars().count()), Ok(1_000));
    assert!(text(&"é".repeat(1_001)).is_err() && name(&"É".repeat(1_001)).is_err());
}

#[test]
fn names_do_not_shout() {
    for (cell, kept) in [
        ("DUPONT-MARTIN", "Dupont-Martin"),
        ("D’ARTAGNAN", "D'Artagnan"),
        ("O'BRIEN", "O'Brien"),
        ("LEWIS'S", "Lewis's"),
        ("MCDONALD", "Mcdonald"),
        ("JEAN  PIERRE", "Jean Pierre"),
        ("ИВАНОВ", "Иванов"),
        ("ÉLOÏSE", "Éloïse"),
        ("J.P.", "J.P."),
        ("DUPONT Jean", "DUPONT Jean"),
        ("dupont", "dupont"),
        ("McDonald", "McDonald"),
        (" L’Hôte ", "L'Hôte"),
        ("X", "X"),
        ("李", "李"),
        ("-", "-"),
    ] {
        assert_eq!(name(cell), Ok(kept.to_owned()), "{cell}");
    }
}

#[test]
fn postcodes_get_their_zeros_back() {
    for (cell, country, kept) in [
        ("1000", "FR", "01000"),
        ("75001.0", "FR", "75001"),
        ("75 001", "FR", "75001"),
        ("100", "FR", "100"),
        ("Paris", "FR", "Paris"),
        ("1067", "DE", "01067"),
        ("2139", "US", "02139"),
        ("501", "US", "00501"),
        ("02139-1234", "US", "02139-1234"),
        ("2139-1234", "US", "02139-1234"),
        ("021391234", "US", "02139-1234"),
        ("12", "US", "12"),
        ("sw1a1aa", "GB", "SW1A 1AA"),
        ("M1 1ae", "GB", "M1 1AE"),
        ("London", "GB", "London"),
        ("101 000", "RU", "101000"),
        ("101000.0", "RU", "101000"),
        (" 1012  AB ", "NL", "1012 AB"),
    ] {
        assert_eq!(postcode(cell, country), Ok(kept.to_owned()), "{cell} in {country}");
    }
}

#[test]
fn countries_by_code_and_name() {
    for (cell, code) in [
        ("FR", "FR"),
        ("fr", "FR"),
        ("France", "FR"),
        ("États-Unis", "US"),
        ("Россия", "RU"),
        ("UK", "GB"),
        ("DEU", "DE"),
    ] {
        assert_eq!(country(cell).as_deref(), Some(code), "{cell}");
    }
    assert_eq!(country("Atlantide").or(country("")).or(country("XX")), None);
    for (_, names) in super::country::NAMES {
        for name in names {
            assert_eq!(folded(name), **name, "a name that is not folded is never found");
        }
    }
}

proptest! {
    #[test]
    fn no_cell_panics(cell in "\\PC{0,40}", digits in "[-0-9 .,'€/:TxOA]{0,16}", serial_days: bool) {
        for cell in [cell, digits] {
            for order in [DateOrder::DayFirst, DateOrder::MonthFirst, DateOrder::Mixed, DateOrder::YearFirst] {
                let habits = Habits { dates: order, serial_days, ..habits("EUR", "FR") };
                for kind in [FieldKind::Text, FieldKind::Integer, FieldKind::Money, FieldKind::Date, FieldKind::YesNo] {
                    let _ = read(&cell, &kind, habits);
                }
            }
            let _ = (name(&cell), country(&cell), tells(&cell), is_date(&cell));
            let _ = (is_serial_day(&cell), is_yes_or_no(&cell));
            for country in ["FR", "US", "GB", "RU", "DE", "NL"] {
                let _ = is_postcode(&cell, country);
                if let Ok(once) = postcode(&cell, country) {
                    prop_assert_eq!(postcode(&once, country), Ok(once.clone()));
                }
            }
        }
    }

    #[test]
    fn a_date_that_was_read_reads_to_itself(day in 1i8..=28, month in 1i8..=12, year in 1900i16..=2100) {
        let iso = format!("{year:04}-{month:02}-{day:02}");
        let french = format!("{day}/{month}/{year}");
        prop_assert_eq!(read(&iso, &FieldKind::Date, habits("EUR", "FR")), Ok(iso.clone()));
        prop_assert_eq!(read(&french, &FieldKind::Date, habits("EUR", "FR")), Ok(iso));
    }
}
