//! Loads from their opening to their commit: what nobody sees yet, what a crash leaves, what a dry run tells.

use std::collections::HashSet;

use relance_domain::client::UpdatePolicy;
use relance_domain::list::{KeptMapping, ListedClient, ListedPhone, MappedColumn, Phones, Row};
use relance_domain::{ListId, Span};
use relance_store::claim::Claimed;
use relance_store::list::{Abandon, Begun, ListState, LoadCounts, NewLoad};
use relance_store::{Result, StoreError};

use super::lists::{EVERY_KIND, every_kind_of_row};
use crate::builders::{accepted, client, definition, phone, provenance, rejected, row, zone};
use crate::{World, reports};

/// A person with further numbers.
pub(super) fn with_phones(first: u32, others: &[u32]) -> ListedClient {
    let mut phones = Phones::new(ListedPhone { number: phone(first), extension: None });
    for other in others {
        phones.add(ListedPhone { number: phone(*other), extension: None });
    }
    ListedClient { phones, ..client(first) }
}

fn is_closed<T>(result: &Result<T>) -> bool {
    matches!(result, Err(StoreError::NotFound { .. }))
}

/// One step of abandoning a load; whether nothing is left to do.
async fn abandon(world: &World, list: ListId, load: &NewLoad) -> bool {
    world.store.abandon_load(list, Abandon::Ours(&load.ticket), 2).await.expect("a step")
}

async fn gone(world: &World, list: ListId, load: &NewLoad) {
    for _ in 0..100 {
        if abandon(world, list, load).await {
            return;
        }
    }
    panic!("abandoning does not end");
}

/// Nothing of a load is visible before its commit: not to operators, nor in lists, funnels, reports and questions.
pub async fn nothing_is_visible_before_the_commit(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    let load = world.opening(&campaign, provenance("first"));
    let list = world.begin(&load).await.expect("open");
    world.take(list, &load, &[row(2), row(3)]).await.expect("taken");
    assert_eq!(world.store.lists(None).await.expect("lists"), []);
    assert!(is_closed(&world.store.list(list).await));
    assert!(world.leads_of(2).await.is_empty());
    assert!(world.store.funnel(campaign.id, world.now()).await.expect("a funnel").is_empty());
    assert_eq!(world.store.report(campaign.id).await.expect("a report").funnel[0], 0);
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    let loaded = world.store.commit_load(list, &load.ticket, world.now()).await.expect("committed");
    assert_eq!((loaded.state, &loaded.sha256), (ListState::Loaded, &load.sha256));
    assert_eq!(world.store.lists(Some(campaign.id)).await.expect("lists"), [loaded]);
    assert_eq!(world.store.report(campaign.id).await.expect("a report").funnel[0], 2);
    world.hand_out(&marie).await;
}

/// A dry run counts what the load will do, in one chunk or many, and leaves nothing.
pub async fn a_dry_run_counts_what_a_load_does(world: &World) {
    let (campaign, rows) = every_kind_of_row(world).await;
    let before = world.number("SELECT (SELECT COUNT(*) FROM client) + (SELECT COUNT(*) FROM lead)").await;
    let would =
        world.store.check_rows(campaign.id, UpdatePolicy::FillGaps, &rows, &HashSet::new()).await.expect("counted");
    assert_eq!(would.counts, EVERY_KIND);
    let load = world.opening(&campaign, provenance("every kind"));
    let list = world.begin(&load).await.expect("open");
    for rows in rows.chunks(2) {
        assert!(world.take(list, &load, rows).await.expect("taken").counts.adds_up());
    }
    let loaded = world.store.commit_load(list, &load.ticket, world.now()).await.expect("committed");
    assert_eq!(loaded.counts, EVERY_KIND);
    let after = world.number("SELECT (SELECT COUNT(*) FROM client) + (SELECT COUNT(*) FROM lead)").await;
    assert_eq!(after - before, EVERY_KIND.new_clients + EVERY_KIND.new_leads);
}

