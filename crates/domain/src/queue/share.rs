//! How much of a campaign's queue goes to what tariffs reopened, so that it neither drowns fresh leads nor is drowned by them.

/// The declared share of the hand-outs that reopened leads get while there are others too. With each such hand-out they earn their
/// share of a hundred, and pay a hundred for one of theirs; it is their turn when they can. So over any stretch they are never more
/// than one hand-out from their share, and whoever reads the credit that is kept with the last hand-out goes on from there. Where only
/// one side has anybody nothing is earned and nothing paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReopenedShare {
    percent: u8,
    credit: i64,
}

/// What a hand-out costs.
const WHOLE: i64 = 100;

impl ReopenedShare {
    /// A share in per cent, with the credit after the last hand-out that it decided.
    #[must_use]
    pub fn new(percent: u8, credit: Option<i64>) -> Self {
        Self { percent: percent.min(100), credit: credit.unwrap_or(0).clamp(0, WHOLE - 1) }
    }

    pub(super) fn is_turn_of_reopened(&self) -> bool {
        self.credit + i64::from(self.percent) >= WHOLE
    }

    pub(super) fn handed_out(&mut self, is_reopened: bool) -> i64 {
        self.credit += i64::from(self.percent);
        if is_reopened {
            self.credit -= WHOLE;
        }
        self.credit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_share_is_kept_over_any_stretch() {
        for percent in 0..=100_u8 {
            let mut share = ReopenedShare::new(percent, None);
            let mut reopened = 0_i64;
            for handed_out in 1..=1_000_i64 {
                // Another node goes on from what was kept.
                share = ReopenedShare::new(percent, Some(share.credit));
                let turn = share.is_turn_of_reopened();
                reopened += i64::from(turn);
                share.handed_out(turn);
                let wanted = handed_out * i64::from(percent);
                assert!((reopened * 100 - wanted).abs() < 100, "{percent} %: {reopened} of {handed_out}");
            }
        }
    }
}
