//! Which letters the bytes beyond ASCII must be, judged by the ASCII letters beside them.
//!
//! The detector of encodings knows no page of DOS and not that of the Macintosh: it takes `Chloé` of DOS for `Chlo‚` of
//! Windows (measured: it never found one of 7,621 files). So each byte is counted with its neighbours, and an encoding
//! is the better the more of the bytes become letters that can stand where they stand: a small letter in a word of small
//! letters, a capital at its beginning or among capitals.

use super::Encoding;

/// The bytes beyond ASCII of a file, counted by what stands beside them.
pub(crate) struct Words {
    seen: Vec<Seen>,
    count: u64,
}

#[derive(Debug, Clone, Default)]
struct Seen {
    count: u64,
    first: Option<Place>,
}

/// A byte in its word.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) line: u64,
    before: usize,
    byte: u8,
    after: usize,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Beside {
    NoLetter,
    Small,
    Capital,
}

const BESIDE: [Beside; 3] = [Beside::NoLetter, Beside::Small, Beside::Capital];
const WINDOWS_CYRILLIC: Encoding = Encoding::of_web(encoding_rs::WINDOWS_1251);
const FIRST: u8 = 0x80;
const KINDS: usize = 128 * BESIDE.len() * BESIDE.len();
/// How many letters of a word are shown (as dots) on each side.
const SHOWN_MAX: usize = 10;

impl Default for Words {
    fn default() -> Self {
        Self { seen: vec![Seen::default(); KINDS], count: 0 }
    }
}

/// An encoding that reads the words better than another.
#[derive(Debug)]
pub(crate) struct Better<'a> {
    pub(crate) encoding: Encoding,
    /// The first letter on which the two differ so.
    pub(crate) place: &'a Place,
}

impl Words {
    /// Counts the bytes of a line.
    pub(crate) fn survey(&mut self, line: &[u8], number: u64) {
        for (at, byte) in line.iter().enumerate().filter(|(_, byte)| **byte >= FIRST) {
            let before = at.checked_sub(1).and_then(|at| line.get(at)).map_or(Beside::NoLetter, Beside::of);
            let after = line.get(at + 1).map_or(Beside::NoLetter, Beside::of);
            self.count += 1;
            let seen = &mut self.seen[kind(*byte, before, after)];
            seen.count += 1;
            if seen.first.is_none() {
                let letters = |bytes: &mut dyn Iterator<Item = &u8>| {
                    bytes.take(SHOWN_MAX).take_while(|byte| byte.is_ascii_alphanumeric()).count()
                };
                let before = letters(&mut line[..at].iter().rev());
                let after = letters(&mut line[at + 1..].iter());
                seen.first = Some(Place { line: number, before, byte: *byte, after });
            }
        }
    }