/// An abandoned load leaves nothing, removed step by step; a committed one cannot be abandoned.
pub async fn an_abandoned_load_leaves_nothing(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let load = world.opening(&campaign, provenance("first"));
    let list = world.begin(&load).await.expect("open");
    let rows: Vec<Row> = (2..9).map(row).chain([rejected(9, &["x"]), accepted(10, with_phones(10, &[910]))]).collect();
    world.take(list, &load, &rows).await.expect("taken");
    assert!(!abandon(world, list, &load).await, "one step is not all");
    assert!(is_closed(&world.take(list, &load, &[row(11)]).await), "its process is locked out");
    gone(world, list, &load).await;
    assert!(is_closed(&world.store.commit_load(list, &load.ticket, world.now()).await));
    let left = "SELECT (SELECT COUNT(*) FROM list) + (SELECT COUNT(*) FROM list_row) + (SELECT COUNT(*) FROM lead)
            + (SELECT COUNT(*) FROM client) + (SELECT COUNT(*) FROM client_phone) + (SELECT COUNT(*) FROM client_change)
            + (SELECT COUNT(*) FROM client_join) + (SELECT COUNT(*) FROM lane)";
    assert_eq!(world.number(left).await, 0);
    let loaded = world.load(&campaign, 2..=3).await;
    assert!(abandon(world, loaded.id, &load).await, "nothing to abandon");
    assert_eq!(world.store.list(loaded.id).await.expect("still there"), loaded);
}

/// People whom another list needs by now stay when the load that made them is abandoned.
pub async fn an_abandoned_load_keeps_people_whom_others_need(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    let load = world.opening(&campaign, provenance("first"));
    let list = world.begin(&load).await.expect("open");
    world.take(list, &load, &[row(2), accepted(3, with_phones(3, &[903]))]).await.expect("taken");
    let theirs = world.load(&other, 3..=3).await;
    assert_eq!((theirs.counts.new_clients, theirs.counts.known_clients), (0, 1));
    gone(world, list, &load).await;
    assert_eq!(world.lead_of(3).await.campaign, other.id);
    assert_eq!(world.number("SELECT COUNT(*) FROM client").await, 1);
    world.store.undo_list(theirs.id, world.now()).await.expect("undone");
    assert_eq!(world.number("SELECT (SELECT COUNT(*) FROM client) + (SELECT COUNT(*) FROM client_phone)").await, 0);
}

/// A load that was committed takes no more rows and no second commit.
pub async fn a_committed_load_is_closed(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let load = world.opening(&campaign, provenance("first"));
    let list = world.begin(&load).await.expect("open");
    world.take(list, &load, &[row(2)]).await.expect("taken");
    world.store.commit_load(list, &load.ticket, world.now()).await.expect("committed");
    assert!(is_closed(&world.take(list, &load, &[row(3)]).await));
    assert!(is_closed(&world.store.commit_load(list, &load.ticket, world.now()).await));
}

/// One list is loaded into a campaign at a time; another campaign does not wait.
pub async fn a_campaign_takes_one_load_at_a_time(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    let load = world.opening(&campaign, provenance("first"));
    let list = world.begin(&load).await.expect("open");
    let second = world.store.begin_load(&world.opening(&campaign, provenance("second")), world.now()).await;
    assert!(matches!(&second, Err(StoreError::Conflict(why)) if why.contains("\"first\"")), "{second:?}");
    assert_eq!(world.load(&other, 2..=3).await.counts.new_leads, 2);
    world.take(list, &load, &[row(2), row(4)]).await.expect("taken");
    let counts = world.store.commit_load(list, &load.ticket, world.now()).await.expect("committed").counts;
    assert_eq!((counts.new_clients, counts.known_clients), (1, 1));
    assert_eq!(world.load(&campaign, 5..=5).await.counts.new_leads, 1, "when it has ended, the next may begin");
}

/// A load whose process died goes on where it had stopped, where it is the same file read the same; the dead process, should it
/// wake up, is locked out.
pub async fn a_dead_load_goes_on_where_it_stopped(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let dead = world.opening(&campaign, provenance("first"));
    let list = world.begin(&dead).await.expect("open");
    world.take(list, &dead, &[row(2), row(3), rejected(4, &["x"])]).await.expect("taken");
    let progress = world.store.load_progress(&dead.ticket).await.expect("asked").expect("it is under way");
    assert_eq!((progress.list, progress.rows, progress.bytes_read, progress.bytes_total), (list, 3, 500, 1_000));
    world.clock.advance(Span::minutes(2));
    let again = world.opening(&campaign, provenance("first"));
    let begun = world.store.begin_load(&again, world.now()).await.expect("open");
    assert_eq!(begun, Begun::Open { list, after_line: 4 });
    assert!(is_closed(&world.take(list, &dead, &[row(5)]).await));
    assert!(matches!(world.take(list, &again, &[row(3)]).await, Err(StoreError::Conflict(_))), "no row twice");
    world.take(list, &again, &[row(5), row(6)]).await.expect("taken");
    let counts = world.store.commit_load(list, &again.ticket, world.now()).await.expect("committed").counts;
    assert_eq!((counts.rows_read, counts.new_leads, counts.rejected), (5, 4, 1));
    assert_eq!(world.store.load_progress(&again.ticket).await.expect("asked"), None);
}

