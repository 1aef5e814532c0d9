//! What may come of bringing people back: orders, from what earlier reopenings brought, and work, from the calls of late.
//!
//! Orders among reopened people are a Beta-binomial estimate. Each person orders with the same unknown probability; before anything
//! was tried its distribution is Jeffreys' Beta(1/2, 1/2), so that after `orders` of `tried` it is
//! Beta(1/2 + orders, 1/2 + tried − orders), and the number of orders among `people` new ones is Beta-binomial (Gelman et al.,
//! *Bayesian Data Analysis*, 3rd edition, sections 2.3, 2.4 and 2.8). Its interval is wide where little was tried, and says so.

use serde::{Deserialize, Serialize};

/// The probability that the number of orders lies in a [`Forecast`]'s interval: as much lies below it as above it.
pub const CERTAINTY: f64 = 0.9;
/// Attempts of late, and people reached by them, without which nothing is said about work.
pub const ATTEMPTS_LEAST: u64 = 30;
/// See [`ATTEMPTS_LEAST`].
pub const REACHED_LEAST: u64 = 10;

/// What earlier reopenings brought.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Trials {
    /// People who were called for a reopening, and whose calling came to an end.
    pub tried: u64,
    /// Those of them who ordered.
    pub orders: u64,
}

impl std::ops::Add for Trials {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { tried: self.tried + other.tried, orders: self.orders + other.orders }
    }
}

impl std::iter::Sum for Trials {
    fn sum<I: Iterator<Item = Self>>(trials: I) -> Self {
        trials.fold(Self::default(), std::ops::Add::add)
    }
}

/// How many orders to expect.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Forecast {
    /// The mean.
    pub expected: f64,
    /// The interval's lower end: fewer orders have at most half of what [`CERTAINTY`] leaves.
    pub low: u64,
    /// The interval's upper end.
    pub high: u64,
}

/// How many orders to expect among so many people; none where nothing of the kind was tried.
#[must_use]
pub fn orders(people: u64, past: Trials) -> Option<Forecast> {
    let failures = past.tried.checked_sub(past.orders).filter(|_| past.tried > 0)?;
    let brought = BetaBinomial { people, a: 0.5 + past.orders as f64, b: 0.5 + failures as f64 };
    Some(brought.forecast())
}

/// How many orders to expect of several groups together. Groups that rest on the same trials are one group. Where they rest on
/// different ones, the interval is that of the Beta-binomial that has the sum's mean and variance: an approximation.
#[must_use]
pub fn together(groups: &[(u64, Trials)]) -> Option<Forecast> {
    let mut merged: Vec<(u64, Trials)> = Vec::new();
    for (people, past) in groups.iter().filter(|(_, past)| past.tried > 0) {
        match merged.iter_mut().find(|(_, known)| known == past) {
            Some((known, _)) => *known += people,
            None => merged.push((*people, *past)),
        }
    }
    if let [(people, past)] = merged.as_slice() {
        return orders(*people, *past);
    }
    let parts: Vec<BetaBinomial> = merged
        .iter()
        .map(|(people, past)| BetaBinomial {
            people: *people,
            a: 0.5 + past.orders as f64,
            b: 0.5 + past.tried.saturating_sub(past.orders) as f64,
        })
        .collect();
    let people: u64 = parts.iter().map(|part| part.people).sum();
    let mean: f64 = parts.iter().map(BetaBinomial::mean).sum();
    let variance: f64 = parts.iter().map(BetaBinomial::variance).sum();
    (!parts.is_empty()).then(|| BetaBinomial::with_moments(people, mean, variance).forecast())
}

/// The number of successes among `people` whose probability is distributed as Beta(a, b).
#[derive(Debug, Clone, Copy)]
struct BetaBinomial {
    people: u64,
    a: f64,
    b: f64,
}

impl BetaBinomial {
    /// The one with this mean and variance; as near to the binomial as can be where the variance is less than that one's.
    fn with_moments(people: u64, mean: f64, variance: f64) -> Self {
        let n = people.max(1) as f64;
        let p = (mean / n).clamp(1e-12, 1.0 - 1e-12);
        let binomial = n * p * (1.0 - p);
        // variance = binomial · (s + n) / (s + 1), where s = a + b.
        let s = if variance > binomial { (n * binomial - variance) / (variance - binomial) } else { 1e12 };
        let s = s.clamp(1e-6, 1e12);
        Self { people, a: p * s, b: (1.0 - p) * s }
    }

    fn mean(&self) -> f64 {
        self.people as f64 * self.a / (self.a + self.b)
    }

    fn variance(&self) -> f64 {
        let (n, s) = (self.people as f64, self.a + self.b);
        n * self.a * self.b * (s + n) / (s * s * (s + 1.0))
    }

