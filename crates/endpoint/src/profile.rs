//! What the business says of itself to its customers, and what stands in their chats before anybody wrote. The network keeps it for the devices, so a
//! change is the network's to take first; what it missed it is told at the next connection.
use crate::{
    Business, Error,
    media::portrait::{Portrait, Unfit},
    settings::{self, Document},
};
use aws_lc_rs::digest;
use futures_util::TryStreamExt as _;
use suki_cloud_api::{
    ApiError,
    number::{
        automation::{self, Automation},
        profile::{Change, Profile, Visibility},
    },
};
use suki_protocol::{
    calls::profile::{Command, GetProfile, Profile as Said, SetPicture, SetProfile, picture_path},
    http::Base64,
};
use suki_store::Tx;
use suki_types::AccountId;

/// How many bytes of its hash name a picture.
const NAME_BYTES: usize = 12;

impl Document for Profile {
    const SUBJECT: &'static str = "profile";
}
impl Document for Visibility {
    const SUBJECT: &'static str = "visibility";
}

/// Everything that customers are shown.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    profile: Profile,
    automation: Automation,
    visibility: Visibility,
}

impl Shown {
    /// Before anything was set it says what the business said when it was made.
    fn load(tx: &mut Tx<'_>, business: AccountId, about: &str) -> Result<Self, Error> {
        let profile = settings::find(tx, business)?.unwrap_or_else(|| Profile { about: about.to_owned(), ..Profile::default() });
        let automation = settings::find(tx, business)?.unwrap_or_default();
        Ok(Self { profile, automation, visibility: settings::find(tx, business)?.unwrap_or_default() })
    }

    fn said(&self) -> Said {
        let Self { profile, automation, visibility } = self;
        let command = |one: &automation::Command| Command { name: one.command_name.clone(), description: one.command_description.clone() };
        Said {
            about: profile.about.clone(),
            address: profile.address.clone(),
            description: profile.description.clone(),
            email: profile.email.clone(),
            websites: profile.websites.clone(),
            vertical: profile.vertical.clone(),
            greets: automation.enable_welcome_message,
            prompts: automation.prompts.clone(),
            commands: automation.commands.iter().map(command).collect(),
            hidden: visibility.hidden,
        }
    }
}

