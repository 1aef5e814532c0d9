//! Operators who wait until somebody is callable.

use std::pin::pin;
use std::time::Duration;

use jiff::Timestamp;
use relance_domain::UserId;
use tokio::time::sleep;

use crate::{Engine, NextAnswer, Result};

/// The longest that an operator waits in one request, in seconds: shorter than what proxies on the way allow.
pub const WAIT_S_MAX: u32 = 60;

/// How long somebody who waits trusts the bell at most before looking for themselves.
const LOOK_AGAIN: Duration = Duration::from_secs(5);
/// The shortest pause between two looks that no ring asked for.
const LOOK_PAUSE_MIN: Duration = Duration::from_millis(250);

impl Engine {
    /// The next lead for an operator who waits for one, for at most `at_most` and never longer than [`WAIT_S_MAX`]. It looks at once,
    /// whenever the bell rings, when the next opening that is known has come, and every few seconds in case a ring was lost.
    /// When the time is over, or [`Engine::end_waits`] was called, the answer is why there is nobody. Whoever drops the future has
    /// gone away: the claim desk gives them nothing.
    pub async fn wait_for_lead(
        &self,
        operator: UserId,
        campaign: Option<&str>,
        at_most: Duration,
    ) -> Result<NextAnswer> {
        if at_most.is_zero() {
            return self.next_lead(operator, campaign).await;
        }
        // Before the first look: what rings after it is heard.
        let mut bell = self.store.work().listen();
        let mut over = pin!(sleep(at_most.min(Duration::from_secs(WAIT_S_MAX.into()))));
        loop {
            let nobody = match self.next_lead(operator, campaign).await? {
                NextAnswer::Nobody(nobody) => nobody,
                lead @ NextAnswer::Lead(_) => return Ok(lead),
            };
            let look_again = until_look(nobody.next_at, self.now());
            tokio::select! {
                () = &mut over => return Ok(NextAnswer::Nobody(nobody)),
                () = self.ending.cancelled() => return Ok(NextAnswer::Nobody(nobody)),
                () = bell.rung() => {}
                () = sleep(look_again) => {}
            }
        }
    }

    /// Ends the waiting of every operator, now and from now on: they are told why there is nobody. For a node that stops.
    pub fn end_waits(&self) {
        self.ending.cancel();
    }
}

/// How long until it is worth looking again though nothing rang.
fn until_look(next_at: Option<Timestamp>, now: Timestamp) -> Duration {
    let opening = next_at.map_or(LOOK_AGAIN, |at| Duration::try_from(at.duration_since(now)).unwrap_or_default());
    opening.clamp(LOOK_PAUSE_MIN, LOOK_AGAIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_comes_with_the_opening_but_is_neither_late_nor_ceaseless() {
        let at = |ms| Timestamp::from_millisecond(ms).expect("an instant");
        for (next_at, pause) in [
            (None, LOOK_AGAIN),
            (Some(at(1_800)), Duration::from_millis(800)),
            (Some(at(1_000)), LOOK_PAUSE_MIN),
            (Some(at(0)), LOOK_PAUSE_MIN),
            (Some(Timestamp::MAX), LOOK_AGAIN),
        ] {
            assert_eq!(until_look(next_at, at(1_000)), pause, "{next_at:?}");
        }
    }
}
