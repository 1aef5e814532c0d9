//! What holds of any bytes.

use proptest::prelude::*;

use super::decoding::{NOTHING, TWICE, read};
use super::detection::file;
use crate::encoding::samples::{SAMPLES, UNIVERSAL, encoding};
use crate::encoding::{Encoding, detect};
use crate::options::Wishes;

fn any_encoding() -> impl Strategy<Value = Encoding> {
    let labels = SAMPLES.iter().flat_map(|sample| sample.encodings).chain(&UNIVERSAL).copied();
    let labels: Vec<&str> = labels.chain(["shift_jis", "euc-kr", "iso-2022-jp", "big5", "windows-874"]).collect();
    prop::sample::select(labels).prop_map(encoding)
}

/// Bytes as they stand in lists, and any others.
fn some_bytes() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        4 => prop::sample::select(vec!["Chloé", "ChloÃ©", ";", "\r\n", "\n", "\r", "\u{1a}", "\u{feff}", "Пётр", "x"])
            .prop_map(|text| text.as_bytes().to_vec()),
        2 => prop::collection::vec(any::<u8>(), 0..8),
        1 => prop::collection::vec(0x80_u8.., 0..4),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    /// The text is UTF-8 and the same whatever the chunks: both are checked by `read`.
    #[test]
    fn any_bytes_give_text_or_a_fault(
        bytes in some_bytes(),
        encoding in any_encoding(),
        other in prop::option::of(any_encoding()),
        twice: bool,
    ) {
        let repair = if twice { TWICE } else { NOTHING };
        let (text, fault, ..) = read(&bytes, encoding, other, repair);
        prop_assert!(!text.contains('\0'));
        if encoding == Encoding::UTF_8 && fault.is_none() && other.is_none() && !twice {
            let whole = std::str::from_utf8(&bytes).expect("no fault");
            let whole = whole.strip_prefix('\u{feff}').unwrap_or(whole);
            prop_assert_eq!(text, whole.trim_end_matches('\u{1a}'));
        }
    }

    #[test]
    fn any_bytes_have_an_encoding_or_a_fault(
        bytes in some_bytes(),
        country in "[A-Z]{2}|.{0,3}",
        encoding in prop::option::of(any_encoding()),
        other_encoding in prop::option::of(any_encoding()),
    ) {
        let wishes = Wishes { encoding, other_encoding, ..Wishes::default() };
        let Ok(found) = detect(&file(&bytes), &country, &wishes) else { return Ok(()) };
        let certain = found.encoding == Encoding::UTF_8 && found.known == crate::inspection::Known::Certain;
        let (_, fault, ..) = read(&bytes, found.encoding, found.other, NOTHING);
        prop_assert!(!certain || fault.is_none_or(|fault| fault == "Nul"));
    }
}
