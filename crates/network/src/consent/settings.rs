//! What a person wants of all businesses (R6), and his language.
use super::{
    daily::{self, Limit, NOBODY, Use},
    relation,
};
use crate::{
    Network,
    operations::call::{self, Wakes},
    refusal::Refusal,
    rows::{self, Caller},
    session::Answer,
};
use suki_protocol::calls::relation::{Choice as Shown, GetSettings, SetSettings, Settings, SettingsChanged};
use suki_rules::consent::Choice;
use suki_store::{StoreError, Tx};
use suki_types::AccountId;

pub(super) fn get(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    call::reads::<GetSettings>(network, json, move |tx, _| {
        call::person_only(&caller)?;
        Ok(load(tx, caller.account)?)
    })
}

pub(super) fn set(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    call::writes::<SetSettings>(network, json, move |tx, asked| {
        call::person_only(&caller)?;
        let before = load(tx, caller.account)?;
        let mut after = before.clone();
        if let Some(choice) = asked.global_choice {
            after.global_choice = choice;
        }
        if let Some(language) = &asked.language {
            after.language = language.clone();
        }
        check(&after)?;
        if after == before {
            return Ok((after, Wakes::new()));
        }
        // To want less always passes.
        if !(after.language == before.language && wish(after.global_choice) < wish(before.global_choice)) {
            let most = own.policy().consent.changes_per_day;
            let name = "A change of the settings";
            let limit = Limit { owner: caller.account, other: NOBODY, what: Use::Settings, most, name, field: "consent.changes_per_day" };
            daily::take(tx, limit, own.now())?;
        }
        store(tx, caller.account, &after)?;
        let mut devices = rows::devices_of(tx, caller.account)?;
        devices.retain(|device| *device != caller.device);
        let wakes = own.append_notice(tx, devices, None, &SettingsChanged { settings: after.clone() })?;
        Ok((after, wakes))
    })
}

fn wish(choice: Shown) -> u8 {
    match choice {
        Shown::None => 0,
        Shown::Important => 1,
        Shown::Default | Shown::All => 2,
    }
}

fn check(settings: &Settings) -> Result<(), Refusal> {
    if settings.global_choice == Shown::Default {
        return Err(Refusal::malformed("`global_choice` is all, important or none; default is for one business"));
    }
    let language = &settings.language;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !language.is_empty() && (!(2..=35).contains(&language.len()) || !language.bytes().all(allowed)) {
        return Err(Refusal::malformed("`language` is a language tag such as en, fil or pt-BR: 2 to 35 letters, digits and hyphens, or empty"));
    }
    Ok(())
}

fn load(tx: &mut Tx<'_>, account: AccountId) -> Result<Settings, StoreError> {
    let found = tx.query_opt("SELECT global_choice, language FROM person WHERE account = ?1", &[(&account).into()], |row| {
        Ok((relation::choice_from(row.get(0)?)?, row.get::<String>(1)?))
    })?;
    let (choice, language) = found.unwrap_or((Choice::All, String::new()));
    Ok(Settings { global_choice: relation::shown(choice), language })
}

/// What a person chose for all businesses.
pub(super) fn global(tx: &mut Tx<'_>, account: AccountId) -> Result<Choice, StoreError> {
    let found = tx.query_opt("SELECT global_choice FROM person WHERE account = ?1", &[(&account).into()], |row| row.get::<i64>(0))?;
    found.map_or(Ok(Choice::All), relation::choice_from)
}

/// Stores them, with a copy in every row that an admission reads.
fn store(tx: &mut Tx<'_>, account: AccountId, settings: &Settings) -> Result<(), StoreError> {
    let choice = relation::choice_number(relation::meant(settings.global_choice));
    tx.execute(
        "INSERT INTO person (account, global_choice, language) VALUES (?1, ?2, ?3) \
         ON CONFLICT (account) DO UPDATE SET global_choice = excluded.global_choice, language = excluded.language",
        &[(&account).into(), choice.into(), (&settings.language).into()],
    )?;
    tx.execute("UPDATE relation SET global_choice = ?2 WHERE customer = ?1", &[(&account).into(), choice.into()])?;
    Ok(())
}
