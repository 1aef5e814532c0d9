//! Suppressions by campaign and by register: what a register's newer file adds, keeps and lifts.

use jiff::civil::Date;
use relance_domain::E164;
use relance_domain::lead::{ClosedReason, LeadState};
use relance_store::claim::Claimed;
use relance_store::outcome::NewSuppression;
use relance_store::question::About;
use relance_store::register::{NewRegister, OpenRegister, Register};
use relance_store::{Result, StoreError};

use crate::World;
use crate::builders::{SELLER, definition, phone, provenance, row};
use crate::world::person;

const SUPPRESSIONS: &str = "SELECT COUNT(*) FROM suppression";

fn day(text: &str) -> Date {
    text.parse().expect("a day")
}

fn bloctel(as_of: &str) -> NewRegister {
    NewRegister { register: "bloctel".into(), seller: None, campaign: None, as_of: day(as_of) }
}

fn phones(people: &[u32]) -> Vec<E164> {
    people.iter().map(|person| phone(*person)).collect()
}

async fn add(world: &World, open: OpenRegister, people: &[u32]) -> Result<()> {
    world.store.add_to_register(open, &phones(people), None, world.now()).await
}

/// Loads a whole file and sweeps what it replaced.
async fn load(world: &World, new: &NewRegister, people: &[u32]) -> Result<Register> {
    let open = world.store.begin_register(new).await?;
    for some in people.chunks(2) {
        add(world, open, some).await?;
    }
    let register = world.store.commit_register(open, new.as_of, world.now()).await?;
    while !world.store.sweep_registers(1).await? {}
    Ok(register)
}

/// A register's file with one number: what stands against a person without taking back what an operator has open.
pub(super) async fn stands_in_register(world: &World, who: u32) {
    stand_in_register(world, &[who]).await;
}

/// The same with several numbers.
pub(super) async fn stand_in_register(world: &World, people: &[u32]) {
    load(world, &bloctel("2026-11-01"), people).await.expect("loaded");
}

/// Whom a load into the campaign would leave out.
async fn left_out(world: &World, campaign: &relance_store::campaign::Campaign, people: &[u32]) -> i64 {
    let rows: Vec<_> = people.iter().map(|person| row(*person)).collect();
    let policy = relance_domain::client::UpdatePolicy::Keep;
    world.store.check_rows(campaign.id, policy, &rows, &Default::default()).await.expect("counted").counts.suppressed
}

/// Whoever stands in a register makes no lead, and is not handed out where they were a lead before.
pub async fn a_register_suppresses_at_load_and_hand_out(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=3).await;
    world.clock.advance(relance_domain::Span::minutes(1));
    let register = load(world, &bloctel("2026-11-01"), &[2, 4]).await.expect("loaded");
    assert_eq!((register.register.as_str(), register.numbers, register.as_of), ("bloctel", 2, day("2026-11-01")));
    let counts = world.load_rows(&campaign, provenance("more"), &[row(4), row(5)]).await.expect("loaded").counts;
    assert_eq!((counts.suppressed, counts.new_leads), (1, 1));
    assert_eq!(world.state_of(2).await, LeadState::Ready, "no lead is closed one by one");
    let mut people = world.work_off(&marie).await;
    people.sort_unstable();
    assert_eq!(people, [3, 5]);
    assert_eq!(world.state_of(2).await, LeadState::Closed(ClosedReason::Suppressed));
    assert_eq!(world.store.registers().await.expect("told"), [register]);
}

/// A newer file keeps who still stands in it and lifts who does not; suppressions of other kinds stay.
pub async fn a_newer_file_keeps_and_lifts(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    load(world, &bloctel("2026-11-01"), &[2, 3, 4]).await.expect("loaded");
    let own = NewSuppression { phone: phone(4), seller: None, campaign: None, reason: "asked".into(), by: None };
    world.store.suppress(&own, world.now()).await.expect("suppressed");
    let register = load(world, &bloctel("2026-12-01"), &[3, 5]).await.expect("loaded");
    assert_eq!((register.numbers, register.as_of), (2, day("2026-12-01")));
    assert_eq!(left_out(world, &campaign, &[2]).await, 0);
    assert_eq!(left_out(world, &campaign, &[3, 4, 5]).await, 3);
    assert_eq!(world.number(SUPPRESSIONS).await, 3);
    let again = load(world, &bloctel("2026-12-01"), &[3, 5]).await.expect("the same day may be loaded again");
    assert_eq!((again.numbers, world.number(SUPPRESSIONS).await), (2, 3));
}

