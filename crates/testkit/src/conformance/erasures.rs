//! Erasing a client: nothing personal stays, what counts does, and who said no is still not called.

use relance_domain::client::UpdatePolicy;
use relance_domain::lead::{ClosedReason, LeadState};
use relance_domain::list::ListedPhone;
use relance_domain::{ClientId, E164};
use relance_store::claim::Claimed;
use relance_store::client::{Erase, Erased, Merge};
use relance_store::late::LateFilter;
use relance_store::outcome::{CallbackFilter, Recorded};
use relance_store::question::About;
use relance_store::{Result, StoreError};

use crate::World;
use crate::builders::{accepted, client, definition, phone, provenance, rejected, row, tariff};
use crate::conformance::tariffs::refusals;
use crate::reports;

async fn client_of(world: &World, person: u32) -> ClientId {
    world.store.client_of_phone(&phone(person)).await.expect("answered").expect("a client")
}

async fn erase(world: &World, client: ClientId) -> Result<Erased> {
    let erase = Erase { client, reason: "asked by letter".to_owned(), by: None };
    world.store.erase_client(&erase, world.now()).await
}

/// Numbers, names, notes, forms and rows go, wherever they stood; attempts and orders still count.
pub async fn an_erased_client_has_nothing_personal_left(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    world.engine.publish_tariff(&tariff("fibre-25", 2_499, &["fibre", "loan"])).await.expect("published");
    let mut two = client(2);
    two.phones.add(ListedPhone { number: phone(12), extension: None });
    two.first_name = Some("Zebulon".to_owned());
    two.attributes.insert("Dog".to_owned(), "Zampano".to_owned());
    let grouped = phone(12).reveal().replace("+33", "0").replace("990", "99 0 ");
    let broken = rejected(3, &[&grouped, "Zebulon"]);
    world.load_rows(&fibre, provenance("two"), &[accepted(2, two.clone()), broken]).await.expect("loaded");
    world.load_rows(&loan, provenance("again"), &[accepted(2, two)]).await.expect("loaded");
    let mut promise = reports::call_later(world.in_minutes(30));
    promise.note = Some("ask for Zebulon".to_owned());
    world.call(&marie, &promise).await;
    let mut order = reports::ordered("fibre-25");
    order.note = Some("Zebulon is glad".to_owned());
    let ordered = world.call(&marie, &order).await;
    let id = client_of(world, 2).await;
    let erased = erase(world, id).await.expect("erased");
    let told = (erased.phones, erased.leads_closed, erased.promises_dropped, erased.attempts, erased.orders);
    assert_eq!((told, erased.rows_emptied, erased.erased_at), ((2, 1, 1, 2, 1), 1, world.now()));
    let everything = world.everything().await.join("\n");
    for gone in ["Zebulon", "Zampano", phone(2).reveal(), phone(12).reveal(), grouped.as_str()] {
        assert!(!everything.contains(gone), "{gone} is left");
    }
    let repeated = world.record(&ordered, &order).await;
    assert!(matches!(repeated, Recorded::Repeated { .. }), "{repeated:?}");
    let shown = world.store.client(id).await.expect("the key stays");
    assert_eq!((shown.name, shown.phones.len(), shown.phones[0].phone.as_str()), (None, 1, "erased"));
    assert_eq!((shown.erased_at, shown.hand_outs), (Some(world.now()), 2));
    let past = world.look_at(ordered.assignment).await;
    assert_eq!((past.phone, past.client.contains_key("phone"), past.history.len()), (None, false, 1));
    assert!(world.store.callbacks(&CallbackFilter { limit: 10, ..Default::default() }).await.expect("told").is_empty());
    assert_eq!(world.store.client_of_phone(&phone(2)).await.expect("answered"), None);
    let lead = &world.store.leads_in_question(&About::Lead(ordered.lead)).await.expect("told")[0];
    assert_eq!((lead.phone_masked.as_str(), lead.state), ("erased", LeadState::Closed(ClosedReason::Ordered)));
    assert_eq!(world.store.report(ordered.campaign).await.expect("a report").funnel[5], 1, "the order still counts");
    // The tombstone is nobody's number, and the number may come again as somebody new.
    let counts = world.load_rows(&fibre, provenance("later"), &[row(2)]).await.expect("loaded").counts;
    assert_eq!((counts.new_clients, counts.suppressed), (1, 0));
    assert_ne!(client_of(world, 2).await, id);
}

