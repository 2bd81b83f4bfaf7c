//! What businesses say of themselves: kept as they said it, bounded by the policy, and given to whoever asks.
use crate::{
    Network,
    operations::call::{business_only, reads, writes},
    refusal::Refusal,
    rows::Caller,
    session::Answer,
    usernames,
};
use aws_lc_rs::digest;
use suki_protocol::calls::{
    Call as _, Done,
    profile::{GetProfile, Profile, SetPicture, SetProfile, ShownProfile},
};
use suki_rules::{Policy, goods, profile as rules};
use suki_store::{StoreError, Tx};
use suki_types::{AccountId, limits};

/// How many characters of its hash name a picture.
const NAME_BYTES: usize = 12;
/// What a JPEG begins with.
const JPEG: [u8; 3] = [0xff, 0xd8, 0xff];

/// Answers a call about profiles; `None` when there is none of this name.
pub(crate) fn call(network: &Network, caller: Caller, name: &str, json: &[u8]) -> Option<Answer> {
    let own = network.clone();
    Some(match name {
        GetProfile::NAME => reads(network, json, move |tx, asked: &GetProfile| get(tx, asked.business)),
        SetProfile::NAME => writes(network, json, move |tx, asked: &SetProfile| {
            business_only(&caller)?;
            check(own.policy(), &asked.profile)?;
            set(tx, caller.account, &asked.profile)?;
            Ok((Done {}, Vec::new()))
        }),
        SetPicture::NAME => writes(network, json, move |tx, asked: &SetPicture| {
            business_only(&caller)?;
            set_picture(own.policy(), tx, caller.account, &asked.jpeg.0)?;
            Ok((Done {}, Vec::new()))
        }),
        _ => return None,
    })
}

/// Whether a business's programs greet who opens the chat for the first time.
///
/// # Errors
/// When the store fails.
pub(crate) fn greets(tx: &mut Tx<'_>, business: AccountId) -> Result<bool, StoreError> {
    let sql = "SELECT greets FROM business_profile WHERE account = ?1";
    Ok(tx.query_opt(sql, &[(&business).into()], |row| row.get(0))?.unwrap_or(false))
}

impl Network {
    /// A business's picture of this name: a JPEG.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn business_picture(&self, business: AccountId, name: String) -> Result<Option<Vec<u8>>, StoreError> {
        self.db()
            .read(move |tx| {
                let sql = "SELECT data FROM business_picture WHERE account = ?1 AND name = ?2";
                tx.query_opt(sql, &[(&business).into(), name.as_str().into()], |row| row.get(0))
            })
            .await
    }
}

fn get(tx: &mut Tx<'_>, business: AccountId) -> Result<ShownProfile, Refusal> {
    let sql = "SELECT b.about, COALESCE(p.json, ''), COALESCE(i.name, '') FROM business b \
         LEFT JOIN business_profile p ON p.account = b.account LEFT JOIN business_picture i ON i.account = b.account WHERE b.account = ?1";
    let found = tx.query_opt(sql, &[(&business).into()], |row| Ok((row.get::<String>(0)?, row.get::<String>(1)?, row.get::<String>(2)?)))?;
    let (about, json, picture) = found.ok_or_else(|| Refusal::unknown("No business has this id; take it from the business's link"))?;
    let said = if json.is_empty() { Ok(Profile::default()) } else { serde_json::from_str(&json).map_err(|_| StoreError::Corrupt("profile")) };
    Ok(ShownProfile { profile: Profile { about, ..said? }, picture, username: usernames::of(tx, business)? })
}

fn check(policy: &Policy, said: &Profile) -> Result<(), Refusal> {
    let (most, chars) = (&policy.profile, |text: &String| text.chars().count());
    let longest = |texts: &mut dyn Iterator<Item = &String>| texts.map(chars).max().unwrap_or_default();
    rules::check(
        policy,
        &[
            ("about", chars(&said.about), limits::ABOUT_CHARS as u64),
            ("address", chars(&said.address), most.address),
            ("description", chars(&said.description), most.description),
            ("email", chars(&said.email), most.email),
            ("vertical", chars(&said.vertical), limits::NAME_CHARS as u64),
            ("websites", said.websites.len(), most.websites),
            ("an address in websites", longest(&mut said.websites.iter()), most.website),
            ("prompts", said.prompts.len(), most.prompts),
            ("a text in prompts", longest(&mut said.prompts.iter()), most.prompt),
            ("commands", said.commands.len(), most.commands),
            ("a name in commands", longest(&mut said.commands.iter().map(|one| &one.name)), most.command),
            ("a description in commands", longest(&mut said.commands.iter().map(|one| &one.description)), most.command_description),
        ],
    )
    .map_err(Refusal::rule)?;
    for text in [&said.about, &said.description].into_iter().chain(&said.prompts) {
        goods::check_profile(policy, text).map_err(Refusal::rule)?;
    }
    Ok(())
}

fn set(tx: &mut Tx<'_>, business: AccountId, said: &Profile) -> Result<(), Refusal> {
    let json =
        serde_json::to_string(&Profile { about: String::new(), ..said.clone() }).map_err(|_| Refusal::malformed("The profile cannot be kept"))?;
    tx.execute(
        "INSERT INTO business_profile (account, json, greets, hidden) VALUES (?1, ?2, ?3, ?4) \
         ON CONFLICT (account) DO UPDATE SET json = excluded.json, greets = excluded.greets, hidden = excluded.hidden",
        &[(&business).into(), json.as_str().into(), said.greets.into(), said.hidden.into()],
    )?;
    tx.execute("UPDATE business SET about = ?2 WHERE account = ?1", &[(&business).into(), said.about.as_str().into()])?;
    Ok(())
}

/// The name under which a picture stands: of these bytes alone.
pub(crate) fn picture_name(jpeg: &[u8]) -> String {
    let hash = digest::digest(&digest::SHA256, jpeg);
    hash.as_ref()[..NAME_BYTES].iter().map(|byte| format!("{byte:02x}")).collect()
}

fn set_picture(policy: &Policy, tx: &mut Tx<'_>, business: AccountId, jpeg: &[u8]) -> Result<(), Refusal> {
    tx.execute("DELETE FROM business_picture WHERE account = ?1", &[(&business).into()])?;
    if jpeg.is_empty() {
        return Ok(());
    }
    rules::check_picture(policy, jpeg.len()).map_err(Refusal::rule)?;
    if !jpeg.starts_with(&JPEG) {
        return Err(Refusal::malformed("A business's picture is a JPEG"));
    }
    let name = picture_name(jpeg);
    let sql = "INSERT INTO business_picture (account, name, data) VALUES (?1, ?2, ?3)";
    tx.execute(sql, &[(&business).into(), name.as_str().into(), jpeg.into()])?;
    Ok(())
}
