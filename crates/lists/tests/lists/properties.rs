//! What holds for every input.

use proptest::prelude::*;
use relance_domain::list::MappedColumn;
use relance_domain::spreadsheet::harmless;
use relance_lists::{HeaderPlace, Wishes, phone};

use crate::reading::{campaign, open_bytes, rows_and_fault};

/// Cells that are nearly phone numbers.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9+ ().,/;|'\"=#xXeE\n-]{0,30}",
        "[+]?[0-9]{0,18}([.,]0{1,3})?",
        "(Tél : |tel:|00|0033|\\+33 \\(0\\))?0?[1-9]([ .\u{202f}-]?[0-9]{2}){4}( poste [0-9]{1,3}| \\(bureau\\)|x5)?",
        "\\PC{0,20}",
    ]
}

fn country() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["FR", "US", "DE", "RU", "GB", "IT", "BR", "AR", "MX", "XX", ""])
}

/// Bytes that are nearly a list.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"Phone,Nom,Monthly Charges\n".to_vec()),
        Just(b"0199001234,Dupont,24.99\r\n".to_vec()),
        Just(b"\"".to_vec()),
        Just(b"\xEF\xBB\xBF".to_vec()),
        Just(b"\xFF\xFE".to_vec()),
        "[,;\t|\"\r\n\u{1a}]{1,4}".prop_map(String::into_bytes),
        "\\PC{0,8}".prop_map(String::into_bytes),
        prop::collection::vec(any::<u8>(), 0..6),
    ];
    let header =
        prop::bool::weighted(0.8).prop_map(|there| if there { &b"Phone,Nom,Monthly Charges\n"[..] } else { b"" });
    (header, prop::collection::vec(piece, 0..12))
        .prop_map(|(header, pieces)| [header.to_vec(), pieces.concat()].concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn a_number_that_is_read_reads_as_itself(cell in cell(), country in country(), other in country()) {
        if let Ok(number) = phone::normalise(&cell, country) {
            prop_assert!(number.reveal().len() <= 16);
            prop_assert_eq!(phone::normalise(number.reveal(), country), Ok(number.clone()));
            if let Ok(elsewhere) = phone::normalise(number.reveal(), other) {
                prop_assert_eq!(elsewhere, number);
            }
        }
    }

    #[test]
    fn a_problem_never_repeats_the_number(cell in "0[0-9]{6,20}[a-z]?") {
        if let Err(problem) = phone::normalise(&cell, "FR") {
            prop_assert!(!problem.to_string().contains(&cell[..6]), "{}", problem);
        }
    }

    #[test]
    fn an_exported_cell_is_no_formula(cell in "\\PC{0,3}[=+@\t\r-]?\\PC{0,10}") {
        let safe = harmless(&cell);
        prop_assert_eq!(safe.strip_prefix('\'').unwrap_or(&safe), cell.strip_prefix('\'').unwrap_or(&cell));
        prop_assert!(!safe.starts_with(['=', '@', '\t', '\r', '\n']));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read_to_an_end(
        bytes in file(),
        encoding in prop::option::weighted(0.4, prop::sample::select(vec!["utf-8", "windows-1252", "utf-16le", "shift_jis"])),
        delimiter in prop::option::weighted(0.4, prop::sample::select(vec![",", ";", "tab", "|"])),
        header in prop::option::weighted(0.2, prop_oneof![
            (0_u64..6).prop_map(HeaderPlace::Line),
            Just(HeaderPlace::None),
        ]),
        mapped in prop::collection::vec(("Phone|Nom|col [0-4]|\\PC{0,3}", "phone|last_name|monthly|-|\\PC{0,3}"), 0..2),
    ) {
        let wishes = Wishes {
            encoding: encoding.map(|encoding| encoding.parse().expect("an encoding")),
            delimiter: delimiter.map(|delimiter| delimiter.parse().expect("a delimiter")),
            header,
            ..Wishes::default()
        };
        let mapping = mapped.into_iter().map(|(column, field)| MappedColumn { column, field }).collect();
        let wishes = Wishes { mapping, ..wishes };
        let Ok(list) = open_bytes(&bytes, &campaign(), &wishes) else { return Ok(()) };
        let (rows, _) = rows_and_fault(list.rows().expect("rows"));
        prop_assert!(rows.is_sorted_by(|before, after| before.line < after.line), "lines go up");
    }
}