    fn forecast(&self) -> Forecast {
        let outside = (1.0 - CERTAINTY) / 2.0;
        let [low, high] = self.quantiles([outside, 1.0 - outside]);
        Forecast { expected: self.mean(), low, high }
    }

    /// How much more probable `k + 1` is than `k`: from the quotient of their probabilities all Gamma functions cancel.
    fn step(&self, k: u64) -> f64 {
        let (n, k) = (self.people as f64, k as f64);
        (n - k) * (k + self.a) / ((k + 1.0) * (n - k - 1.0 + self.b))
    }

    /// The most probable number, or an end of the range where the probabilities only rise or fall towards it.
    fn mode(&self) -> u64 {
        if self.a < 1.0 {
            return 0;
        }
        if self.b < 1.0 {
            return self.people;
        }
        let (n, s) = (self.people as f64, self.a + self.b);
        let last_rise = if s > 2.0 { (n * (self.a - 1.0) + 1.0 - self.b) / (s - 2.0) } else { -1.0 };
        (last_rise.floor() + 1.0).clamp(0.0, n) as u64
    }

    /// The least numbers whose cumulative probabilities reach these, the smaller first. Exact but for rounding: the probabilities
    /// are summed outward from the mode, where none is larger than the first, until they vanish. Ten million people take about a
    /// tenth of a second.
    fn quantiles(&self, levels: [f64; 2]) -> [u64; 2] {
        let mode = self.mode();
        let below: f64 = Downward { of: self, k: mode, weight: 1.0 }.map(|(_, weight)| weight).sum();
        let above: f64 = Upward { of: self, next: Some((mode, 1.0)) }.map(|(_, weight)| weight).sum();
        levels.map(|level| self.quantile(level * (below + above), mode, below))
    }

    fn quantile(&self, reach: f64, mode: u64, below: f64) -> u64 {
        if reach <= below {
            let mut least = mode.saturating_sub(1);
            let mut up_to = below;
            for (k, weight) in (Downward { of: self, k: mode, weight: 1.0 }) {
                if up_to < reach {
                    break;
                }
                least = k;
                up_to -= weight;
            }
            return least;
        }
        let mut up_to = below;
        let mut last = mode;
        for (k, weight) in (Upward { of: self, next: Some((mode, 1.0)) }) {
            up_to += weight;
            last = k;
            if up_to >= reach {
                break;
            }
        }
        last
    }
}

/// A weight that adds nothing any more, however many follow.
const VANISHED: f64 = 1e-30;

/// Weights below a number, downward.
struct Downward<'a> {
    of: &'a BetaBinomial,
    k: u64,
    weight: f64,
}

impl Iterator for Downward<'_> {
    type Item = (u64, f64);

    fn next(&mut self) -> Option<(u64, f64)> {
        let k = self.k.checked_sub(1)?;
        (self.k, self.weight) = (k, self.weight / self.of.step(k));
        (self.weight > VANISHED).then_some((k, self.weight))
    }
}

/// Weights from a number on, upward.
struct Upward<'a> {
    of: &'a BetaBinomial,
    next: Option<(u64, f64)>,
}

impl Iterator for Upward<'_> {
    type Item = (u64, f64);

    fn next(&mut self) -> Option<(u64, f64)> {
        let (k, weight) = self.next.take()?;
        if k < self.of.people {
            self.next = Some((k + 1, weight * self.of.step(k))).filter(|(_, weight)| *weight > VANISHED);
        }
        Some((k, weight))
    }
}

/// A campaign's calls of late.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CallRate {
    /// Attempts.
    pub attempts: u64,
    /// Those in which somebody was reached: all but no answer, busy, a machine and an unreachable number.
    pub reached: u64,
    /// Milliseconds from the hand-out to the outcome, of all of them together.
    pub handling_ms: u64,
}

/// The work that calling people takes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Work {
    /// Calls, until each of them is reached once.
    pub calls: u64,
    /// Hours of operators, from the hand-outs to the outcomes.
    pub operator_hours: f64,
}

impl CallRate {
    /// The work that so many people take at this rate; none where too few calls were made to tell.
    #[must_use]
    pub fn work(&self, people: u64) -> Option<Work> {
        if self.attempts < ATTEMPTS_LEAST || self.reached < REACHED_LEAST {
            return None;
        }
        let calls = people as f64 * self.attempts as f64 / self.reached as f64;
        let hours = calls * self.handling_ms as f64 / self.attempts as f64 / 3_600_000.0;
        Some(Work { calls: calls.round() as u64, operator_hours: hours })
    }
}

#[cfg(test)]
mod tests;
