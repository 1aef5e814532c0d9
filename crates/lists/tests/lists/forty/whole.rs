//! Persons, refused numbers, dates, and files of every size.

use std::io::Write;

use relance_domain::E164;
use relance_domain::list::{RejectCode, Remark, Verdict};
use relance_lists::{ListFile, Wishes, open};

use crate::reading::{campaign, read, read_whole, standard};

#[test]
fn case_37_the_same_person_twice() {
    let list = read("Nom;Phone;Mobile\nA;0199001234;0639980001\nB;01 99 00 12 34;\nC;0199001235;+33639980001\n");
    assert_eq!(list.accepted(), [2], "one callable lead for each number");
    for (line, further) in [(3, vec![]), (4, vec!["+33199001235"])] {
        let further = further.into_iter().map(|number| E164::parse(number).expect("a number")).collect();
        assert_eq!(list.row(line).verdict, Verdict::DuplicateInFile { first_line: 2, joins: None, further });
    }
}

#[test]
fn case_38_numbers_that_nobody_is_called_on() {
    let mut text = "Nom;Phone\n".to_owned();
    let refused = ["0899701234", "0820 20 20 20", "112", "15", "0000000000"];
    refused.iter().for_each(|cell| text.push_str(&format!("Martin;{cell}\n")));
    (0..20).for_each(|at| text.push_str(&format!("Durand;01990012{at:02}\n")));
    let list = read(&text);
    for (line, cell) in (2..).zip(refused) {
        let reject = list.reject(line);
        assert_eq!(reject.code, RejectCode::PhoneInvalid, "{cell}");
        assert!(!reject.message.contains(cell), "{}", reject.message);
    }
    assert_eq!(list.accepted().len(), 20);
}

#[test]
fn case_39_the_order_of_dates_comes_from_the_other_rows() {
    let list = |rows: &str| {
        let text = format!("Phone,Date du consentement\n{rows}");
        read_whole(text.as_bytes(), &campaign(), &Wishes::default()).expect("a list")
    };
    let date = |rows: &str| list(rows).client(2).facts.get("consent_date").cloned();
    assert_eq!(date("0199001234,03/04/2026\n0199001235,23/04/2026\n").as_deref(), Some("2026-04-03"));
    assert_eq!(date("0199001234,03/04/2026\n0199001235,04/23/2026\n").as_deref(), Some("2026-03-04"));
}

#[test]
fn case_39_a_phone_column_that_holds_something_else() {
    let mut text = "Nom;Phone;Date\n".to_owned();
    (0..40).for_each(|at| text.push_str(&format!("Martin;{:02}/04/1980;01990012{at:02}\n", at % 28 + 1)));
    let list = read(&text);
    assert_eq!(list.questions(), ["phone_column_doubtful"]);
    let list = read_whole(text.as_bytes(), &campaign(), &Wishes { trust_phones: true, ..Wishes::default() });
    assert!(list.expect("a list").questions().is_empty());
}

#[test]
fn case_40_a_long_file_is_streamed() {
    let mut file = std::io::BufWriter::new(tempfile::tempfile().expect("a temporary file"));
    let count: u64 = 200_000;
    writeln!(file, "Nom;Ville;Phone").expect("room");
    (0..count).for_each(|at| writeln!(file, "Martin;Lyon;+336{:08}", at * 331 % 99_999_989).expect("room"));
    let file = ListFile::new(file.into_inner().expect("room")).expect("a file");
    let list = open(file, &standard("FR"), &Wishes::default()).expect("a list");
    let mut rows = list.rows().expect("rows");
    let (mut read, mut before) = (0, 0);
    while let Some(chunk) = rows.next_chunk().expect("rows") {
        assert!(chunk.len() <= 5_000, "memory is flat");
        assert!(rows.position() >= before && rows.position() <= rows.length(), "progress goes up");
        (read, before) = (read + chunk.len() as u64, rows.position());
    }
    assert_eq!((read, before), (count, rows.length()));
}

#[test]
fn also_a_consent_in_the_future_is_none() {
    let text = "Téléphone;Consentement;Date de consentement\n0199001234;oui;25/11/2026\n0199001235;oui;23/11/2026\n";
    let list = read_whole(text.as_bytes(), &standard("FR"), &Wishes::default()).expect("a list");
    assert_eq!((list.client(2).consent.given, list.client(3).consent.given), (None, Some(true)));
    assert!(list.row(2).remarks.iter().eq([Remark::ConsentInFuture]));
}
