//! A campaign's life: draft → running ⇄ paused → finished. `docs/state-machines.md` shows the same table.

use serde::{Deserialize, Serialize};

/// Where a campaign stands. Only a running one hands out leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    /// Being prepared; lists may be loaded.
    Draft,
    /// Handing out leads.
    Running,
    /// Stopped for a while.
    Paused,
    /// Over for good.
    Finished,
}

/// What can happen to a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CampaignEvent {
    /// A draft begins to call.
    Start,
    /// A running one stops for a while.
    Pause,
    /// A paused one goes on.
    Resume,
    /// It ends for good.
    Finish,
}

/// The event cannot happen in this state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a {from} campaign cannot {event}: {}", possible(*from))]
pub struct InvalidTransition {
    /// The state it is in.
    pub from: CampaignState,
    /// What was tried.
    pub event: CampaignEvent,
}

fn possible(from: CampaignState) -> String {
    let events: Vec<_> =
        CampaignEvent::ALL.into_iter().filter(|event| from.apply(*event).is_ok()).map(CampaignEvent::as_str).collect();
    if events.is_empty() {
        "nothing can be done with it any more".to_owned()
    } else {
        format!("it can {}", events.join(" or "))
    }
}

impl CampaignState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Draft, Self::Running, Self::Paused, Self::Finished];

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Finished => "finished",
        }
    }

    /// The state after an event.
    pub fn apply(self, event: CampaignEvent) -> Result<Self, InvalidTransition> {
        use CampaignEvent as E;
        match (self, event) {
            (Self::Draft, E::Start) | (Self::Paused, E::Resume) => Ok(Self::Running),
            (Self::Running, E::Pause) => Ok(Self::Paused),
            (Self::Draft | Self::Running | Self::Paused, E::Finish) => Ok(Self::Finished),
            (from, event) => Err(InvalidTransition { from, event }),
        }
    }
}

impl CampaignEvent {
    /// Every event.
    pub const ALL: [Self; 4] = [Self::Start, Self::Pause, Self::Resume, Self::Finish];

    /// The word of requests, audits and the command line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Pause => "pause",
            Self::Resume => "resume",
            Self::Finish => "finish",
        }
    }
}

impl std::fmt::Display for CampaignState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::fmt::Display for CampaignEvent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no state of a campaign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a state of a campaign: use draft, running, paused or finished")]
pub struct UnknownState(String);

/// The text names nothing that can be done with a campaign.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} cannot be done with a campaign: use start, pause, resume or finish")]
pub struct UnknownEvent(String);

impl std::str::FromStr for CampaignState {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or_else(|| UnknownState(text.to_owned()))
    }
}

impl std::str::FromStr for CampaignEvent {
    type Err = UnknownEvent;

    fn from_str(text: &str) -> Result<Self, UnknownEvent> {
        Self::ALL.into_iter().find(|event| event.as_str() == text).ok_or_else(|| UnknownEvent(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every state and every event: the table of `docs/state-machines.md`.
    #[test]
    fn every_pair_of_state_and_event() {
        use CampaignState as S;
        let table = [
            //              start             pause            resume            finish
            (S::Draft, [Some(S::Running), None, None, Some(S::Finished)]),
            (S::Running, [None, Some(S::Paused), None, Some(S::Finished)]),
            (S::Paused, [None, None, Some(S::Running), Some(S::Finished)]),
            (S::Finished, [None, None, None, None]),
        ];
        assert_eq!(table.map(|(state, _)| state), S::ALL);
        for (from, row) in table {
            for (event, to) in CampaignEvent::ALL.into_iter().zip(row) {
                assert_eq!(from.apply(event), to.ok_or(InvalidTransition { from, event }));
            }
        }
    }

    #[test]
    fn words_read_as_they_print() {
        for state in CampaignState::ALL {
            assert_eq!(state.to_string().parse(), Ok(state));
            assert_eq!(serde_json::to_value(state).expect("json"), state.as_str());
        }
        for event in CampaignEvent::ALL {
            assert_eq!(event.to_string().parse(), Ok(event));
            assert_eq!(serde_json::to_value(event).expect("json"), event.as_str());
        }
        assert!("stopped".parse::<CampaignState>().is_err() && "stop".parse::<CampaignEvent>().is_err());
    }

    #[test]
    fn a_refusal_says_what_can_be_done() {
        let refused = |from: CampaignState, event| from.apply(event).expect_err("refused").to_string();
        assert_eq!(
            refused(CampaignState::Paused, CampaignEvent::Start),
            "a paused campaign cannot start: it can resume or finish"
        );
        assert_eq!(
            refused(CampaignState::Finished, CampaignEvent::Resume),
            "a finished campaign cannot resume: nothing can be done with it any more"
        );
    }
}
