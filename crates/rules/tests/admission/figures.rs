//! Broadcasts, staff and media (R60, R61, R90), and the sections' own checks.
use crate::{both, meta};
use suki_rules::{Policy, Relation, SHIPPED_POLICIES, broadcast, media, media::MediaKind, staff};

/// R60.
#[test]
fn a_broadcast_has_at_most_256_recipients() {
    for policy in both() {
        for count in [1, 256] {
            assert_eq!(broadcast::check_list(&policy, count), Ok(()));
        }
        for count in [0, 257, usize::MAX] {
            let refused = broadcast::check_list(&policy, count).expect_err("it is out of range");
            assert!(refused.message.contains("1 to 256"), "{refused}");
        }
    }
}

/// R61.
#[test]
fn a_broadcast_reaches_only_who_saved_the_business() {
    for policy in both() {
        assert!(broadcast::check_recipient(&policy, &Relation { saved: true, ..Relation::STRANGERS }).is_ok());
        let refused = broadcast::check_recipient(&policy, &Relation::STRANGERS).expect_err("he did not");
        assert_eq!((refused.rule, refused.cloud_api_code), ("broadcast", 131_026));
        let mut open = policy;
        open.broadcast.saved_only = false;
        assert!(broadcast::check_recipient(&open, &Relation::STRANGERS).is_ok());
    }
}

/// R90: 25, and the limit is a setting.
#[test]
fn the_26th_operator_is_one_too_many() {
    for mut policy in both() {
        assert_eq!(staff::check(&policy, 24), Ok(()));
        let refused = staff::check(&policy, 25).expect_err("there are 25");
        assert!(refused.message.contains("at most 25"), "{refused}");
        policy.staff.most = 26;
        assert_eq!(staff::check(&policy, 25), Ok(()));
    }
}

#[test]
fn media_are_of_their_types_and_sizes() {
    let mib = 1024 * 1024;
    let cases = [
        (MediaKind::Image, "image/jpeg", 5 * mib),
        (MediaKind::Video, "video/mp4", 16 * mib),
        (MediaKind::Audio, "audio/ogg", 16 * mib),
        (MediaKind::Document, "application/pdf", 100 * mib),
        (MediaKind::Sticker { moving: false }, "image/webp", 100 * 1024),
        (MediaKind::Sticker { moving: true }, "image/webp", 500 * 1024),
    ];
    for policy in both() {
        for (kind, media_type, most) in cases {
            assert_eq!(media::check(&policy, kind, media_type, most), Ok(()));
            assert_eq!(media::check(&policy, kind, &media_type.to_uppercase(), 1), Ok(()));
            for bytes in [0, most + 1] {
                let refused = media::check(&policy, kind, media_type, bytes).expect_err("it is too large or empty");
                assert!(refused.message.contains(&format!("1 to {most}")), "{refused}");
            }
            let refused = media::check(&policy, kind, "application/x-msdownload", 1).expect_err("nobody sends that");
            assert!(refused.message.contains(media_type), "{refused}");
        }
    }
}

/// A typo, a wrong unit or a figure out of range names its line and field.
#[test]
fn a_wrong_figure_names_its_field() {
    let (_, text) = SHIPPED_POLICIES[0];
    let line_of = |needle: &str| text.lines().position(|line| line.contains(needle)).expect("the file has it") + 1;
    for (from, to, field, says) in [
        ("warn_before = \"2h\"", "warn_before = \"24h\"", "window.warn_before", "less than 24h"),
        ("warn_before = \"2h\"", "warn_before = \"2\"", "window.warn_before", "s, m, h or d"),
        ("late_replies = \"refused\"", "late_replies = \"maybe\"", "window.late_replies", "`refused` or `charged`"),
        ("opened_by = [\"ad\", \"page\"]", "opened_by = [\"Ad\"]", "entry.opened_by", "a to z"),
        ("private = [\"reply\"]", "private = [\"answer\"]", "choices.private", "`reply`"),
        ("stopped = [\"marketing\"]", "stopped = []", "choices.stopped", "1 to 4 entries"),
        ("pair_interval = \"6s\"", "pair_interval = \"6ms\"", "rates.pair_interval", "s, m, h or d"),
        ("pair_burst = 45", "pair_burst = 0", "rates.pair_burst", "1 to"),
        ("high_per_second = 1000", "high_per_second = 79", "rates.high_per_second", "at least 80"),
        ("inside_window = false", "inside_window = \"no\"", "frequency.inside_window", "bool"),
        ("recipients = 256", "recipients = -1", "broadcast.recipients", ""),
        ("most = 25", "most = 0", "staff.most", "1 to"),
        ("active_calls_per_hour = 5000", "active_calls_per_hour = 199", "programs.active_calls_per_hour", "at least 200"),
        ("code_life = \"10m\"", "code_life = \"10s\"", "programs.code_life", "1m to 1d"),
        ("image_types = [\"image/jpeg\", \"image/png\"]", "image_types = [\"jpeg\"]", "media.image_types", "image/png"),
    ] {
        assert!(text.contains(from), "{from}");
        let error = Policy::parse("own.toml", &text.replace(from, to)).expect_err(to);
        assert_eq!((error.line, error.field.as_str()), (line_of(from), field), "{error}");
        assert!(error.to_string().contains(says), "{error}");
    }
    assert_eq!(meta().rates.pair_burst, 45);
}
