//! How far a list has come, shown where somebody looks: first the sending of the file, then its rows.

use std::future::Future;
use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use relance_scheduler::{LoadPhase, LoadUnderWay, VerificationProgress};

use crate::transport::{Answer, Api, Call};

const SENDING: &str = "{wide_bar} {bytes}/{total_bytes}  {bytes_per_sec}";
const TAKING: &str = "{wide_bar} {pos} %  {msg}";
const JUDGING: &str = "{wide_bar} {human_pos}/{human_len}  {per_sec}  {msg}";
/// How often the server is asked.
const EVERY: Duration = Duration::from_millis(250);

/// A bar on standard error for so many bytes, or an invisible one where nobody looks.
pub(crate) fn bar(bytes: u64, quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    styled(ProgressBar::with_draw_target(Some(bytes), ProgressDrawTarget::stderr()), SENDING)
}

/// A bar for hand-outs that are judged, or an invisible one where nobody looks.
pub(crate) fn judging(quiet: bool) -> ProgressBar {
    if quiet || !std::io::stderr().is_terminal() {
        return ProgressBar::hidden();
    }
    styled(ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr()), JUDGING)
}

/// Shows how far a verification has come.
pub(crate) fn show_judged(bar: &ProgressBar, progress: VerificationProgress) {
    bar.set_length(u64::try_from(progress.of).unwrap_or_default());
    bar.set_position(u64::try_from(progress.judged).unwrap_or_default());
    let is_judged = progress.of > 0 && progress.judged >= progress.of;
    bar.set_message(if is_judged { "now whole tables" } else { "hand-outs" });
}

fn styled(bar: ProgressBar, template: &str) -> ProgressBar {
    match ProgressStyle::with_template(template) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}

/// Waits for the answer to a load, and shows how far the load has come once its file is sent.
pub(crate) async fn followed(
    api: &Api,
    ticket: &str,
    bar: &ProgressBar,
    answer: impl Future<Output = anyhow::Result<Answer>>,
) -> anyhow::Result<Answer> {
    if bar.is_hidden() {
        return answer.await;
    }
    let mut answer = std::pin::pin!(answer);
    loop {
        tokio::select! {
            answered = &mut answer => return answered,
            () = tokio::time::sleep(EVERY) => {}
        }
        let is_sent = bar.length().is_none_or(|length| length == 100 || bar.position() >= length);
        if !is_sent {
            continue;
        }
        // The bar is a courtesy: where the question fails, the load's own answer tells why.
        if let Ok(answer) = api.ask(Call::get(&["loads", ticket])).await
            && let Ok(load) = answer.decode::<LoadUnderWay>()
        {
            show(bar, &load);
        }
    }
}

fn show(bar: &ProgressBar, load: &LoadUnderWay) {
    if let Ok(style) = ProgressStyle::with_template(TAKING) {
        bar.set_style(style);
    }
    bar.set_length(100);
    bar.set_position(u64::from(load.percent));
    bar.set_message(words(load));
}

fn words(load: &LoadUnderWay) -> String {
    let rows = HumanCount(load.rows);
    match load.phase {
        LoadPhase::Looking => "looking at the file".to_owned(),
        LoadPhase::Committing => format!("{rows} rows, making them visible"),
        LoadPhase::Taking => {
            let rate = load.rows_per_second.map(|rate| format!(", {} rows/s", HumanCount(rate))).unwrap_or_default();
            let left = load.seconds_left.map(|seconds| format!(", {seconds} s left")).unwrap_or_default();
            format!("{rows} rows{rate}{left}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_templates_are_some() {
        for template in [SENDING, TAKING, JUDGING] {
            assert!(ProgressStyle::with_template(template).is_ok(), "{template}");
        }
        assert!(bar(1, true).is_hidden());
    }

    #[test]
    fn a_load_says_rows_rate_and_time_left() {
        let load = LoadUnderWay {
            name: "spring".into(),
            phase: LoadPhase::Taking,
            percent: 40,
            rows: 400_000,
            rows_per_second: Some(50_000),
            seconds_left: Some(12),
        };
        assert_eq!(words(&load), "400,000 rows, 50,000 rows/s, 12 s left");
    }
}
