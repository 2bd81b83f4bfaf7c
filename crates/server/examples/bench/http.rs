//! As little HTTP as it takes to load a server without loading the machine, and the smallest server to compare with.
use crate::Outcome;
use axum::{Json, Router, routing::post};
use serde_json::Value;
use std::{
    process::Stdio,
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, TcpStream},
    process::Command,
    task::JoinSet,
};

/// How many clients ask at once.
pub const CLIENTS: usize = 64;
/// And where it is measured what a crowd of them gets.
pub const MANY_CLIENTS: usize = 256;

/// A connection that is kept alive.
pub struct Connection {
    stream: TcpStream,
    host: String,
    buffer: Vec<u8>,
}

impl Connection {
    pub async fn open(address: &str) -> Outcome<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, host: address.to_owned(), buffer: Vec::with_capacity(4096) })
    }

    pub async fn get(&mut self, path: &str) -> Outcome<(u16, Vec<u8>)> {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.host);
        self.exchange(request.as_bytes()).await
    }

    /// Posts JSON, with a bearer token unless it is empty.
    pub async fn post(&mut self, path: &str, token: &str, body: &str) -> Outcome<(u16, Vec<u8>)> {
        let authorization = if token.is_empty() { String::new() } else { format!("Authorization: Bearer {token}\r\n") };
        let length = body.len();
        let host = &self.host;
        let head =
            format!("POST {path} HTTP/1.1\r\nHost: {host}\r\n{authorization}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n");
        self.exchange(format!("{head}{body}").as_bytes()).await
    }

    /// Uploads a picture as a form does.
    pub async fn post_file(&mut self, path: &str, token: &str, bytes: &[u8]) -> Outcome<(u16, Vec<u8>)> {
        let part = |head: &str| format!("--suki-bench\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        let mut body = format!("{}whatsapp\r\n", part("name=\"messaging_product\"")).into_bytes();
        body.extend(part("name=\"file\"; filename=\"cake.png\"\r\nContent-Type: image/png").into_bytes());
        body.extend_from_slice(bytes);
        body.extend_from_slice(b"\r\n--suki-bench--\r\n");
        let (host, length) = (&self.host, body.len());
        let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nContent-Length: {length}\r\n");
        let head = format!("{head}Content-Type: multipart/form-data; boundary=suki-bench\r\n\r\n");
        self.exchange(&[head.as_bytes(), &body].concat()).await
    }

    async fn exchange(&mut self, request: &[u8]) -> Outcome<(u16, Vec<u8>)> {
        self.stream.write_all(request).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            let Some(end) = self.buffer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&self.buffer[..end])?.to_ascii_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.ok_or("an answer without a length")?.trim().parse()?;
            while self.buffer.len() < end + 4 + length {
                if self.stream.read_buf(&mut self.buffer).await? == 0 {
                    return Err("the answer broke off".into());
                }
            }
            let status = head.split_whitespace().nth(1).ok_or("no status")?.parse()?;
            return Ok((status, self.buffer[end + 4..].to_vec()));
        }
    }
}

/// Parses JSON and gives it back, until the process is killed.
pub async fn echo() -> Outcome<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("{}", listener.local_addr()?);
    let listener = suki_server::http::tune(listener);
    axum::serve(listener, Router::new().route("/", post(|Json(body): Json<Value>| async move { Json(body) }))).await?;
    Ok(())
}

/// How many requests a second the smallest server answers to the same clients, and its processor time for one in microseconds.
pub async fn measure_echo(time: Duration) -> Outcome<(f64, f64)> {
    let mut child = Command::new(std::env::current_exe()?).arg("echo").stdout(Stdio::piped()).kill_on_drop(true).spawn()?;
    let mut address = String::new();
    BufReader::new(child.stdout.take().ok_or("no output")?).read_line(&mut address).await?;
    let address = address.trim().to_owned();
    let pid = child.id().unwrap_or_default();
    let (start, cpu) = (Instant::now(), crate::server::cpu(pid));
    let count: &'static AtomicU64 = Box::leak(Box::default());
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let address = address.clone();
        clients.spawn(async move {
            let mut connection = Connection::open(&address).await?;
            let body = format!(r#"{{"messaging_product":"whatsapp","to":"1","type":"text","text":{{"body":"{}"}}}}"#, "x".repeat(200));
            while start.elapsed() < time {
                connection.post("/", "", &body).await?;
                count.fetch_add(1, Ordering::Relaxed);
            }
            Outcome::Ok(())
        });
    }
    while let Some(client) = clients.join_next().await {
        client??;
    }
    let answered = count.load(Ordering::Relaxed) as f64;
    let measured = (answered / start.elapsed().as_secs_f64(), (crate::server::cpu(pid) - cpu) / answered * 1e6);
    child.kill().await?;
    Ok(measured)
}
