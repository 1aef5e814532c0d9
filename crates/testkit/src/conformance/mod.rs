//! The rules that every store must keep, one test each, named after the rule.
//!
//! `relance_testkit::conformance!(make_world)` makes the tests for one store: `make_world` is an async function that gives
//! a [`World`](crate::World) on an empty database. After each story the [invariants](crate::invariants) must hold.

pub mod answering;
pub mod assignments;
pub mod away;
pub mod bell;
pub mod campaigns;
pub mod claim;
pub mod clients;
pub mod eligibility;
pub mod erasures;
pub mod idempotency;
pub mod late;
pub mod lists;
pub mod loads;
pub mod loops;
pub mod mix;
pub mod order_drafts;
pub mod orders;
pub mod outcome;
pub mod previews;
pub mod pulls;
pub mod questions;
pub mod registers;
pub mod reopenings;
pub mod rules;
pub mod skills;
pub mod suppression_keys;
pub mod takes;
pub mod tariff_life;
pub mod tariffs;
pub mod users;
pub mod webhooks;

/// Makes the tests of one store.
#[macro_export]
macro_rules! conformance {
    ($make_world:ident) => {
        $crate::conformance! { @rules $make_world
            users {
                a_name_is_taken_once
                users_are_listed_by_name
                an_unknown_user_is_not_found
                a_disabled_user_is_locked_out
                promises_of_a_disabled_user_are_anybodys
            }
            campaigns {
                a_new_campaign_is_a_draft
                the_same_definition_makes_no_version
                a_changed_definition_is_the_next_version
                the_seller_cannot_change
                a_campaign_takes_only_its_own_events
                a_finished_campaign_cannot_be_applied
                an_unknown_campaign_is_not_found
                campaigns_are_listed_by_name
                a_list_has_one_lane_per_zone
            }
            lists {
                the_counts_add_up
                a_suppression_counts_for_its_seller_only
                the_same_file_is_loaded_once
                every_field_survives
                a_list_keeps_its_provenance
                an_undo_removes_what_nobody_worked
                an_undo_keeps_people_whom_others_need
                an_undo_happens_once
            }
            loads {
                nothing_is_visible_before_the_commit
                a_dry_run_counts_what_a_load_does
                an_abandoned_load_leaves_nothing
                an_abandoned_load_keeps_people_whom_others_need
                a_committed_load_is_closed
                a_campaign_takes_one_load_at_a_time
                a_dead_load_goes_on_where_it_stopped
                a_dead_load_of_another_file_is_told
                a_load_that_was_taken_over_is_not_abandoned
                a_load_that_is_being_abandoned_is_not_gone_on_with
                loads_that_are_presumed_dead_can_be_gone_on_with
                loads_at_once_make_one_client_per_person
                a_known_person_on_two_rows_is_one_lead
                a_row_that_joins_two_people_is_reported
                any_number_finds_a_person
                a_number_that_comes_while_its_person_objects_is_suppressed
                a_list_changes_what_it_may
                a_lead_follows_its_person
                mappings_are_kept_by_vendor_and_header
            }
            pulls {
                the_client_base_is_read_in_pages
                people_come_with_facts_and_refusals
                a_seller_knows_its_own_people_only
                a_turn_is_taken_once
                a_turn_keeps_what_it_came_to
            }
            claim {
                asking_again_gives_the_same_lead
                a_batch_is_served_in_order
                waiting_twice_gives_one_lead
                a_batch_gives_everybody_another_person
                a_person_is_with_one_operator_in_all_campaigns
                a_person_is_given_once_in_a_batch
                the_queue_has_one_order
                among_equals_the_longest_due_goes_first
                among_the_retried_the_longest_due_goes_first
                promises_go_by_their_time
                a_personal_promise_is_not_given_to_others
                a_promise_comes_with_its_note_and_history
                a_campaign_can_be_asked_for
                a_campaign_that_does_not_run_hands_nothing_out
                an_outdated_batch_is_told_so
                a_disabled_operator_gets_nothing
                an_unknown_operator_is_not_found
                a_hand_out_keeps_its_decision
                an_unknown_assignment_is_not_found
                a_long_row_of_blocked_candidates_is_moved_step_by_step
            }
            eligibility {
                a_closed_lane_gives_nobody_and_is_left_alone
                hours_are_the_persons_own
                an_unknown_zone_is_never_handed_out
                a_cap_moves_the_lead_to_when_it_has_room
                a_cap_counts_for_the_seller
                a_refusal_cools_the_seller_down
                a_suppressed_person_is_closed
                a_suppression_closes_the_sellers_leads
                an_unlisted_phone_may_be_suppressed
                a_licence_that_has_ended_closes
                a_promise_outside_the_hours_waits_for_the_opening
                a_promise_over_a_cap_waits_for_room
                the_facts_of_a_lead_can_be_asked_for
            }
            outcome {
                a_repeated_report_is_answered_the_same
                reports_at_once_are_one
                a_contradicting_report_is_refused
                somebody_elses_assignment_is_not_yours
                an_open_assignment_takes_its_report_past_the_lease
                a_late_report_is_kept_once
                an_order_keeps_its_price
                a_refusal_keeps_its_reason_and_what_was_offered
                an_objection_counts_for_the_seller_at_once
                an_objection_during_a_call_takes_the_lead_back
                retries_end_when_they_are_exhausted
                some_outcomes_close_at_once
                a_number_of_somebody_else_is_called_by_nobody
                a_promise_is_kept_by_the_call
                a_promise_is_dropped_by_an_objection
                promises_are_shown_to_whom_they_concern
                outcomes_at_once_have_each_their_answer
                a_clock_that_runs_ahead_dates_its_own_calls_only
            }
            loops {
                due_leads_become_ready
                promised_leads_are_not_promoted
                an_expired_lease_gives_the_lead_back
                leases_are_taken_back_within_bounds
                an_expired_lease_counts_as_a_try
                an_expired_lease_keeps_the_promise
                an_expired_lease_of_an_objector_closes
                leases_that_run_out_together_end_each_as_it_must
                a_personal_promise_escalates_after_the_grace
                the_grace_counts_from_when_a_promise_may_be_kept
                an_expired_lease_keeps_the_priority
            }
            assignments {
                a_lead_that_is_held_keeps_its_operator
                a_lead_is_held_for_four_leases_at_most
                an_assignment_is_held_and_handed_back_by_its_operator_only
                a_lead_handed_back_is_where_it_was
                a_hand_back_is_no_try
                a_number_handed_back_was_not_dialled
                a_promise_handed_back_is_kept_by_others
                a_lead_of_an_objector_is_closed_when_it_is_handed_back
                a_hand_back_and_an_outcome_at_once
            }
            takes {
                a_lead_that_is_taken_goes_back
                a_lead_that_is_taken_goes_to_its_promise_or_is_closed
                a_lead_is_handed_over_at_once
                a_lead_is_handed_over_to_who_is_free
                a_lead_is_handed_over_by_the_rules
                a_take_and_an_outcome_at_once
                two_takes_for_one_operator_at_once
            }
            away {
                an_absence_is_kept_until_it_is_taken_back
                a_promise_of_somebody_who_is_away_is_anybodys
                a_promise_of_somebody_who_is_back_in_time_stays_theirs
                ones_own_promises_come_first
                overdue_promises_are_shown_longest_first
            }
            bell {
                what_makes_work_rings
            }
            late {
                a_late_outcome_is_shown_in_full
                late_outcomes_are_shown_newest_first
                a_late_outcome_is_reviewed_once
            }
            mix {
                shares_hold_over_hand_outs_and_restarts
                a_list_without_a_share_has_one
                a_list_that_was_empty_makes_up_for_nothing
                a_share_of_nothing_switches_a_list_off
                a_mix_of_nothing_is_refused
                a_mix_names_lists_of_the_campaign
            }
            skills {
                a_lead_in_a_language_goes_to_those_who_speak_it
                a_campaign_asks_for_skills
                a_promise_goes_to_those_who_can_keep_it
                a_lead_is_kept_for_one_operator
                what_was_kept_for_a_disabled_user_is_anybodys
                new_leads_are_limited_per_operator_and_hour
                a_campaign_has_its_own_order_of_the_queue
                a_wrong_or_silent_number_gives_way_to_the_next
                a_promise_is_kept_on_its_number
                a_retry_comes_at_another_part_of_the_day
            }
            rules {
                consent_is_needed_where_the_law_asks_for_it
                a_hand_out_keeps_the_rules_and_what_they_found
                a_waiver_opens_closed_hours
                a_register_that_is_needed_must_be_fresh
                a_later_consent_lifts_a_register_where_the_rule_says_so
                an_unknown_jurisdiction_is_closed
                what_counts_as_an_objection_suppresses_for_the_seller
                an_abandoned_call_cools_down
                a_change_of_rules_decides_anew
                going_back_to_earlier_rules_decides_anew
                one_number_that_is_held_back_leaves_the_others
                a_register_leaves_the_sellers_own_clients
                the_funnel_adds_up_whatever_happens
            }
            tariffs {
                a_draft_is_replaced
                a_published_tariff_cannot_change
                publishing_again_changes_nothing
                a_retired_tariff_is_not_published
                a_tariff_belongs_to_campaigns_that_are_there
                a_reopened_lead_says_why
                a_refusal_is_reopened_once_per_tariff
                a_tariff_brings_a_refusal_back_once
                an_older_refusal_does_not_stand
                a_step_is_taken_once
                a_held_lead_comes_back_later
                who_objected_since_is_not_reopened
                refusals_are_read_in_pages
                later_refusals_are_left_out
            }
            answering {
                what_a_tariff_answers_is_what_the_rule_says
                old_answers_have_their_wants_in_rows
            }
            reopenings {
                a_budget_lets_the_best_through_and_no_more
                what_is_taken_back_leaves_its_place_in_the_day
                a_cool_down_stands_before_a_budget
                reopened_leads_get_their_share
                whoever_had_the_refusal_is_first
                who_is_held_out_is_not_called
                who_is_held_out_without_the_offer_is_not_told_of_it
                a_tariff_says_what_it_brought
                whoever_was_taken_back_is_measured_all_the_same
            }
            tariff_life {
                a_tariff_has_versions_and_a_price_history
                a_tariff_begins_and_ends_by_itself_once
                what_nobody_called_is_taken_back
                what_is_handed_back_uncalled_is_taken_back
                a_withdrawal_and_hand_backs_at_once
                a_promise_outlives_the_tariff_of_a_merged_lead
                a_successor_ends_the_tariff_it_replaces
                time_alone_may_reopen_a_refusal
                a_tariff_that_ends_takes_back_its_own_alone
                two_leads_of_a_person_are_counted_one_after_the_other
                a_version_begins_when_the_one_before_is_taken_back
                a_version_leaves_no_gap
                who_asked_to_be_called_later_comes_back
                no_tariff_event_shortens_a_cool_down
            }
            previews {
                a_preview_says_what_a_publication_does
                who_is_taken_back_counts_as_refused
                who_was_held_out_to_the_end_is_not_answered_again
                whatever_came_before_a_preview_says_what_is_done
                whoever_a_register_holds_is_told
                a_guess_says_what_it_rests_on
                ceilings_are_counted
            }
            questions {
                the_funnel_counts_every_lead_once
                the_funnel_knows_when_the_first_comes
                outcomes_are_filtered_by_each_column
                an_outcome_is_told_in_full
                a_lead_tells_the_refusal_that_closes_it
                outcomes_page_without_loss_or_repeat
                the_report_of_a_known_story
                the_report_of_an_empty_campaign
                vendors_are_told_in_one_order
                the_median_is_the_lower_middle
                leads_in_question_are_found_in_three_ways
                an_operator_without_a_lead_holds_none
            }
            clients {
                joins_are_shown_until_they_are_merged
                a_merge_makes_one_client_of_two
                only_two_clients_who_are_there_are_merged
                caps_and_cool_downs_are_those_of_both
                a_lead_of_one_goes_along
                two_leads_become_one
                one_promise_stays_open
                a_suppression_of_either_holds_for_the_one
                open_work_refuses_a_merge
                a_late_objection_counts_for_the_one
                an_undo_after_a_merge_takes_what_its_list_brought
                an_undo_after_a_merge_keeps_what_was_worked
                an_undo_that_leaves_a_wrong_number_ends_the_lead
                a_refusal_of_either_may_be_answered
                a_merge_and_a_hand_out_at_once
            }
            registers {
                a_register_suppresses_at_load_and_hand_out
                a_newer_file_keeps_and_lifts
                a_half_loaded_file_lifts_nobody
                a_file_that_is_given_up_leaves_nothing
                an_older_or_empty_file_is_refused
                a_register_holds_for_whom_it_is_kept
                a_suppression_may_hold_for_one_campaign
                what_stands_against_a_person_can_be_asked
            }
            suppression_keys {
                numbers_in_clear_are_hashed
                a_suppression_keeps_no_number
                any_number_of_a_person_is_looked_up
                a_node_with_another_key_is_refused
                a_newer_key_waits_for_its_rotation
                suppressions_hold_while_the_key_is_replaced
                a_node_without_the_new_key_does_not_look_up
            }
            erasures {
                an_erased_client_has_nothing_personal_left
                an_objection_outlives_an_erasure
                an_erased_client_is_not_called_again
                an_erasure_waits_for_open_work
                an_erasure_and_a_hand_out_at_once
                a_client_is_erased_once
                a_late_report_about_an_erased_client_says_nothing
                clients_are_read_for_retention
            }
            order_drafts {
                a_draft_rests_on_what_is_kept
                a_draft_outlives_its_lease_and_not_its_outcome
            }
            orders {
                numbers_are_taken_once_and_without_a_gap
                an_order_is_verified_by_a_second_person_and_then_fulfilled
                a_correction_keeps_what_was_there_before
                a_change_brings_nothing_erased_back
                a_cancelled_order_brings_its_lead_back
                a_cancelled_order_brings_nobody_back_to_a_wrong_number
                a_cancelled_order_brings_back_nobody_who_must_not_be_called
            }
            webhooks {
                a_message_is_written_with_its_news
                a_message_is_sent_by_one_at_a_time
                a_message_is_tried_again_until_its_span_is_over
                a_system_that_is_away_is_left_alone
                an_erased_person_is_told_of_no_more
            }
            idempotency {
                a_request_is_answered_once
                a_key_belongs_to_one_request
                a_key_is_a_users_own
                a_stale_reservation_is_taken_over
                a_freed_key_may_be_used_again
                a_key_is_reserved_by_one
            }
        }
    };
    (@rules $make_world:ident $($subject:ident { $($rule:ident)+ })+) => {
        $(mod $subject {
            $(#[tokio::test]
            async fn $rule() {
                let world = super::$make_world().await;
                $crate::conformance::$subject::$rule(&world).await;
                world.hold_invariants().await;
            })+
        })+
    };
}

