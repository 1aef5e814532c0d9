//! Who receives which lead besides the order of the queue: languages, skills, leads that are kept for somebody, new leads by the
//! hour, and a campaign's own order. And which of a person's numbers is dialled.

use relance_domain::abilities::Abilities;
use relance_domain::definition::{Definition, Retry};
use relance_domain::list::{ListedPhone, Row};
use relance_domain::outcome::OutcomeReport;
use relance_domain::queue::{QueueClass, QueueOrder};
use relance_domain::{LeadId, Span};
use relance_scheduler::NextAnswer;
use relance_store::StoreError;
use relance_store::claim::Claimed;
use relance_store::user::User;

use crate::builders::{accepted, client, definition, phone, provenance, row};
use crate::world::person;
use crate::{World, reports};

fn able(skills: &[&str], languages: &[&str]) -> Abilities {
    let words = |words: &[&str]| Some(words.iter().map(|word| (*word).to_owned()).collect());
    Abilities { skills: words(skills), languages: words(languages) }
}

fn who_speaks(n: u32, language: &str) -> Row {
    let mut person = client(n);
    person.language = Some(language.to_owned());
    accepted(u64::from(n), person)
}

fn needing(campaign: &str, skills: &[&str]) -> Definition {
    let mut definition = definition(campaign);
    definition.skills = skills.iter().map(|skill| (*skill).to_owned()).collect();
    definition
}

/// A lead in a language goes to those who speak it, or who work in a campaign of that language; one in none goes to anybody.
pub async fn a_lead_in_a_language_goes_to_those_who_speak_it(world: &World) {
    let (marie, hans) = (world.operator("marie").await, world.operator_who("hans", able(&[], &["de", "en"])).await);
    let campaign = world.running(&definition("fibre")).await;
    let rows = [who_speaks(2, "de"), who_speaks(3, "fr"), row(4)];
    world.load_rows(&campaign, provenance("mixed"), &rows).await.expect("loaded");
    assert_eq!(person(&world.call(&marie, &reports::not_interested()).await), 4);
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(person(&world.call(&hans, &reports::not_interested()).await), 2);
    assert_eq!(world.claim(&hans).await, Claimed::Nobody, "nobody speaks French but in a French campaign");
    let mut french = definition("fibre");
    french.language = Some("fr".to_owned());
    world.store.apply_campaign(&french, None, world.now()).await.expect("applied");
    assert_eq!(person(&world.hand_out(&marie).await), 3);
}

/// A campaign's leads go to those who have all the skills that it asks for; what is said anew counts from the next lead on.
pub async fn a_campaign_asks_for_skills(world: &World) {
    let marie = world.operator_who("marie", able(&["loans"], &[])).await;
    assert_eq!((marie.skills.clone(), marie.languages.clone()), (vec!["loans".to_owned()], Vec::<String>::new()));
    let campaign = world.running(&needing("loan", &["loans", "cards"])).await;
    world.load(&campaign, 2..=3).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    let now_able = world.store.set_abilities("marie", &able(&["cards", "loans"], &["fr"])).await.expect("changed");
    assert_eq!((now_able.skills.len(), now_able.languages), (2, vec!["fr".to_owned()]));
    world.call(&marie, &reports::plain("no_answer")).await;
    let less = Abilities { skills: Some(Vec::new()), languages: None };
    let unable = world.store.set_abilities("marie", &less).await.expect("changed");
    assert_eq!((unable.skills, unable.languages), (Vec::<String>::new(), vec!["fr".to_owned()]), "unsaid stays");
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert!(matches!(world.store.set_abilities("nobody", &less).await, Err(StoreError::NotFound { .. })));
}

