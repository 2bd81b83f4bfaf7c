//! Six-digit codes on their way out: printed in the demo, posted to a gateway otherwise.
use crate::{
    cli::{Failure, Serve},
    wiring::CodesPreset,
};
use std::{sync::Arc, time::Duration};
use suki_network::sender::{CodeSender, Console, Gateway, HttpClient, HttpPost, Later, Shape};

/// The sender that the options ask for; none refuses registration by phone.
///
/// # Errors
/// When an option that the gateway needs is missing.
pub fn sender(serve: &Serve) -> Result<Option<Arc<dyn CodeSender>>, Failure> {
    let Some(url) = serve.codes_url.clone() else {
        return Ok(serve.demo.then(|| Arc::new(Console::new(print)) as Arc<dyn CodeSender>));
    };
    let need = |value: &Option<String>, name: &str| value.clone().ok_or_else(|| Failure::from(format!("--codes-preset twilio needs {name}")));
    let shape = match serve.codes_preset {
        CodesPreset::Json => Shape::Json { url, token: serve.codes_password.clone() },
        CodesPreset::Twilio => Shape::Twilio {
            base_url: url,
            account: need(&serve.codes_user, "--codes-user")?,
            token: need(&serve.codes_password, "SUKI_CODES_PASSWORD")?,
            from: need(&serve.codes_from, "--codes-from")?,
        },
    };
    let client = reqwest::Client::builder().timeout(Duration::from_secs(10)).redirect(reqwest::redirect::Policy::none()).build()?;
    Ok(Some(Arc::new(Gateway::new(shape, Arc::new(Client(client))))))
}

#[expect(clippy::print_stdout, reason = "in the demo the console is the telephone")]
fn print(line: &str) {
    println!("{line}");
}

#[derive(Debug)]
struct Client(reqwest::Client);

impl HttpClient for Client {
    fn post(&self, request: HttpPost) -> Later<Result<u16, String>> {
        let post = self.0.post(&request.url).body(request.body);
        let post = request.headers.into_iter().fold(post, |post, (name, value)| post.header(name, value));
        Box::pin(async move {
            // The error's own text names the address, which may carry a secret.
            let answer = post.send().await.map_err(|error| if error.is_timeout() { "it did not answer in time" } else { "it cannot be reached" })?;
            Ok(answer.status().as_u16())
        })
    }
}