/// Who objected and was erased is suppressed on every later list, by each of their numbers.
pub async fn an_objection_outlives_an_erasure(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    let mut two = client(2);
    two.phones.add(ListedPhone { number: phone(12), extension: None });
    world.load_rows(&fibre, provenance("two"), &[accepted(2, two)]).await.expect("loaded");
    world.call(&marie, &reports::plain("do_not_call")).await;
    erase(world, client_of(world, 2).await).await.expect("erased");
    let counts = world.load_rows(&loan, provenance("later"), &[row(2), row(3), row(12)]).await.expect("loaded").counts;
    assert_eq!((counts.suppressed, counts.new_leads), (2, 1));
    let told = world.store.suppressions(&About::Phone(phone(12))).await.expect("told");
    assert_eq!(told[0].phone, phone(12).masked());
}

/// A lead that could still be called, or come back, is closed for good: as suppressed where that stands.
pub async fn an_erased_client_is_not_called_again(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    world.load(&fibre, 2..=3).await;
    world.load(&loan, 3..=3).await;
    let refused = world.call(&marie, &reports::refused_over("30")).await;
    erase(world, client_of(world, 2).await).await.expect("erased");
    assert_eq!(world.state(refused.lead).await, LeadState::Closed(ClosedReason::Withdrawn));
    assert!(refusals(world, fibre.id).await.is_empty(), "no refusal of theirs stands");
    let answered = world.engine.publish_tariff(&tariff("fibre-25", 2_499, &["fibre"])).await.expect("published");
    assert_eq!(answered.reopened, 0);
    let three = world.leads_of(3).await;
    erase(world, client_of(world, 3).await).await.expect("erased");
    for lead in three {
        assert_eq!(world.state(lead.lead).await, LeadState::Closed(ClosedReason::Withdrawn));
    }
    assert_eq!(world.work_off(&marie).await, [0_u32; 0]);
}

/// Nobody is erased during a call, nor while a list with them is being loaded.
pub async fn an_erasure_waits_for_open_work(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    let loan = world.running(&definition("loan")).await;
    world.load(&fibre, 2..=2).await;
    let held = world.hand_out(&marie).await;
    let id = client_of(world, 2).await;
    let refused = erase(world, id).await.expect_err("in a call");
    assert!(matches!(&refused, StoreError::Conflict(why) if why.contains("in a call")), "{refused}");
    world.record(&held, &reports::plain("no_answer")).await;
    let load = world.opening(&loan, provenance("open"));
    let list = world.begin(&load).await.expect("begun");
    world.take(list, &load, &[row(2)]).await.expect("taken");
    assert!(matches!(erase(world, id).await, Err(StoreError::Conflict(_))), "a list is being loaded");
    world.store.commit_load(list, &load.ticket, world.now()).await.expect("committed");
    erase(world, id).await.expect("erased");
}

/// Whoever is being erased is handed to nobody: either the hand-out or the erasure is first, and the other one sees it.
pub async fn an_erasure_and_a_hand_out_at_once(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    for person in 10..18 {
        world.load(&fibre, person..=person).await;
        let id = client_of(world, person).await;
        let batch = world.batch(&[&marie]).await;
        let (answers, erased) = tokio::join!(world.serve(&batch), erase(world, id));
        let held = matches!(answers[0], Claimed::Assignment(_));
        match erased {
            Ok(_) => assert!(!held, "handed out and erased"),
            Err(refused) => assert!(held && matches!(refused, StoreError::Conflict(_)), "{refused}"),
        }
        world.hold_invariants().await;
        world.work_off(&marie).await;
    }
}

