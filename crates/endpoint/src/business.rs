//! A business that runs here: its record, its keys, its connection.
use crate::{
    Common, Endpoint, Error, agent,
    consent::Words,
    early::{self, Early},
    flows,
    groups::Groups,
    hooks::Hooks,
    identity,
    live::Live,
    media::{self, Files},
    nodes::{self, Node},
    operators::{self, Operator},
    outbox::{self, Outbox},
    pace::Pace,
    phones, portfolio,
    registration::Registration,
    rules, settings, standing,
    tasks::Tasks,
    trust, warnings,
};
use parking_lot::RwLock;
use std::{
    future::Future,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicI64, Ordering},
    },
};
use suki_cloud_api::ObjectId;
use suki_e2ee::Device;
use suki_link::Link;
use suki_protocol::{
    calls::trust::TrustStatus,
    http::{Base64, RegisterBusiness, Registered},
};
use suki_store::{Db, Row, StoreError};
use suki_types::{AccountId, DeviceId, Env, Phone, Timestamp, limits};
use tokio::sync::{Notify, Semaphore};

/// What is stored of a business.
#[derive(Debug, Clone)]
pub struct BusinessRecord {
    /// Its account at the network.
    pub id: AccountId,
    /// What it is called.
    pub name: String,
    /// What it says of itself.
    pub about: String,
    /// The name in its link.
    pub slug: String,
    /// Who runs this endpoint.
    pub hosted_by: String,
    /// `plain`, `checked` or `confirmed`.
    pub trust: String,
    /// The number it is reached by.
    pub phone: Phone,
    /// The Cloud API's id of that number.
    pub phone_number_id: ObjectId,
    /// The Cloud API's id of its WhatsApp Business Account.
    pub waba_id: ObjectId,
    /// Its device at the network: this endpoint.
    pub device: DeviceId,
    /// When it was made.
    pub created_at: Timestamp,
    certificate: Vec<u8>,
    network_key: Vec<u8>,
    seed_sealed: Vec<u8>,
    log_cursor: u64,
    window: Window,
}

/// What the network said of the 24-hour window.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Window {
    /// For how long a message of the customer opens it, in milliseconds.
    pub millis: i64,
    /// Whether a message of the business renews it.
    pub business_renews: bool,
}

/// A business to be made.
#[derive(Debug, Clone)]
pub struct NewBusiness {
    /// The network operator's one-time code.
    pub enrolment: String,
    /// What it is called.
    pub name: String,
    /// What it says of itself.
    pub about: String,
    /// The name in its link.
    pub slug: String,
    /// Who runs this endpoint.
    pub hosted_by: String,
    /// The number it is reached by.
    pub phone: Phone,
    /// The version of the network's terms that its owner accepts (R26).
    pub terms_version: u32,
    /// Who owns it, as [`operators::owner`] makes him; none yet without one.
    pub owner: Option<Operator>,
}

const COLUMNS: &str = "SELECT id, name, about, slug, hosted_by, trust, phone, phone_number_id, waba_id, device, created_at, certificate,
    network_key, seed_sealed, log_cursor, window_millis, business_renews_window FROM business";

fn from_row(row: &Row<'_>) -> Result<BusinessRecord, StoreError> {
    Ok(BusinessRecord {
        id: row.get(0)?,
        name: row.get(1)?,
        about: row.get(2)?,
        slug: row.get(3)?,
        hosted_by: row.get(4)?,
        trust: row.get(5)?,
        phone: row.get::<String>(6)?.parse().map_err(|_| StoreError::Corrupt("phone"))?,
        phone_number_id: object_id(row.get(7)?)?,
        waba_id: object_id(row.get(8)?)?,
        device: row.get(9)?,
        created_at: row.get(10)?,
        certificate: row.get(11)?,
        network_key: row.get(12)?,
        seed_sealed: row.get(13)?,
        log_cursor: row.get(14)?,
        window: Window { millis: row.get(15)?, business_renews: row.get(16)? },
    })
}

