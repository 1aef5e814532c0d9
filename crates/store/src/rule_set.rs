//! The calling rules in use, and where people are for them.

use relance_domain::rules::{Place, RuleSet};
use relance_domain::{ClientId, E164};

/// Whom to look at: people of whom nobody knows where they are, or the next ones of everybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ToPlace {
    /// Those whose place was forgotten because something that decides it has changed.
    Unplaced,
    /// Everybody after this client, because there are new rules.
    After(ClientId),
}

/// Somebody whose place is to be found.
#[derive(Debug, Clone)]
pub struct Unplaced {
    /// Key.
    pub client: ClientId,
    /// The number dialled first; none of somebody who was erased.
    pub number: Option<E164>,
    /// ISO 3166-1 alpha-2 code of the address.
    pub country: String,
    /// State or region of the address.
    pub region: Option<String>,
}

/// A bounded step of finding where people are.
#[derive(Debug, Clone)]
pub struct PlacingStep<'a> {
    /// The rules by which they were found.
    pub rules: &'a RuleSet,
    /// Where they are.
    pub placed: Vec<(&'a Unplaced, Place)>,
    /// For a step through everybody: from where, how far, and whether that was the last one.
    pub came: Option<Came>,
}

/// How far a step through everybody came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Came {
    /// The client after which it began.
    pub from: ClientId,
    /// The last client of it.
    pub to: ClientId,
    /// Nobody is left after it.
    pub is_last: bool,
}
