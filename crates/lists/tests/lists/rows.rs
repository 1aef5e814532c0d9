//! Verdicts on single rows.

use relance_domain::list::{RejectCode, Verdict};
use relance_domain::zone::ZoneSource;
use relance_lists::{ReadOptions, read as read_list};

use crate::definition::{client, definition, read, reject, rows};

fn rejected(text: &str, line: u64, code: RejectCode, column: Option<&str>, message: &str) {
    let (at, reject) = reject(text);
    assert_eq!((at, reject.code, reject.column.as_deref(), reject.message.as_str()), (line, code, column, message));
}

#[test]
fn a_row_with_another_number_of_fields() {
    let message = "2 fields where the header has 3; is a delimiter missing, or one too many?";
    rejected("Phone,Nom,City\n\n0199001234,Dupont\n", 3, RejectCode::WrongFieldCount, None, message);
    let message = "4 fields where the header has 3; is a delimiter missing, or one too many?";
    rejected("Phone,Nom,City\n0199001234,Dupont,Lyon,\n", 2, RejectCode::WrongFieldCount, None, message);
    let message = "1 field where the header has 3; the row runs to line 3: is a quote left open?";
    rejected(
        "Phone,Nom,City\n\"0199001234,Dupont,Lyon\n0199001235,Martin,\"\n",
        2,
        RejectCode::WrongFieldCount,
        None,
        message,
    );
}

#[test]
fn a_rejected_row_keeps_its_fields() {
    let row = rows("Phone,Nom\n, Dupont \n").remove(0);
    let Verdict::Rejected { raw, reject } = row.verdict else { panic!("not rejected") };
    assert_eq!(raw, ["", " Dupont "]);
    assert_eq!((reject.code, reject.column.as_deref()), (RejectCode::PhoneMissing, Some("Phone")));
    assert_eq!(reject.message, "the cell is empty: write the number to call");
}

#[test]
fn a_phone_that_is_none() {
    rejected(
        "Nom,Phone\nDupont,0612 A45678\n",
        2,
        RejectCode::PhoneInvalid,
        Some("Phone"),
        "\"061••••••78\": letters stand in the number: write its digits only",
    );
    rejected(
        "Phone,Nom\n0899701234,Dupont\n",
        2,
        RejectCode::PhoneInvalid,
        Some("Phone"),
        "\"089•••••34\": this is a premium-rate number, on which people are not called: give a mobile or fixed line",
    );
}

#[test]
fn a_cell_that_does_not_hold_what_its_column_promises() {
    let invalid = |header: &str, cell: &str, message: &str| {
        let text = format!("Phone,{header}\n0199001234,\"{cell}\"\n");
        rejected(&text, 2, RejectCode::FieldInvalid, Some(header), message);
    };
    invalid(
        "Monthly Charges",
        "vingt",
        "\"v••••\" is not an amount in EUR: write digits and a dot or comma before the decimals, as in 24.99",
    );
    invalid("Date du consentement", "31/02/2026", "\"31/•••••26\" is not a date: write 2026-11-23 or 23/11/2026");
    invalid("Consentement", "?", "\"?\" is neither yes nor no: write yes or no, oui or non, true or false, 1 or 0");
    invalid("Internet Service", "Cable", "\"C••••\" is not one of the choices: write Fiber optic, DSL, No");
    invalid("Tenure Months", "1.5", "\"1••\" is not a whole number: write digits, as in 12");
    invalid(
        "Time Zone",
        "Europe/Atlantis",
        "\"Eur••••••••••is\" is not a time zone: write a name of the IANA database, as in Europe/Paris",
    );
    let long = "a".repeat(1_001);
    invalid("City", &long, &format!("\"aaa{}aa\" is too long: write at most 1000 characters", "•".repeat(25)));
}

#[test]
fn an_empty_cell_says_nothing() {
    let client = client("Phone,Nom,City,Monthly Charges,Time Zone\n0199001234,,  ,\u{a0},\n");
    assert_eq!((client.last_name, client.city, client.facts.len()), (None, None, 0));
    assert_eq!(
        client.zone.map(|(zone, source)| (zone.to_string(), source)),
        Some(("Europe/Paris".to_owned(), ZoneSource::Default))
    );
}