/// What is stored of every business.
///
/// # Errors
/// When the store fails.
pub async fn all(db: &Db) -> Result<Vec<BusinessRecord>, Error> {
    db.read(|tx| Ok(tx.query(COLUMNS, &[], from_row)?)).await
}

/// Every business of the store. There are few: each is one shop that these servers run.
///
/// # Errors
/// When the store fails.
pub async fn ids(db: &Db) -> Result<Vec<AccountId>, Error> {
    db.read(|tx| Ok(tx.query("SELECT id FROM business", &[], |row| row.get(0))?)).await
}

/// Up to `limit` of them after this one, in the order of their ids; from the beginning without one.
///
/// # Errors
/// When the store fails.
pub(crate) async fn ids_after(db: &Db, after: Option<AccountId>, limit: usize) -> Result<Vec<AccountId>, Error> {
    let after = after.map_or(Vec::new(), |id| id.as_bytes().to_vec());
    let sql = "SELECT id FROM business WHERE id > ?1 ORDER BY id LIMIT ?2";
    db.read(move |tx| Ok(tx.query(sql, &[(&after).into(), limit.into()], |row| row.get(0))?)).await
}

/// Those of these that there are.
///
/// # Errors
/// When the store fails.
pub(crate) async fn existing(db: &Db, ids: Vec<AccountId>) -> Result<Vec<AccountId>, Error> {
    let sql = "SELECT id FROM business WHERE id = ?1";
    db.read(move |tx| {
        let there = |id: &AccountId| tx.query_opt(sql, &[id.into()], |row| row.get(0)).transpose();
        Ok(ids.iter().filter_map(there).collect::<Result<_, _>>()?)
    })
    .await
}

/// One business of the store, wherever it runs.
///
/// # Errors
/// [`Error::NotFound`] when there is none with this id, or when the store fails.
pub async fn record(db: &Db, id: AccountId) -> Result<BusinessRecord, Error> {
    let sql = format!("{COLUMNS} WHERE id = ?1");
    db.read(move |tx| Ok::<_, Error>(tx.query_opt(&sql, &[(&id).into()], from_row)?)).await?.ok_or(Error::NotFound("business"))
}

/// An id of the Cloud API, as it is stored.
pub(crate) fn object_id(stored: u64) -> Result<ObjectId, StoreError> {
    ObjectId::from_number(stored).map_err(|_| StoreError::Corrupt("graph id"))
}

impl Endpoint {
    /// As [`Endpoint::join_business`]; the business, which runs here.
    ///
    /// # Errors
    /// The same.
    pub async fn create_business<E, F>(&self, new: NewBusiness, register: impl FnOnce(RegisterBusiness) -> F) -> Result<Arc<Business>, E>
    where
        E: From<Error>,
        F: Future<Output = Result<Registered, E>>,
    {
        Ok(self.business(self.join_business(new, register).await?)?)
    }

    /// Registers a business at the network through `register`, stores it with its owner and starts it. Its key follows from the code, so that the network knows
    /// who asks again with it: then it is the same business, stored once.
    ///
    /// # Errors
    /// What `register` says, or the store.
    pub async fn join_business<E, F>(&self, new: NewBusiness, register: impl FnOnce(RegisterBusiness) -> F) -> Result<AccountId, E>
    where
        E: From<Error>,
        F: Future<Output = Result<Registered, E>>,
    {
        let seed = self.vault().tag("device-seed", new.enrolment.as_bytes());
        let registered = register(RegisterBusiness {
            enrolment: new.enrolment.clone(),
            name: new.name.clone(),
            about: new.about.clone(),
            slug: new.slug.clone(),
            hosted_by: new.hosted_by.clone(),
            signature_key: Base64(Device::public_key(&seed)),
            terms_version: new.terms_version,
            test_phone: new.phone.is_test().then(|| new.phone.clone()),
        })
        .await?;
        let id = registered.account;
        let is_new = existing(self.db(), vec![id]).await?.is_empty();
        if is_new {
            let owner = new.owner.clone();
            self.take_in(self.record_of(new, registered, &seed), owner).await?;
        } else if !self.is_shared() && self.business(id).is_err() {
            // Among other nodes whoever owns it starts it.
            self.start(self.db().clone(), id, 0).await?;
        }
        Ok(id)
    }

