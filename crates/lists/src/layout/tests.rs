use jiff::civil::date;

use super::*;
use crate::encoding::Source;
use crate::options::{Delimiter, Encoding, Repair};
use crate::record::TextTable;
use crate::table::Lines;

fn target() -> Target {
    Target::standard("FR", "EUR".parse().expect("a currency"), date(2026, 11, 24))
}

fn table(text: &str, delimiter: Delimiter) -> Box<dyn Table> {
    let bytes = std::io::Cursor::new(text.as_bytes().to_vec());
    let source = Source::new(bytes, Encoding::default(), None, Repair::default());
    Box::new(TextTable::new(source, delimiter, Encoding::default()))
}

fn delimiter_of(text: &str) -> Option<Delimiter> {
    delimiter::find(|delimiter| table(text, delimiter), &target())
}

fn layout(text: &str, wishes: &Wishes) -> Result<Layout, ListError> {
    let mut sample = Batch::default();
    gather(&mut *table(text, Delimiter::Semicolon), &mut sample)?;
    Layout::find(&Look { sample: &sample, dropped: 0, sheet: false }, &target(), wishes)
}

fn header_line(text: &str) -> Option<u64> {
    layout(text, &Wishes::default()).expect("a layout").header.map(|header| header.line)
}

fn record<'a>(batch: &'a mut Batch, cells: &[&str], last: u64) -> Record<'a> {
    batch.clear();
    batch.push(Lines { first: 2, last }, cells.iter().copied());
    batch.record(0).expect("it was pushed")
}

#[test]
fn the_delimiter_is_the_one_that_cuts_evenly() {
    for (text, delimiter) in [
        ("a;b;c\n1;2;3\n", Some(Delimiter::Semicolon)),
        ("a\tb\n1\t2\n", Some(Delimiter::Tab)),
        ("a|b\n1|2\n3|4\n", Some(Delimiter::Bar)),
        ("a;b\n1,5;2,5\n3,5;4,5\n", Some(Delimiter::Semicolon)),
        ("nom;prix\nx;1,5\ny;2,5\nz;3,5\n", Some(Delimiter::Semicolon)),
        ("a;b\n\"x, y, z\";1\n\"u, v, w\";2\n", Some(Delimiter::Semicolon)),
        ("a;b\n\"x\ny, z\";1\n\"u\nv, w\";2\n", Some(Delimiter::Semicolon)),
        ("a,b\n\"x; y; z\",1\n\"u; v; w\",2\n", Some(Delimiter::Comma)),
        ("one\ntwo\nthree\na;b\n1;2\n3;4\n", Some(Delimiter::Semicolon)),
        ("a;b;c\n1;2;3\n1;2\n1;2;3\n1;2;3\n1;2;3\n", Some(Delimiter::Semicolon)),
        ("Export 12.11.2026\nQui;Joindre\nMartin;0199001234\nDurand;0199001235\n", Some(Delimiter::Semicolon)),
        ("2026-11-12T10:30:00\n\nQui;Joindre\nMartin;0199001234\nDurand;0199001235\n", Some(Delimiter::Semicolon)),
        ("phone\n0199001234\n0199001235\n", None),
        ("phone\n0199001234\n0199001235\n0199001236\n0199001237, 12\n0199001238, 13\n", None),
        ("", None),
        ("\"never closed;\n", None),
    ] {
        assert_eq!(delimiter_of(text), delimiter, "{text:?}");
    }
}

#[test]
fn the_header_is_the_first_record_of_names() {
    for (text, line) in [
        ("Nom;Téléphone\nMartin;0199001234\n", Some(1)),
        ("Qui;Joindre\nMartin;0199001234\n", Some(1)),
        ("of 3 April\nrows: 2\nQui;Joindre\nMartin;0199001234\nDurand;0199001235\n", Some(3)),
        ("12/11/2026;\nQui;Joindre\nMartin;0199001234\nDurand;0199001235\n", Some(2)),
        ("of 3 April;\n;\nQui;Joindre\nMartin;0199001234\nDurand;0199001235\n", Some(3)),
        ("Martin;0199001234\nDurand;0199001235\n", None),
        ("Martin;\nDurand;0199001235\nPetit;0199001236\nRoux;0199001237\n", None),
        ("0199001234\n0199001235\n", None),
        ("joindre\n0199001234\n", Some(1)),
        ("1;2;3\n4;5;6\n", None),
    ] {
        assert_eq!(header_line(text), line, "{text:?}");
    }
    let on = |line| Wishes { header: Some(HeaderPlace::Line(line)), ..Wishes::default() };
    let text = "Martin;Lyon\n\nNom;\"Vi\nlle\"\n";
    assert_eq!(layout(text, &on(4)).expect("a layout").header.map(|header| header.line), Some(3));
    assert!(layout(text, &on(2)).is_err() && layout(text, &on(9)).is_err() && layout(text, &on(0)).is_err());
    assert!(matches!(layout("\n;;\n", &Wishes::default()), Err(ListError::Empty)));
}

#[test]
fn rows_lack_what_others_leave_empty() {
    let mut text = "Nom;Phone;Ville;Note;\n".to_owned();
    (0..99).for_each(|_| text.push_str("Martin;0199001234;Lyon;;\n"));
    text.push_str("Martin;0199001234;;x;\n");
    let layout = layout(&text, &Wishes::default()).expect("a layout");
    let mut batch = Batch::default();
    for (cells, fit) in [
        (&["a", "1", "b", "c", ""][..], Fit::Whole),
        (&["a", "1", "b", "c"], Fit::Whole),
        (&["a", "1", "b"], Fit::Padded),
        (&["a", "1"], Fit::Padded),
        (&["a"], Fit::Wrong),
        (&["a", "1", "b", "c", "", "", " "], Fit::Whole),
        (&["a", "1", "b", "c", "", "", "x"], Fit::Wrong),
    ] {
        assert_eq!(layout.fit(&record(&mut batch, cells, 2)), fit, "{cells:?}");
    }
    assert!(layout.repeats_header(&record(&mut batch, &[" Nom", "Phone", "Ville ", "Note"], 2)));
    assert!(!layout.repeats_header(&record(&mut batch, &["Nom", "Phone", "Ville", ""], 2)));
}

#[test]
fn a_cell_that_holds_rows_was_left_open() {
    let mut batch = Batch::default();
    for (cells, left_open) in [
        (&["a", "b;1\nc;d;2\ne", "f"][..], false),
        (&["a", "b;1\nc;d;2\ne", "f", "g"], true),
        (&["a", "b\nc\nd", "f", "g"], false),
        (&["a", "b;1\nc;d\"", "2"], true),
        (&["a", "b;1\nc \"d\"", "2"], false),
        (&["a", "1 rue\nbat. B", "2"], false),
    ] {
        assert_eq!(is_left_open(&record(&mut batch, cells, 5), 3, Delimiter::Semicolon), left_open, "{cells:?}");
    }
    assert!(!is_left_open(&record(&mut batch, &["a", "b;1\nc;d\""], 2), 3, Delimiter::Semicolon), "one line alone");
}
