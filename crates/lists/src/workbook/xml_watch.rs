//! Watches XML go by before a parser sees it.
//!
//! A parser holds a whole tag, text or comment in memory, and calamine a whole cell or shared string; some of its loops
//! do not end where the XML does. What is too long for that, or ends in the middle, is refused here.

use std::io::{self, Read};

use super::damaged;
use crate::container::ContainerError;

/// The most bytes that a parser is made to hold at once. A cell of Excel has at most 32,767 characters.
const HELD_MOST: u64 = 16 * 1024 * 1024;

/// A reader of XML that fails where the XML is longer than declared, holds something monstrous, or is cut short.
pub(super) struct XmlWatch<R> {
    input: R,
    left: u64,
    scan: Scan,
}

impl<R: Read> XmlWatch<R> {
    /// At most `most` bytes may come.
    pub(super) fn new(input: R, most: u64) -> Self {
        Self { input, left: most, scan: Scan::default() }
    }
}

/// What is wrong with XML, as an error of reading it.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Broken(&'static str);

/// The fault that made a reading through [`XmlWatch`] fail; none where the bytes themselves could not be read.
pub(super) fn fault(error: &io::Error) -> Option<ContainerError> {
    let broken = error.get_ref()?.downcast_ref::<Broken>()?;
    Some(damaged(broken.0))
}

impl<R: Read> Read for XmlWatch<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.left = self.left.checked_sub(read as u64).ok_or_else(|| broken("a part is longer than it says"))?;
        self.scan.feed(&buffer[..read]).map_err(broken)?;
        if read == 0 && !buffer.is_empty() && !self.scan.is_complete() {
            return Err(broken("its XML is cut short"));
        }
        Ok(read)
    }
}

fn broken(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, Broken(why))
}

#[derive(Debug, Clone, Copy, Default)]
enum State {
    #[default]
    Text,
    /// After `<`.
    Opened,
    /// In a tag's name.
    Name,
    /// Behind a tag's name; in quotes where there is one.
    Tag(Option<u8>),
    /// After `<!`, as long as it may become a comment or text that is not XML.
    Declared,
    Doctype,
    /// Ends with `-->`.
    Comment,
    /// Ends with `]]>`.
    CData,
    /// Ends with `?>`.
    Instruction,
}

/// As much of XML's grammar as tells how long its pieces are and whether its tags are balanced.
#[derive(Debug, Default)]
struct Scan {
    state: State,
    /// Bytes since a parser last had nothing in its hands.
    held: u64,
    name: Vec<u8>,
    closing: bool,
    /// In a cell or a shared string, which calamine puts together from several pieces.
    gathering: bool,
    depth: u64,
    elements: u64,
    last: [u8; 2],
}

impl Scan {
    fn is_complete(&self) -> bool {
        matches!(self.state, State::Text) && self.depth == 0 && self.elements > 0
    }

