//! Where people are, found anew when something that decides it has changed: their address, or the calling rules.

use relance_domain::rules::{Place, RuleSet, Whereabouts};
use relance_store::rule_set::{Came, PlacingStep, ToPlace, Unplaced};

use super::ROWS_MAX;
use crate::{Engine, Result};

/// One bounded round; tells how many people are elsewhere now, and never nothing while there is more to look at.
pub(super) async fn run_once(engine: &Engine) -> Result<u64> {
    let rules = engine.rules().as_ref();
    let mut elsewhere = 0;
    if let Some(from) = engine.store.use_rules(rules, engine.now()).await? {
        let people = engine.store.people_to_place(ToPlace::After(from), ROWS_MAX).await?;
        let is_last = i64::try_from(people.len()).is_ok_and(|count| count < ROWS_MAX);
        let to = people.last().map_or(from, |person| person.client);
        elsewhere += step(engine, rules, &people, Some(Came { from, to, is_last })).await?;
        elsewhere += u64::from(!is_last);
    }
    let forgotten = engine.store.people_to_place(ToPlace::Unplaced, ROWS_MAX).await?;
    if !forgotten.is_empty() {
        elsewhere += step(engine, rules, &forgotten, None).await?;
    }
    Ok(elsewhere)
}

async fn step(engine: &Engine, rules: &RuleSet, people: &[Unplaced], came: Option<Came>) -> Result<u64> {
    let placed = people.iter().map(|person| (person, place_of(rules, person))).collect();
    Ok(engine.store.place_people(&PlacingStep { rules, placed, came }, engine.now()).await?)
}

/// Somebody who was erased is nowhere.
fn place_of(rules: &RuleSet, person: &Unplaced) -> Place {
    person.number.as_ref().map_or_else(Place::default, |number| {
        rules.place(&Whereabouts {
            number: number.reveal(),
            country: &person.country,
            region: person.region.as_deref(),
        })
    })
}
