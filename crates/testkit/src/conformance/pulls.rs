//! Lists that a campaign pulls by itself: turns, and the client base in pages.

use relance_domain::list::Provenance;
use relance_domain::{ClientId, Span};
use relance_store::campaign::Campaign;
use relance_store::pull::{ClientOfBase, ClientsPage, NOT_ENDED, PullTurn};

use crate::builders::{SELLER, accepted, client, definition, phone, provenance, row};
use crate::{World, reports};

fn page(campaign: &Campaign, after: ClientId, limit: i64) -> ClientsPage {
    ClientsPage { campaign: campaign.id, seller: SELLER.to_owned(), after, limit, refusals: true }
}

async fn everybody(world: &World, campaign: &Campaign) -> Vec<ClientOfBase> {
    world.store.clients_page(&page(campaign, ClientId(0), 100)).await.expect("a page")
}

fn phones(people: &[ClientOfBase]) -> Vec<&str> {
    people.iter().map(|person| person.fields["phone"].as_str()).collect()
}

/// The client base is read in pages by key, each person once, and leads of the campaign are left out.
pub async fn the_client_base_is_read_in_pages(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    let third = world.running(&definition("mobile")).await;
    world.load(&other, 2..=6).await;
    world.load(&third, 4..=7).await;
    world.load(&campaign, 3..=3).await;
    let mut seen = Vec::new();
    let mut after = ClientId(0);
    loop {
        let people = world.store.clients_page(&page(&campaign, after, 2)).await.expect("a page");
        let Some(last) = people.last() else { break };
        assert!(people.len() <= 2 && last.id > after);
        after = last.id;
        seen.extend(people);
    }
    let expected: Vec<_> = [2, 4, 5, 6, 7].map(phone).to_vec();
    assert_eq!(phones(&seen), expected.iter().map(|phone| phone.reveal()).collect::<Vec<_>>());
    assert_eq!(seen.iter().map(|person| person.leads.len()).collect::<Vec<_>>(), [1, 2, 2, 2, 1]);
}

/// What the seller's campaigns noted of a person comes with them, oldest first, and what the person refused.
pub async fn people_come_with_facts_and_refusals(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    let third = world.running(&definition("mobile")).await;
    let with = |status: &str, agreed: Option<bool>| {
        let mut someone = client(2);
        someone.facts.insert("status".into(), status.to_owned());
        someone.consent.given = agreed;
        someone.city = Some("Paris".into());
        [accepted(2, someone)]
    };
    world.load_rows(&other, provenance("one"), &with("active", Some(true))).await.expect("loaded");
    let refused_at = world.now();
    world.call(&marie, &reports::refused_over("30")).await;
    world.clock.advance(Span::days(1));
    world.load_rows(&third, provenance("two"), &with("left", None)).await.expect("loaded");
    let people = everybody(world, &campaign).await;
    assert_eq!((people.len(), people[0].leads.len(), people[0].refusals.len()), (1, 2, 1));
    assert_eq!((people[0].fields["city"].as_str(), people[0].fields["time_zone"].as_str()), ("Paris", "Europe/Paris"));
    let noted: Vec<_> = people[0].leads.iter().map(|lead| (lead.campaign, lead.facts["status"].as_str())).collect();
    assert_eq!(noted, [(other.id, "active"), (third.id, "left")]);
    assert_eq!(people[0].leads[0].consent.get("consent").map(String::as_str), Some("yes"));
    assert!(people[0].leads[1].consent.is_empty());
    let refusal = &people[0].refusals[0];
    assert_eq!((refusal.campaign.as_str(), refusal.reason.as_str(), refusal.refused_at), ("loan", "price", refused_at));
    let without = ClientsPage { refusals: false, ..page(&campaign, ClientId(0), 10) };
    assert!(world.store.clients_page(&without).await.expect("a page")[0].refusals.is_empty(), "only where asked for");
}

/// A seller's people are those whom it knows by a list without licence and that everybody sees; facts of another seller's
/// campaigns are not told.
pub async fn a_seller_knows_its_own_people_only(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let ours = world.running(&definition("loan")).await;
    let mut theirs = definition("theirs");
    theirs.seller = "Another Seller".into();
    let theirs = world.running(&theirs).await;
    let licensed = Provenance { licence_until: Some("2030-01-01".parse().expect("a day")), ..provenance("licensed") };
    world.load_rows(&ours, licensed, &[row(2)]).await.expect("loaded");
    world.load(&ours, 3..=3).await;
    world.load(&theirs, 3..=4).await;
    let load = world.opening(&ours, provenance("under way"));
    let list = world.begin(&load).await.expect("open");
    world.take(list, &load, &[row(4), row(5)]).await.expect("taken");
    let people = everybody(world, &campaign).await;
    assert_eq!((phones(&people), people[0].leads.len()), (vec![phone(3).reveal()], 1));
    world.store.commit_load(list, &load.ticket, world.now()).await.expect("committed");
    assert_eq!(everybody(world, &campaign).await.len(), 3);
}

/// A turn of a pull is taken by one node, and the next one only when it is due.
pub async fn a_turn_is_taken_once(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let due_since = || Span::minutes(60).before(world.now());
    let take = || world.store.begin_pull(campaign.id, "crm", due_since(), world.now());
    let (a, b, c) = tokio::join!(take(), take(), take());
    let taken = [a, b, c].map(|taken| taken.expect("answered"));
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
    world.clock.advance(Span::minutes(59));
    assert!(!take().await.expect("answered"));
    world.clock.advance(Span::minutes(1));
    assert!(take().await.expect("answered"));
    assert!(world.store.begin_pull(campaign.id, "other", due_since(), world.now()).await.expect("answered"));
}

/// A turn keeps what it came to; until then it says that it has not ended. A turn that another one has followed keeps nothing.
pub async fn a_turn_keeps_what_it_came_to(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    assert_eq!(world.store.pull_turns(None).await.expect("turns"), []);
    let first = world.now();
    assert!(world.store.begin_pull(campaign.id, "crm", first, first).await.expect("answered"));
    let begun = PullTurn {
        campaign: campaign.id,
        pull: "crm".into(),
        pulled_at: first,
        list: None,
        new_leads: 0,
        failure: Some(NOT_ENDED.into()),
    };
    let turns = world.store.pull_turns(Some(campaign.id)).await.expect("turns");
    assert_eq!(turns, std::slice::from_ref(&begun));
    let list = world.load(&campaign, 2..=3).await;
    let ended = PullTurn { list: Some(list.id), new_leads: 2, failure: None, ..begun.clone() };
    assert!(world.store.end_pull(&ended).await.expect("kept"));
    assert_eq!(world.store.pull_turns(None).await.expect("turns"), [ended]);
    let second = world.in_minutes(1);
    assert!(world.store.begin_pull(campaign.id, "crm", second, second).await.expect("answered"));
    assert!(!world.store.end_pull(&begun).await.expect("answered"), "a later turn was taken");
    let turns = world.store.pull_turns(None).await.expect("turns");
    assert_eq!((turns[0].pulled_at, turns[0].list, turns[0].failure.as_deref()), (second, None, Some(NOT_ENDED)));
    let other = world.running(&definition("loan")).await;
    assert_eq!(world.store.pull_turns(Some(other.id)).await.expect("turns"), []);
}
