//! What a tariff brought: its reopenings, what came of them, and the difference that it made.

use std::collections::BTreeMap;

use relance_domain::effect::{Effect, Group, effect};
use relance_domain::reopening::HeldOutHow;
use relance_domain::spreadsheet::harmless;
use relance_domain::{Currency, Money};
use relance_store::brought::{Brought, ClassOfAttempts, OrdersAlike, ReopenedAlike};
use relance_store::{Result, Store};
use serde::{Deserialize, Serialize};

/// What the lines of the report count.
const LINES: &str = "of the refusals that the tariff put back: how many (those taken back before anybody called do not count, those held \
     out stand apart), how many wait for a budget, attempts that followed, people with whom somebody spoke in one, attempts by class, \
     and orders in them";

/// How revenue is counted.
const REVENUE: &str = "the price of a period as it was agreed in each order, added up; and over the commitment: that price times the \
     months committed to by the version that was offered then, where the price is per month, and one period where there is no commitment; \
     fees do not count; currencies stand apart";

/// What the effect is.
const EFFECT: &str = "people who ordered, in whatever call, within the time of the hold-out after they were put back or held out: the \
     share among all who were put back, whether they were called yet, taken back since or neither, less the share among those held \
     out, in percentage points, with Newcombe's 95 % interval";

/// What a tariff brought.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct TariffReport {
    /// The tariff's short name.
    pub tariff: String,
    /// What the lines count.
    pub definition: String,
    /// All together.
    pub total: BroughtLine,
    /// By the reason of the refusal, by code.
    pub by_reason: Vec<BroughtLine>,
    /// By the operator who had the refusal, by name.
    pub by_operator: Vec<BroughtLine>,
    /// How revenue is counted.
    pub revenue_definition: String,
    /// What difference it made.
    pub effect: MeasuredEffect,
}

/// What some reopenings brought.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
pub struct BroughtLine {
    /// The reason or the operator; `all` for all of them.
    pub of: String,
    /// Refusals put back.
    pub reopened: i64,
    /// Of those, waiting for a budget.
    pub waiting: i64,
    /// Refusals held out.
    pub held_out: i64,
    /// Attempts that followed.
    pub attempts: i64,
    /// People reached.
    pub reached: i64,
    /// Attempts by class.
    pub outcomes: BTreeMap<String, i64>,
    /// Orders in those attempts that were not cancelled.
    pub orders: i64,
    /// Their revenue, one line for each currency.
    pub revenue: Vec<Revenue>,
}

/// Revenue in one currency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Revenue {
    /// Of one period.
    pub per_period: Money,
    /// Over the commitments.
    pub over_commitment: Money,
}

/// The difference between those who were put back and those held out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct MeasuredEffect {
    /// What it is.
    pub definition: String,
    /// Those who were put back.
    pub brought_back: Group,
    /// Those who were held out.
    pub held_out: Group,
    /// What became of those held out, where any are.
    pub how: Option<HeldOutHow>,
    /// What can be said.
    pub effect: Effect,
    /// In a sentence.
    pub in_words: String,
}

/// What a tariff brought so far.
pub async fn tariff_report(store: &dyn Store, tariff: &str) -> Result<TariffReport> {
    let stored = store.tariff(tariff).await?;
    let within = stored.tariff.hold_out.map(|hold_out| hold_out.lasts);
    Ok(report_of(tariff, &store.brought(stored.id, within).await?))
}

fn report_of(tariff: &str, brought: &Brought) -> TariffReport {
    let by = |key: fn(&str, &str) -> String| {
        let mut lines: BTreeMap<String, BroughtLine> = BTreeMap::new();
        for alike in brought.reopened.iter().filter(|alike| alike.people > 0) {
            let line = lines.entry(key(&alike.reason, &alike.operator)).or_default();
            line.add_reopened(alike);
        }
        for ClassOfAttempts { reason, operator, class, attempts } in &brought.classes {
            let outcomes = &mut lines.entry(key(reason, operator)).or_default().outcomes;
            *outcomes.entry(class.clone()).or_default() += attempts;
        }
        for alike in &brought.orders {
            lines.entry(key(&alike.reason, &alike.operator)).or_default().add_orders(alike);
        }
        lines.into_iter().map(|(of, line)| BroughtLine { of, ..line }).collect::<Vec<_>>()
    };
    let mut all = by(|_, _| "all".to_owned());
    TariffReport {
        tariff: tariff.to_owned(),
        definition: LINES.to_owned(),
        total: all.pop().unwrap_or_else(|| BroughtLine { of: "all".to_owned(), ..BroughtLine::default() }),
        by_reason: by(|reason, _| reason.to_owned()),
        by_operator: by(|_, operator| operator.to_owned()),
        revenue_definition: REVENUE.to_owned(),
        effect: measured(&brought.reopened),
    }
}

