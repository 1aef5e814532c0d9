use proptest::prelude::*;

use super::*;

fn country(code: &str) -> Country {
    code.parse().expect("a country")
}

fn e164(cell: &str, country: &str) -> Result<String, PhoneProblem> {
    normalise(cell, country).map(|number| number.reveal().to_owned())
}

fn all_read(country: &str, cells: &[&str], number: &str) {
    for cell in cells {
        assert_eq!(e164(cell, country), Ok(number.to_owned()), "{cell:?} in {country}");
    }
}

#[test]
fn reads_numbers_as_people_write_them() {
    all_read(
        "FR",
        &[
            "06 12 34 56 78",
            "06.12.34.56.78",
            "06-12-34-56-78",
            "06/12/34/56/78",
            "0612345678",
            "612345678",
            "+33612345678",
            "+33 6 12 34 56 78",
            "33 612 345 678",
            "(+33) 6 12 34 56 78",
            "06 12 34 56 78 /",
        ],
        "+33612345678",
    );
    all_read("US", &["(949) 555-0122", "949.555.0122", "1-949-555-0122", "+1 949 555 0122"], "+19495550122");
}

#[test]
fn cuts_labels_and_extensions_and_never_appends_their_digits() {
    let cells = [
        "Tél : 0612345678",
        "tel:+33-6-12-34-56-78",
        "Tél. portable: 06 12 34 56 78",
        "06 12 34 56 78 (bureau)",
        "(bureau) 06 12 34 56 78",
        "06 12 34 56 78 poste 12",
        "06 12 34 56 78 доб. 5",
        "0612345678x5",
        "06 12 34 56 78 ext. 165",
        "06 12 34 56 78 (ext 5)",
        "0612345678 #5",
        "+33612345678;ext=7",
        "N° 0612345678",
    ];
    all_read("FR", &cells, "+33612345678");
    all_read("DE", &["030 1234567 (bureau)", "030 1234567 Durchwahl 12"], "+49301234567");
}

#[test]
fn refuses_what_nobody_may_or_can_be_called_on() {
    for (cell, kind) in [("0899 70 01 23", "premium-rate"), ("0820 20 20 20", "shared-cost")] {
        assert_eq!(e164(cell, "FR"), Err(PhoneProblem::Kind(kind)), "{cell}");
    }
    for cell in
        ["112", "15", "0000000000", "12345", "01 99 00", "06 39 98 1", "+33 6 39 98 00 00 00 11", "+999 123456789"]
    {
        assert_eq!(e164(cell, "FR"), Err(PhoneProblem::Invalid("FR".parse().expect("a country"))), "{cell}");
    }
    assert_eq!(e164("+33 6 12 34 56 78 99 99 99 99", "FR"), Err(PhoneProblem::TooLong));
    assert_eq!(e164(&"1".repeat(500), "FR"), Err(PhoneProblem::TooLong));
}

#[test]
fn refuses_dates_empty_cells_and_signs() {
    for country in ["FR", "US", "DE"] {
        for date in ["06/06/1972", "13/10/1999", "1999-10-13", "13.10.99"] {
            assert_eq!(e164(date, country), Err(PhoneProblem::Date), "{date} in {country}");
        }
    }
    for empty in ["", "  ", "\u{a0}", "\u{feff}", "\"\"", "'"] {
        assert_eq!(e164(empty, "FR"), Err(PhoneProblem::Missing), "{empty:?}");
    }
    for wrong in ["-", "+", "06•••••78", "06*12345678", "06+12345678", "33'612'345'678"] {
        assert_eq!(e164(wrong, "FR"), Err(PhoneProblem::Sign), "{wrong}");
    }
}

#[test]
fn refuses_two_numbers_rather_than_choosing() {
    let two = [
        "06 12 34 56 78 / 01 45 67 89 10",
        "0612345678;0145678910",
        "0612345678 ou 0145678910",
        "0612345678\n0145678910",
    ];
    for cell in two.into_iter().chain(["06 12 34 56 78  01 45 67 89 10", "0612345678|0145678910", "0612345678, 01 45"])
    {
        assert_eq!(e164(cell, "FR"), Err(PhoneProblem::Several), "{cell:?}");
    }
    assert_eq!(e164("030 1234567 / 8", "DE"), Err(PhoneProblem::Several));
    all_read("DE", &["030/1234567", "030 / 1234567"], "+49301234567");
}

