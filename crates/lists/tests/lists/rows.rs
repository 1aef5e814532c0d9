//! Verdicts on single rows.

use relance_domain::list::{ListedClient, RejectCode, Remark, Row, Verdict};
use relance_domain::zone::ZoneSource;
use relance_lists::{Target, Wishes};

use crate::definition::definition;
use crate::reading::{TODAY, campaign, read, read_whole};

fn rows(text: &str) -> Vec<Row> {
    read(text).rows
}

/// The only row of a text, which is accepted.
fn client(text: &str) -> ListedClient {
    let list = read(text);
    list.client(list.rows[0].line).clone()
}

fn rejected(text: &str, line: u64, code: RejectCode, column: Option<&str>, message: &str) {
    let list = read(text);
    let reject = list.reject(line);
    assert_eq!((reject.code, reject.column.as_deref(), reject.message.as_str()), (code, column, message));
}

#[test]
fn a_row_with_another_number_of_fields() {
    let whole: String = (0..200).map(|at| format!("0199001{at:03},Dupont,Lyon\n")).collect();
    let message = "2 fields where the header has 3; is a delimiter missing, or one too many?";
    let text = format!("Phone,Nom,City\n{whole}\n0199002234,Dupont\n");
    rejected(&text, 203, RejectCode::WrongFieldCount, None, message);
    let message = "4 fields where the header has 3; is a delimiter missing, or one too many?";
    rejected("Phone,Nom,City\n0199001234,Dupont,Lyon,x\n", 2, RejectCode::WrongFieldCount, None, message);
    assert_eq!(read("Phone,Nom,City\n0199001234,Dupont,Lyon,,\n").accepted(), [2]);
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
        Some(("Europe/Paris".to_owned(), ZoneSource::Number))
    );
}

#[test]
fn a_duplicate_names_the_line_that_counts() {
    let text = "Phone,Consentement\n0199001234,maybe\n01 99 00 12 34,oui\n+33199001234,maybe\n0199001235,non\n";
    let verdicts: Vec<(u64, Verdict)> = rows(text).into_iter().map(|row| (row.line, row.verdict)).collect();
    assert!(matches!(&verdicts[0], (2, Verdict::Rejected { .. })), "a rejected row makes no later one a duplicate");
    assert!(matches!(&verdicts[1], (3, Verdict::Accepted(_))));
    assert_eq!(verdicts[2], (4, Verdict::DuplicateInFile { first_line: 3, joins: None, further: Vec::new() }));
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
        assert_eq!(client.street.as_deref(), Some("1 rue A bat. B"));
    }
}

#[test]
fn columns_say_what_they_feed() {
    let list = read("note,N° DE TÉLÉPHONE,Monthly Charges,\nx,0199001234,3,\n");
    let feeds: Vec<_> = list.feeds().into_iter().take(3).map(|(header, feeds)| (header.to_owned(), feeds)).collect();
    let expected = [("note", ""), ("N° DE TÉLÉPHONE", "phone"), ("Monthly Charges", "monthly")];
    assert_eq!(feeds, expected.map(|(header, feeds)| (header.to_owned(), feeds.to_owned())));
    assert_eq!(list.client(2).attributes.get("note").map(String::as_str), Some("x"));
}

#[test]
fn the_country_of_the_load_is_the_one_that_counts() {
    let target = Target::of_campaign(&definition(), Some("US"), TODAY);
    let text = "sep=,\r\nPhone,State,Time Zone,Date du consentement\r\n(949) 555-0122,CA,,2026-11-23\r\n\
                (949) 555-0123,CA,America/Boise,23/13/2026\r\n";
    let list = read_whole(text.as_bytes(), &target, &Wishes::default()).expect("a list");
    let client = list.client(3);
    assert_eq!((client.phones.first().number.reveal(), client.country.as_str()), ("+19495550122", "US"));
    assert_eq!(
        client.zone.as_ref().map(|(zone, source)| (zone.as_str(), *source)),
        Some(("America/Los_Angeles", ZoneSource::Address))
    );
    assert!(list.reject(4).message.starts_with("\"23/•••••26\" is not a date: write 2026-11-23"));
}

#[test]
fn numbers_on_two_earlier_lines_join_them() {
    let text = "Phone,Mobile,Nom\n0199001234,,A\n0199001235,,B\n0199001236,0199001234,C\n0199001235,0199001234,D\n\
                0199001236,,E\n0199001237,0199001237,F\n";
    let list = read(text);
    assert_eq!(list.accepted(), [2, 3, 6, 7]);
    let further = vec![relance_domain::E164::parse("+33199001236").expect("a number")];
    assert_eq!(list.row(4).verdict, Verdict::DuplicateInFile { first_line: 2, joins: None, further });
    assert_eq!(list.row(5).verdict, Verdict::DuplicateInFile { first_line: 2, joins: Some(3), further: Vec::new() });
    assert_eq!(list.numbers(7), ["+33199001237"]);
}

#[test]
fn one_number_that_can_be_called_is_enough() {
    let list = read("Phone,Mobile,Nom\n12,0199001234,A\n,0199001235,B\n,15,C\n,,D\n");
    assert_eq!((list.numbers(2), list.numbers(3)), (vec!["+33199001234"], vec!["+33199001235"]));
    assert!(list.row(2).remarks.iter().any(|remark| remark == Remark::NumberLeftOut));
    assert_eq!(list.row(3).remarks.iter().count(), 0);
    assert_eq!((list.reject(4).code, list.reject(4).column.as_deref()), (RejectCode::PhoneInvalid, Some("Mobile")));
    assert_eq!((list.reject(5).code, list.reject(5).column.as_deref()), (RejectCode::PhoneMissing, Some("Phone")));
}

#[test]
fn a_consent_that_is_yet_to_come_is_none() {
    let mut target = campaign();
    target.client_fields.clear();
    let text = "Phone,Consent,Consent date\n0199001234,yes,2026-11-24\n0199001235,yes,2026-11-25\n0199001236,no,\n";
    let list = read_whole(text.as_bytes(), &target, &Wishes::default()).expect("a list");
    let consent = |line| (list.client(line).consent.given, list.client(line).consent.on.map(|day| day.to_string()));
    assert_eq!(consent(2), (Some(true), Some("2026-11-24".to_owned())));
    assert_eq!(consent(3), (None, None));
    assert!(list.row(3).remarks.iter().eq([Remark::ConsentInFuture]));
    assert_eq!(consent(4), (Some(false), None));
}

#[test]
fn a_stated_zone_wins() {
    let client = client("Phone,Code postal,Time Zone\n0199001234,97400,Europe/Paris\n");
    assert_eq!(
        client.zone.map(|(zone, source)| (zone.to_string(), source)),
        Some(("Europe/Paris".to_owned(), ZoneSource::List))
    );
}
