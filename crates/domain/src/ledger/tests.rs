use super::*;

/// A hand-out from one minute to another.
fn hand_out(id: i64, from: i64, to: Option<i64>) -> HandOutRecord {
    let ms = |minute: i64| minute * 60_000;
    HandOutRecord {
        id,
        lead: 1,
        handed_at_ms: ms(from),
        lease_until_ms: ms(from + 30),
        ended_at_ms: to.map(ms),
        ending: to.map(|_| "revoked".to_owned()),
        decision: "{}".to_owned(),
        ..HandOutRecord::default()
    }
}

fn judged(hand_outs: Vec<HandOutRecord>) -> Findings {
    let person =
        PersonRecord { client: 1, record: Some(ClientRecord::default()), hand_outs, ..PersonRecord::default() };
    judge_person(&person, &Books::open(BooksAsStored::default(), jiff::Timestamp::UNIX_EPOCH).0)
}

fn broken(found: &Findings, promise: Promise) -> Vec<i64> {
    let of = found.violations.iter().filter(|violation| violation.promise == promise);
    of.map(|violation| violation.row).collect()
}

#[test]
fn a_person_is_open_once_at_a_time() {
    for (hand_outs, twice) in [
        (vec![hand_out(1, 0, Some(10)), hand_out(2, 10, Some(20))], vec![]),
        (vec![hand_out(1, 0, Some(10)), hand_out(2, 9, Some(20))], vec![2]),
        (vec![hand_out(1, 0, Some(100)), hand_out(2, 9, Some(10)), hand_out(3, 50, Some(51))], vec![2, 3]),
        (vec![hand_out(1, 0, None), hand_out(2, 9, None)], vec![2]),
        (vec![hand_out(1, 0, None)], vec![]),
        (vec![hand_out(1, 50, Some(60)), hand_out(2, 9, Some(10))], vec![]),
    ] {
        assert_eq!(broken(&judged(hand_outs.clone()), Promise::P1), twice, "{hand_outs:?}");
    }
}

#[test]
fn instants_that_lie_close_tell_no_order() {
    let mut later = hand_out(2, 10, Some(20));
    later.handed_at_ms -= TOGETHER.seconds() * 1_000;
    let found = judged(vec![hand_out(1, 0, Some(10)), later.clone()]);
    assert_eq!(broken(&found, Promise::P1), [0; 0]);
    assert_eq!(found.not_judged[&(Promise::P1, NotJudged::Together)], 1);
    later.handed_at_ms -= 1;
    assert_eq!(broken(&judged(vec![hand_out(1, 0, Some(10)), later]), Promise::P1), [2]);
}

#[test]
fn an_assignment_ends_once() {
    let change = |change: fn(&mut HandOutRecord)| {
        let mut one = hand_out(1, 0, Some(10));
        change(&mut one);
        broken(&judged(vec![one]), Promise::P3)
    };
    assert_eq!(change(|_| {}), [0; 0]);
    assert_eq!(change(|one| one.ending = None), [1]);
    assert_eq!(change(|one| one.ended_at_ms = None), [1]);
    assert_eq!(change(|one| one.ending = Some("lost".to_owned())), [1]);
    assert_eq!(change(|one| one.ended_at_ms = Some(-60_000)), [1]);
    assert_eq!(change(|one| one.ending = Some("expired".to_owned())), [1], "before its lease ran out");
    assert_eq!(change(|one| one.lease_until_ms = i64::MAX), [1]);
    assert_eq!(change(|one| one.ending = Some("outcome".to_owned())), [1, 1], "no report and no attempt");
    let second = AttemptRecord { id: 7, ..AttemptRecord::default() };
    let twice = HandOutRecord { attempt: Some(second), ..hand_out(1, 0, Some(10)) };
    assert_eq!(broken(&judged(vec![hand_out(1, 0, Some(10)), twice]), Promise::P3), [7]);
}

#[test]
fn a_cancelled_order_may_end_with_a_wrong_number() {
    let judged = |order_cancelled, closed_reason: &str| {
        let attempt = AttemptRecord { id: 7, class: "order".to_owned(), order_cancelled, ..AttemptRecord::default() };
        let closed_reason = Some(closed_reason.to_owned());
        let lead = LeadRecord { state: "closed".to_owned(), closed_reason, ..LeadRecord::default() };
        let of_it = HandOutRecord { attempt: Some(attempt), lead_now: Some(lead), ..hand_out(1, 0, Some(10)) };
        judged(vec![of_it]).violations.iter().filter(|one| one.table == "lead").count()
    };
    assert_eq!(judged(true, "wrong_number"), 0, "the list of the number on which they ordered was taken back");
    assert_eq!(judged(false, "wrong_number"), 1);
    assert_eq!(judged(true, "exhausted"), 1);
    assert_eq!(judged(false, "ordered"), 0);
}

