//! What the operations of a group cost, on both suites: microseconds of one thread and bytes of state. Run it with `--release`.
#![allow(clippy::disallowed_methods, reason = "it measures the time that passes")]
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use std::{
    io::Write as _,
    time::{Duration, Instant},
};
use suki_e2ee::{CommitPolicy, Device, Error, Group, NewKeyPackage, Suite};
use suki_protocol::{
    certificate::{self, Identity},
    pb::AccountKind,
};
use suki_types::{AccountId, ConversationId, DeviceId, Env};

const ROUNDS: u32 = 300;
const TEXT: [u8; 200] = [b'a'; 200];
const HEADER: [u8; 70] = [b'h'; 70];

struct Costs(Vec<(&'static str, Duration)>);

impl Costs {
    fn time<T>(&mut self, name: &'static str, operation: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = operation();
        let took = start.elapsed();
        match self.0.iter_mut().find(|(known, _)| *known == name) {
            Some((_, sum)) => *sum += took,
            None => self.0.push((name, took)),
        }
        result
    }
}

fn device(env: &Env, network: &Ed25519KeyPair, account: AccountId, kind: AccountKind) -> Result<Device, Error> {
    let seed = env.random::<32>();
    let identity = Identity { account, device: DeviceId::new(env), kind, signature_key: Device::public_key(&seed) };
    Device::from_seed(&seed, certificate::issue(network, &identity, env.now()), network.public_key().as_ref())
}

struct Sizes {
    cold: usize,
    hot: usize,
    message: usize,
    commit: usize,
    welcome: usize,
    group_info: usize,
}

fn round(suite: Suite, shop: &Device, phone: &Device, policy: &CommitPolicy, env: &Env, costs: &mut Costs) -> Result<Sizes, Error> {
    let package: NewKeyPackage = costs.time("key package", || phone.key_packages(suite, 1, false))?.remove(0);
    let conversation = ConversationId::new(env);
    let (mut ours, change) = costs.time("create, add, confirm", || {
        let mut group = Group::create(shop, suite, conversation)?;
        let change = group.add(shop, &[package.mls_message])?;
        group.confirm()?;
        Ok::<_, Error>((group, change))
    })?;
    let welcome = change.welcome.clone().unwrap_or_default();
    let mut theirs = costs.time("join", || Group::join(phone, &welcome, policy, |_| Some(package.secret.clone())))?;
    let cold = costs.time("export after a change", || ours.export())?.cold.unwrap_or_default();
    let mut message = costs.time("encrypt, first", || ours.encrypt(shop, &HEADER, &TEXT))?;
    costs.time("decrypt, first", || theirs.receive(phone, &message, policy))?;
    for _ in 0..10 {
        message = costs.time("encrypt (10)", || ours.encrypt(shop, &HEADER, &TEXT))?;
        costs.time("decrypt (10)", || theirs.receive(phone, &message, policy))?;
        let answer = theirs.encrypt(phone, &HEADER, &TEXT)?;
        ours.receive(shop, &answer, policy)?;
    }
    let hot = costs.time("export after messages", || ours.export())?.hot;
    costs.time("import", || Group::import(shop, &cold, &hot))?;
    let (_, back) = costs.time("rejoin", || Group::rejoin(phone, &change.group_info, conversation, policy))?;
    costs.time("receive a rejoin", || ours.receive(shop, &back.commit, policy))?;
    Ok(Sizes {
        cold: cold.len(),
        hot: hot.len(),
        message: message.len(),
        commit: change.commit.len(),
        welcome: welcome.len(),
        group_info: change.group_info.len(),
    })
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let env = Env::for_tests(5);
    let network = Ed25519KeyPair::from_seed_unchecked(&env.random::<32>())?;
    let (business, customer) = (AccountId::new(&env), AccountId::new(&env));
    let policy = CommitPolicy { business, customer: Some(customer) };
    let shop = device(&env, &network, policy.business, AccountKind::Business)?;
    let phone = device(&env, &network, customer, AccountKind::Person)?;
    let mut out = std::io::stdout().lock();
    for suite in [Suite::X25519, Suite::XWING] {
        let mut costs = Costs(Vec::new());
        let mut sizes = None;
        for _ in 0..ROUNDS {
            sizes = Some(round(suite, &shop, &phone, &policy, &env, &mut costs)?);
        }
        writeln!(out, "{} ({:#06x}), mean of {ROUNDS}", suite.name(), suite.number())?;
        for (name, sum) in costs.0 {
            writeln!(out, "  {name:<24} {:>8.1} µs", sum.as_secs_f64() * 1e6 / f64::from(ROUNDS))?;
        }
        if let Some(Sizes { cold, hot, message, commit, welcome, group_info }) = sizes {
            writeln!(out, "  stored: cold {cold} B, hot {hot} B after 20 messages")?;
            writeln!(out, "  sent: 200 B of text {message} B, commit {commit} B, welcome {welcome} B, group info {group_info} B")?;
        }
    }
    Ok(())
}
