//! Loading lists and taking them back.

use relance_domain::list::{ListedConsent, ListedPhone, Phones, Row};
use relance_domain::{E164, ListId};
use relance_store::StoreError;
use relance_store::campaign::Campaign;
use relance_store::list::{ListState, LoadCounts, NewLoad, Undo};
use relance_store::outcome::NewSuppression;

use crate::builders::{accepted, client, definition, phone, provenance, purchased, rejected, repeated, row};
use crate::{World, reports};

async fn suppress(world: &World, phone: E164) {
    let suppression =
        NewSuppression { phone, seller: None, campaign: None, reason: "asked by letter".into(), by: None };
    world.store.suppress(&suppression, world.now()).await.expect("suppressed");
}

/// A file in which every kind of row occurs, for a campaign that has person 2 and a client base that has person 3.
pub(super) async fn every_kind_of_row(world: &World) -> (Campaign, Vec<Row>) {
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    world.load(&campaign, 2..=2).await;
    world.load(&other, 3..=3).await;
    suppress(world, phone(4)).await;
    let rows = vec![row(2), row(3), row(4), row(5), row(6), repeated(7, 5), rejected(8, &["12", "Person 8"])];
    (campaign, rows)
}

pub(super) const EVERY_KIND: LoadCounts = LoadCounts {
    rows_read: 7,
    new_leads: 3,
    new_clients: 2,
    known_clients: 1,
    duplicates_in_file: 1,
    duplicates_in_campaign: 1,
    suppressed: 1,
    rejected: 1,
};

/// Every row is accounted for exactly once, and those that made no lead are kept with why.
pub async fn the_counts_add_up(world: &World) {
    let (campaign, rows) = every_kind_of_row(world).await;
    let list = world.load_rows(&campaign, provenance("every kind"), &rows).await.expect("loaded");
    assert_eq!(list.counts, EVERY_KIND);
    assert!(list.counts.adds_up());
    let left_out = world.store.left_out_rows(list.id, 0, 10).await.expect("rows");
    let verdicts: Vec<_> = left_out.iter().map(|row| (row.line, row.verdict.as_str())).collect();
    assert_eq!(verdicts, [(2, "duplicate_in_campaign"), (4, "suppressed"), (7, "duplicate_in_file"), (8, "rejected")]);
    let reject = &left_out[3];
    assert_eq!((reject.code.as_deref(), reject.column.as_deref()), (Some("phone_invalid"), Some("phone")));
    assert_eq!(reject.raw, Some(vec!["12".to_owned(), "Person 8".to_owned()]));
    let after_four = world.store.left_out_rows(list.id, 4, 1).await.expect("rows");
    assert_eq!(after_four.iter().map(|row| row.line).collect::<Vec<_>>(), [7], "pages go by line");
}

/// A person who must not be called makes no lead: whom one seller must not call another may.
pub async fn a_suppression_counts_for_its_seller_only(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let mut theirs = definition("loan");
    theirs.seller = "Another Seller".into();
    let theirs = world.running(&theirs).await;
    let suppression = NewSuppression {
        phone: phone(2),
        seller: Some("Another Seller".into()),
        campaign: None,
        reason: "asked".into(),
        by: None,
    };
    world.store.suppress(&suppression, world.now()).await.expect("suppressed");
    assert_eq!(world.load(&campaign, 2..=2).await.counts.new_leads, 1);
    let counts = world.load_rows(&theirs, provenance("theirs"), &[row(2)]).await.expect("loaded").counts;
    assert_eq!((counts.new_leads, counts.suppressed), (0, 1));
}

/// The very same file is loaded once per campaign, until it is taken back.
pub async fn the_same_file_is_loaded_once(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    let first = world.load(&campaign, 2..=3).await;
    let again = world.load_rows(&campaign, provenance("people 2..=3"), &[row(2), row(3)]).await;
    assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    assert_eq!(world.load(&other, 2..=3).await.counts.new_leads, 2, "another campaign may load it");
    world.store.undo_list(first.id, world.now()).await.expect("undone");
    assert_eq!(world.load(&campaign, 2..=3).await.counts.new_leads, 2);
}