#[test]
fn a_duplicate_names_the_line_that_counts() {
    let text = "Phone,Consentement\n0199001234,maybe\n01 99 00 12 34,oui\n+33199001234,maybe\n0199001235,non\n";
    let verdicts: Vec<(u64, Verdict)> = rows(text).into_iter().map(|row| (row.line, row.verdict)).collect();
    assert!(matches!(&verdicts[0], (2, Verdict::Rejected { .. })), "a rejected row makes no later one a duplicate");
    assert!(matches!(&verdicts[1], (3, Verdict::Accepted(_))));
    assert_eq!(verdicts[2], (4, Verdict::DuplicateInFile { first_line: 3 }));
    assert!(matches!(&verdicts[3], (5, Verdict::Accepted(_))));
}

#[test]
fn lines_are_physical_and_cells_trimmed() {
    for end in ["\n", "\r\n", "\r"] {
        let text = [
            "\u{feff} PHONE ,Nom,Adresse",
            "0199001234, Dupont ,\"1 rue A",
            "bat. B\"",
            "",
            ",,",
            "0199001235,Martin,x",
            ",,",
            "",
        ];
        let rows = rows(&text.join(end));
        assert_eq!(rows.iter().map(|row| row.line).collect::<Vec<_>>(), [2, 6], "{end:?}");
        let Verdict::Accepted(client) = &rows[0].verdict else { panic!("not accepted: {rows:?}") };
        assert_eq!(client.last_name.as_deref(), Some("Dupont"));
        assert_eq!(client.street, Some(format!("1 rue A{end}bat. B")));
    }
}

#[test]
fn columns_say_what_they_feed() {
    let rows = read("note,N° DE TÉLÉPHONE,Monthly Charges,\n").expect("a header");
    let uses: Vec<(&str, Vec<&str>)> = rows
        .columns()
        .iter()
        .map(|column| (column.header.as_str(), column.feeds.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(
        uses,
        [("note", vec![]), ("N° DE TÉLÉPHONE", vec!["phone"]), ("Monthly Charges", vec!["monthly"]), ("", vec![])]
    );
}

#[test]
fn of_two_accepted_headers_the_campaigns_first_counts() {
    let rows = read("N° de téléphone,Phone\n0199001234,0199001235\n").expect("a header");
    assert_eq!(rows.columns()[0].feeds, Vec::<String>::new());
    assert_eq!(client("N° de téléphone,Phone\n0199001234,0199001235\n").phone.reveal(), "+33199001235");
}

#[test]
fn the_country_of_the_load_is_the_one_that_counts() {
    let options = ReadOptions { country: Some("us".to_owned()), ..ReadOptions::default() };
    let text = "sep=,\r\nPhone,State,Time Zone,Date du consentement\r\n(949) 555-0122,CA,,2026-11-23\r\n\
                (949) 555-0123,CA,America/Boise,23/11/2026\r\n";
    let rows: Vec<_> =
        read_list(text.as_bytes(), &definition(), &options).expect("a header").filter_map(Result::ok).collect();
    let Verdict::Accepted(client) = &rows[0].verdict else { panic!("not accepted: {rows:?}") };
    assert_eq!((client.phone.reveal(), client.country.as_str()), ("+19495550122", "US"));
    assert_eq!(
        client.zone.as_ref().map(|(zone, source)| (zone.as_str(), *source)),
        Some(("America/Los_Angeles", ZoneSource::Address))
    );
    let Verdict::Rejected { reject, .. } = &rows[1].verdict else { panic!("not rejected: {rows:?}") };
    assert_eq!(reject.message, "\"23/•••••26\" is not a date: write 2026-11-23");
    assert_eq!(rows[1].line, 4);
}

#[test]
fn a_stated_zone_wins() {
    let client = client("Phone,Code postal,Time Zone\n0199001234,97400,Europe/Paris\n");
    assert_eq!(
        client.zone.map(|(zone, source)| (zone.to_string(), source)),
        Some(("Europe/Paris".to_owned(), ZoneSource::List))
    );
}