#[test]
fn takes_the_numbers_of_fiction() {
    all_read("FR", &["06 39 98 12 34", "639981234", "33639981234", "0033 6 39 98 12 34"], "+33639981234");
    all_read("US", &["+33 6 39 98 12 34"], "+33639981234");
    all_read("FR", &["01 99 00 12 34"], "+33199001234");
    for outside in ["+33 6 39 97 99 99", "06 39 98 123"] {
        assert!(matches!(e164(outside, "FR"), Err(PhoneProblem::Invalid(_))), "{outside}");
    }
}

#[test]
fn knows_the_french_numbers_of_overseas() {
    for (cells, number) in [
        (["0596 60 12 34", "596601234"], "+596596601234"),
        (["06 96 60 12 34", "0696601234"], "+596696601234"),
        (["0262 20 12 34", "262201234"], "+262262201234"),
        (["06 39 01 23 45", "639012345"], "+262639012345"),
        (["0590 90 12 34", "590901234"], "+590590901234"),
        (["0594 31 12 34", "594311234"], "+594594311234"),
    ] {
        all_read("FR", &cells, number);
    }
    all_read("FR", &["05 95 60 12 34"], "+33595601234");
}

#[test]
fn refuses_digits_that_are_two_numbers() {
    assert_eq!(e164("4917791589104", "DE"), Err(PhoneProblem::Unclear));
    all_read("DE", &["+4917791589104", "004917791589104", "017791589104"], "+4917791589104");
}

/// Cells that are nearly cells of a phone column.
fn cells() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9+ ().,/;|'\"=#xXeEoO\n~-]{0,30}",
        "[+]?[0-9]{0,18}([.,]0{1,3})?",
        "(Tél : |tel:|00|0033|\\+33 \\(0\\))?0?[1-9]([ .\u{202f}-]?[0-9]{2}){4}( poste [0-9]{1,3}| \\(bureau\\)|x5)?",
        "0?[1-9][0-9]{5,9}( / |/|;|, | ou |  |\n| et poste )(0?[1-9][0-9]{3,9}|0?[1-9]([ ][0-9]{2}){4}|Dupont)",
        "\\PC{0,20}",
    ]
}

fn habits() -> impl Strategy<Value = Habit> {
    (any::<bool>(), any::<bool>(), any::<bool>()).prop_map(|(plus, letter_o, thousands)| Habit {
        plus,
        letter_o,
        thousands,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_read_reads_as_itself(
        cell in cells(),
        code in prop::sample::select(vec!["FR", "US", "GB", "DE", "RU", "ES", "PT", "IT", "BE", "CH", "AT", "BR"]),
        habit in habits(),
    ) {
        let country = country(code);
        let Ok(found) = read_cell(&cell, country, habit) else { return Ok(()) };
        prop_assert!(!found.phones.is_empty());
        for phone in &found.phones {
            prop_assert!(phone.number.reveal().len() <= 16);
            let alone = read_cell(phone.number.reveal(), country, habit).expect("it was read once");
            prop_assert_eq!(&alone.phones, &[ListedPhone { number: phone.number.clone(), extension: None }]);
            prop_assert_eq!(alone.remarks, Remarks::default());
        }
        let together: Vec<&str> = found.phones.iter().map(|phone| phone.number.reveal()).collect();
        let again = read_cell(&together.join(" / "), country, habit).expect("each was read");
        prop_assert!(again.phones.iter().map(|phone| phone.number.reveal()).eq(together));
    }

    #[test]
    fn no_more_than_seventeen_digits_are_a_number(digits in "[0-9]{18,40}", plus in any::<bool>(), habit in habits()) {
        let cell = if plus { format!("+{digits}") } else { digits };
        prop_assert_eq!(read_cell(&cell, country("DE"), habit), Err(PhoneProblem::TooLong));
    }

    #[test]
    fn a_column_has_no_more_numbers_than_cells(cells in prop::collection::vec(cells(), 0..8), letter_o in any::<bool>()) {
        let found = column_habit(cells.iter().map(String::as_str), country("DE"), letter_o);
        prop_assert!(found.valid <= found.filled && found.filled <= cells.len());
        prop_assert_eq!(found.habit.letter_o, letter_o);
    }
}
