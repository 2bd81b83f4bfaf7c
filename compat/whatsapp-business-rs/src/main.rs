//! A program written with whatsapp-business-rs, which has graph.facebook.com written into it, run against Suki unchanged: it sends what its client can send,
//! alone and in batches. The customer is one of the sandbox's, and what arrived is read from his own screen.
use reqwest::Method;
use serde_json::{Value, json};
use std::{env, error::Error, time::Duration};
use whatsapp_business_rs::{
    Client,
    message::{Draft, Location, Media},
};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// How long anything may take to arrive.
const PATIENCE: Duration = Duration::from_secs(20);

/// A picture of one colour, 8 by 8.
const PNG: [u8; 75] = [
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 8, 0, 0, 0, 8, 8, 2, 0, 0, 0, 75, 109, 41, 220, 0, 0, 0, 18, 73, 68, 65, 84, 120, 156,
    99, 248, 207, 192, 128, 21, 97, 23, 29, 180, 18, 0, 40, 255, 63, 193, 110, 236, 223, 97, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66, 96, 130,
];

fn var(name: &str) -> Result<String> {
    env::var(name).map_err(|_| format!("{name} is not set; `suki env` prints it").into())
}

fn step(text: &str) {
    println!("ok  {text}");
}

fn check(holds: bool, what: impl FnOnce() -> String) -> Result<()> {
    if holds { Ok(()) } else { Err(what().into()) }
}

/// A simulated customer, asked over the sandbox's own interface.
struct Customer {
    http: reqwest::Client,
    phone: String,
}

impl Customer {
    async fn join(name: &str) -> Result<Self> {
        let http = reqwest::Client::new();
        let behaviour = json!({"auto": {"deliver": true, "read": true, "replies": []}, "delay_millis": 0, "language": "en"});
        let new = json!({"count": 1, "slug": "aling-nena", "name": name, "say": ["Is the shop open?"], "behaviour": behaviour});
        let made = ask(&http, Method::POST, "", Some(new)).await?;
        let phone = made["data"][0]["phone"].as_str().ok_or("the customer has a number")?.to_owned();
        Ok(Self { http, phone })
    }

    /// Waits for a line of the business on his screen for which `shown` holds.
    async fn sees(&self, what: &str, shown: impl Fn(&Value) -> bool) -> Result<()> {
        let look = async {
            loop {
                let screen = ask(&self.http, Method::GET, &format!("/{}", self.phone), None).await?;
                if screen.as_array().is_some_and(|lines| lines.iter().any(|line| line["from"] == "business" && shown(line))) {
                    return Ok::<_, Box<dyn Error>>(());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(PATIENCE, look).await.map_err(|_| format!("{what} is not on the customer's screen"))?
    }

    async fn sees_text(&self, text: &str) -> Result<()> {
        self.sees(text, |line| line["text"].as_str().is_some_and(|shown| shown.contains(text))).await
    }
}

async fn ask(http: &reqwest::Client, method: Method, path: &str, body: Option<Value>) -> Result<Value> {
    let url = format!("{}/sandbox/api/customers{path}", var("SUKI_URL")?);
    let mut request = http.request(method, url).bearer_auth(var("SUKI_SANDBOX_TOKEN")?);
    if let Some(body) = body {
        request = request.json(&body);
    }
    Ok(request.send().await?.error_for_status()?.json().await?)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let client = Client::new(var("SUKI_TOKEN")?).await?;
    let phone = var("SUKI_PHONE_NUMBER_ID")?;
    let sender = client.message(phone.as_str());
    let customer = Customer::join("Pia Ramos").await?;
    let to = customer.phone.as_str();

    let first = sender.send(to, "Yes, until eight.").await?;
    customer.sees_text("Yes, until eight.").await?;
    check(first.message.message_id().starts_with("wamid."), || format!("the id is {:?}", first.message))?;
    sender.send(to, Draft::text("Or nine.").reply_to(first.message.message_id().to_owned())).await?;
    customer.sees_text("Or nine.").await?;
    step("a text and a reply to it");

    sender.send(to, Draft::text("Shall we deliver?").add_reply_button("yes", "Yes").add_reply_button("no", "No").footer("Free above 500")).await?;
    customer.sees_text("Shall we deliver?").await?;
    let list = Draft::new().body("What would you like?").header("Bread").list("Choose").add_list_option("pandesal", "Pandesal", "4 each");
    sender.send(to, list).await?;
    customer.sees_text("What would you like?").await?;
    step("buttons and a list");

    sender.send(to, Location::new(14.5995, 120.9842).name("Aling Nena").address("Quiapo, Manila")).await?;
    customer.sees_text("Aling Nena").await?;
    sender.send(to, Media::from_bytes(PNG.to_vec())?.caption("Ube halaya")).await?;
    customer.sees_text("Ube halaya").await?;
    step("a place and a picture");

    let texts = ["Batch, one.", "Batch, two.", "Batch, three."];
    let batch = client.batch().include(sender.send(to, texts[0])).include(sender.send(to, texts[1])).include(sender.send(to, texts[2]));
    let (one, two, three) = batch.execute().await?.flatten()?;
    for (sent, text) in [one, two, three].into_iter().zip(texts) {
        check(sent?.message.message_id().starts_with("wamid."), || format!("{text} was not taken"))?;
        customer.sees_text(text).await?;
    }
    step("three messages in one batch");

    let refused = sender.send("+999000999999", "Is anybody there?").await;
    let told = refused.err().map(|error| format!("{error:?}")).ok_or("a message to a number that nobody has was taken")?;
    check(told.contains("131026"), || format!("the refusal is {told}"))?;
    step("a number that nobody has: the client returns the error of its code");
    Ok(())
}