fn measured(reopened: &[ReopenedAlike]) -> MeasuredEffect {
    let (mut brought_back, mut held_out, mut how) = (Group::default(), Group::default(), None);
    for alike in reopened {
        how = how.or(alike.held_out);
        let group = if alike.held_out.is_some() { &mut held_out } else { &mut brought_back };
        group.people += alike.measured;
        group.ordered += alike.ordered;
    }
    let effect = effect(brought_back, held_out);
    MeasuredEffect { definition: EFFECT.to_owned(), brought_back, held_out, how, effect, in_words: effect.in_words() }
}

impl BroughtLine {
    fn add_reopened(&mut self, alike: &ReopenedAlike) {
        if alike.held_out.is_some() {
            self.held_out += alike.people;
            return;
        }
        self.reopened += alike.people;
        self.waiting += alike.waiting;
        self.attempts += alike.attempts;
        self.reached += alike.reached;
    }

    fn add_orders(&mut self, alike: &OrdersAlike) {
        self.orders += alike.orders;
        let periods = match (alike.per.as_deref(), alike.commitment_months) {
            (Some("month"), months @ 1..) => i64::from(months),
            _ => 1,
        };
        let currency = alike.price.currency;
        let per_period = alike.price.minor.saturating_mul(alike.orders);
        let known = self.revenue.iter().position(|revenue| revenue.per_period.currency == currency);
        let at = known.unwrap_or_else(|| {
            self.revenue.push(Revenue::nothing(currency));
            self.revenue.len() - 1
        });
        let revenue = &mut self.revenue[at];
        revenue.per_period.minor = revenue.per_period.minor.saturating_add(per_period);
        let over = per_period.saturating_mul(periods);
        revenue.over_commitment.minor = revenue.over_commitment.minor.saturating_add(over);
    }
}

impl Revenue {
    fn nothing(currency: Currency) -> Self {
        let nothing = Money { minor: 0, currency };
        Self { per_period: nothing, over_commitment: nothing }
    }
}

const COLUMNS: [&str; 12] = [
    "tariff",
    "by",
    "of",
    "reopened",
    "waiting",
    "held_out",
    "attempts",
    "reached",
    "orders",
    "currency",
    "revenue_per_period_minor",
    "revenue_over_commitment_minor",
];

impl TariffReport {
    /// As CSV: a row for each line and each currency of its revenue; the counts stand with the first.
    #[must_use]
    pub fn csv(&self) -> String {
        let mut csv = csv::Writer::from_writer(Vec::new());
        csv.write_record(COLUMNS).expect("memory takes every record");
        let all = std::iter::once(("all", &self.total));
        let reasons = self.by_reason.iter().map(|line| ("reason", line));
        let operators = self.by_operator.iter().map(|line| ("operator", line));
        for (by, line) in all.chain(reasons).chain(operators) {
            for row in self.rows(by, line) {
                csv.write_record(row.iter().map(|cell| harmless(cell).into_owned()))
                    .expect("every record has the header's fields");
            }
        }
        let bytes = csv.into_inner().expect("memory takes every record");
        String::from_utf8(bytes).expect("every cell is text")
    }