/// A file that is only half there adds its numbers and lifts none. The next one does away with what it left.
pub async fn a_half_loaded_file_lifts_nobody(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    load(world, &bloctel("2026-11-01"), &[2, 3]).await.expect("loaded");
    let half = world.store.begin_register(&bloctel("2026-12-01")).await.expect("open");
    add(world, half, &[3, 4]).await.expect("added");
    assert!(world.store.sweep_registers(100).await.expect("swept"), "one that is being written is not swept");
    assert_eq!(left_out(world, &campaign, &[2, 3, 4]).await, 3);
    let registers = world.store.registers().await.expect("told");
    assert_eq!((registers.len(), registers[0].as_of, registers[0].numbers), (1, day("2026-11-01"), 2));
    let register = load(world, &bloctel("2026-12-02"), &[3]).await.expect("loaded");
    assert_eq!((register.numbers, world.number(SUPPRESSIONS).await), (1, 1));
    for late in [add(world, half, &[6]).await, commit(world, half).await] {
        assert!(matches!(late, Err(StoreError::Conflict(_))), "whoever was overtaken is told: {late:?}");
    }
    assert_eq!(left_out(world, &campaign, &[2, 3, 4, 6]).await, 1);
}

async fn commit(world: &World, open: OpenRegister) -> Result<()> {
    world.store.commit_register(open, day("2026-12-01"), world.now()).await.map(|_| ())
}

/// A file that is given up leaves nothing; one that was committed cannot be given up.
pub async fn a_file_that_is_given_up_leaves_nothing(world: &World) {
    let open = world.store.begin_register(&bloctel("2026-11-01")).await.expect("open");
    add(world, open, &[2, 3, 4]).await.expect("added");
    world.store.abandon_register(open).await.expect("given up");
    assert!(!world.store.sweep_registers(2).await.expect("a step"), "one step is not all");
    assert!(world.store.sweep_registers(2).await.expect("a step"));
    assert_eq!((world.number(SUPPRESSIONS).await, world.store.registers().await.expect("told").len()), (0, 0));
    let open = world.store.begin_register(&bloctel("2026-11-01")).await.expect("open");
    add(world, open, &[2]).await.expect("added");
    commit(world, open).await.expect("committed");
    world.store.abandon_register(open).await.expect("nothing to give up");
    assert!(world.store.sweep_registers(2).await.expect("swept"));
    assert_eq!(world.number(SUPPRESSIONS).await, 1);
}

/// An older file, and one without numbers, would lift suppressions: both are refused and change nothing.
pub async fn an_older_or_empty_file_is_refused(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    load(world, &bloctel("2026-11-02"), &[2]).await.expect("loaded");
    let older = world.store.begin_register(&bloctel("2026-11-01")).await;
    assert!(matches!(&older, Err(StoreError::Conflict(why)) if why.contains("as of 2026-11-02")), "{older:?}");
    let empty = load(world, &bloctel("2026-11-03"), &[]).await;
    assert!(matches!(&empty, Err(StoreError::Conflict(why)) if why.contains("no number")), "{empty:?}");
    assert_eq!(world.store.registers().await.expect("told")[0].as_of, day("2026-11-02"));
    assert_eq!(left_out(world, &campaign, &[2]).await, 1);
}