impl Business {
    /// The profile.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn profile(&self) -> Result<Profile, Error> {
        Ok(self.shown().await?.profile)
    }

    async fn shown(&self) -> Result<Shown, Error> {
        let (business, about) = (self.id(), self.record().about.clone());
        self.db().read(move |tx| Shown::load(tx, business, &about)).await
    }

    /// Changes what customers are shown: the network takes it first.
    async fn change_shown(&self, change: impl Fn(&mut Shown) + Send + 'static) -> Result<Shown, Error> {
        let mut shown = self.shown().await?;
        change(&mut shown);
        self.link.call(&SetProfile { profile: shown.said() }).await?;
        let (business, about) = (self.id(), self.record().about.clone());
        self.db()
            .write(move |tx| {
                let mut shown = Shown::load(tx, business, &about)?;
                change(&mut shown);
                settings::store(tx, business, &shown.profile)?;
                settings::store(tx, business, &shown.automation)?;
                settings::store(tx, business, &shown.visibility)?;
                Ok(shown)
            })
            .await
    }

    /// Changes the profile, and the picture if the change has one.
    ///
    /// # Errors
    /// [`Error::Refused`] with 100 for a picture that is none, not square or too small, and for what the network's policy does not allow; when the
    /// network cannot be reached.
    pub async fn change_profile(&self, change: Change) -> Result<Profile, Error> {
        let picture = match &change.picture {
            Some(handle) => Some(self.draw_profile(handle).await?),
            None => None,
        };
        let shown = self.change_shown(move |shown| change.apply(&mut shown.profile)).await?;
        if let Some(jpeg) = picture {
            self.link.call(&SetPicture { jpeg: Base64(jpeg.clone()) }).await?;
            self.keep_picture(jpeg).await?;
        }
        Ok(shown.profile)
    }

    /// Changes what stands in a chat before anybody wrote.
    ///
    /// # Errors
    /// What the network's policy does not allow; when the network cannot be reached.
    pub async fn change_automation(&self, change: automation::Change) -> Result<Automation, Error> {
        Ok(self.change_shown(move |shown| change.apply(&mut shown.automation)).await?.automation)
    }

    /// Whether the business is found by the words of its name.
    ///
    /// # Errors
    /// When the network cannot be reached.
    pub async fn change_visibility(&self, visibility: Visibility) -> Result<(), Error> {
        self.change_shown(move |shown| shown.visibility = visibility).await.map(drop)
    }

    /// The picture that a handle names, as customers are shown it.
    async fn draw_profile(&self, handle: &str) -> Result<Vec<u8>, Error> {
        let wrong = |text: String| Error::Refused(ApiError::invalid_parameter(format!("profile_picture_handle: {text}")));
        let rules = self.rules().map(|rules| rules.pictures).unwrap_or_default();
        let file = self.media_of_handle(handle).await?;
        if file.bytes > rules.uploaded_bytes {
            return Err(wrong(format!("the file has {} bytes; a picture has at most {}", file.bytes, rules.uploaded_bytes)));
        }
        let pieces: Vec<bytes::Bytes> = self.stream(&file, None).await?.try_collect().await?;
        let portrait = Portrait { least_side: rules.least_side, shown_side: rules.shown_side, bytes: rules.bytes };
        let side = rules.least_side;
        self.draw(portrait, pieces.concat()).await?.map_err(|unfit| {
            wrong(match unfit {
                Unfit::Unreadable => "the file is no picture; a JPEG or a PNG is needed".to_owned(),
                Unfit::NotSquare(width, height) => format!("the picture has {width} × {height} pixels; a square one is needed"),
                Unfit::TooSmall(is) => format!("the picture has {is} × {is} pixels; at least {side} × {side} are needed"),
            })
        })
    }

    async fn keep_picture(&self, jpeg: Vec<u8>) -> Result<(), Error> {
        let (business, name) = (self.id(), name(&jpeg));
        let stored = self.db().write(move |tx| {
            let sql = "INSERT INTO profile_picture (business, name, data) VALUES (?1, ?2, ?3)
                 ON CONFLICT (business) DO UPDATE SET name = excluded.name, data = excluded.data";
            tx.execute(sql, &[(&business).into(), name.as_str().into(), (&jpeg).into()])
        });
        Ok(stored.await.map(drop)?)
    }

    /// The picture's name, if there is one.
    async fn picture(&self) -> Result<Option<String>, Error> {
        let business = self.id();
        let sql = "SELECT name FROM profile_picture WHERE business = ?1";
        self.db().read(move |tx| Ok::<_, Error>(tx.query_opt(sql, &[(&business).into()], |row| row.get(0))?)).await
    }

    /// The picture of this name: a JPEG.
    ///
    /// # Errors
    /// [`Error::NotFound`] when the business shows another one, or none.
    pub async fn picture_named(&self, name: &str) -> Result<Vec<u8>, Error> {
        let (business, name) = (self.id(), name.to_owned());
        let sql = "SELECT data FROM profile_picture WHERE business = ?1 AND name = ?2";
        let found = self.db().read(move |tx| Ok::<_, Error>(tx.query_opt(sql, &[(&business).into(), name.as_str().into()], |row| row.get(0))?));
        found.await?.ok_or(Error::NotFound("picture"))
    }

    /// Where the picture stands, for everybody; none when the business shows none.
    ///
    /// # Errors
    /// When the store fails.
    pub async fn picture_url(&self) -> Result<Option<String>, Error> {
        let url = |name: String| format!("{}{}", self.common().public_url(), picture_path(self.id(), &name));
        Ok(self.picture().await?.map(url))
    }

    /// Tells the network what it has missed.
    pub(crate) async fn share_profile(&self) {
        if let Err(error) = self.compare_profile().await {
            tracing::warn!(business = %self.id(), %error, "what customers are shown of this business is compared again at the next connection");
        }
    }

    async fn compare_profile(&self) -> Result<(), Error> {
        let known = self.link.call(&GetProfile { business: self.id() }).await?;
        let (shown, picture) = (self.shown().await?.said(), self.picture().await?);
        if known.profile != shown {
            self.link.call(&SetProfile { profile: shown }).await?;
        }
        let name = picture.unwrap_or_default();
        if known.picture != name {
            let jpeg = if name.is_empty() { Vec::new() } else { self.picture_named(&name).await? };
            self.link.call(&SetPicture { jpeg: Base64(jpeg) }).await?;
        }
        Ok(())
    }
}

/// The name under which a picture stands: of these bytes alone. The network makes the same.
fn name(jpeg: &[u8]) -> String {
    hex::encode(&digest::digest(&digest::SHA256, jpeg).as_ref()[..NAME_BYTES])
}
