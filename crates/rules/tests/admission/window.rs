//! The window and its free entry (R94 to R98).
use crate::{DAY, HOUR, SECOND, at, both, classic, facts, meta, passes, refused, sends, text, why};
use suki_rules::{Category, Chat, Direction, Facts, Kind};
use suki_types::Timestamp;

fn from_customer(kind: Kind, window_until: Option<Timestamp>) -> Facts {
    let facts = facts(Direction::ToBusiness, kind);
    Facts { chat: Chat { window_until, ..Chat::default() }, ..facts }
}

/// R94.
#[test]
fn the_customers_message_opens_the_window() {
    for policy in both() {
        for kind in [Kind::Session, Kind::Reaction] {
            assert_eq!(passes(&policy, &from_customer(kind, None), 0).chat.window_until, Some(at(DAY)));
        }
        let again = |now| passes(&policy, &from_customer(Kind::Session, Some(at(DAY))), now).chat;
        assert_eq!(again(HOUR).window_until, Some(at(DAY + HOUR)));
        assert_eq!(again(HOUR).customer_wrote_at, Some(at(HOUR)));
        // Closed for a day: the customer's message opens it again.
        assert_eq!(again(2 * DAY).window_until, Some(at(3 * DAY)));
        // A clock that goes back closes nothing.
        assert_eq!(again(-HOUR).window_until, Some(at(DAY)));
    }
}

/// R94, R95: one second before its end, and one after it.
#[test]
fn free_text_passes_until_the_second_at_which_the_window_ends() {
    for policy in both() {
        let answered = |kind, now| {
            let mut facts = facts(Direction::ToCustomer, kind);
            facts.chat.business_wrote_at = Some(at(HOUR));
            if now < DAY { (passes(&policy, &facts, now).category.map(Category::word), 0) } else { (None, why(&policy, &facts, now).1) }
        };
        for kind in [Kind::Session, Kind::Reaction] {
            assert_eq!(answered(kind, DAY - SECOND), (Some("service"), 0));
            for now in [DAY, DAY + SECOND] {
                assert_eq!(answered(kind, now), (None, 131_047));
            }
        }
    }
}

/// R96: in the classic profile every timely message restarts the window, in today's only the customer's does.
#[test]
fn who_restarts_the_window_is_the_profiles_business() {
    let now = DAY - SECOND;
    for kind in [text(), sends(Category::Utility)] {
        assert_eq!(passes(&meta(), &kind, now).chat.window_until, Some(at(DAY)));
        assert_eq!(passes(&classic(), &kind, now).chat.window_until, Some(at(DAY + now)));
    }
    let reaction = facts(Direction::ToCustomer, Kind::Reaction);
    assert_eq!(passes(&classic(), &reaction, now).chat.window_until, Some(at(DAY)), "a reaction of the business is no message");
    // Outside the window nothing of the business opens it.
    assert_eq!(passes(&classic(), &sends(Category::Utility), DAY).chat.window_until, Some(at(DAY)));
}

/// R98: the classic profile lets one late reply pass and says that it costs; today's refuses it.
#[test]
fn a_late_reply_is_charged_or_refused() {
    let late = DAY + SECOND;
    assert_eq!(why(&meta(), &text(), late), ("window", 131_047));
    let effects = passes(&classic(), &text(), late);
    assert!(effects.late && !effects.begins);
    assert_eq!(effects.chat.window_until, Some(at(DAY)), "it is not timely: the window stays closed");
    // The last word is the business's now.
    let again = Facts { chat: effects.chat, ..text() };
    assert_eq!(why(&classic(), &again, late + SECOND), ("window", 131_047));
    // After 30 days nobody waits any more.
    assert!(passes(&classic(), &text(), 31 * DAY - SECOND).late);
    assert_eq!(why(&classic(), &text(), 31 * DAY), ("window", 131_047));
    // It is a reply: not to whom never wrote, and a reaction is none.
    let stranger = Facts { chat: Chat::default(), ..text() };
    assert_eq!(why(&classic(), &stranger, 0), ("window", 131_047));
    assert_eq!(why(&classic(), &facts(Direction::ToCustomer, Kind::Reaction), late), ("window", 131_047));
    assert!(!passes(&classic(), &text(), DAY - SECOND).late);
}