    /// The first of the encodings that reads the words best, if that is better than `guess` does and explains most of
    /// the bytes.
    pub(crate) fn better(&self, guess: Encoding, candidates: &[Encoding]) -> Option<Better<'_>> {
        if let Some(better) = self
            .macintosh_cyrillic()
            .filter(|better| guess == WINDOWS_CYRILLIC && candidates.contains(&better.encoding))
        {
            return Some(better);
        }
        let fit = |encoding: &Encoding| self.total(|byte, before, after| letter_fits(*encoding, byte, before, after));
        let best = candidates.iter().map(fit).max()?;
        let encoding = *candidates.iter().find(|encoding| fit(encoding) == best)?;
        let by_guess =
            |byte, before, after| letter_fits(guess, byte, before, after) || sign_fits(guess, byte, before, after);
        if best <= self.total(by_guess) || best * 2 <= self.count {
            return None;
        }
        let differs =
            |byte, before, after| letter_fits(encoding, byte, before, after) && !by_guess(byte, before, after);
        let place =
            self.kinds().filter(|(of, _)| differs(of.0, of.1, of.2)).filter_map(|(_, seen)| seen.first.as_ref());
        place.min_by_key(|place| place.line).map(|place| Better { encoding, place })
    }

    /// The Cyrillic of the Macintosh has nearly all small letters where Windows has them, so that the detector takes one
    /// for the other, but its capitals where Windows has rare letters of Serbian and Macedonian.
    fn macintosh_cyrillic(&self) -> Option<Better<'_>> {
        let rare = |byte: u8| byte < 0xA0 && WINDOWS_CYRILLIC.character(byte).is_none_or(char::is_alphabetic);
        let capital = |byte: u8| (0xC0..=0xDC).contains(&byte);
        if self.total(|byte, _, _| rare(byte)) <= self.total(|byte, _, _| capital(byte)) {
            return None;
        }
        let places = self.kinds().filter(|(of, _)| rare(of.0)).filter_map(|(_, seen)| seen.first.as_ref());
        places.min_by_key(|place| place.line).map(|place| Better { encoding: Encoding::MACINTOSH_CYRILLIC, place })
    }

    fn total(&self, fits: impl Fn(u8, Beside, Beside) -> bool) -> u64 {
        self.kinds().filter(|(of, _)| fits(of.0, of.1, of.2)).map(|(_, seen)| seen.count).sum()
    }

    fn kinds(&self) -> impl Iterator<Item = ((u8, Beside, Beside), &Seen)> {
        let all = (FIRST..=u8::MAX)
            .flat_map(|byte| BESIDE.map(|before| (byte, before)))
            .flat_map(|(byte, before)| BESIDE.map(|after| (byte, before, after)));
        all.map(|of| (of, &self.seen[kind(of.0, of.1, of.2)])).filter(|(_, seen)| seen.count > 0)
    }
}

impl Place {
    /// The word as an encoding reads it, its other letters hidden: `••••é`.
    pub(crate) fn masked(&self, encoding: Encoding) -> String {
        let character = encoding.character(self.byte).unwrap_or(char::REPLACEMENT_CHARACTER);
        format!("{}{character}{}", "•".repeat(self.before), "•".repeat(self.after))
    }
}

fn kind(byte: u8, before: Beside, after: Beside) -> usize {
    (usize::from(byte - FIRST) * BESIDE.len() + before as usize) * BESIDE.len() + after as usize
}

impl Beside {
    fn of(byte: &u8) -> Self {
        match byte {
            b'a'..=b'z' => Self::Small,
            b'A'..=b'Z' => Self::Capital,
            _ => Self::NoLetter,
        }
    }
}

/// Whether a byte becomes a Latin letter that can stand between its neighbours.
fn letter_fits(encoding: Encoding, byte: u8, before: Beside, after: Beside) -> bool {
    use Beside::{Capital, NoLetter, Small};
    let Some(c) = encoding.character(byte).filter(|c| is_latin_letter(*c)) else { return false };
    match (before, after) {
        (NoLetter, NoLetter) => false,
        (Small, _) | (Capital, Small) => c.is_lowercase(),
        (Capital, NoLetter) => true,
        (Capital, Capital) | (NoLetter, Capital) => c.is_uppercase(),
        (NoLetter, Small) => true,
    }
}

fn is_latin_letter(c: char) -> bool {
    c.is_alphabetic() && c < '\u{250}' && !matches!(c, 'ª' | 'º' | 'µ' | 'ƒ')
}

/// Whether a byte becomes a sign that can stand beside its neighbours: any at the edge of a word, but inside of one and
/// behind one only some.
fn sign_fits(encoding: Encoding, byte: u8, before: Beside, after: Beside) -> bool {
    let Some(c) = encoding.character(byte).filter(|c| !is_latin_letter(*c)) else { return false };
    let (before, after) = (before != Beside::NoLetter, after != Beside::NoLetter);
    match (before, after) {
        (true, true) => matches!(c, '’' | '‘' | '–' | '—' | '\u{a0}' | '·' | '•' | '\u{ad}' | '´'),
        (true, false) => !matches!(c, '‚' | '„' | 'ƒ' | 'ˆ' | '˜'),
        (false, true) => c != 'ƒ',
        (false, false) => false,
    }
}
