//! `business.rules` and `media.rules`: the figures a business, and everybody who sends files, is held to.
use crate::{
    Network,
    operations::call::{business_only, reads},
    refusal::Refusal,
    rows::Caller,
    session::Answer,
};
use std::collections::BTreeMap;
use suki_protocol::calls::{
    Call as _,
    rules::{
        CommerceRules, FileRules, FlowRules, GetMediaRules, GetRules, IdentityRules, MediaRule, MediaRules, NumberRules, PictureRules, ProgramRules,
        Rates, Rules, Tiers, WindowRules,
    },
};
use suki_rules::{Flows, LateReplies, NumberFigures, Policy};
use suki_store::{StoreError, Tx};
use suki_types::AccountId;

/// The calls about rules; `None` for any other name.
pub(crate) fn call(network: &Network, caller: Caller, name: &str, json: &[u8]) -> Option<Answer> {
    let own = network.clone();
    if name == GetMediaRules::NAME {
        return Some(reads::<GetMediaRules>(network, json, move |_, _| Ok(MediaRules { media: media(own.policy()) })));
    }
    if name != GetRules::NAME {
        return None;
    }
    Some(reads::<GetRules>(network, json, move |tx, _| {
        business_only(&caller)?;
        Ok::<_, Refusal>(rules(own.policy(), is_high(tx, caller.account)?))
    }))
}

fn is_high(tx: &mut Tx<'_>, business: AccountId) -> Result<bool, StoreError> {
    let sql = "SELECT high_throughput FROM standing WHERE business = ?1";
    Ok(tx.query_opt(sql, &[(&business).into()], |row| row.get(0))?.unwrap_or(false))
}

fn rules(policy: &Policy, high: bool) -> Rules {
    Rules {
        policy: policy.name.clone(),
        window: WindowRules {
            length_millis: policy.window.length.millis(),
            business_renews: policy.window.refreshed_by_business(),
            warn_before_millis: policy.window.warn_before.millis(),
            late_replies: policy.window.late_replies == LateReplies::Charged,
            late_within_millis: policy.window.late_within.millis(),
        },
        rates: Rates {
            pair_interval_millis: policy.rates.pair_interval.millis(),
            pair_burst: policy.rates.pair_burst,
            per_second: if high { policy.rates.high_per_second } else { policy.rates.per_second },
        },
        staff_most: policy.staff.most,
        broadcast_recipients: policy.broadcast.recipients,
        broadcast_saved_only: policy.broadcast.saved_only,
        marketing_most: policy.frequency.marketing,
        marketing_within_millis: policy.frequency.within.millis(),
        tiers: Tiers { limits: policy.tiers.limits.clone(), unlimited: policy.tiers.unlimited, period_millis: policy.tiers.period.millis() },
        media: media(policy),
        number: number(&policy.number),
        flows: flows(&policy.flows),
        commerce: commerce(policy),
        pictures: pictures(policy),
        group_picture_bytes: policy.groups.picture_bytes,
        identity: IdentityRules { phone_shown_millis: policy.usernames.phone_shown.millis() },
        files: FileRules {
            uploaded_millis: policy.media.uploaded_kept.millis(),
            received_millis: policy.media.received_kept.millis(),
            address_millis: policy.media.address_holds.millis(),
            link_kept_millis: policy.media.link_kept.millis(),
            link_within_millis: policy.media.link_within.millis(),
        },
        programs: ProgramRules {
            calls_per_hour: policy.programs.calls_per_hour,
            active_calls_per_hour: policy.programs.active_calls_per_hour,
            app_calls_per_hour: policy.programs.app_calls_per_hour,
            code_millis: policy.programs.code_life.millis(),
            token_millis: policy.programs.token_life.millis(),
        },
    }
}

fn number(figures: &NumberFigures) -> NumberRules {
    NumberRules {
        registrations: figures.registrations,
        within_millis: figures.registrations_within.millis(),
        settles_millis: figures.settles.millis(),
        pin_guesses: figures.pin_guesses,
        pin_closed_millis: figures.pin_closed.millis(),
        pin_pause_millis: figures.pin_pause.millis(),
        qr_links: figures.qr_links,
    }
}

fn flows(figures: &Flows) -> FlowRules {
    FlowRules {
        most: figures.most,
        draft_customers: figures.draft_customers,
        preview_millis: figures.preview_life.millis(),
        throttled_per_hour: figures.throttled_per_hour,
        questions_per_minute: figures.questions_per_minute,
        watched_millis: figures.watched.millis(),
        watched_from: figures.watched_from,
        error_rate: figures.error_rate,
        throttled_at: figures.throttled_at,
        blocked_at: figures.blocked_at,
        latency_millis: figures.latency.millis(),
        availability: figures.availability,
    }
}

fn commerce(policy: &Policy) -> CommerceRules {
    let words = |languages: &BTreeMap<String, Vec<String>>| languages.values().flatten().cloned().collect();
    CommerceRules {
        catalogs: policy.commerce.catalogs,
        products: policy.commerce.products,
        quantity: policy.commerce.quantity,
        prohibited: policy.goods.words.iter().map(|(kind, languages)| (kind.clone(), words(languages))).collect(),
    }
}

fn pictures(policy: &Policy) -> PictureRules {
    PictureRules {
        uploaded_bytes: policy.media.image_bytes,
        least_side: policy.profile.picture_side,
        shown_side: policy.profile.picture_shown,
        bytes: policy.profile.picture_bytes,
    }
}

fn media(policy: &Policy) -> Vec<MediaRule> {
    let media = &policy.media;
    let kinds = [
        ("image", &media.image_types, media.image_bytes),
        ("video", &media.video_types, media.video_bytes),
        ("audio", &media.audio_types, media.audio_bytes),
        ("document", &media.document_types, media.document_bytes),
        ("sticker", &media.sticker_types, media.sticker_bytes),
        ("moving_sticker", &media.sticker_types, media.moving_sticker_bytes),
    ];
    kinds.map(|(kind, types, bytes)| MediaRule { kind: kind.to_owned(), types: types.clone(), bytes }).into()
}