#[test]
fn a_refusal_has_the_figures() {
    let refused_late = refused(&meta(), &text(), DAY + 3 * HOUR);
    for part in ["24 hours", "closed 3 hours ago", "approved template", "meta-2026", "window.length = 24h"] {
        assert!(refused_late.message.contains(part), "{part} is not in: {refused_late}");
    }
    assert_eq!(refused_late.retry_at, None);
    let never = refused(&meta(), &Facts { chat: Chat::default(), ..text() }, 0).message;
    assert!(never.contains("has not written yet"), "{never}");
    let reaction = refused(&classic(), &facts(Direction::ToCustomer, Kind::Reaction), DAY + 61_500).message;
    assert!(reaction.contains("A reaction") && reaction.contains("last timely message") && reaction.contains("closed 61 seconds ago"), "{reaction}");
    let mut answered = text();
    answered.chat.business_wrote_at = Some(at(HOUR));
    let answered = refused(&classic(), &answered, 2 * DAY).message;
    assert!(answered.contains("One late reply") && answered.contains("30 days"), "{answered}");
}

/// Cloud API, section 3e: free for 72 hours from the business's answer, if that comes within 24.
#[test]
fn a_free_entry_is_open_for_72_hours_from_an_answer_in_time() {
    let mut came = from_customer(Kind::Session, None);
    came.through_entry = true;
    let chat = passes(&meta(), &came, 0).chat;
    assert_eq!((chat.entry_at, chat.entry_until), (Some(at(0)), None), "open only once the business has answered");
    let answer = |chat, now| passes(&meta(), &Facts { chat, ..text() }, now);
    let first = answer(chat, HOUR);
    assert!(first.free_entry);
    assert_eq!((first.chat.entry_at, first.chat.entry_until), (None, Some(at(HOUR + 3 * DAY))));
    assert_eq!(answer(first.chat, 2 * HOUR).chat.entry_until, first.chat.entry_until, "the first answer counts");
    // It says what a message costs, not whether it may pass: the customer-service window is its own.
    assert_eq!(why(&meta(), &Facts { chat: first.chat, ..text() }, DAY), ("window", 131_047));
    let template = Facts { chat: first.chat, ..sends(Category::Marketing) };
    assert!(passes(&meta(), &template, HOUR + 3 * DAY - SECOND).free_entry);
    assert!(!passes(&meta(), &template, HOUR + 3 * DAY).free_entry);
    // Answered a day later, with a template because the window has closed by then.
    let template_at = |now| passes(&meta(), &Facts { chat, ..sends(Category::Utility) }, now);
    assert!(template_at(DAY).free_entry);
    let too_late = template_at(DAY + SECOND);
    assert_eq!((too_late.free_entry, too_late.chat.entry_at, too_late.chat.entry_until), (false, None, None));
    // A reaction is no answer.
    assert_eq!(passes(&meta(), &Facts { chat, ..facts(Direction::ToCustomer, Kind::Reaction) }, HOUR).chat.entry_at, Some(at(0)));
}

#[test]
fn which_entry_points_are_free_is_the_profiles_business() {
    assert!(meta().entry.is_opened_by("ad") && meta().entry.is_opened_by("page"));
    assert!(!meta().entry.is_opened_by("link") && !meta().entry.is_opened_by(""));
    assert!(!classic().entry.is_opened_by("ad"));
}

#[test]
fn control_messages_pass_and_change_nothing() {
    for policy in both() {
        for direction in [Direction::ToBusiness, Direction::ToCustomer] {
            for now in [0, DAY, 40 * DAY] {
                let control = facts(direction, Kind::Control);
                let effects = passes(&policy, &control, now);
                assert_eq!((effects.chat, effects.category), (control.chat, None));
            }
        }
    }
}

#[test]
fn the_end_of_time_is_no_panic() {
    let ends = [None, Some(Timestamp::from_millis(i64::MIN)), Some(Timestamp::from_millis(i64::MAX))];
    for policy in both() {
        for now in [i64::MIN, -1, 0, i64::MAX].map(Timestamp::from_millis) {
            for (end, other) in ends.iter().flat_map(|end| ends.iter().map(move |other| (*end, *other))) {
                for kind in [Kind::Session, Kind::Template, Kind::Reaction, Kind::Control] {
                    for direction in [Direction::ToBusiness, Direction::ToCustomer] {
                        let mut asked = sends(Category::Marketing);
                        (asked.kind, asked.direction, asked.reached_at) = (kind, direction, other);
                        asked.chat = Chat {
                            window_until: end,
                            entry_at: other,
                            entry_until: end,
                            customer_wrote_at: other,
                            business_wrote_at: end,
                            pair_tat: other,
                        };
                        (asked.standing.restricted_until, asked.standing.banned_until) = (other, end);
                        let _ = suki_rules::admit(&policy, &asked, now);
                    }
                }
            }
        }
    }
}
