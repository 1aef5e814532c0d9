//! How a number that must not be called is remembered: as a keyed hash, so that the list of them tells nobody a number.
//!
//! A plain hash would not do. Numbers are few: one core computes 5.2 million SHA-256 a second, so the billion numbers that a
//! country such as France has are tried in some 190 seconds. A salt per row does not help either, because a look-up would
//! need one hash per row. An HMAC can be looked up like a hash, and whoever has the database without the key learns nothing.
//! The key therefore never lies in the database, nor in its backups.
//!
//! A key is replaced without knowing the numbers: the hash under the next key is that of the hash under the one before,
//! `h2 = HMAC(K2, h1)`. No key may be lost, because each of them is needed for every number; and while rows are
//! being nested, a number is looked up by its hash of every version, so that a row is found wherever it has come to.

use std::fmt;
use std::str::FromStr;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use crate::E164;

/// What is hashed of a number is this and its E.164 form. Whatever changes here or in how numbers are normalised lets people be
/// called who said no: a change needs a version of its own, and the hashes of this one looked up beside it.
const PHONE: &[u8] = b"phone:v1:";

/// What a key is recognised by: its HMAC of this text.
const CHECK: &[u8] = b"relance suppression key check";

/// A secret of 32 bytes. It never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct SuppressionKey([u8; 32]);

/// Why a text is no key. Never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a key: write its 32 bytes as 64 hexadecimal digits")]
pub struct NotAKey;

/// Why these keys cannot be used together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum WrongKeys {
    /// There is none.
    #[error("there is no key: one is needed")]
    None,
    /// One stands there twice.
    #[error("key {later} is the same as key {earlier}: a new key replaces nothing when it is an old one")]
    Twice {
        /// The version of the first.
        earlier: i64,
        /// The version of the second.
        later: i64,
    },
}

/// The keys of a site, the oldest first: the first one is version 1. There is always one, and none is ever taken out, because a
/// number is hashed under all of them in turn. They never show themselves.
#[derive(Clone, PartialEq, Eq)]
pub struct SuppressionKeys(Vec<SuppressionKey>);

/// The keyed hash of a number: 128 bits, which is as many as no two numbers of the world will share. It shows itself as the
/// 32 hexadecimal digits that are stored.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PhoneHash([u8; 16]);

/// The text is no hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the hash of a number: it has 32 hexadecimal digits")]
pub struct NotAHash;

impl SuppressionKey {
    /// A key of these bytes, which must be random.
    #[must_use]
    pub fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The first 128 bits of the key's HMAC-SHA-256 of a message.
    fn mac(&self, pieces: &[&[u8]]) -> [u8; 16] {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of any length");
        pieces.iter().for_each(|piece| mac.update(piece));
        let whole = mac.finalize().into_bytes();
        let mut first = [0; 16];
        first.copy_from_slice(&whole[..16]);
        first
    }
}

impl FromStr for SuppressionKey {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        bytes(text).map(Self).ok_or(NotAKey)
    }
}

impl fmt::Debug for SuppressionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("****")
    }
}

impl SuppressionKeys {
    /// These keys, the oldest first.
    pub fn new(keys: Vec<SuppressionKey>) -> Result<Self, WrongKeys> {
        if keys.is_empty() {
            return Err(WrongKeys::None);
        }
        for (later, key) in (1_i64..).zip(&keys) {
            let earlier = (1_i64..later).zip(&keys).find(|(_, other)| *other == key);
            if let Some((earlier, _)) = earlier {
                return Err(WrongKeys::Twice { earlier, later });
            }
        }
        Ok(Self(keys))
    }

    /// The version of the newest key, which is also how many there are.
    #[must_use]
    pub fn newest(&self) -> i64 {
        i64::try_from(self.0.len()).unwrap_or(i64::MAX)
    }

    /// The hashes of a number, one for each version of the key: a row of any version is one of them.
    #[must_use]
    pub fn hashes(&self, phone: &E164) -> Vec<PhoneHash> {
        let mut hashes = Vec::with_capacity(self.0.len());
        for key in &self.0 {
            let hash = match hashes.last() {
                None => PhoneHash(key.mac(&[PHONE, phone.reveal().as_bytes()])),
                Some(PhoneHash(before)) => PhoneHash(key.mac(&[before])),
            };
            hashes.push(hash);
        }
        hashes
    }

    /// The hash of a number at a version; none where that version's key is not here.
    #[must_use]
    pub fn hash_at(&self, phone: &E164, version: i64) -> Option<PhoneHash> {
        self.hashes(phone).get(place(version)?).copied()
    }

    /// The hash at a later version of whatever number has this hash at an earlier one; none where a key of them is not here.
    #[must_use]
    pub fn nest(&self, hash: PhoneHash, from: i64, to: i64) -> Option<PhoneHash> {
        let keys = self.0.get(place(from)? + 1..=place(to)?)?;
        Some(keys.iter().fold(hash, |PhoneHash(before), key| PhoneHash(key.mac(&[&before]))))
    }