/// The same register kept for a seller or a campaign is one of its own.
pub async fn a_register_holds_for_whom_it_is_kept(world: &World) {
    let ours = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    let mut other = definition("cable");
    other.seller = "Another Seller".into();
    let theirs = world.running(&other).await;
    let of_seller = NewRegister { seller: Some(SELLER.into()), ..bloctel("2026-11-02") };
    let of_campaign = NewRegister { campaign: Some(loan.id), ..bloctel("2026-11-01") };
    load(world, &of_seller, &[2]).await.expect("loaded");
    load(world, &of_campaign, &[3]).await.expect("an older file of another is no older file of this");
    for (campaign, expected) in [(&ours, [1, 0]), (&loan, [1, 1]), (&theirs, [0, 0])] {
        let found = [left_out(world, campaign, &[2]).await, left_out(world, campaign, &[3]).await];
        assert_eq!(found, expected, "{}", campaign.campaign);
    }
    let registers = world.store.registers().await.expect("told");
    let scopes: Vec<_> = registers.iter().map(|r| (r.seller.as_deref(), r.campaign.as_deref())).collect();
    assert_eq!(scopes, [(Some(SELLER), None), (None, Some("loan"))]);
}

/// A suppression in one campaign closes that campaign's lead and leaves the others alone.
pub async fn a_suppression_may_hold_for_one_campaign(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    world.load(&fibre, 2..=2).await;
    world.load(&loan, 2..=2).await;
    let suppression = NewSuppression {
        phone: phone(2),
        seller: None,
        campaign: Some(fibre.id),
        reason: "not for fibre".into(),
        by: Some(marie.id),
    };
    assert_eq!(world.store.suppress(&suppression, world.now()).await.expect("suppressed"), 1);
    let states: Vec<_> = world.leads_of(2).await.into_iter().map(|lead| lead.state).collect();
    assert_eq!(states, [LeadState::Closed(ClosedReason::Suppressed), LeadState::Ready]);
    assert_eq!([left_out(world, &fibre, &[2]).await, left_out(world, &loan, &[2]).await], [1, 0]);
    let hand_out = world.hand_out(&marie).await;
    assert_eq!((person(&hand_out), hand_out.campaign), (2, loan.id));
    let unknown = NewSuppression { phone: phone(3), ..suppression };
    world.store.suppress(&unknown, world.now()).await.expect("suppressed");
    world.load(&loan, 3..=3).await;
    assert!(matches!(world.claim(&marie).await, Claimed::Assignment(_)));
}

/// Why somebody must not be called can be asked by lead and by phone, also of a phone that nobody has.
pub async fn what_stands_against_a_person_can_be_asked(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load(&campaign, 2..=2).await;
    load(world, &bloctel("2026-11-01"), &[2, 3]).await.expect("loaded");
    let own = NewSuppression {
        phone: phone(2),
        seller: Some(SELLER.into()),
        campaign: None,
        reason: "asked by letter".into(),
        by: Some(marie.id),
    };
    world.store.suppress(&own, world.now()).await.expect("suppressed");
    let lead = world.lead_of(2).await.lead;
    for about in [About::Lead(lead), About::Phone(phone(2))] {
        let found = world.store.suppressions(&about).await.expect("told");
        assert_eq!(found.len(), 2, "{about:?}");
        assert_eq!((found[0].register.as_deref(), found[0].as_of), (Some("bloctel"), Some(day("2026-11-01"))));
        assert_eq!((found[1].reason.as_str(), found[1].by.as_deref()), ("asked by letter", Some("marie")));
        assert_eq!((found[1].since, &found[1].phone), (world.now(), &phone(2).masked()));
        assert!(found[1].holds_for(SELLER, "fibre") && !found[1].holds_for("Another Seller", "fibre"));
    }
    assert_eq!(world.store.suppressions(&About::Phone(phone(3))).await.expect("told").len(), 1);
    assert!(world.store.suppressions(&About::Phone(phone(4))).await.expect("told").is_empty());
    let open = world.store.begin_register(&bloctel("2026-12-01")).await.expect("open");
    add(world, open, &[4]).await.expect("added");
    let found = world.store.suppressions(&About::Phone(phone(4))).await.expect("told");
    assert_eq!((found[0].register.as_deref(), found[0].as_of), (Some("bloctel"), None), "not a whole file yet");
}
