//! A business's endpoint that speaks JSON lines on its standard streams, for the interoperability tests of the browser's library.
//!
//! A request is `{"op": …}` with bytes in base64; the answer is the result or `{"error": …}`. The first operation is `world`.
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair as _};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::io::{BufRead as _, Write as _};
use suki_e2ee::{Change, CommitPolicy, Device, Group, Received, Suite, content};
use suki_protocol::{
    certificate::{self, Identity},
    pb::{self, AccountKind},
};
use suki_types::{AccountId, ConversationId, DeviceId, Env, MessageId};

type Failure = Box<dyn std::error::Error>;

struct World {
    env: Env,
    network: Ed25519KeyPair,
    policy: CommitPolicy,
    conversation: ConversationId,
    endpoint: Device,
    group: Group,
}

fn main() -> Result<(), Failure> {
    let mut world = None;
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line?)?;
        let answer = answer(&mut world, &request).unwrap_or_else(|error| json!({ "error": error.to_string() }));
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

fn bytes(request: &Value, name: &str) -> Result<Vec<u8>, Failure> {
    Ok(STANDARD.decode(request[name].as_str().ok_or_else(|| format!("{name} is missing"))?)?)
}

fn list(request: &Value, name: &str) -> Result<Vec<Vec<u8>>, Failure> {
    let items = request[name].as_array().ok_or_else(|| format!("{name} is missing"))?;
    items.iter().map(|item| Ok(STANDARD.decode(item.as_str().unwrap_or_default())?)).collect()
}

fn text(bytes: impl AsRef<[u8]>) -> Value {
    STANDARD.encode(bytes).into()
}

fn new_world(request: &Value) -> Result<World, Failure> {
    let env = Env::for_tests(request["seed"].as_u64().unwrap_or(1));
    let network = Ed25519KeyPair::from_seed_unchecked(&env.random::<32>())?;
    let policy = CommitPolicy { business: AccountId::new(&env), customer: Some(AccountId::new(&env)) };
    let conversation = ConversationId::new(&env);
    let seed = env.random::<32>();
    let identity =
        Identity { account: policy.business, device: DeviceId::new(&env), kind: AccountKind::Business, signature_key: Device::public_key(&seed) };
    let endpoint = Device::from_seed(&seed, certificate::issue(&network, &identity, env.now()), network.public_key().as_ref())?;
    let suite = u32::try_from(request["suite"].as_u64().unwrap_or(1))?;
    let group = Group::create(&endpoint, Suite::from_number(suite).ok_or("an unknown suite")?, conversation)?;
    Ok(World { env, network, policy, conversation, endpoint, group })
}

fn answer(slot: &mut Option<World>, request: &Value) -> Result<Value, Failure> {
    let op = request["op"].as_str().unwrap_or_default();
    if op == "world" {
        let world = slot.insert(new_world(request)?);
        return Ok(json!({
            "networkKey": text(world.network.public_key().as_ref()),
            "business": text(world.policy.business.as_bytes()),
            "customer": world.policy.customer.map(|customer| text(customer.as_bytes())),
            "conversation": text(world.conversation.as_bytes()),
            "endpoint": text(world.endpoint.id().as_bytes()),
        }));
    }
    slot.as_mut().ok_or("make a world first")?.answer(op, request)
}

impl World {
    fn answer(&mut self, op: &str, request: &Value) -> Result<Value, Failure> {
        let device = self.endpoint.clone();
        match op {
            "certify" => self.certify(request),
            "add" => Ok(change(&self.group.add(&device, &list(request, "packages")?)?)),
            "remove" => {
                let devices: Result<Vec<_>, _> = list(request, "devices")?.iter().map(|id| DeviceId::try_from(&id[..])).collect();
                Ok(change(&self.group.remove(&device, &devices?)?))
            }
            "confirm" => Ok(self.group.confirm().map(|()| json!({}))?),
            "discard" => Ok(self.group.discard().map(|()| json!({}))?),
            "encrypt" => Ok(json!({ "message": text(self.group.encrypt(&device, &bytes(request, "header")?, &bytes(request, "plaintext")?)?) })),
            "receive" => Ok(received(self.group.receive(&device, &bytes(request, "message")?, &self.policy)?)),
            "group_info" => Ok(json!({ "groupInfo": text(self.group.group_info(&device)?), "epoch": self.group.epoch() })),
            "state" => Ok(json!({
                "epoch": self.group.epoch(),
                "safetyNumber": self.group.safety_number(),
                "members": self.group.members().iter().map(|member| text(member.device.as_bytes())).collect::<Vec<_>>(),
            })),
            "save_load" => {
                let state = self.group.export()?;
                if let Some(cold) = state.cold {
                    self.group = Group::import(&device, &cold, &state.hot)?;
                }
                Ok(json!({}))
            }
            "seal" => self.seal(request),
            "open" => {
                let (header, content) = content::open(&bytes(request, "header")?, &bytes(request, "plaintext")?)?;
                let Some(pb::content::Body::Text(said)) = content.body else { return Err("no text".into()) };
                Ok(json!({ "id": text(header.message_id.as_bytes()), "text": said.body }))
            }
            _ => Err("an unknown operation".into()),
        }
    }

    fn certify(&self, request: &Value) -> Result<Value, Failure> {
        let identity = Identity {
            account: AccountId::try_from(&bytes(request, "account")?[..])?,
            device: DeviceId::new(&self.env),
            kind: AccountKind::Person,
            signature_key: bytes(request, "key")?,
        };
        let certificate = certificate::issue(&self.network, &identity, self.env.now());
        Ok(json!({ "certificate": text(certificate), "device": text(identity.device.as_bytes()) }))
    }

    fn seal(&self, request: &Value) -> Result<Value, Failure> {
        let body = request["text"].as_str().unwrap_or_default().to_owned();
        let content = pb::Content { body: Some(pb::content::Body::Text(pb::Text { body, preview_url: false })), ..Default::default() };
        let parts = content::HeaderParts::session(MessageId::new(&self.env), self.env.now());
        let sealed = content::seal(&content, &parts, &*self.env.entropy)?;
        Ok(json!({ "header": text(sealed.header), "plaintext": text(sealed.plaintext), "id": text(parts.message_id.as_bytes()) }))
    }
}

fn change(change: &Change) -> Value {
    json!({
        "commit": text(&change.commit),
        "welcome": change.welcome.as_ref().map(text),
        "groupInfo": text(&change.group_info),
        "epoch": change.epoch,
    })
}

fn received(received: Received) -> Value {
    match received {
        Received::Application { sender, header, plaintext } => {
            json!({ "kind": "application", "sender": text(sender.device.as_bytes()), "header": text(header), "plaintext": text(plaintext) })
        }
        Received::Commit { sender, added, removed, own_removed, epoch } => json!({
            "kind": "commit",
            "sender": text(sender.device.as_bytes()),
            "added": added.iter().map(|member| text(member.device.as_bytes())).collect::<Vec<_>>(),
            "removed": removed.iter().map(|device| text(device.as_bytes())).collect::<Vec<_>>(),
            "ownRemoved": own_removed,
            "epoch": epoch,
        }),
    }
}