/// What is loaded comes out as it went in, whatever its characters.
pub async fn every_field_survives(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let nasty = "tab\there, newline\nthere, return\r, back\\slash, \\N, \"quotes\", 'single', ünïcödé 🙂, {json}, %s";
    let mut person = client(2);
    person.reference = Some(nasty.into());
    person.first_name = Some("Zoë".into());
    person.last_name = Some("O'Neill".into());
    person.street = Some("\\.".into());
    person.city = Some("  spaces  ".into());
    person.region = Some(String::new());
    person.facts = [("present_operator".to_owned(), nasty.to_owned())].into();
    person.attributes = [(nasty.to_owned(), nasty.to_owned())].into();
    person.consent = ListedConsent {
        given: Some(true),
        on: Some("2026-02-14".parse().expect("a date")),
        wording: Some(nasty.to_owned()),
        hours_waiver: Some(true),
    };
    let mut phones = Phones::new(ListedPhone { number: phone(2), extension: Some("12".into()) });
    phones.add(ListedPhone { number: phone(902), extension: None });
    phones.add(ListedPhone { number: phone(903), extension: Some("7".into()) });
    person.phones = phones;
    world
        .load_rows(&campaign, provenance(nasty), &[accepted(2, person), rejected(3, &[nasty, ""])])
        .await
        .expect("loaded");
    let hand_out = world.hand_out(&marie).await;
    let expected = [
        ("phone", phone(2).reveal().to_owned()),
        ("reference", nasty.to_owned()),
        ("first_name", "Zoë".to_owned()),
        ("last_name", "O'Neill".to_owned()),
        ("street", "\\.".to_owned()),
        ("city", "  spaces  ".to_owned()),
        ("postcode", "75011".to_owned()),
        ("region", String::new()),
        ("time_zone", "Europe/Paris".to_owned()),
        ("country", "FR".to_owned()),
        ("extension", "12".to_owned()),
        ("consent", "yes".to_owned()),
        ("consent_date", "2026-02-14".to_owned()),
        ("consent_wording", nasty.to_owned()),
        ("present_operator", nasty.to_owned()),
    ];
    assert_eq!(hand_out.client, expected.map(|(name, value)| (name.to_owned(), value)).into());
    assert_eq!(hand_out.list_name, nasty);
    assert_eq!(hand_out.attributes, [(nasty.to_owned(), nasty.to_owned())].into());
    let others: Vec<_> = hand_out.other_phones.iter().map(|o| (o.phone.clone(), o.extension.as_deref())).collect();
    assert_eq!(others, [(phone(902), None), (phone(903), Some("7"))]);
    let left_out = world.store.left_out_rows(hand_out.list, 0, 10).await.expect("rows");
    assert_eq!(left_out[0].raw, Some(vec![nasty.to_owned(), String::new()]));
}

/// A list says where it came from.
pub async fn a_list_keeps_its_provenance(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let mut bought = purchased("Autumn", "Vendor & Sons");
    bought.licence_until = Some("2027-03-31".parse().expect("a date"));
    bought.purchased_on = Some("2026-11-01".parse().expect("a date"));
    bought.contract = Some("C-7".into());
    let load = NewLoad { cost_minor: Some(120_000), ..world.opening(&campaign, bought.clone()) };
    let list = world.begin(&load).await.expect("open");
    let list = world.store.commit_load(list, &load.ticket, world.in_minutes(1)).await.expect("committed");
    assert_eq!(
        (list.purchased_on, &list.contract, &list.header),
        (bought.purchased_on, &bought.contract, &load.header)
    );
    assert_eq!((list.name.as_str(), list.source, list.vendor), ("Autumn", bought.source, bought.vendor));
    assert_eq!((list.licence_until, list.consent_basis), (bought.licence_until, bought.consent_basis));
    assert_eq!((list.cost_minor, list.campaign.as_str()), (Some(120_000), "fibre"));
    assert_eq!((list.loaded_at, list.undone_at), (Some(world.in_minutes(1)), None));
    assert_eq!(list.counts, LoadCounts::default());
}

/// Taking a list back removes the leads that nobody was handed and keeps those that were worked.
pub async fn an_undo_removes_what_nobody_worked(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let list = world.load(&campaign, 2..=5).await;
    let worked = world.call(&marie, &reports::plain("no_answer")).await;
    let held = world.hand_out(&marie).await;
    let expected = Undo {
        reverted_changes: 0,
        removed_leads: 2,
        removed_clients: 2,
        kept_leads: 2,
        kept_examples: vec![worked.lead, held.lead],
    };
    assert_eq!(world.store.preview_undo(list.id).await.expect("counted"), expected);
    assert_eq!(world.store.undo_list(list.id, world.now()).await.expect("undone"), expected);
    let undone = world.store.list(list.id).await.expect("the list");
    assert_eq!((undone.state, undone.undone_at), (ListState::Undone, Some(world.now())));
    assert!(world.leads_of(5).await.is_empty());
    world.record(&held, &reports::refused_over("30.00")).await;
    world.pass_minutes(120).await;
    assert_eq!(world.hand_out(&marie).await.lead, worked.lead, "a lead that stays is called on");
}

/// Taking a list back removes only people whom nobody else needs.
pub async fn an_undo_keeps_people_whom_others_need(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    let list = world.load(&campaign, 2..=4).await;
    world.load(&other, 3..=3).await;
    let undo = world.store.undo_list(list.id, world.now()).await.expect("undone");
    assert_eq!((undo.removed_leads, undo.removed_clients, undo.kept_leads), (3, 2, 0));
    assert_eq!(world.lead_of(3).await.campaign, other.id);
    assert_eq!(
        world.load_rows(&campaign, provenance("again"), &[row(2), row(3)]).await.expect("loaded").counts.known_clients,
        1
    );
}

/// A list is taken back once; one that is not there is not found.
pub async fn an_undo_happens_once(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let list = world.load(&campaign, 2..=3).await;
    world.store.undo_list(list.id, world.now()).await.expect("undone");
    for again in [world.store.undo_list(list.id, world.now()).await, world.store.preview_undo(list.id).await] {
        assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
    }
    let unknown = ListId(list.id.0 + 100);
    assert!(matches!(world.store.undo_list(unknown, world.now()).await, Err(StoreError::NotFound { .. })));
    assert!(matches!(world.store.preview_undo(unknown).await, Err(StoreError::NotFound { .. })));
}
