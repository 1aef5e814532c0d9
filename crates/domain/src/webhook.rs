//! Messages to other systems, after the Standard Webhooks specification (standardwebhooks.com, 1.0.0): how they are signed, and when
//! one that was not taken is tried again.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha2::Sha256;

use crate::Span;

/// A secret that messages to a system are signed with. It never shows itself.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningSecret(Vec<u8>);

/// The text is no secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is no secret of webhooks: write whsec_ and 24 to 64 bytes in base64, as the receiving system gave it")]
pub struct NotASecret;

impl FromStr for SigningSecret {
    type Err = NotASecret;

    fn from_str(text: &str) -> Result<Self, NotASecret> {
        let bytes = text.trim().strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok()).ok_or(NotASecret)?;
        if (24..=64).contains(&bytes.len()) { Ok(Self(bytes)) } else { Err(NotASecret) }
    }
}

impl fmt::Debug for SigningSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningSecret(…)")
    }
}

impl SigningSecret {
    /// The signature of a message sent at an instant: `v1,` and the HMAC-SHA256 over `id.timestamp.payload` in base64.
    #[must_use]
    pub fn sign(&self, id: &str, at: Timestamp, payload: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).expect("HMAC takes keys of every length");
        mac.update(format!("{id}.{}.", at.as_second()).as_bytes());
        mac.update(payload.as_bytes());
        format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
    }
}

/// The first pause after a try that failed.
const FIRST_PAUSE: Span = Span::of_seconds(5);
/// The longest pause between tries.
const LONGEST_PAUSE: Span = Span::of_seconds(4 * 3_600);
/// Failures in a row after which a system is taken to be away.
pub const FAILURES_UNTIL_AWAY: i64 = 5;
/// The longest time for which a system that is away is left alone.
const LONGEST_REST: Span = Span::of_seconds(10 * 60);

/// When a message is tried again that has failed so often: twice as long each time, from 5 seconds to 4 hours, and up to a quarter
/// longer or shorter, as `chance` says (0 to 1,000), so that messages that failed together do not come back together.
#[must_use]
pub fn next_try(now: Timestamp, tries: i64, chance: u64) -> Timestamp {
    let pause = doubled(FIRST_PAUSE, tries - 1, LONGEST_PAUSE);
    let quarter = pause.seconds() / 4;
    let part = i64::try_from(chance.min(1_000)).unwrap_or(1_000);
    Span::of_seconds(pause.seconds() - quarter + 2 * quarter * part / 1_000).after(now)
}

/// Until when a system is left alone that has failed so often in a row; none while it is not taken to be away. After that one message
/// is tried.
#[must_use]
pub fn rest_until(now: Timestamp, failures: i64) -> Option<Timestamp> {
    let beyond = failures - FAILURES_UNTIL_AWAY;
    (beyond >= 0).then(|| doubled(FIRST_PAUSE, beyond, LONGEST_REST).after(now))
}

fn doubled(first: Span, times: i64, most: Span) -> Span {
    let times = u32::try_from(times.clamp(0, 30)).unwrap_or(30);
    Span::of_seconds((first.seconds() << times).min(most.seconds()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

    /// The vector that the specification's reference libraries are tested with.
    #[test]
    fn signs_as_the_specification_does() {
        let secret: SigningSecret = SECRET.parse().expect("a secret");
        let at = Timestamp::from_second(1_614_265_330).expect("in range");
        assert_eq!(
            secret.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", at, r#"{"test": 2432232314}"#),
            "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
        );
        assert!(!format!("{secret:?}").contains("Mf"));
    }

    #[test]
    fn what_is_no_secret_is_refused() {
        for wrong in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_not base64 at all!!"] {
            assert_eq!(wrong.parse::<SigningSecret>(), Err(NotASecret), "{wrong}");
        }
        assert!(!NotASecret.to_string().contains("Mf"));
    }

    #[test]
    fn pauses_grow_and_end_at_the_longest() {
        let now = Timestamp::UNIX_EPOCH;
        let pause = |tries, chance| next_try(now, tries, chance).as_second();
        assert_eq!([pause(1, 500), pause(2, 500), pause(3, 500), pause(8, 500)], [5, 10, 20, 640]);
        assert_eq!([pause(5, 0), pause(5, 500), pause(5, 1_000), pause(5, u64::MAX)], [60, 80, 100, 100]);
        assert_eq!([pause(40, 500), pause(i64::MAX, 500)], [14_400, 14_400]);
        let rest = |failures| rest_until(now, failures).map(Timestamp::as_second);
        assert_eq!([rest(4), rest(5), rest(6), rest(99)], [None, Some(5), Some(10), Some(600)]);
    }
}