    /// Whether this endpoint lets in the business that comes with this enrolment code: whoever holds its key has said so ([`crate::vault::Vault::consent`]).
    pub fn lets_in(&self, enrolment: &str, consent: &str) -> bool {
        hex::decode(consent).is_ok_and(|consent| self.vault().is_tag("joining", enrolment.as_bytes(), &consent))
    }

    fn record_of(&self, new: NewBusiness, registered: Registered, seed: &[u8; 32]) -> BusinessRecord {
        let env = self.env();
        BusinessRecord {
            id: registered.account,
            name: new.name,
            about: new.about,
            slug: new.slug,
            hosted_by: new.hosted_by,
            trust: "plain".into(),
            phone: new.phone,
            phone_number_id: ObjectId::new(env),
            waba_id: ObjectId::new(env),
            device: registered.device,
            created_at: env.now(),
            certificate: registered.certificate.0,
            network_key: registered.network_key.0,
            seed_sealed: self.vault().seal("device-seed", registered.account.as_bytes(), seed),
            log_cursor: 0,
            window: Window::default(),
        }
    }
}

/// Stores a business and its owner.
pub(crate) async fn store(db: &Db, record: BusinessRecord, owner: Option<Operator>) -> Result<(), Error> {
    db.write(move |tx| {
        insert(tx, &record)?;
        owner.as_ref().map_or(Ok(()), |owner| Ok(operators::insert(tx, record.id, owner, record.created_at)?))
    })
    .await
}

fn insert(tx: &mut suki_store::Tx<'_>, record: &BusinessRecord) -> Result<(), Error> {
    tx.execute(
        "INSERT INTO business (id, name, about, slug, hosted_by, trust, phone, phone_number_id, waba_id, device, created_at, certificate,
            network_key, seed_sealed, log_cursor, window_millis, business_renews_window)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, 0, 0, 0)",
        &[
            (&record.id).into(),
            record.name.as_str().into(),
            record.about.as_str().into(),
            record.slug.as_str().into(),
            record.hosted_by.as_str().into(),
            record.trust.as_str().into(),
            record.phone.digits().into(),
            record.phone_number_id.number().into(),
            record.waba_id.number().into(),
            (&record.device).into(),
            record.created_at.into(),
            (&record.certificate).into(),
            (&record.network_key).into(),
            (&record.seed_sealed).into(),
        ],
    )?;
    nodes::insert(tx, record.id, Node::PhoneNumber, record.phone_number_id)?;
    Ok(nodes::insert(tx, record.id, Node::Waba, record.waba_id)?)
}

/// On what grounds a business runs here.
pub(crate) struct Tenure {
    /// What is written through it is stored only as long as the business is this node's, since `epoch`.
    pub db: Db,
    /// Which time it is that the business changed hands; 0 where it cannot.
    pub epoch: i64,
    /// How often another server had taken the store's place before anything was read.
    pub turns: u64,
}

