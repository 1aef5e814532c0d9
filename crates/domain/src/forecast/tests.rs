use proptest::prelude::*;

use super::*;

fn past(tried: u64, orders: u64) -> Trials {
    Trials { tried, orders }
}

/// From SciPy 1.17.1 (`scipy.stats.betabinom(n, a, b).ppf([0.05, 0.95])`) and, to the same, from the definition with logarithms of
/// the Gamma function, summed from 0 up: neither shares a step with the recurrence here.
#[test]
fn the_interval_is_that_of_the_definition() {
    for (people, tried, ordered, low, high) in [
        (10, 1, 0, 0, 8),
        (10, 1, 1, 2, 10),
        (100, 12, 3, 9, 50),
        (1_000, 200, 17, 54, 125),
        (1_000, 5_000, 400, 65, 96),
        (50, 3, 0, 0, 23),
        (20_000, 340, 51, 2402, 3686),
        (7, 40, 40, 6, 7),
        (1, 9, 2, 0, 1),
        (0, 5, 1, 0, 0),
    ] {
        let forecast = orders(people, past(tried, ordered)).expect("there is history");
        assert_eq!((forecast.low, forecast.high), (low, high), "{people} people, {ordered} of {tried}");
        let mean = people as f64 * (ordered as f64 + 0.5) / (tried as f64 + 1.0);
        assert!((forecast.expected - mean).abs() < 1e-9 * (1.0 + mean), "{} {mean}", forecast.expected);
    }
}

/// Known by heart: with Beta(1, 1) every number is as probable as any other; with as many people as are wanted, the binomial shows.
#[test]
fn limits_that_are_known() {
    let uniform = BetaBinomial { people: 99, a: 1.0, b: 1.0 };
    assert_eq!(uniform.quantiles([0.0501, 0.9499]), [5, 94]);
    let arcsine = BetaBinomial { people: 2, a: 0.5, b: 0.5 };
    // 3/8, 2/8, 3/8.
    assert_eq!(arcsine.quantiles([0.374, 0.376]), [0, 1]);
    assert_eq!(arcsine.quantiles([0.624, 0.626]), [1, 2]);
    let coin = BetaBinomial { people: 100, a: 5e9, b: 5e9 };
    assert_eq!(coin.quantiles([0.05, 0.95]), [42, 58]);
    // From SciPy's `gammaln` and `betaln` over all numbers, summed with `cumsum`.
    let million = orders(1_000_000, past(1_000, 100)).expect("there is history");
    assert_eq!((million.low, million.high), (85_241, 116_466));
}

#[test]
fn nothing_tried_is_nothing_said() {
    assert_eq!(orders(100, past(0, 0)), None);
    assert_eq!(orders(100, past(1, 2)), None, "more orders than people are no history");
    assert_eq!(together(&[(100, past(0, 0))]), None);
    assert_eq!(together(&[]), None);
    let rate = |attempts, reached| CallRate { attempts, reached, handling_ms: 180_000 * attempts };
    assert_eq!(rate(29, 29).work(100), None);
    assert_eq!(rate(300, 9).work(100), None);
    let work = rate(300, 100).work(1_000).expect("enough calls");
    assert_eq!((work.calls, work.operator_hours), (3_000, 150.0));
}

#[test]
fn groups_on_one_history_are_one_group() {
    let history = past(40, 7);
    assert_eq!(together(&[(30, history), (70, history), (5, past(0, 0))]), orders(100, history));
}

proptest! {
    /// The cumulative probabilities at the ends are what a quantile is: reached there, and not one below.
    #[test]
    fn a_quantile_is_the_least_that_reaches(people in 0_u64..400, tried in 0_u64..200, share in 0.0..=1.0, level in 0.01..0.99) {
        let ordered = (tried as f64 * share) as u64;
        let of = BetaBinomial { people, a: 0.5 + ordered as f64, b: 0.5 + (tried - ordered) as f64 };
        let mut weights = vec![1.0_f64];
        for k in 0..people {
            weights.push(weights[weights.len() - 1] * of.step(k));
        }
        let total: f64 = weights.iter().sum();
        let [found, same] = of.quantiles([level, level]);
        prop_assert_eq!(found, same);
        let up_to = |k: u64| weights[..=k as usize].iter().sum::<f64>() / total;
        prop_assert!(up_to(found) > level - 1e-9);
        prop_assert!(found == 0 || up_to(found - 1) < level + 1e-9);
    }

    /// More that was tried with the same share narrows the interval, and the sum of groups keeps mean and order.
    #[test]
    fn more_history_says_more(people in 1_u64..2_000, tens in 1_u64..20, of_ten in 0_u64..=10) {
        let little = orders(people, past(tens * 10, tens * of_ten)).expect("history");
        let much = orders(people, past(tens * 1_000, tens * 100 * of_ten)).expect("history");
        prop_assert!(much.high - much.low <= little.high - little.low + 1);
        let sum = together(&[(people, past(tens * 10, tens * of_ten)), (people, past(tens * 20, tens * of_ten))]).expect("history");
        prop_assert!(sum.low <= sum.high && sum.high <= 2 * people);
        prop_assert!(sum.expected >= little.expected && sum.low as f64 <= sum.expected + 1.0);
    }
}
