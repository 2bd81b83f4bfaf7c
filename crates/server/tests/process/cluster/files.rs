//! Files in a bucket that all nodes share: what one node took all of them give, whoever runs the shop by then.
use super::shops::{Program, Shop};
use crate::{
    customer::Customer,
    server::{until, word, world},
};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use std::fmt::Write as _;
use suki_link::HttpCarrier;
use suki_protocol::pb::{self, content::Body};

/// Long enough for several pieces.
const BYTES: usize = 600_000;

/// A person of a shop who exchanges files with its program, and nothing else.
pub struct Exchange {
    person: Customer,
    env: Value,
    http: Client,
    /// What passed so far, as each side knows it.
    passed: Vec<Passed>,
}

struct Passed {
    content: Vec<u8>,
    how: How,
}

enum How {
    /// The program has it under this id.
    ByPerson(String),
    /// The person has this of it.
    ByProgram(pb::Media),
}

impl Exchange {
    /// Nothing has passed yet.
    pub fn new(person: Customer, shop: &Shop) -> Self {
        let http = Client::builder().pool_max_idle_per_host(0).build().expect("a client");
        Self { person, env: shop.env.clone(), http, passed: Vec::new() }
    }

    /// A file each way, each put at another node; then every node gives these and all that passed before.
    pub async fn pass(&mut self, nodes: &[String], program: &Program) {
        let turn = self.passed.len();
        self.by_person(&nodes[turn % nodes.len()], program).await;
        self.by_program(&nodes[(turn + 1) % nodes.len()]).await;
        for passed in &self.passed {
            for node in nodes {
                let given = match &passed.how {
                    How::ByPerson(id) => self.fetched_by_program(node, id).await,
                    How::ByProgram(media) => self.fetched_by_person(node, media).await,
                };
                assert!(given == passed.content, "{node} gives another file of {} bytes", given.len());
            }
        }
    }

    async fn by_person(&mut self, node: &str, program: &Program) {
        let content = content();
        let carrier = HttpCarrier::new(&format!("http://{node}")).expect("a client");
        let said = pb::Media { kind: "document".into(), media_type: "application/pdf".into(), filename: "resibo.pdf".into(), ..pb::Media::default() };
        let media =
            until("the network to take a file", async || self.person.client.put_file(&carrier, &world(), &content, said.clone()).await.ok()).await;
        let before = program.received.documents(&self.person.phone).len();
        let message = pb::Content { body: Some(Body::Media(media)), ..pb::Content::default() };
        self.person.client.send(self.person.chat, message, None).await.expect("it is written");
        let id = until("the program to hear of a file", async || program.received.documents(&self.person.phone).get(before).cloned()).await;
        self.passed.push(Passed { content, how: How::ByPerson(id) });
    }

    async fn by_program(&mut self, node: &str) {
        let content = content();
        let number = word(&self.env, "SUKI_PHONE_NUMBER_ID");
        let upload = format!("http://{node}/v23.0/{number}/media");
        let id = until("a node to take a file", async || {
            let call = self.http.post(&upload).header("content-type", "multipart/form-data; boundary=X").body(form(&content));
            json_of(call.bearer_auth(word(&self.env, "SUKI_TOKEN")).send().await).await?["id"].as_str().map(ToOwned::to_owned)
        })
        .await;
        let before = self.person.diary().files.len();
        let url = format!("{}/v23.0/{number}/messages", word(&self.env, "SUKI_URL"));
        let body =
            json!({ "messaging_product": "whatsapp", "to": self.person.phone, "type": "document", "document": { "id": id, "filename": "menu.pdf" } });
        until("a node to take a message with a file", async || {
            json_of(self.http.post(&url).bearer_auth(word(&self.env, "SUKI_TOKEN")).json(&body).send().await).await
        })
        .await;
        let media = until("the person to have a file", async || self.person.diary().files.get(before).cloned()).await;
        self.passed.push(Passed { content, how: How::ByProgram(media) });
    }

    async fn fetched_by_person(&self, node: &str, media: &pb::Media) -> Vec<u8> {
        let carrier = HttpCarrier::new(&format!("http://{node}")).expect("a client");
        until("a person's file", async || self.person.client.fetch_file(&carrier, media).await.ok()).await
    }

    async fn fetched_by_program(&self, node: &str, id: &str) -> Vec<u8> {
        let token = word(&self.env, "SUKI_TOKEN");
        until("a program's file", async || {
            let found = json_of(self.http.get(format!("http://{node}/v23.0/{id}")).bearer_auth(token).send().await).await?;
            // The address that everybody uses; this node is asked by its own.
            let path = word(&found, "url").strip_prefix(word(&self.env, "SUKI_URL"))?.to_owned();
            let answer = self.http.get(format!("http://{node}{path}")).bearer_auth(token).send().await.ok()?;
            if answer.status() != 200 {
                return None;
            }
            answer.bytes().await.ok().map(|bytes| bytes.to_vec())
        })
        .await
    }
}

/// A document that nobody had before.
fn content() -> Vec<u8> {
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut rest = vec![0; BYTES - file.len()];
    world().entropy.fill(&mut rest);
    file.append(&mut rest);
    file
}

fn form(content: &[u8]) -> Vec<u8> {
    let mut head = String::new();
    for (name, value) in [("messaging_product", "whatsapp"), ("type", "application/pdf")] {
        let _ = write!(head, "--X\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    head += "--X\r\nContent-Disposition: form-data; name=\"file\"; filename=\"menu.pdf\"\r\nContent-Type: application/pdf\r\n\r\n";
    [head.as_bytes(), content, b"\r\n--X--\r\n"].concat()
}

/// The answer, if it is one that says yes.
async fn json_of(answer: reqwest::Result<Response>) -> Option<Value> {
    let answer = answer.ok()?;
    if answer.status() == 200 { answer.json().await.ok() } else { None }
}