    fn feed(&mut self, mut bytes: &[u8]) -> Result<(), &'static str> {
        while let Some(byte) = bytes.first() {
            let mut step = 1;
            if matches!(self.state, State::Text) && *byte != b'<' {
                step = bytes.iter().position(|byte| *byte == b'<').unwrap_or(bytes.len());
            } else {
                self.step(*byte)?;
            }
            self.held += step as u64;
            if self.held > HELD_MOST {
                return Err("a piece of its XML is longer than 16 MiB");
            }
            bytes = &bytes[step..];
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) -> Result<(), &'static str> {
        self.state = match self.state {
            State::Text => State::Opened,
            State::Opened => self.opened(byte),
            State::Name => return self.name(byte),
            State::Tag(None) if byte == b'>' => return self.end_tag(),
            State::Tag(None) if matches!(byte, b'"' | b'\'') => State::Tag(Some(byte)),
            State::Tag(Some(quote)) if quote == byte => State::Tag(None),
            State::Declared => self.declared(byte),
            State::Doctype if byte == b'[' => return Err("its XML declares entities"),
            State::Doctype if byte == b'>' => self.let_go(),
            State::Comment if self.last == *b"--" && byte == b'>' => self.let_go(),
            State::CData if self.last == *b"]]" && byte == b'>' => self.let_go(),
            State::Instruction if self.last[1] == b'?' && byte == b'>' => self.let_go(),
            state => state,
        };
        self.last = [self.last[1], byte];
        Ok(())
    }

    fn opened(&mut self, byte: u8) -> State {
        self.name.clear();
        self.closing = byte == b'/';
        match byte {
            b'!' => State::Declared,
            b'?' => State::Instruction,
            b'/' => State::Name,
            _ => {
                self.name.push(byte);
                State::Name
            }
        }
    }

    fn name(&mut self, byte: u8) -> Result<(), &'static str> {
        match byte {
            b'>' => {
                self.state = State::Tag(None);
                return self.end_tag();
            }
            b'/' | b' ' | b'\t' | b'\r' | b'\n' => self.state = State::Tag(None),
            b':' => self.name.clear(),
            _ if self.name.len() < 8 => self.name.push(byte),
            _ => {}
        }
        self.last = [0, byte];
        Ok(())
    }

    fn end_tag(&mut self) -> Result<(), &'static str> {
        let gathers = matches!(self.name.as_slice(), b"c" | b"si");
        let opens = !self.closing && self.last[1] != b'/';
        if self.closing {
            self.depth = self.depth.checked_sub(1).ok_or("its XML closes what it did not open")?;
        } else if opens {
            self.depth += 1;
        }
        self.elements += 1;
        if gathers {
            self.gathering = opens;
            self.held = 0;
        }
        self.state = self.let_go();
        Ok(())
    }

    fn declared(&mut self, byte: u8) -> State {
        self.name.push(byte);
        match self.name.as_slice() {
            b"--" => {
                // `<!-->` is no whole comment.
                self.last = [0, 0];
                State::Comment
            }
            b"[CDATA[" => State::CData,
            start if b"--".starts_with(start) || b"[CDATA[".starts_with(start) => State::Declared,
            _ => State::Doctype,
        }
    }

    fn let_go(&mut self) -> State {
        if !self.gathering {
            self.held = 0;
        }
        State::Text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(xml: impl Read) -> Result<u64, String> {
        io::copy(&mut XmlWatch::new(xml, u64::MAX), &mut io::sink()).map_err(|error| error.to_string())
    }

    #[test]
    fn whole_xml_passes() {
        for xml in [
            "<a/>",
            "<?xml version=\"1.0\"?>\n<!DOCTYPE a>\n<a><!-- < > -- <b --><b c='>' d=\"/>\"/>x<![CDATA[ <c> ]]]]></a>\n",
            "<x:c r=\"A1\"><x:v>1</x:v></x:c>",
        ] {
            assert_eq!(watch(xml.as_bytes()), Ok(xml.len() as u64), "{xml}");
        }
    }

    #[test]
    fn xml_that_ends_in_the_middle_does_not() {
        let whole = "<a><!-- x --><b c=\"1\">x<![CDATA[ y ]]></b></a>";
        for end in 0..whole.len() {
            assert!(watch(&whole.as_bytes()[..end]).is_err(), "{}", &whole[..end]);
        }
        assert!(watch(&b"</a>"[..]).is_err());
    }

    #[test]
    fn a_piece_that_no_memory_should_hold_does_not_pass() {
        let long = HELD_MOST + 100;
        for (before, byte, after) in [
            ("<a>", b'x', "</a>"),
            ("<a b=\"", b'<', "\"/>"),
            ("<a><!--", b'<', "--></a>"),
            ("<a><![CDATA[", b'>', "]]></a>"),
        ] {
            let xml = before.as_bytes().chain(io::repeat(byte).take(long)).chain(after.as_bytes());
            assert!(watch(xml).is_err_and(|error| error.contains("16 MiB")), "{before}");
        }
        let pieces = "<t>0123456789</t>".repeat(1_100_000);
        assert!(watch(format!("<a>{pieces}</a>").as_bytes()).is_ok());
        assert!(watch(format!("<si>{pieces}</si>").as_bytes()).is_err());
    }

    #[test]
    fn more_than_declared_does_not_pass() {
        let error = io::copy(&mut XmlWatch::new(&b"<a></a>"[..], 6), &mut io::sink()).expect_err("seven bytes");
        assert_eq!(error.to_string(), "a part is longer than it says");
    }
}