#[cfg(test)]
mod tests {
    /// A rule that nobody lists is a rule that nobody runs.
    #[test]
    fn every_rule_is_listed() {
        let list = include_str!("mod.rs");
        let subjects = [
            include_str!("users.rs"),
            include_str!("campaigns.rs"),
            include_str!("lists.rs"),
            include_str!("claim.rs"),
            include_str!("eligibility.rs"),
            include_str!("outcome.rs"),
            include_str!("pulls.rs"),
            include_str!("loops.rs"),
            include_str!("tariffs.rs"),
            include_str!("answering.rs"),
            include_str!("reopenings.rs"),
            include_str!("tariff_life.rs"),
            include_str!("previews.rs"),
            include_str!("questions.rs"),
            include_str!("registers.rs"),
            include_str!("suppression_keys.rs"),
            include_str!("erasures.rs"),
            include_str!("clients.rs"),
            include_str!("loads.rs"),
            include_str!("idempotency.rs"),
            include_str!("late.rs"),
            include_str!("away.rs"),
            include_str!("takes.rs"),
            include_str!("assignments.rs"),
            include_str!("bell.rs"),
            include_str!("mix.rs"),
            include_str!("order_drafts.rs"),
            include_str!("orders.rs"),
            include_str!("webhooks.rs"),
            include_str!("rules.rs"),
            include_str!("skills.rs"),
        ];
        for subject in subjects {
            let rules = subject.lines().filter_map(|line| {
                line.strip_prefix("pub async fn ").and_then(|rest| rest.strip_suffix("(world: &World) {"))
            });
            for rule in rules {
                assert!(list.lines().any(|line| line.trim() == rule), "{rule} is not listed in conformance!");
            }
        }
    }
}
