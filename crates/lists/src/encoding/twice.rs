//! Text that was encoded twice: UTF-8 that a program took for a Windows encoding and wrote as UTF-8 once more, so that
//! `Chloé` became `ChloÃ©`.

use std::sync::LazyLock;

use super::Encoding;

/// What UTF-8 is taken for: in Western, Cyrillic and Central European Windows.
const MISREADINGS: [&encoding_rs::Encoding; 3] =
    [encoding_rs::WINDOWS_1252, encoding_rs::WINDOWS_1251, encoding_rs::WINDOWS_1250];

static BYTES: LazyLock<Vec<ByteOf>> = LazyLock::new(|| MISREADINGS.map(Encoding::of_web).map(ByteOf::new).to_vec());

/// What a line says that was encoded twice; `None` for any other.
///
/// The whole line must become UTF-8 by it. Text that was encoded once does so by no likely accident, because each of
/// its accented letters would have to stand next to the one other that completes it.
pub(crate) fn undo(line: &str) -> Option<String> {
    if line.is_ascii() || has_lone_character(line) {
        return None;
    }
    let texts =
        BYTES.iter().filter_map(|byte_of| byte_of.bytes(line)).filter_map(|bytes| String::from_utf8(bytes).ok());
    texts.into_iter().find(|text| !text.chars().any(|c| matches!(c, '\u{80}'..='\u{9f}')))
}

/// The first letter of a line that was encoded twice: as the line has it, and as it should be.
pub(crate) fn first_letter(line: &str, repaired: &str) -> Option<(String, char)> {
    let letter = repaired.chars().find(|c| !c.is_ascii())?;
    let garbled = line.chars().filter(|c| !c.is_ascii()).take(letter.len_utf8()).collect();
    Some((garbled, letter))
}

/// Whether a character beyond ASCII stands between two of ASCII: written twice, there would be several. This spares most
/// text the second look.
fn has_lone_character(line: &str) -> bool {
    let mut length = 0;
    line.chars().chain(['\n']).any(|c| {
        let lone = c.is_ascii() && length == 1;
        length = if c.is_ascii() { 0 } else { length + 1 };
        lone
    })
}

/// The bytes of the upper half of an encoding, by their characters.
#[derive(Debug, Clone)]
struct ByteOf(Vec<(char, u8)>);

impl ByteOf {
    fn new(encoding: Encoding) -> Self {
        // A byte without a character is kept as the control character of its number, as programs did.
        let character = |byte: u8| (encoding.character(byte).unwrap_or(char::from(byte)), byte);
        let mut table: Vec<_> = (0x80..=0xFF).map(character).collect();
        table.sort_unstable();
        Self(table)
    }

    fn bytes(&self, line: &str) -> Option<Vec<u8>> {
        let mut bytes = Vec::with_capacity(line.len());
        for c in line.chars() {
            bytes.push(if c.is_ascii() { c as u8 } else { self.byte(c)? });
        }
        Some(bytes)
    }

    fn byte(&self, c: char) -> Option<u8> {
        match self.0.binary_search_by_key(&c, |(c, _)| *c) {
            Ok(at) => Some(self.0[at].1),
            // A control character, where the program took the text for ISO 8859.
            Err(_) => u8::try_from(u32::from(c)).ok().filter(|byte| (0x80..=0x9F).contains(byte)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written_twice(text: &str, misread: Encoding) -> String {
        text.bytes().map(|byte| misread.character(byte).unwrap_or(char::from(byte))).collect()
    }

    #[test]
    fn what_was_written_twice_is_undone() {
        for text in ["Chloé;06 12", "À l’Île-d’Yeu…", "Élève œuf €", "Пётр Ёлкин № 5", "Żółć", "😀"]
        {
            for misread in MISREADINGS.map(Encoding::of_web) {
                let garbled = written_twice(text, misread);
                assert_eq!(undo(&garbled).as_deref(), Some(text), "{garbled}");
            }
            let by_iso: String = text.bytes().map(char::from).collect();
            assert_eq!(undo(&by_iso).as_deref(), Some(text), "{by_iso}");
        }
        assert_eq!(undo("ChloÃ©").as_deref(), Some("Chloé"));
        assert_eq!(first_letter("1 ChloÃ©", "1 Chloé"), Some(("Ã©".to_owned(), 'é')));
    }

    #[test]
    fn what_was_written_once_is_left() {
        for text in [
            "",
            "Chloe",
            "Chloé",
            "ChloÃ© née",
            "Пётр",
            "ÎLE d’ÉÔ",
            "«Žižkov»",
            "Ærøskøbing",
            "Łódź",
            "日本",
            "Â\u{85}",
        ] {
            assert_eq!(undo(text), None, "{text}");
        }
    }
}