/// Whatever numbers and texts stand there, the answer is a finding and never a failure.
#[test]
fn nonsense_is_a_violation() {
    for ms in [i64::MIN, -1, 0, i64::MAX] {
        let nonsense = HandOutRecord {
            handed_at_ms: ms,
            lease_until_ms: ms.wrapping_neg(),
            ended_at_ms: Some(ms),
            decision: "nonsense".to_owned(),
            report: Some("{".to_owned()),
            reopened: Some((ms, ms, (ms, 1))),
            attempt: Some(AttemptRecord {
                recorded_at_ms: ms,
                counts_as: "objection".to_owned(),
                ..AttemptRecord::default()
            }),
            lead_now: Some(LeadRecord::default()),
            ..hand_out(1, 0, Some(1))
        };
        let found = judged(vec![nonsense.clone(), HandOutRecord { id: 2, ..nonsense }]);
        assert!(!broken(&found, Promise::P5).is_empty(), "at {ms}");
        let reopening = ReopeningRecord { reopened_at_ms: ms, refusal: None, ..ReopeningRecord::default() };
        let books = Books::open(BooksAsStored::default(), jiff::Timestamp::UNIX_EPOCH).0;
        assert_eq!(broken(&judge_reopening(&reopening, &books), Promise::P7), [0]);
    }
}

#[test]
fn every_promise_and_reason_has_its_words() {
    let words: std::collections::BTreeSet<_> = Promise::ALL.iter().map(|promise| promise.in_words()).collect();
    assert_eq!(words.len(), Promise::ALL.len());
}

/// A person with a number, a lead of theirs and perhaps a suppression, which came an hour after the list.
fn suppressed(is_closed: bool, suppressions: Vec<SuppressionRecord>) -> SuppressedRecord {
    let phones = vec![PhoneRecord { position: 0, number: "+33199000001".to_owned(), since_ms: None }];
    let record = Some(ClientRecord { phones, ..ClientRecord::default() });
    SuppressedRecord {
        person: PersonRecord { client: 1, record, suppressions, ..PersonRecord::default() },
        leads: vec![SuppressedLead {
            id: 5,
            campaign: 1,
            is_closed,
            loaded_at_ms: Some(0),
            ..SuppressedLead::default()
        }],
    }
}

fn letter() -> SuppressionRecord {
    SuppressionRecord {
        id: 9,
        position: 0,
        seller: None,
        campaign: None,
        created_at_ms: 3_600_000,
        after_assignment: Some(0),
        register: None,
    }
}

#[test]
fn a_suppression_closes_leads_and_explains_closed_ones() {
    let judged = |record: &SuppressedRecord, undone_at_ms| {
        let stored = BooksAsStored { undone_at_ms, ..BooksAsStored::default() };
        judge_suppressed(record, &Books::open(stored, jiff::Timestamp::UNIX_EPOCH).0)
    };
    let broken = |record: &SuppressedRecord| judged(record, None).violations.len();
    assert_eq!(broken(&suppressed(true, vec![letter()])), 0);
    assert_eq!(broken(&suppressed(true, vec![])), 1);
    assert_eq!(broken(&suppressed(true, vec![SuppressionRecord { campaign: Some(2), ..letter() }])), 1);
    assert_eq!(broken(&suppressed(false, vec![letter()])), 1);
    assert_eq!(broken(&suppressed(false, vec![SuppressionRecord { campaign: Some(2), ..letter() }])), 0);
    assert_eq!(broken(&suppressed(false, vec![SuppressionRecord { created_at_ms: 1_000, ..letter() }])), 0);
    assert_eq!(broken(&suppressed(false, vec![SuppressionRecord { after_assignment: None, ..letter() }])), 0);
    let mut merged = suppressed(false, vec![letter()]);
    merged.person.record.as_mut().expect("a client").merged_at_ms = Some(4_000_000);
    assert_eq!(broken(&merged), 0, "a merge looks at leads that may be called, and at no others");
    let mut in_register = suppressed(true, vec![]);
    in_register.leads[0].register_swept = true;
    let why =
        |record: &SuppressedRecord, undone| judged(record, undone).not_judged.into_keys().map(|(_, why)| why).next();
    assert_eq!(why(&in_register, None), Some(NotJudged::RegisterReplaced));
    assert_eq!(why(&suppressed(true, vec![]), Some(60_000)), Some(NotJudged::NumberGone));
}