/// A dead load of another file, or one that was read otherwise, stands in the way until it is abandoned.
pub async fn a_dead_load_of_another_file_is_told(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let dead = world.opening(&campaign, provenance("first"));
    let list = world.begin(&dead).await.expect("open");
    assert_eq!(world.store.dead_loads(world.in_minutes(-1)).await.expect("asked"), []);
    world.clock.advance(Span::minutes(2));
    let otherwise = NewLoad { reading: "in another encoding".into(), ..world.opening(&campaign, provenance("first")) };
    for other in [otherwise, world.opening(&campaign, provenance("second"))] {
        assert_eq!(world.store.begin_load(&other, world.now()).await.expect("told"), Begun::DeadLoad(list));
    }
    assert_eq!(world.store.dead_loads(world.now()).await.expect("asked"), [list]);
    gone(world, list, &dead).await;
    assert_eq!(world.load(&campaign, 2..=3).await.counts.new_leads, 2);
}

/// Who cleans up behind a load that somebody else has taken over takes nothing away from it.
pub async fn a_load_that_was_taken_over_is_not_abandoned(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let dead = world.opening(&campaign, provenance("first"));
    let list = world.begin(&dead).await.expect("open");
    world.take(list, &dead, &[row(2), row(3)]).await.expect("taken");
    let dead_since = world.now();
    world.clock.advance(Span::minutes(2));
    let again = world.opening(&campaign, provenance("first"));
    let begun = world.store.begin_load(&again, world.now()).await.expect("open");
    assert_eq!(begun, Begun::Open { list, after_line: 3 });
    for which in [Abandon::Ours(&dead.ticket), Abandon::DeadSince(dead_since)] {
        assert!(world.store.abandon_load(list, which, 2).await.expect("asked"), "nothing is left to do");
    }
    world.take(list, &again, &[row(4)]).await.expect("taken");
    let counts = world.store.commit_load(list, &again.ticket, world.now()).await.expect("committed").counts;
    assert_eq!(counts.new_leads, 3);
}

/// A load of which a part was removed is not gone on with: those rows would be lost.
pub async fn a_load_that_is_being_abandoned_is_not_gone_on_with(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let load = world.opening(&campaign, provenance("first"));
    let list = world.begin(&load).await.expect("open");
    world.take(list, &load, &[row(2), row(3), row(4)]).await.expect("taken");
    assert!(!abandon(world, list, &load).await, "one step is not all");
    let again = world.opening(&campaign, provenance("first"));
    assert_eq!(world.store.begin_load(&again, world.now()).await.expect("told"), Begun::DeadLoad(list));
    assert_eq!(world.store.dead_loads(world.in_minutes(-60)).await.expect("asked"), [list], "whoever sweeps goes on");
    gone(world, list, &load).await;
    world.begin(&again).await.expect("anew");
}

/// A process that begins, and is the only one, gives loads up for dead: they can be gone on with at once, and are kept for it.
pub async fn loads_that_are_presumed_dead_can_be_gone_on_with(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let load = world.opening(&campaign, provenance("first"));
    let list = world.begin(&load).await.expect("open");
    world.take(list, &load, &[row(2)]).await.expect("taken");
    let again = world.opening(&campaign, provenance("first"));
    assert!(matches!(world.store.begin_load(&again, world.now()).await, Err(StoreError::Conflict(_))));
    world.store.presume_loads_dead(again.dead_since).await.expect("presumed");
    assert_eq!(world.store.dead_loads(world.in_minutes(-10)).await.expect("asked"), [], "nobody sweeps it yet");
    assert_eq!(world.store.begin_load(&again, world.now()).await.expect("open"), Begun::Open { list, after_line: 2 });
}

/// Two loads of two campaigns at once make one client of a person.
pub async fn loads_at_once_make_one_client_per_person(world: &World) {
    let one = world.running(&definition("fibre")).await;
    let two = world.running(&definition("loan")).await;
    let (first, second) = (world.opening(&one, provenance("first")), world.opening(&two, provenance("second")));
    let a = world.begin(&first).await.expect("open");
    let b = world.begin(&second).await.expect("open");
    let here = [row(2), row(3), accepted(4, with_phones(4, &[904]))];
    let there = [row(3), accepted(4, with_phones(904, &[4])), row(5)];
    let (taken, too) = tokio::join!(world.take(a, &first, &here), world.take(b, &second, &there));
    let (taken, too) = (taken.expect("taken").counts, too.expect("taken").counts);
    assert_eq!(taken.new_clients + too.new_clients, 4);
    assert_eq!(taken.known_clients + too.known_clients, 2);
    world.store.commit_load(a, &first.ticket, world.now()).await.expect("committed");
    world.store.commit_load(b, &second.ticket, world.now()).await.expect("committed");
}

