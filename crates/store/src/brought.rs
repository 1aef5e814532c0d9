//! What a tariff brought, as the store counts it.

use relance_domain::Money;
use relance_domain::reopening::HeldOutHow;

/// Reopenings of a tariff that were refused alike: for one reason, to one operator, and held out alike. What was taken back before
/// anybody called does not count, but for what is measured: who is still there when a tariff ends is nobody's chance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReopenedAlike {
    /// The refusal's reason.
    pub reason: String,
    /// The operator who had it.
    pub operator: String,
    /// How they are held out; none of those who are not.
    pub held_out: Option<HeldOutHow>,
    /// How many.
    pub people: i64,
    /// Of those, waiting for a budget.
    pub waiting: i64,
    /// Attempts that followed.
    pub attempts: i64,
    /// Of the people, those with whom somebody spoke.
    pub reached: i64,
    /// People who are measured: whoever was put back or held out, taken back since or not.
    pub measured: i64,
    /// Of those measured, who ordered within the time that both groups are measured for, whatever call it was in.
    pub ordered: i64,
}

/// Attempts of one class that followed reopenings that were not held out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassOfAttempts {
    /// The refusal's reason.
    pub reason: String,
    /// The operator who had it.
    pub operator: String,
    /// The class.
    pub class: String,
    /// How many.
    pub attempts: i64,
}

/// Orders alike in such attempts; one that was cancelled since is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OrdersAlike {
    /// The refusal's reason.
    pub reason: String,
    /// The operator who had it.
    pub operator: String,
    /// What was agreed for a period.
    pub price: Money,
    /// What the price is per, where that is known of the version that was offered then.
    pub per: Option<String>,
    /// How many months the client committed to.
    pub commitment_months: u32,
    /// How many orders.
    pub orders: i64,
}

/// What a tariff brought.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Brought {
    /// Who was reopened and held out.
    pub reopened: Vec<ReopenedAlike>,
    /// What came of the attempts.
    pub classes: Vec<ClassOfAttempts>,
    /// The orders.
    pub orders: Vec<OrdersAlike>,
}
