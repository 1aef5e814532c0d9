//! What a tariff changed, measured: the share of those who ordered among those it brought back, beside the share among those it left
//! alone.

use serde::{Deserialize, Serialize};

/// How many of a group ordered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Group {
    /// People.
    pub people: i64,
    /// Of those, ordered.
    pub ordered: i64,
}

/// The difference of two shares, in parts of one, with its 95 % interval.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Difference {
    /// The first share less the second.
    pub estimate: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

/// The quantile of the normal distribution that leaves 2.5 % above it.
const Z: f64 = 1.959_963_984_540_054;

impl Group {
    fn share(self) -> f64 {
        as_number(self.ordered) / as_number(self.people)
    }

    /// The Wilson score interval of the share (E. B. Wilson, 1927): where a true share would make the observed one no stranger than
    /// 1 in 20.
    fn wilson(self) -> (f64, f64) {
        let (n, p, square) = (as_number(self.people), self.share(), Z * Z);
        let middle = p + square / (2.0 * n);
        let half = Z * (p * (1.0 - p) / n + square / (4.0 * n * n)).sqrt();
        let whole = 1.0 + square / n;
        (((middle - half) / whole).max(0.0), ((middle + half) / whole).min(1.0))
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts of people are far below 2^52")]
fn as_number(count: i64) -> f64 {
    count as f64
}

/// The difference of two shares with its interval by Newcombe's hybrid score method (R. G. Newcombe, Interval estimation for the
/// difference between independent proportions, Statistics in Medicine 17, 1998, method 10): it holds for small groups and for shares
/// near nothing. None where a group is empty.
#[must_use]
pub fn difference(first: Group, second: Group) -> Option<Difference> {
    if first.people <= 0 || second.people <= 0 {
        return None;
    }
    let (one, other) = (first.share(), second.share());
    let ((low_one, high_one), (low_other, high_other)) = (first.wilson(), second.wilson());
    let estimate = one - other;
    let low = estimate - (one - low_one).hypot(high_other - other);
    let high = estimate + (high_one - one).hypot(other - low_other);
    Some(Difference { estimate, low, high })
}

/// People that each group must have before anything is said of the difference.
pub const PEOPLE_MIN: i64 = 30;
/// Orders that both together must have.
pub const ORDERS_MIN: i64 = 5;

/// What can be said of the effect.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "says")]
pub enum Effect {
    /// Nobody was held out: what the people would have done without the tariff is not known.
    NotMeasured,
    /// Fewer than [`PEOPLE_MIN`] people in a group, or than [`ORDERS_MIN`] orders in both.
    TooFew,
    /// The interval holds no difference too.
    NoDifferenceShown(Difference),
    /// Those who were brought back ordered more often, or less often, than those who were left alone.
    Differs(Difference),
}

/// What the orders of those who were brought back and those who were held out say.
#[must_use]
pub fn effect(brought_back: Group, held_out: Group) -> Effect {
    if held_out.people == 0 {
        return Effect::NotMeasured;
    }
    let too_few =
        brought_back.people.min(held_out.people) < PEOPLE_MIN || brought_back.ordered + held_out.ordered < ORDERS_MIN;
    match difference(brought_back, held_out).filter(|_| !too_few) {
        None => Effect::TooFew,
        Some(difference) if difference.low <= 0.0 && difference.high >= 0.0 => Effect::NoDifferenceShown(difference),
        Some(difference) => Effect::Differs(difference),
    }
}

impl Effect {
    /// In a sentence.
    #[must_use]
    pub fn in_words(&self) -> String {
        let points = |part: f64| format!("{:+.1}", part * 100.0);
        let interval = |of: &Difference| {
            format!("{} (95 % interval {} to {})", points(of.estimate), points(of.low), points(of.high))
        };
        match self {
            Self::NotMeasured => "not measured: the tariff holds nobody out (hold_out in its file)".to_owned(),
            Self::TooFew => {
                format!("too few to say: {PEOPLE_MIN} people in each group and {ORDERS_MIN} orders in both are needed")
            }
            Self::NoDifferenceShown(of) => format!("no difference shown: {} percentage points", interval(of)),
            Self::Differs(of) => format!("{} percentage points", interval(of)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(ordered: i64, people: i64) -> Group {
        Group { people, ordered }
    }

    /// The examples of Newcombe's paper (table II, method 10), which a search of the score equation by halving gives too.
    #[test]
    fn the_interval_is_that_of_the_paper() {
        for ((a, m), (b, n), low, high) in [
            ((56, 70), (48, 80), 0.0524, 0.3339),
            ((9, 10), (3, 10), 0.1705, 0.8090),
            ((6, 7), (2, 7), 0.0582, 0.8062),
            ((5, 56), (0, 29), -0.0381, 0.1926),
            ((0, 10), (0, 20), -0.1611, 0.2775),
            ((0, 10), (0, 10), -0.2775, 0.2775),
            ((10, 10), (0, 20), 0.6791, 1.0),
            ((10, 10), (0, 10), 0.6075, 1.0),
        ] {
            let found = difference(group(a, m), group(b, n)).expect("both have people");
            let near = |found: f64, wanted: f64| (found - wanted).abs() < 0.000_06;
            assert!(near(found.low, low) && near(found.high, high), "{a}/{m} - {b}/{n}: {found:?}");
            let turned = difference(group(b, n), group(a, m)).expect("both have people");
            assert!(near(turned.low, -high) && near(turned.high, -low), "{turned:?}");
        }
        assert_eq!(difference(group(0, 0), group(1, 2)), None);
    }

    #[test]
    fn too_few_say_nothing() {
        assert_eq!(effect(group(50, 100), group(0, 0)), Effect::NotMeasured);
        assert_eq!(effect(group(50, 100), group(0, 29)), Effect::TooFew);
        assert_eq!(effect(group(4, 1_000), group(0, 1_000)), Effect::TooFew);
        assert!(matches!(effect(group(6, 100), group(5, 100)), Effect::NoDifferenceShown(_)));
        let effect = effect(group(30, 100), group(5, 100));
        assert!(matches!(effect, Effect::Differs(Difference { low, .. }) if low > 0.1), "{effect:?}");
        assert!(effect.in_words().starts_with("+25.0 (95 % interval +1"), "{}", effect.in_words());
    }
}
