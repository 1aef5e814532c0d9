//! Whether what is on record keeps the promises.

use anyhow::{Context, Result};
use axum::http::StatusCode;
use indicatif::ProgressBar;
use relance_scheduler::{Verification, VerificationProgress};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::Session;
use crate::print::verify as print;
use crate::refusal::Refusal;
use crate::transport::{Answer, Call};
use crate::{Exit, progress};

/// A line of the answer.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Line {
    Progress(VerificationProgress),
    Verification(Box<RawValue>),
    Problem(Box<RawValue>),
}

/// `relance verify`
pub(super) async fn run(session: &Session) -> Result<Exit> {
    let bar = progress::judging(session.json);
    let mut lines = Lines { begun: Vec::new(), last: None, bar: &bar };
    let read = session.api.stream(Call::get(&["verification"]), |piece| lines.take(&piece)).await;
    let last = lines.last.take();
    bar.finish_and_clear();
    read?;
    match last.context("the answer broke off: nothing was verified")? {
        Line::Verification(text) => {
            let answer = Answer { text: text.get().to_owned() };
            let holds = answer.decode::<Verification>()?.holds;
            session.show(&answer, print::verification)?;
            Ok(if holds { Exit::Done } else { Exit::Violated })
        }
        Line::Problem(text) => Err(Refusal::read(StatusCode::OK, text.get().as_bytes()).into()),
        Line::Progress(_) => anyhow::bail!("the answer broke off: nothing was verified"),
    }
}

/// Lines as they come in pieces.
struct Lines<'a> {
    begun: Vec<u8>,
    last: Option<Line>,
    bar: &'a ProgressBar,
}

impl Lines<'_> {
    fn take(&mut self, piece: &[u8]) -> Result<()> {
        self.begun.extend_from_slice(piece);
        while let Some(end) = self.begun.iter().position(|byte| *byte == b'\n') {
            let line: Vec<u8> = self.begun.drain(..=end).collect();
            let line: Line = serde_json::from_slice(&line)
                .context("the answer is none that this program understands: is the server of another version?")?;
            if let Line::Progress(progress) = line {
                progress::show_judged(self.bar, progress);
            }
            self.last = Some(line);
        }
        Ok(())
    }
}
