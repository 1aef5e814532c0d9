//! Callers at the engine: how long each waits, and how much is done in all.

use std::future::Future;
use std::time::{Duration, Instant};

use relance_domain::UserId;
use relance_scheduler::{LeadAnswer, NextAnswer};
use tokio::task::JoinSet;

use crate::lab::Lab;
use crate::table::percentile;

/// So many pieces of work in so much time, and how long whoever asked for each waited.
pub(super) struct Measured {
    pub(super) pieces: usize,
    pub(super) time: Duration,
    pub(super) latencies: Vec<Duration>,
}

impl Measured {
    /// Pieces a second.
    pub(super) fn rate(&self) -> f64 {
        self.pieces as f64 / self.time.as_secs_f64()
    }

    /// The latency that so many percent do not exceed, in milliseconds.
    pub(super) fn percentile_ms(&self, percent: usize) -> f64 {
        percentile(&self.latencies, percent).as_secs_f64() * 1_000.0
    }

    pub(super) fn print(&self, leads: usize, callers: usize, work: &str, floor: &Self) {
        println!(
            "| {leads} | {callers} | {work} | {:.0} | {:.2} | {:.2} | {:.2} |",
            self.rate(),
            self.rate() / floor.rate(),
            self.percentile_ms(50),
            self.percentile_ms(99)
        );
    }
}

/// Does the work by so many callers at a time, each one piece after the other.
pub(super) async fn together<X, Y, F>(
    callers: usize,
    work: Vec<X>,
    deed: impl Fn(X) -> F + Clone + Send + 'static,
) -> (Measured, Vec<Y>)
where
    X: Send + 'static,
    Y: Send + 'static,
    F: Future<Output = Y> + Send + 'static,
{
    let pieces = work.len();
    let mut shares: Vec<Vec<X>> = (0..callers).map(|_| Vec::new()).collect();
    for (number, piece) in work.into_iter().enumerate() {
        shares[number % callers].push(piece);
    }
    let clock = Instant::now();
    let mut tasks = JoinSet::new();
    for share in shares {
        let deed = deed.clone();
        tasks.spawn(async move {
            let mut done = Vec::with_capacity(share.len());
            for piece in share {
                let clock = Instant::now();
                let result = deed(piece).await;
                done.push((clock.elapsed(), result));
            }
            done
        });
    }
    let done = tasks.join_all().await;
    let time = clock.elapsed();
    let (latencies, results) = done.into_iter().flatten().unzip();
    (Measured { pieces, time, latencies }, results)
}

/// A lead, and who holds it.
pub(super) type Held = (UserId, LeadAnswer);

/// Each operator asks for a lead once.
pub(super) async fn claim(lab: &Lab, operators: Vec<UserId>, callers: usize) -> (Measured, Vec<Held>) {
    let lab = lab.clone();
    together(callers, operators, move |operator| {
        let lab = lab.clone();
        async move { (operator, next(&lab, operator).await) }
    })
    .await
}

/// Everybody reports how their call ended.
pub(super) async fn end(lab: &Lab, held: Vec<Held>, callers: usize) -> Measured {
    let lab = lab.clone();
    let ended = together(callers, held, move |(operator, lead): Held| {
        let lab = lab.clone();
        async move { lab.refuse(operator, &lead).await }
    });
    ended.await.0
}

/// Whoever asks first waits for what is read once.
pub(super) async fn warm(lab: &Lab, operators: Vec<UserId>) {
    let (_, held) = claim(lab, operators, 1).await;
    end(lab, held, 1).await;
}

/// The next lead of an operator.
pub(super) async fn next(lab: &Lab, operator: UserId) -> LeadAnswer {
    match lab.engine.next_lead(operator, None).await.expect("an answer") {
        NextAnswer::Lead(lead) => *lead,
        NextAnswer::Nobody(nobody) => panic!("nobody is callable: {}", nobody.because),
    }
}
