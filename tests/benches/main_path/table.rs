//! The table that the benchmark prints.

use std::time::Duration;

use crate::median;

/// A measurement beside its bare peer.
pub(crate) struct Line {
    what: &'static str,
    leads: usize,
    rate: f64,
    bare_rate: f64,
    latency: Option<(Duration, Duration)>,
}

impl Line {
    /// So many pieces of work in so much time.
    pub(crate) fn rate(what: &'static str, leads: usize, pieces: usize, engine: Duration, bare: Duration) -> Self {
        let per_second = |time: Duration| pieces as f64 / time.as_secs_f64();
        Self { what, leads, rate: per_second(engine), bare_rate: per_second(bare), latency: None }
    }

    /// One piece of work after the other.
    pub(crate) fn latency(what: &'static str, leads: usize, engine: &[Duration], bare: &[Duration]) -> Self {
        let line = Self::rate(what, leads, engine.len(), engine.iter().sum(), bare.iter().sum());
        line.with_latency(engine)
    }

    /// The same with the latencies beside it.
    pub(crate) fn with_latency(self, latencies: &[Duration]) -> Self {
        Self { latency: Some((median(latencies), percentile(latencies, 99))), ..self }
    }
}

/// The latency that so many percent do not exceed.
pub(crate) fn percentile(latencies: &[Duration], percent: usize) -> Duration {
    let mut sorted = latencies.to_vec();
    sorted.sort_unstable();
    sorted.get((sorted.len() * percent / 100).min(sorted.len().saturating_sub(1))).copied().unwrap_or_default()
}

/// Prints the header of a store's table.
pub(crate) fn print_header() {
    println!("| work | leads | rate/s | bare SQL/s | ratio | p50 ms | p99 ms |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
}

/// Prints a line.
pub(crate) fn print(line: &Line) {
    let ms = |time: Duration| format!("{:.2}", time.as_secs_f64() * 1_000.0);
    let (p50, p99) = line.latency.map_or((String::new(), String::new()), |(p50, p99)| (ms(p50), ms(p99)));
    let ratio = line.rate / line.bare_rate;
    println!(
        "| {} | {} | {:.0} | {:.0} | {ratio:.2} | {p50} | {p99} |",
        line.what, line.leads, line.rate, line.bare_rate
    );
}