    fn rows(&self, by: &str, line: &BroughtLine) -> Vec<[String; 12]> {
        let counts = [line.reopened, line.waiting, line.held_out, line.attempts, line.reached, line.orders];
        let row = |first: bool, revenue: Option<&Revenue>| {
            let [reopened, waiting, held_out, attempts, reached, orders] =
                counts.map(|count| if first { count.to_string() } else { String::new() });
            let minor = |of: fn(&Revenue) -> i64| revenue.map(|revenue| of(revenue).to_string()).unwrap_or_default();
            [
                self.tariff.clone(),
                by.to_owned(),
                line.of.clone(),
                reopened,
                waiting,
                held_out,
                attempts,
                reached,
                orders,
                revenue.map(|revenue| revenue.per_period.currency.to_string()).unwrap_or_default(),
                minor(|revenue| revenue.per_period.minor),
                minor(|revenue| revenue.over_commitment.minor),
            ]
        };
        if line.revenue.is_empty() {
            return vec![row(true, None)];
        }
        line.revenue.iter().enumerate().map(|(at, revenue)| row(at == 0, Some(revenue))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn money(minor: i64, currency: &str) -> Money {
        Money { minor, currency: currency.parse().expect("a currency") }
    }

    fn reopened(
        reason: &str,
        operator: &str,
        held_out: Option<HeldOutHow>,
        people: i64,
        ordered: i64,
    ) -> ReopenedAlike {
        let (reason, operator) = (reason.to_owned(), operator.to_owned());
        ReopenedAlike {
            reason,
            operator,
            held_out,
            people,
            waiting: 1,
            attempts: people,
            reached: ordered,
            measured: people,
            ordered,
        }
    }

    fn orders(reason: &str, price: Money, per: &str, commitment_months: u32, orders: i64) -> OrdersAlike {
        let (reason, operator, per) = (reason.to_owned(), "marie".to_owned(), Some(per.to_owned()));
        OrdersAlike { reason, operator, price, per, commitment_months, orders }
    }

    fn brought() -> Brought {
        Brought {
            reopened: vec![
                reopened("price", "marie", None, 100, 30),
                reopened("price", "marie", Some(HeldOutHow::Uncalled), 50, 2),
                reopened("speed", "=olga", None, 10, 0),
            ],
            classes: Vec::new(),
            orders: vec![
                orders("price", money(2_499, "EUR"), "month", 12, 2),
                orders("price", money(1_000, "EUR"), "month", 0, 1),
                orders("price", money(30_000, "USD"), "year", 12, 1),
            ],
        }
    }

    #[test]
    fn revenue_stands_apart_by_currency_and_counts_months_only_for_months() {
        let report = report_of("fibre-25", &brought());
        let total = &report.total;
        assert_eq!((total.reopened, total.held_out, total.orders, total.waiting), (110, 50, 4, 2));
        let euros = Revenue { per_period: money(5_998, "EUR"), over_commitment: money(4_998 * 12 + 1_000, "EUR") };
        let dollars = Revenue { per_period: money(30_000, "USD"), over_commitment: money(30_000, "USD") };
        assert_eq!(total.revenue, [euros, dollars]);
        let sum: i64 = report.by_reason.iter().map(|line| line.reopened).sum();
        assert_eq!((sum, report.by_operator.len()), (110, 2));
    }

    #[test]
    fn the_effect_is_that_of_the_groups() {
        let effect = report_of("fibre-25", &brought()).effect;
        assert_eq!(
            (effect.brought_back, effect.held_out),
            (Group { people: 110, ordered: 30 }, Group { people: 50, ordered: 2 })
        );
        assert!(matches!(effect.effect, Effect::Differs(_)), "{}", effect.in_words);
        assert_eq!(report_of("fibre-25", &Brought::default()).effect.effect, Effect::NotMeasured);
    }

    #[test]
    fn csv_has_a_row_for_each_currency_and_harms_no_spreadsheet() {
        let csv = report_of("fibre-25", &brought()).csv();
        let rows: Vec<&str> = csv.lines().collect();
        assert_eq!(rows[1], "fibre-25,all,all,110,2,50,110,30,4,EUR,5998,60976");
        assert_eq!(rows[2], "fibre-25,all,all,,,,,,,USD,30000,30000");
        assert!(rows.iter().any(|row| row.contains("'=olga")), "{csv}");
        assert_eq!(rows.len(), 1 + 2 + 2 + 1 + 2 + 1);
    }
}