/// Two rows that share no number may be of one person who is known: they make one lead, in one chunk or in two.
pub async fn a_known_person_on_two_rows_is_one_lead(world: &World) {
    let other = world.running(&definition("loan")).await;
    world.load_rows(&other, provenance("known"), &[accepted(2, with_phones(2, &[902]))]).await.expect("loaded");
    let rows = [row(2), accepted(3, client(902)), row(5)];
    for (campaign, rows_at_once) in [("one", 3), ("two", 1)] {
        let campaign = world.running(&definition(campaign)).await;
        let (mut would, mut leads) = (LoadCounts::default(), HashSet::new());
        for rows in rows.chunks(rows_at_once) {
            let done =
                world.store.check_rows(campaign.id, UpdatePolicy::FillGaps, rows, &leads).await.expect("counted");
            would.add(&done.counts);
            leads.extend(done.leads_of_known);
        }
        let load = world.opening(&campaign, provenance("again"));
        let list = world.begin(&load).await.expect("open");
        for rows in rows.chunks(rows_at_once) {
            world.take(list, &load, rows).await.expect("taken");
        }
        let counts = world.store.commit_load(list, &load.ticket, world.now()).await.expect("committed").counts;
        assert_eq!((counts.new_leads, counts.duplicates_in_campaign), (2, 1), "{rows_at_once} at once");
        assert_eq!(would, counts, "a dry run knows it too");
    }
}

/// A row whose numbers belong to two known people is reported, changes neither into the other, and makes one lead at most.
pub async fn a_row_that_joins_two_people_is_reported(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    world.load(&other, 2..=3).await;
    let rows = [accepted(7, with_phones(2, &[3, 907]))];
    let would =
        world.store.check_rows(campaign.id, UpdatePolicy::FillGaps, &rows, &HashSet::new()).await.expect("counted");
    let list = world.load_rows(&campaign, provenance("joins"), &rows).await.expect("loaded");
    let (changes, joins) = world.store.load_changes(list.id, 10).await.expect("told");
    assert_eq!((would.joins.clone(), would.changes), (joins.clone(), changes));
    assert_eq!((list.joins, joins.len(), joins[0].line), (1, 1, 7));
    assert_ne!(joins[0].client, joins[0].other);
    assert_eq!((list.counts.new_leads, list.counts.known_clients), (1, 1));
    assert_eq!(world.number("SELECT COUNT(*) FROM client").await, 2);
    let again = world.load_rows(&campaign, provenance("again"), &[accepted(8, with_phones(3, &[2]))]).await;
    assert_eq!(again.expect("loaded").counts.duplicates_in_campaign, 1, "the other half has a lead already");
}

/// One number is enough: a person is found, and suppressed, by any of theirs.
pub async fn any_number_finds_a_person(world: &World) {
    let marie = world.operator("marie").await;
    let campaign = world.running(&definition("fibre")).await;
    world.load_rows(&campaign, provenance("one"), &[accepted(2, with_phones(2, &[902]))]).await.expect("loaded");
    let again = world.load_rows(&campaign, provenance("two"), &[row(902)]).await.expect("loaded");
    assert_eq!(again.counts.duplicates_in_campaign, 1);
    assert_eq!(world.leads_of(902).await.len(), 1);
    let suppression = relance_store::outcome::NewSuppression {
        phone: phone(902),
        seller: None,
        campaign: None,
        reason: "asked by letter".into(),
        by: None,
    };
    assert_eq!(world.store.suppress(&suppression, world.now()).await.expect("suppressed"), 1);
    assert_eq!(world.claim(&marie).await, Claimed::Nobody);
    let third = world.load_rows(&campaign, provenance("three"), &[accepted(4, with_phones(4, &[902]))]).await;
    assert_eq!(third.expect("loaded").counts.suppressed, 1);
}

