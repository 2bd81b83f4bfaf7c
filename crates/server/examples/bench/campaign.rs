//! A campaign: a template to many customers, each in his own conversation that exists already, none of them connected and no group in memory.
use crate::{
    Outcome,
    devices::{all, join},
    http::{CLIENTS, Connection},
    letters::Letter,
    report::Report,
    server::Server,
};
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// What a campaign has cost.
pub struct Campaign {
    pub customers: usize,
    /// Until the network has the last message.
    pub took: Duration,
    pub cpu: f64,
}

/// Opens so many conversations, starts the server anew, and writes to all of them as fast as a program gets its answers.
pub async fn measure(suki: &Path, data: &Path, customers: usize) -> Outcome<Campaign> {
    let server = Server::start(suki, data).await?;
    let crowd = join(&server, customers, &mut Report::default()).await?;
    let phones: Vec<String> = crowd.iter().map(|customer| customer.phone.clone()).collect();
    let [_, template, _] = Letter::each(&server).await?;
    drop(crowd);
    server.stop().await?;
    let server = Server::start(suki, data).await?;
    let (start, cpu) = (Instant::now(), server.cpu());
    let mut clients = JoinSet::new();
    for number in 0..CLIENTS {
        let phones: Vec<String> = phones.iter().skip(number).step_by(CLIENTS).cloned().collect();
        let mut connection = Connection::open(&server.address).await?;
        let (path, token, template) = (format!("/v23.0/{}/messages", server.phone_number_id), server.token.clone(), template.clone());
        clients.spawn(async move {
            for phone in phones {
                let (status, answer) = connection.post(&path, &token, &template.body(&phone, 1)).await?;
                if status != 200 {
                    return Err(format!("a send was refused: {}", String::from_utf8_lossy(&answer)).into());
                }
            }
            Outcome::Ok(())
        });
    }
    all(clients).await?;
    server.taken().await?;
    let campaign = Campaign { customers, took: start.elapsed(), cpu: server.cpu() - cpu };
    println!("campaign to {customers}: {:.1} s, {:.1} CPU-s", campaign.took.as_secs_f64(), campaign.cpu);
    server.stop().await?;
    Ok(campaign)
}
