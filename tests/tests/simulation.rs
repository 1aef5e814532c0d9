//! A few lives of the simulated call centre, and three in which something is wrong: the simulation must be able to fail. Many more are
//! lived by `cargo xtask simulate`, which also looks for each of the deliberate faults.

use std::thread;

use relance_testkit::simulation::{Lie, Settings, live, live_with};

/// Virtual days before everybody left is called.
const DAYS: i64 = 7;

fn days_of(seed: u64) -> Settings {
    Settings { days: DAYS, ..Settings::of(seed) }
}

#[test]
fn days_pass_without_a_broken_promise() {
    for seed in 1..=2 {
        if let Err(broken) = live(days_of(seed)) {
            panic!("{broken}");
        }
    }
}

#[test]
fn the_same_seed_is_the_same_life() {
    let lives = [(); 2].map(|()| thread::spawn(|| live(Settings { days: 3, ..Settings::of(4) })));
    let [one, other] = lives.map(|life| life.join().expect("a life does not panic").expect("no promise is broken"));
    assert_eq!(one, other);
    assert!(one.hand_outs > 0, "{one:?}");
}

#[test]
fn a_store_that_lies_is_found_out() {
    for (lie, promise) in [
        (Lie::LeasesEndEarly, "P3: an assignment ends when it does"),
        (Lie::OutcomesAreLost, "P3: an outcome is answered as what stands says"),
        (Lie::SuppressionsAreLost, "P4: nobody who is suppressed is called"),
    ] {
        let found = (1..=8).find_map(|seed| live_with(days_of(seed), None, Some(lie)).err());
        assert_eq!(found.map(|broken| broken.promise), Some(promise), "{lie:?}");
    }
}
