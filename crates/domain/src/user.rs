//! People who sign in, and what each role may do.

use serde::{Deserialize, Serialize};

/// What somebody is, and thereby what they may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Calls people: receives leads and records outcomes.
    Operator,
    /// Runs campaigns: definitions, lists, tariffs.
    Manager,
    /// Looks after operators: live state, help, corrections.
    Supervisor,
    /// Asks questions over outcomes.
    Analyst,
    /// Runs the installation: users and everything else.
    Admin,
}

/// One thing that a request needs leave for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Receive a lead and record its outcome, for oneself.
    Call,
    /// The same, on behalf of another operator.
    CallForOthers,
    /// See campaigns, tariffs, lists and queues.
    SeeCampaigns,
    /// Change campaigns, lists and tariffs.
    RunCampaigns,
    /// Verify, correct, fulfil and cancel orders.
    HandleOrders,
    /// Ask for outcomes and reports, which show no full phone number.
    Analyse,
    /// Look up one person: why they are or are not called.
    LookUpPerson,
    /// Look after operators: take a lead from one, review what came in late, say who is away.
    LookAfterOperators,
    /// Keep a lead for one operator.
    ReserveLeads,
    /// See everybody's callbacks.
    SeeCallbacks,
    /// See who works here.
    SeeUsers,
    /// Add and disable users.
    AdministerUsers,
    /// Remove everything personal of somebody, for good.
    ErasePeople,
    /// Replace the key that suppressed numbers are hashed with.
    RotateKeys,
    /// Verify that what is on record keeps the promises.
    VerifyLedger,
}

impl Role {
    /// Every role, most ordinary first.
    pub const ALL: [Self; 5] = [Self::Operator, Self::Manager, Self::Supervisor, Self::Analyst, Self::Admin];

    /// Whether the role may do this.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        use Permission as P;
        match self {
            Self::Admin => true,
            Self::Operator => matches!(permission, P::Call),
            Self::Manager => matches!(
                permission,
                P::SeeCampaigns
                    | P::RunCampaigns
                    | P::HandleOrders
                    | P::Analyse
                    | P::LookUpPerson
                    | P::ReserveLeads
                    | P::SeeCallbacks
                    | P::SeeUsers
            ),
            Self::Supervisor => matches!(
                permission,
                P::Call
                    | P::CallForOthers
                    | P::SeeCampaigns
                    | P::HandleOrders
                    | P::Analyse
                    | P::LookUpPerson
                    | P::LookAfterOperators
                    | P::ReserveLeads
                    | P::SeeCallbacks
                    | P::SeeUsers
            ),
            Self::Analyst => matches!(permission, P::SeeCampaigns | P::Analyse),
        }
    }

    /// The word stored and shown.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Manager => "manager",
            Self::Supervisor => "supervisor",
            Self::Analyst => "analyst",
            Self::Admin => "admin",
        }
    }
}

impl std::str::FromStr for Role {
    type Err = UnknownRole;

    fn from_str(text: &str) -> Result<Self, UnknownRole> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or_else(|| UnknownRole(text.to_owned()))
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text names no role.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a role: use operator, manager, supervisor, analyst or admin")]
pub struct UnknownRole(String);

/// A user's name as it is typed to sign in: 1 to 64 lower-case letters, digits, dots, hyphens and underscores.
pub fn check_user_name(name: &str) -> Result<(), BadUserName> {
    let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_');
    if (1..=64).contains(&name.len()) && name.bytes().all(allowed) { Ok(()) } else { Err(BadUserName) }
}

/// The text cannot be a user's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a user name has 1 to 64 lower-case letters, digits, dots, hyphens or underscores, as in marie.dupont")]
pub struct BadUserName;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_operator_may_only_call() {
        use Permission as P;
        let all = [
            P::Call,
            P::CallForOthers,
            P::SeeCampaigns,
            P::RunCampaigns,
            P::HandleOrders,
            P::Analyse,
            P::LookUpPerson,
            P::LookAfterOperators,
            P::ReserveLeads,
            P::SeeCallbacks,
            P::SeeUsers,
            P::AdministerUsers,
            P::ErasePeople,
            P::RotateKeys,
            P::VerifyLedger,
        ];
        let allowed: Vec<_> = all.into_iter().filter(|p| Role::Operator.may(*p)).collect();
        assert_eq!(allowed, [P::Call]);
        assert!(all.into_iter().all(|p| Role::Admin.may(p)));
        assert!(!Role::Analyst.may(P::LookUpPerson) && !Role::Manager.may(P::AdministerUsers));
    }

    #[test]
    fn a_role_prints_as_it_is_read() {
        for role in Role::ALL {
            assert_eq!(role.to_string().parse(), Ok(role));
        }
        assert!("boss".parse::<Role>().is_err());
    }
}
