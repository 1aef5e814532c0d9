//! Identifiers: one type each, so that a lead's id cannot be passed for a client's.

/// The text is not an identifier.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a number: write the one that the answers show")]
pub struct NotAnId(String);

/// Declares identifier types over the store's BIGINT keys.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                text.parse().map(Self).map_err(|_| NotAnId(text.to_owned()))
            }
        }
    )+};
}

ids! {
    /// A campaign.
    CampaignId,
    /// One load of a file.
    ListId,
    /// A person in the client base.
    ClientId,
    /// One client in one campaign.
    LeadId,
    /// The leads of a campaign that open and close together.
    LaneId,
    /// Somebody who signs in.
    UserId,
    /// A lead handed to an operator. Never reused, so it also fences: a later hand-out of the lead has a higher one.
    AssignmentId,
    /// One finished try to reach a client.
    AttemptId,
    /// A recorded refusal.
    RefusalId,
    /// A promise to call back.
    CallbackId,
    /// An offer.
    TariffId,
    /// A refusal put back in the queue by a tariff.
    ReopeningId,
    /// The form filled when a client accepts.
    OrderId,
    /// A message to another system.
    MessageId,
    /// A do-not-call register.
    RegisterId,
    /// An outcome that came after its assignment had ended.
    LateOutcomeId,
}
