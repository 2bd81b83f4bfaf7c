//! What reaches the server and what it reaches: its address, the one people use, the bus, the certificate.
use super::{Finding, in_time, millis};
use crate::{cli::Serve, files::Files, operate::tls, storage::Plane, world::Stopwatch};
use reqwest::{Client, ClientBuilder};
use std::net::SocketAddr;
use suki_types::{Env, NodeId, limits};
use tokio::net::TcpListener;

/// So many days before its end a certificate should have been renewed.
const DAYS: i64 = 14;

/// Looks at all of it.
pub async fn examine(serve: &Serve, env: &Env) -> Vec<Finding> {
    let scheme = if serve.tls.is_on() { "https" } else { "http" };
    let own = listen("listen address", scheme, serve.listen).await;
    vec![own, public(serve, env).await, bus(serve, env).await, files(serve, env).await, certificate(&serve.tls, env)]
}

/// Whether the address is free, or a server is there already.
async fn listen(check: &'static str, scheme: &str, address: SocketAddr) -> Finding {
    let taken = match TcpListener::bind(address).await {
        Ok(_) => return Finding::ok(check, format!("{address} is free")),
        Err(error) => error,
    };
    // Whose certificate it is says nothing here: it is asked at an address, which is in none.
    match builder().tls_danger_accept_invalid_certs(true).build() {
        Ok(client) if is_ours(&client, scheme, address).await => Finding::ok(check, format!("a server answers at {address}")),
        _ => Finding::failed(check, format!("cannot listen on {address}: {taken}"), "choose another with --listen, or end what listens there"),
    }
}

async fn is_ours(client: &Client, scheme: &str, address: SocketAddr) -> bool {
    client.get(format!("{scheme}://{address}/healthz")).send().await.is_ok_and(|answer| answer.status().is_success())
}

fn builder() -> ClientBuilder {
    let patience = std::time::Duration::from_millis(limits::DOCTOR_PATIENCE_MILLIS.unsigned_abs());
    Client::builder().timeout(patience).no_proxy()
}

/// Whether the address that people use leads to a server.
async fn public(serve: &Serve, env: &Env) -> Finding {
    let check = "public address";
    let Some(url) = &serve.public_url else { return Finding::skipped(check, "none is named; people use the listen address") };
    let url = url.trim_end_matches('/');
    let watch = Stopwatch::start();
    let asking = async { Ok(builder().build()?.get(format!("{url}/healthz")).send().await?.error_for_status()?.text().await?) };
    match in_time(env, asking).await {
        Ok(text) if text == "ok" => Finding::ok(check, format!("{url} leads to a server, in {}", millis(watch.elapsed()))),
        Ok(_) => Finding::failed(check, format!("{url} leads to something else"), "let the proxy or the name in front lead to the listen address"),
        // Its words could repeat a part of an address that holds a secret; its kind says enough.
        Err(_) => Finding::warning(
            check,
            format!("{url} cannot be reached from here"),
            "start the server, then check the name, the proxy, its certificate and the firewall; some routers do not lead back into their own network",
        ),
    }
}

/// Whether NATS takes a connection.
async fn bus(serve: &Serve, env: &Env) -> Finding {
    let check = "bus";
    if serve.bus.bus.is_none() {
        return Finding::skipped(check, "none is named (--bus); a server alone needs none");
    }
    let watch = Stopwatch::start();
    let connecting = async {
        let bus = serve.bus.open(Some(NodeId::new(env)), env).await?;
        if let Some(mut health) = bus.health() {
            health.wait_for(|health| health.healthy).await?;
        }
        Ok(())
    };
    match in_time(env, connecting).await {
        Ok(()) => Finding::ok(check, format!("NATS answers, connected in {}", millis(watch.elapsed()))),
        Err(error) => Finding::warning(
            check,
            format!("NATS does not answer: {error}"),
            "check the address in --bus; until it answers, messages between nodes are found by asking the database each second",
        ),
    }
}

/// Whether files can be kept where they are to be.
async fn files(serve: &Serve, env: &Env) -> Finding {
    let check = "files";
    if serve.files.is_none() && serve.storage.database.is_some() {
        return Finding::warning(
            check,
            "they are in this node's data folder, where no other node of the database finds them",
            "name a bucket or a folder that all nodes see with --files, unless this node stays alone",
        );
    }
    if serve.files.is_none() {
        return Finding::skipped(check, "they are in the data folder (--files)");
    }
    let watch = Stopwatch::start();
    let trying = async {
        let place = Files::parse(serve.files.as_deref(), &serve.storage.data)?;
        Ok(place.open(Plane::Endpoint).await?.check().await?)
    };
    match in_time(env, trying).await {
        Ok(()) => Finding::ok(check, format!("can be written and read, in {}", millis(watch.elapsed()))),
        Err(error) => {
            Finding::failed(check, error.to_string(), "check --files, the variables AWS_…, and that the bucket is there and may be written")
        }
    }
}

fn certificate(options: &tls::Options, env: &Env) -> Finding {
    let check = "certificate";
    let (Some(certificate), Some(key)) = (&options.certificate, &options.key) else {
        return match options.domains.is_empty() {
            true => Finding::skipped(check, "TLS is not spoken here; a proxy in front does, where others reach the server"),
            false => Finding::ok(check, "it is fetched and renewed by itself"),
        };
    };
    match tls::files::Files::open(certificate.clone(), key.clone()).and_then(|files| files.ends_at()) {
        Ok(end) => told_end(end.since(env.now()) / 86_400_000),
        Err(error) => Finding::failed(check, error.to_string(), "have the certificate made anew, with the whole chain, and its key beside it"),
    }
}

fn told_end(days: i64) -> Finding {
    let check = "certificate";
    match days {
        ..0 => Finding::failed(check, format!("it ended {} days ago", -days), "renew it; the server takes up the new file by itself"),
        0..DAYS => Finding::warning(check, format!("it ends in {days} days"), "renew it; the server takes up the new file by itself"),
        _ => Finding::ok(check, format!("good for {days} days more")),
    }
}

#[cfg(test)]
mod tests {
    use super::{super::State, *};

    #[test]
    fn a_certificate_is_told_of_before_it_ends() {
        assert_eq!([told_end(-1).state, told_end(3).state, told_end(60).state], [State::Failed, State::Warning, State::Ok]);
    }

    #[tokio::test]
    async fn an_address_that_something_else_has_is_a_failure() {
        let taken = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let address = taken.local_addr().expect("it listens");
        let answering = tokio::spawn(async move {
            // It takes connections and hangs up: no server of ours.
            while let Ok((stream, _)) = taken.accept().await {
                drop(stream);
            }
        });
        assert_eq!(listen("listen address", "http", address).await.state, State::Failed);
        answering.abort();
        answering.await.expect_err("it was ended");
        assert_eq!(listen("listen address", "http", address).await.state, State::Ok);
    }
}