/// A business that runs.
pub struct Business {
    common: Arc<Common>,
    tenure: Tenure,
    active_at: AtomicI64,
    tasks: Tasks,
    record: RwLock<Arc<BusinessRecord>>,
    pub(crate) trust: RwLock<Option<Arc<TrustStatus>>>,
    id: AccountId,
    pub(crate) device: Device,
    pub(crate) link: Link,
    pub(crate) groups: Groups,
    pub(crate) outbox: Outbox,
    pub(crate) early: Early,
    pub(crate) files: Files,
    pub(crate) hooks: Hooks,
    pub(crate) changes: Notify,
    pub(crate) rules: rules::Known,
    pub(crate) pace: Pace,
    pub(crate) words: Words,
    /// How often forms ask.
    pub(crate) flow_pace: flows::exchange::Pace,
    /// How the servers of its flows are.
    pub(crate) flow_watch: flows::health::Watch,
    /// How many questions of devices are answered at once.
    pub(crate) questions: Semaphore,
    live: Live,
    pub(crate) standing: standing::Known,
    /// Whether programs may write in the number's name.
    pub(crate) registered: AtomicBool,
    /// Whether programs are told of customers' keys.
    pub(crate) identity: AtomicBool,
    portfolio: ObjectId,
    window_millis: AtomicI64,
    business_renews: AtomicI64,
}

impl Business {
    /// Opens its keys, connects it and starts its tasks.
    pub(crate) async fn start(common: Arc<Common>, tenure: Tenure, record: BusinessRecord) -> Result<Arc<Self>, Error> {
        let seed = common.vault().open("device-seed", record.id.as_bytes(), &record.seed_sealed)?;
        let seed: [u8; 32] = seed.try_into().map_err(|_| Error::Internal("the device seed has not 32 bytes".into()))?;
        let device = Device::from_seed(&seed, record.certificate.clone(), &record.network_key)?;
        let signer = device.clone();
        let identity = suki_link::Identity { device: record.device, signer: Arc::new(move |bytes: &[u8]| signer.sign(bytes)) };
        let (link, inbox) = Link::start(common.dial.clone(), identity, common.env().clone());
        let db = tenure.db.clone();
        let hooks = Hooks::load(&db, record.id).await?;
        let (outbox, outbox_queue) = Outbox::load(&db, record.id).await?;
        let early = Early::load(&db, record.id).await?;
        let rules = rules::Known::load(&db, record.id).await?;
        let window = record.window;
        let cursor = record.log_cursor;
        let id = record.id;
        let portfolio = portfolio::id(&db, common.env(), id).await?;
        let (registration, tells_identity, trust, words, standing) = db
            .read(move |tx| {
                let registration = settings::find::<Registration>(tx, id)?;
                let trust = trust::load(tx, id)?.map(Arc::new);
                Ok::<_, Error>((registration, identity::is_told(tx, id)?, trust, settings::kept(tx, id)?, settings::kept(tx, id)?))
            })
            .await?;
        let business = Arc::new(Self {
            common,
            tenure,
            active_at: AtomicI64::new(i64::MIN),
            tasks: Tasks::default(),
            record: RwLock::new(Arc::new(record)),
            trust: RwLock::new(trust),
            id,
            device,
            link,
            groups: Groups::default(),
            outbox,
            early,
            files: Files::default(),
            hooks,
            changes: Notify::new(),
            rules,
            pace: Pace::default(),
            words: Words::new(words.as_ref()),
            flow_pace: flows::exchange::Pace::default(),
            flow_watch: flows::health::Watch::default(),
            questions: Semaphore::new(limits::EXCHANGES_AT_ONCE),
            live: Live::default(),
            standing: standing::Known::new(standing),
            identity: AtomicBool::new(tells_identity),
            registered: AtomicBool::new(registration.unwrap_or_default().is_registered),
            portfolio,
            window_millis: AtomicI64::new(window.millis),
            business_renews: AtomicI64::new(window.business_renews.into()),
        });
        business.resume_files().await?;
        business.spawn(early::catch_up(business.clone()));
        business.spawn(agent::run(business.clone(), inbox, cursor));
        business.spawn(outbox::run(business.clone(), outbox_queue));
        business.spawn(crate::groups::run_changes(business.clone()));
        business.spawn(warnings::run(business.clone()));
        business.spawn(phones::run(business.clone()));
        business.spawn(media::run(business.clone()));
        business.spawn(flows::health::run(business.clone()));
        Ok(business)
    }