/// A promise that anybody may keep goes to those who can: who speak the language and have the skills. Whoever gave it keeps it.
pub async fn a_promise_goes_to_those_who_can_keep_it(world: &World) {
    let (marie, hans) = (world.operator("marie").await, world.operator_who("hans", able(&["loans"], &["de"])).await);
    let campaign = world.running(&needing("loan", &["loans"])).await;
    let rows = [who_speaks(2, "de"), who_speaks(3, "de"), row(4)];
    world.load_rows(&campaign, provenance("mixed"), &rows).await.expect("loaded");
    for report in [reports::call_later, reports::call_later_myself, reports::call_later] {
        world.call(&hans, &report(world.in_minutes(60))).await;
    }
    world.pass_minutes(60).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody, "marie sells no loans");
    world.store.set_abilities("marie", &able(&["loans"], &[])).await.expect("changed");
    assert_eq!(
        person(&world.call(&marie, &reports::not_interested()).await),
        4,
        "the only one who need not be spoken to in German"
    );
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    world.store.set_abilities("hans", &able(&[], &[])).await.expect("changed");
    assert_eq!(person(&world.call(&hans, &reports::not_interested()).await), 3, "his own promise");
    world.store.set_abilities("marie", &able(&["loans"], &["de"])).await.expect("changed");
    assert_eq!(person(&world.hand_out(&marie).await), 2);
}

/// A lead that is kept for an operator goes to nobody else, new, retried or promised, until it is anybody's again.
pub async fn a_lead_is_kept_for_one_operator(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    let lead = world.lead_of(2).await.lead;
    world.store.reserve_lead(lead, Some(paul.id)).await.expect("kept");
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(world.call(&paul, &reports::plain("busy")).await.lead, lead);
    world.pass_minutes(10).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    world.call(&paul, &reports::call_later(world.in_minutes(10))).await;
    world.pass_minutes(10).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    world.store.reserve_lead(lead, None).await.expect("anybody's");
    assert_eq!(world.call(&marie, &reports::not_interested()).await.lead, lead);
    let closed = world.store.reserve_lead(lead, Some(paul.id)).await;
    assert!(matches!(closed, Err(StoreError::Conflict(_))), "{closed:?}");
    let unknown = world.store.reserve_lead(LeadId(999), None).await;
    assert!(matches!(unknown, Err(StoreError::NotFound { .. })), "{unknown:?}");
}

/// What was kept for somebody who is locked out is anybody's, in every state.
pub async fn what_was_kept_for_a_disabled_user_is_anybodys(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    for number in [2, 3] {
        world.store.reserve_lead(world.lead_of(number).await.lead, Some(paul.id)).await.expect("kept");
    }
    world.call(&paul, &reports::not_interested()).await;
    world.store.disable_user("paul", world.now()).await.expect("disabled");
    assert_eq!(person(&world.hand_out(&marie).await), 3);
    assert_eq!(world.number("SELECT COUNT(*) FROM lead WHERE reserved_for IS NOT NULL").await, 0);
}

/// An operator has so many new leads in any hour and no more; leads that were tried before still come, and so does everybody else's.
pub async fn new_leads_are_limited_per_operator_and_hour(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let mut few = definition("fibre");
    few.queue.fresh_per_hour = Some(2);
    let campaign = world.running(&few).await;
    world.load(&campaign, 2..=6).await;
    assert_eq!(person(&world.call(&marie, &reports::plain("busy")).await), 2);
    world.pass_minutes(5).await;
    assert_eq!(person(&world.call(&marie, &reports::not_interested()).await), 3);
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    assert_eq!(person(&world.call(&paul, &reports::not_interested()).await), 4);
    world.pass_minutes(5).await;
    assert_eq!(person(&world.call(&marie, &reports::not_interested()).await), 2, "tried before");
    world.pass_minutes(49).await;
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    world.pass_minutes(1).await;
    assert_eq!(person(&world.call(&marie, &reports::not_interested()).await), 5, "an hour after the first");
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    world.pass_minutes(5).await;
    assert_eq!(person(&world.hand_out(&marie).await), 6);
}

/// A campaign may say which class of its queue goes first.
pub async fn a_campaign_has_its_own_order_of_the_queue(world: &World) {
    use QueueClass as Q;
    let marie = world.operator("marie").await;
    let mut own = definition("fibre");
    let order = vec![Q::PersonalCallback, Q::Retry, Q::Fresh, Q::Reopened, Q::AnyCallback];
    own.queue.order = QueueOrder::try_from(order).expect("an order");
    let campaign = world.running(&own).await;
    world.load(&campaign, 2..=5).await;
    assert_eq!(person(&world.call(&marie, &reports::call_later(world.in_minutes(10))).await), 2);
    assert_eq!(person(&world.call(&marie, &reports::plain("busy")).await), 3);
    world.pass_minutes(10).await;
    assert_eq!(world.work_off(&marie).await, [3, 4, 5, 2]);
}