    /// What the key of a version is recognised by; it tells nothing of the key. None where that key is not here.
    #[must_use]
    pub fn check_value(&self, version: i64) -> Option<String> {
        Some(hex(&self.0.get(place(version)?)?.mac(&[CHECK])))
    }
}

impl fmt::Debug for SuppressionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} suppression keys", self.0.len())
    }
}

impl fmt::Display for PhoneHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for PhoneHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PhoneHash({self})")
    }
}

impl FromStr for PhoneHash {
    type Err = NotAHash;

    fn from_str(text: &str) -> Result<Self, NotAHash> {
        bytes(text).map(Self).ok_or(NotAHash)
    }
}

/// Where the key of a version stands.
fn place(version: i64) -> Option<usize> {
    usize::try_from(version.checked_sub(1)?).ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Exactly so many bytes, written as hexadecimal digits.
fn bytes<const N: usize>(text: &str) -> Option<[u8; N]> {
    if text.len() != 2 * N || !text.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(count: u8) -> SuppressionKeys {
        SuppressionKeys::new((1..=count).map(|fill| SuppressionKey::new([fill; 32])).collect()).expect("keys")
    }

    fn phone(text: &str) -> E164 {
        E164::parse(text).expect("a number")
    }

    /// Computed by another program. Where this fails, everybody who said no would be called again: the hashes in the databases are
    /// those of this table, whatever the program computes.
    #[test]
    fn hashes_never_change() {
        let texts: Vec<String> = keys(3).hashes(&phone("+33199001234")).iter().map(ToString::to_string).collect();
        assert_eq!(texts, GOLDEN);
        let other = keys(1).hashes(&phone("+19495550122"));
        assert_eq!(other[0].to_string(), GOLDEN_OTHER);
        assert_eq!(keys(2).check_value(2).as_deref(), Some(GOLDEN_CHECK));
    }

    const GOLDEN: [&str; 3] =
        ["cb270c4149d970403e7a65b98606df0e", "0f47031a96255e3dca893a125eedc81a", "fdeceb4fba5bf0ad6b86f7fa8d5154e2"];
    const GOLDEN_OTHER: &str = "795ac28725b6541c1480bdbca727e1c1";
    const GOLDEN_CHECK: &str = "caecd738104a206584e24cfc70dd662f";

    #[test]
    fn a_hash_is_nested_without_the_number() {
        let (keys, phone) = (keys(3), phone("+33199001234"));
        let hashes = keys.hashes(&phone);
        assert_eq!(keys.nest(hashes[0], 1, 3), Some(hashes[2]));
        assert_eq!(keys.nest(hashes[1], 2, 3), Some(hashes[2]));
        assert_eq!(keys.nest(hashes[1], 2, 2), Some(hashes[1]), "it is there already");
        assert_eq!(keys.nest(hashes[0], 1, 4), None, "nobody has the key");
        assert_eq!((keys.hash_at(&phone, 2), keys.hash_at(&phone, 4)), (Some(hashes[1]), None));
        assert_eq!((keys.hash_at(&phone, 0), keys.hash_at(&phone, i64::MIN)), (None, None));
    }

    #[test]
    fn another_key_gives_another_hash() {
        let (one, other) = (keys(1), SuppressionKeys::new(vec![SuppressionKey::new([9; 32])]).expect("a key"));
        let phone = phone("+33199001234");
        assert_ne!(one.hashes(&phone), other.hashes(&phone));
        assert_ne!(one.check_value(1), other.check_value(1));
    }

    #[test]
    fn keys_never_show_themselves() {
        let digits = "ab".repeat(32);
        let key: SuppressionKey = digits.parse().expect("a key");
        let keys = SuppressionKeys::new(vec![key.clone()]).expect("keys");
        assert_eq!(format!("{key:?} {keys:?}"), "**** 1 suppression keys");
        for wrong in ["", "ab", "zz", &"ab".repeat(31), &"zz".repeat(32), &format!("{digits}ab")] {
            let error = wrong.parse::<SuppressionKey>().expect_err(wrong).to_string();
            assert!(wrong.len() < 3 || !error.contains(wrong), "{error}");
        }
    }

    #[test]
    fn keys_are_some_and_each_once() {
        assert_eq!(SuppressionKeys::new(Vec::new()), Err(WrongKeys::None));
        let key = |fill| SuppressionKey::new([fill; 32]);
        let twice = SuppressionKeys::new(vec![key(1), key(2), key(1)]);
        assert_eq!(twice, Err(WrongKeys::Twice { earlier: 1, later: 3 }));
        assert_eq!(keys(3).newest(), 3);
    }

    #[test]
    fn a_hash_is_what_it_shows() {
        let hash = keys(1).hashes(&phone("+33199001234"))[0];
        assert_eq!(hash.to_string().parse(), Ok(hash));
        assert_eq!("12".parse::<PhoneHash>(), Err(NotAHash));
    }
}
