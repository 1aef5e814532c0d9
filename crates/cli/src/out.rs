//! Standard output and standard error. A reader that went away (`relance … | head`) is no fault and never a panic.

use std::io::{self, Write};

use anyhow::Result;

/// Standard output takes nothing.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to standard output")]
struct CannotPrint(#[source] io::Error);

/// Writes a text for people, with a line end. Control characters from lists and notes do not reach the terminal.
pub(crate) fn text(text: &str) -> Result<()> {
    let shown: String = text.trim_end().chars().map(harmless).collect();
    bytes(shown.as_bytes())?;
    bytes(b"\n")
}

/// Writes a line for programs, as it is.
pub(crate) fn line(line: &str) -> Result<()> {
    bytes(line.trim_end().as_bytes())?;
    bytes(b"\n")
}

/// Writes bytes as they are.
pub(crate) fn bytes(bytes: &[u8]) -> Result<()> {
    let mut stdout = io::stdout().lock();
    Ok(stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(CannotPrint)?)
}

/// Tells something beside the answer. Where nobody listens, nothing is lost.
pub(crate) fn note(text: &str) {
    let shown: String = text.trim_end().chars().map(harmless).collect();
    let _ = writeln!(io::stderr().lock(), "{shown}");
}

/// Whether an error only says that the reader of standard output went away.
pub(crate) fn reader_is_gone(error: &anyhow::Error) -> bool {
    error.downcast_ref::<CannotPrint>().is_some_and(|CannotPrint(error)| error.kind() == io::ErrorKind::BrokenPipe)
}

/// A control character could move the cursor, recolour or retitle the terminal.
fn harmless(character: char) -> char {
    if character.is_control() && character != '\n' && character != '\t' {
        char::REPLACEMENT_CHARACTER
    } else {
        character
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_replaced() {
        let shown: String = "a\x1b[31m\tb\nc\u{9b}d".chars().map(harmless).collect();
        assert_eq!(shown, "a\u{fffd}[31m\tb\nc\u{fffd}d");
    }
}
