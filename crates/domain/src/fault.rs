//! Deliberate faults: each is one wrong line at the place where a rule lives, so that the simulation (`docs/reliability.md`) can show
//! that it would find it. They exist only where the feature `faults` is on, which nothing that is shipped asks for; without it
//! [`is_on`] is `false` for the compiler, and nothing of a fault is left. With it a fault is switched on for the thread that asks.

/// A rule that is broken on purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "`in_words` says each")]
pub enum Fault {
    AnyPriceAnswers,
    CapCountsAttempts,
    CapOffByOne,
    ConsentNeverEnds,
    CoolDownForgotten,
    CoolDownTooShort,
    DaylightSavingForgotten,
    EscalationDropsPromise,
    LaneStaysShut,
    LateObjectionIgnored,
    LateOutcomeLost,
    LeaseEndsEarly,
    LeaseReturnDropsPromise,
    LicenceIgnored,
    LostReplySecondLead,
    OpenElsewhereIgnored,
    PausedCampaignCalls,
    PostponedForEver,
    PromiseTooEarly,
    RegisterIgnored,
    RepeatedReportContradicts,
    SuppressionNotKept,
    TokenUnchecked,
    UndoKeepsLeads,
    ZoneOfCampaign,
}

impl Fault {
    /// Every fault, by name.
    pub const ALL: [Self; 25] = [
        Self::AnyPriceAnswers,
        Self::CapCountsAttempts,
        Self::CapOffByOne,
        Self::ConsentNeverEnds,
        Self::CoolDownForgotten,
        Self::CoolDownTooShort,
        Self::DaylightSavingForgotten,
        Self::EscalationDropsPromise,
        Self::LaneStaysShut,
        Self::LateObjectionIgnored,
        Self::LateOutcomeLost,
        Self::LeaseEndsEarly,
        Self::LeaseReturnDropsPromise,
        Self::LicenceIgnored,
        Self::LostReplySecondLead,
        Self::OpenElsewhereIgnored,
        Self::PausedCampaignCalls,
        Self::PostponedForEver,
        Self::PromiseTooEarly,
        Self::RegisterIgnored,
        Self::RepeatedReportContradicts,
        Self::SuppressionNotKept,
        Self::TokenUnchecked,
        Self::UndoKeepsLeads,
        Self::ZoneOfCampaign,
    ];

    /// What is wrong where the fault is on.
    #[must_use]
    pub fn in_words(self) -> &'static str {
        match self {
            Self::AnyPriceAnswers => "a tariff answers a refusal over the price whatever it costs",
            Self::CapCountsAttempts => "caps count attempts: a lease that ran out without a word is no try",
            Self::CapOffByOne => "a cap lets one try more through",
            Self::ConsentNeverEnds => "a consent never ends",
            Self::CoolDownForgotten => "a hand-out does not look at the last refusal",
            Self::CoolDownTooShort => "the day of a refusal counts as a full day of its pause",
            Self::DaylightSavingForgotten => "a zone has the offset of its winter all year",
            Self::EscalationDropsPromise => {
                "a personal promise that waits too long is dropped rather than given to anybody"
            }
            Self::LaneStaysShut => "what was decided of a lane is kept for ever",
            Self::LateObjectionIgnored => "an objection that comes late is kept for review only",
            Self::LateOutcomeLost => "a late outcome is answered, but not kept",
            Self::LeaseEndsEarly => "leases are taken back ten minutes before they end",
            Self::LeaseReturnDropsPromise => "a lead whose lease ran out no longer waits for its promise",
            Self::LicenceIgnored => "the last day of a licence is not looked at",
            Self::LostReplySecondLead => "an operator who asks again gets another lead",
            Self::OpenElsewhereIgnored => "a person who is with an operator is handed out all the same",
            Self::PausedCampaignCalls => "a desk hands out by the campaigns as it once knew them",
            Self::PostponedForEver => "a lead that has to wait waits for ever",
            Self::PromiseTooEarly => "promises are due six hours early",
            Self::RegisterIgnored => "a hand-out does not ask the registers",
            Self::RepeatedReportContradicts => "a report that is sent again is taken for another one",
            Self::SuppressionNotKept => "a suppression closes leads, and is not kept for those to come",
            Self::TokenUnchecked => "an outcome is taken whatever token is shown",
            Self::UndoKeepsLeads => "a list that is taken back keeps its leads",
            Self::ZoneOfCampaign => "a person's time is the campaign's",
        }
    }
}

#[cfg(feature = "faults")]
thread_local! {
    static ON: std::cell::Cell<Option<Fault>> = const { std::cell::Cell::new(None) };
}

/// Switches a fault on for this thread, or all of them off.
#[cfg(feature = "faults")]
pub fn switch(fault: Option<Fault>) {
    ON.with(|on| on.set(fault));
}

/// Whether a fault is on. Never, unless the feature `faults` is.
#[cfg(feature = "faults")]
#[must_use]
pub fn is_on(fault: Fault) -> bool {
    ON.with(std::cell::Cell::get) == Some(fault)
}

/// Whether a fault is on. Never, unless the feature `faults` is.
#[cfg(not(feature = "faults"))]
#[must_use]
pub const fn is_on(_: Fault) -> bool {
    false
}

/// The value, or nothing of it where the fault is on.
#[must_use]
pub fn forgets<T: Default>(fault: Fault, value: T) -> T {
    if is_on(fault) { T::default() } else { value }
}