/// Loads person 2, who has three numbers: those of 2, 12 and 22.
async fn with_three_numbers(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let mut many = client(2);
    for number in [12, 22] {
        many.phones.add(ListedPhone { number: phone(number), extension: None });
    }
    world.load_rows(&campaign, provenance("many numbers"), &[accepted(2, many)]).await.expect("loaded");
}

/// Calls person 2 and reports, then lets the time go by; tells which number was dialled.
async fn dialled(world: &World, operator: &User, report: &OutcomeReport, minutes: i64) -> u32 {
    let hand_out = world.call(operator, report).await;
    world.pass_minutes(minutes).await;
    person(&hand_out)
}

/// A number at which nobody answers gives way to the next, a wrong one for good.
pub async fn a_wrong_or_silent_number_gives_way_to_the_next(world: &World) {
    let marie = world.operator("marie").await;
    with_three_numbers(world).await;
    assert_eq!(dialled(world, &marie, &reports::plain("no_answer"), 120).await, 2);
    assert_eq!(dialled(world, &marie, &reports::plain("wrong_number"), 120).await, 12);
    assert_eq!(dialled(world, &marie, &reports::plain("no_answer"), 120).await, 22);
    assert_eq!(dialled(world, &marie, &reports::plain("busy"), 10).await, 2, "the wrong one is not dialled again");
    assert_eq!(dialled(world, &marie, &reports::plain("wrong_number"), 0).await, 22);
    assert_eq!(dialled(world, &marie, &reports::plain("wrong_number"), 0).await, 2);
    assert_eq!(world.claim(&marie).await, Claimed::Nobody, "every number is somebody else's");
}

/// A promise is kept on the number on which it was given.
pub async fn a_promise_is_kept_on_its_number(world: &World) {
    let marie = world.operator("marie").await;
    with_three_numbers(world).await;
    assert_eq!(dialled(world, &marie, &reports::plain("no_answer"), 120).await, 2);
    assert_eq!(dialled(world, &marie, &reports::call_later(world.in_minutes(60)), 60).await, 12);
    assert_eq!(dialled(world, &marie, &reports::call_later(world.in_minutes(60)), 60).await, 12);
    assert_eq!(dialled(world, &marie, &reports::plain("no_answer"), 120).await, 12);
    assert_eq!(dialled(world, &marie, &reports::plain("no_answer"), 0).await, 22, "the one that was dialled least");
}

/// Who was not reached is tried again at another part of the day, where the campaign asks for it.
pub async fn a_retry_comes_at_another_part_of_the_day(world: &World) {
    let marie = world.operator("marie").await;
    let mut patient = definition("fibre");
    for disposition in patient.dispositions.iter_mut().filter(|disposition| disposition.code == "no_answer") {
        disposition.retry = Some(Retry { after: Span::minutes(30), max: 5, other_time: true });
    }
    let campaign = world.running(&patient).await;
    world.load(&campaign, 2..=2).await;
    for local in ["2026-11-24T11:00", "2026-11-24T12:00", "2026-11-24T17:00"] {
        let paris = crate::builders::zone("Europe/Paris").rules().expect("a zone");
        assert_eq!(paris.to_datetime(world.now()).to_string(), format!("{local}:00"));
        let NextAnswer::Lead(lead) = world.engine.next_lead(marie.id, None).await.expect("an answer") else {
            panic!("nobody at {local}");
        };
        let report = reports::plain("no_answer");
        world.engine.record_outcome(marie.id, lead.assignment, &lead.token, &report).await.expect("recorded");
        let relance_domain::lead::LeadState::Scheduled { due_at, .. } = world.state_of(2).await else {
            panic!("retried")
        };
        world.clock.set(due_at);
        world.pass_minutes(0).await;
    }
}