/// What a list may change about people who are known: gaps, everything, nothing. It shows with the commit and goes with an undo.
pub async fn a_list_changes_what_it_may(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let other = world.running(&definition("loan")).await;
    world.load(&other, 2..=2).await;
    let mut row = with_phones(2, &[902]);
    row.last_name = Some("Durand".into());
    row.city = Some("Lyon".into());
    row.zone = Some((zone("Indian/Reunion"), relance_domain::zone::ZoneSource::List));
    let rows = [accepted(2, row)];
    let look = "SELECT (SELECT COUNT(*) FROM client WHERE city = 'Lyon') * 100 + (SELECT COUNT(*) FROM client WHERE last_name = \
                'Durand') * 10 + (SELECT COUNT(*) FROM client_phone)";
    for (policy, seen, changed) in
        [(UpdatePolicy::Keep, 0, 0), (UpdatePolicy::FillGaps, 101, 2), (UpdatePolicy::Overwrite, 111, 4)]
    {
        let load = NewLoad { policy, ..world.opening(&campaign, provenance(policy.as_str())) };
        let list = world.begin(&load).await.expect("open");
        world.take(list, &load, &rows).await.expect("taken");
        assert_eq!(world.number(look).await, 0, "{policy:?}: nothing before the commit");
        world.store.commit_load(list, &load.ticket, world.now()).await.expect("committed");
        assert_eq!(world.number(look).await, seen, "{policy:?}");
        let (changes, _) = world.store.load_changes(list, 10).await.expect("told");
        assert_eq!(changes.0.values().map(|count| count.filled + count.replaced).sum::<i64>(), changed, "{policy:?}");
        let undo = world.store.undo_list(list, world.now()).await.expect("undone");
        assert_eq!(undo.reverted_changes, changed, "{policy:?}");
        assert_eq!(world.number(look).await, 0, "{policy:?}: an undo takes it back");
    }
}

/// A lead follows its person into another time zone.
pub async fn a_lead_follows_its_person(world: &World) {
    let campaign = world.running(&definition("fibre")).await;
    let mut stranger = client(2);
    stranger.zone = None;
    world.load_rows(&campaign, provenance("one"), &[accepted(2, stranger)]).await.expect("loaded");
    let nowhere = "SELECT COUNT(*) FROM lead JOIN lane ON lane.id = lead.lane_id WHERE lane.time_zone = ''";
    assert_eq!(world.number(nowhere).await, 1);
    world.load(&campaign, 2..=2).await;
    assert_eq!(world.number(nowhere).await, 0, "a gap that was filled");
}

/// What was said of a vendor's columns is kept, the latest for each header.
pub async fn mappings_are_kept_by_vendor_and_header(world: &World) {
    let mapping = |field: &str| KeptMapping {
        header: vec!["Numer".into(), "Imię".into()],
        mapping: vec![MappedColumn { column: "Numer".into(), field: field.into() }],
    };
    assert_eq!(world.store.kept_mappings("Data GmbH").await.expect("asked"), []);
    world.store.keep_mapping("Data GmbH", &mapping("reference"), world.now()).await.expect("kept");
    world.store.keep_mapping("Data GmbH", &mapping("phone"), world.in_minutes(1)).await.expect("kept");
    world.store.keep_mapping("Another", &mapping("city"), world.now()).await.expect("kept");
    assert_eq!(world.store.kept_mappings("Data GmbH").await.expect("asked"), [mapping("phone")]);
}

/// A person to whom a list gives a further number objects while it is loaded, be it during its commit: the new number is suppressed too,
/// and stays so when the list is taken back.
pub async fn a_number_that_comes_while_its_person_objects_is_suppressed(world: &World) {
    let (marie, paul) = (world.operator("marie").await, world.operator("paul").await);
    let fibre = world.running(&definition("fibre")).await;
    world.load(&fibre, 2..=3).await;
    let loan = world.running(&definition("loan")).await;
    let load = world.opening(&loan, provenance("further numbers"));
    let list = world.begin(&load).await.expect("open");
    let rows = [accepted(2, with_phones(2, &[902])), accepted(3, with_phones(3, &[903]))];
    world.take(list, &load, &rows).await.expect("taken");
    let (objects, other) = (world.hand_out(&marie).await, world.hand_out(&paul).await);
    let began = world.now();
    world.clock.advance(Span::minutes(2));
    world.record(&objects, &reports::plain("do_not_call")).await;
    world.store.commit_load(list, &load.ticket, began).await.expect("committed");
    let suppressed = "SELECT COUNT(*) FROM suppression";
    assert_eq!(world.number(suppressed).await, 2, "both numbers of the one who objected");
    world.record(&other, &reports::plain("no_answer")).await;
    assert_eq!(world.store.undo_list(list, world.now()).await.expect("undone").removed_leads, 2);
    let counts = world.load_rows(&loan, provenance("again"), &[row(902), row(903)]).await.expect("loaded").counts;
    assert_eq!((counts.suppressed, counts.new_leads), (1, 1));
}