    /// Does something beside everything else, for as long as the business runs here.
    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.tasks.spawn(task);
    }

    /// Which time it is that the business changed hands; 0 where it cannot.
    pub(crate) fn epoch(&self) -> i64 {
        self.tenure.epoch
    }

    /// Whether another server has taken the store's place since it was read: what it remembers may stand nowhere any more.
    pub(crate) fn is_stale(&self) -> bool {
        self.tenure.turns != self.tenure.db.turns()
    }

    /// Something happens to it.
    pub(crate) fn touch(&self) {
        self.active_at.store(self.env().now().millis(), Ordering::Relaxed);
    }

    /// When something happened to it the last time.
    pub(crate) fn active_at(&self) -> i64 {
        self.active_at.load(Ordering::Relaxed)
    }

    /// How many of its tasks run.
    pub fn tasks(&self) -> usize {
        self.tasks.count() + self.common.dispatcher().pumps(self.id)
    }

    /// Ends everything that goes on for it here. What is stored is all that it needs to go on elsewhere, or here again.
    pub(crate) async fn stop(&self) {
        self.live.end();
        self.link.stop();
        self.common.dispatcher().end(self.id).await;
        self.tasks.end().await;
    }

    /// Ends the same without waiting for anything: for when nobody is left who could.
    pub(crate) fn let_go(&self) {
        self.live.end();
        self.link.stop();
        self.tasks.let_go();
    }

    /// Its account.
    pub fn id(&self) -> AccountId {
        self.id
    }

    /// The Cloud API's id of the business itself, which owns its account.
    pub fn portfolio(&self) -> ObjectId {
        self.portfolio
    }

    /// What is stored of it.
    pub fn record(&self) -> Arc<BusinessRecord> {
        self.record.read().clone()
    }

    /// What the network says of it is stored: from now on everybody sees name, number and level so.
    pub(crate) fn set_trust(&self, status: TrustStatus) {
        let mut record = self.record.write();
        let mut changed = BusinessRecord::clone(&record);
        changed.name.clone_from(&status.name);
        changed.trust = trust::level(status.level).to_owned();
        if let Some(phone) = &status.phone {
            changed.phone.clone_from(phone);
        }
        *record = Arc::new(changed);
        *self.trust.write() = Some(Arc::new(status));
    }

    /// Whether the network can be reached.
    pub fn is_connected(&self) -> bool {
        self.link.is_connected()
    }

    /// What it has in common with the other businesses of its endpoint.
    pub fn common(&self) -> &Common {
        &self.common
    }

    /// The store. What is written through this is written only as long as the business is this node's.
    pub fn db(&self) -> &Db {
        &self.tenure.db
    }

    /// Time and randomness.
    pub fn env(&self) -> &Env {
        self.common.env()
    }

    /// Its open inboxes.
    pub fn live(&self) -> &Live {
        &self.live
    }

    /// What the network says of the window.
    pub fn window(&self) -> Window {
        Window { millis: self.window_millis.load(Ordering::Relaxed), business_renews: self.business_renews.load(Ordering::Relaxed) != 0 }
    }

    /// Notes what the network says of the window.
    pub(crate) async fn set_window(&self, window: Window) -> Result<(), Error> {
        if window == self.window() {
            return Ok(());
        }
        self.window_millis.store(window.millis, Ordering::Relaxed);
        self.business_renews.store(window.business_renews.into(), Ordering::Relaxed);
        let id = self.id();
        self.db()
            .write(move |tx| {
                tx.execute(
                    "UPDATE business SET window_millis = ?2, business_renews_window = ?3 WHERE id = ?1",
                    &[(&id).into(), window.millis.into(), window.business_renews.into()],
                )?;
                Ok(())
            })
            .await
    }
}