/// An erasure happens once; nothing is merged with nobody, and who was merged is erased under the key that stayed.
pub async fn a_client_is_erased_once(world: &World) {
    let fibre = world.running(&definition("fibre")).await;
    world.load(&fibre, 2..=4).await;
    let (two, three, four) = (client_of(world, 2).await, client_of(world, 3).await, client_of(world, 4).await);
    let merge = |keep, other| Merge { keep, other, by: None, dry_run: false };
    world.store.merge_clients(&merge(two, three), world.now()).await.expect("merged");
    let refused = erase(world, three).await.expect_err("it is part of another");
    assert!(matches!(&refused, StoreError::Conflict(why) if why.contains(&two.to_string())), "{refused}");
    assert!(matches!(erase(world, ClientId(99)).await, Err(StoreError::NotFound { .. })));
    erase(world, two).await.expect("erased");
    assert!(matches!(erase(world, two).await, Err(StoreError::Conflict(_))), "it was erased before");
    assert!(matches!(world.store.merge_clients(&merge(four, two), world.now()).await, Err(StoreError::Conflict(_))));
    assert_eq!(world.numbers("SELECT client_id FROM erasure").await, [two.0]);
}

/// A report that comes after its person was erased is known to have come, and says nothing.
pub async fn a_late_report_about_an_erased_client_says_nothing(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    world.load(&fibre, 2..=2).await;
    let held = world.hand_out(&marie).await;
    let mut report = reports::plain("no_answer");
    report.note = Some("Zebulon was out".to_owned());
    let record = world.record_of(&held, &report).await;
    world.pass_minutes(60).await;
    world.store.return_expired(world.now(), 10).await.expect("taken back");
    erase(world, client_of(world, 2).await).await.expect("erased");
    for _ in 0..2 {
        world.store.record_outcome(&record, world.now()).await.expect("kept");
    }
    assert_eq!(world.number("SELECT COUNT(*) FROM late_outcome").await, 1);
    assert!(!world.everything().await.join("\n").contains("Zebulon"));
    let late = world.store.late_outcomes(&LateFilter { limit: 10, ..LateFilter::default() }).await.expect("read");
    assert_eq!((late.len(), late[0].disposition.as_str()), (1, ""));
}

/// A rule of retention reads everybody who is not erased once, with what it decides by.
pub async fn clients_are_read_for_retention(world: &World) {
    let marie = world.operator("marie").await;
    let fibre = world.running(&definition("fibre")).await;
    let since = world.now();
    world.load(&fibre, 2..=5).await;
    let busy = world.call(&marie, &reports::plain("busy")).await;
    world.pass_minutes(1).await;
    let reached = world.call(&marie, &reports::refused_over("30")).await;
    erase(world, client_of(world, 4).await).await.expect("erased");
    let (mut read, mut after) = (Vec::new(), ClientId(0));
    loop {
        let page = world.store.clients_for_retention(after, 2).await.expect("a page");
        let Some(last) = page.last() else { break };
        after = last.client;
        read.extend(page);
    }
    let phones: Vec<&E164> = read.iter().map(|client| &client.phone).collect();
    assert_eq!(phones, [&phone(2), &phone(3), &phone(5)]);
    assert!(read.iter().all(|client| client.came_at == since && client.country == "FR" && !client.has_order));
    assert_eq!((busy.phone, read[0].last_attempt_at, read[0].last_contact_at), (Some(phone(2)), Some(since), None));
    assert_eq!((reached.phone, read[1].last_contact_at), (Some(phone(3)), Some(world.now())));
    let rows = [row(6)];
    let unchanged = world.store.check_rows(fibre.id, UpdatePolicy::Keep, &rows, &Default::default()).await;
    assert_eq!(unchanged.expect("checked").counts.new_clients, 1, "reading changes nothing");
}
