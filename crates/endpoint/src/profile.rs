//! What the business says of itself to its customers.
use crate::{
    Business, Error,
    settings::{self, Setting},
};
use suki_cloud_api::number::profile::{Change, Profile};
use suki_store::Tx;
use suki_types::AccountId;

impl Setting for Profile {
    const SUBJECT: &'static str = "profile";
}

impl Business {
    /// The profile; before anything was set it says what the business said when it was made.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn profile(&self) -> Result<Profile, Error> {
        let (business, about) = (self.id(), self.record().about.clone());
        self.db().read(move |tx| profile(tx, business, &about)).await
    }

    /// Changes the profile.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn change_profile(&self, change: Change) -> Result<Profile, Error> {
        let (business, about) = (self.id(), self.record().about.clone());
        self.db()
            .write(move |tx| {
                let mut profile = profile(tx, business, &about)?;
                change.apply(&mut profile);
                settings::store(tx, business, &profile)?;
                Ok(profile)
            })
            .await
    }
}

fn profile(tx: &mut Tx<'_>, business: AccountId, about: &str) -> Result<Profile, Error> {
    Ok(settings::find(tx, business)?.unwrap_or_else(|| Profile { about: about.to_owned(), ..Profile::default() }))
}
