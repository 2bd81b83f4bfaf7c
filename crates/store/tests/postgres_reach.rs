//! How PostgreSQL is reached: one of several hosts, and through TLS.
#![allow(clippy::unwrap_used, reason = "a test, its helpers included")]
use std::{path::Path, process::Command, sync::Arc};
use suki_store::{
    Db, Migration, PostgresOptions, StoreError,
    testing::{postgres_url, start_postgres, stop_postgres, wait},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream, UnixStream},
};
use tokio_rustls::{TlsAcceptor, rustls};

const TABLE: Migration =
    Migration { version: 1, name: "a table", sql: "CREATE TABLE t (id INTEGER NOT NULL PRIMARY KEY, n INTEGER NOT NULL) STRICT;" };

fn add(db: &Db, id: i64) -> Result<u64, StoreError> {
    wait(db.keyed([1; 16]).write(move |tx| tx.execute("INSERT INTO t (id, n) VALUES (?1, 1)", &[id.into()])))
}

fn count(db: &Db) -> Result<i64, StoreError> {
    wait(db.read(|tx| tx.query_one("SELECT count(*) FROM t", &[], |row| row.get(0))))
}

fn run(db: &Db, sql: &'static str) {
    wait(db.write(move |tx| tx.execute(sql, &[]))).unwrap();
}

/// The host that takes writes is used, and when it is gone the other, once that takes them: with statements that were prepared on the first.
#[test]
fn another_host_takes_over() {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [first, second] = folders.each_ref().map(|folder| start_postgres(folder.path(), None));
    let alone = |url: &str| Db::open_postgres(url, PostgresOptions::default()).unwrap();
    // The standby: it has the tables, and whoever comes to it from now on may only read.
    let standby = alone(&second);
    standby.migrate(&[TABLE]).unwrap();
    run(&standby, "ALTER DATABASE postgres SET default_transaction_read_only = on");
    let host = |url: &str| url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
    let both = format!("postgresql://suki@{},{}/postgres?target_session_attrs=read-write", host(&second), host(&first));
    let db = alone(&both);
    db.migrate(&[TABLE]).unwrap();
    assert_eq!((add(&db, 1), add(&db, 2), count(&db)), (Ok(1), Ok(1), Ok(2)));
    assert_eq!(count(&standby), Ok(0), "it was the other one that took them");
    stop_postgres(folders[0].path());
    assert!(matches!(add(&db, 3), Err(StoreError::Unavailable(_))), "nobody takes writes");
    run(&standby, "ALTER DATABASE postgres RESET default_transaction_read_only");
    assert_eq!((add(&db, 3), count(&db), count(&standby)), (Ok(1), Ok(1), Ok(1)));
    drop((db, standby));
    stop_postgres(folders[1].path());
}

/// Runs a command of scripts/postgres that succeeds, and gives what it prints.
fn script(arguments: &[&str]) -> String {
    let output = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../scripts/postgres")).args(arguments).output().unwrap();
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// Faults, a failover: the standby begins a new timeline, and whoever comes back to it can tell that it is another server than before.
#[test]
fn a_standby_that_has_taken_over_is_noticed() {
    let folder = tempfile::Builder::new().prefix("suki-pg").tempdir().unwrap();
    let place = folder.path().to_str().unwrap();
    let hosts = [(); 2].map(|()| std::net::TcpListener::bind("127.0.0.1:0").unwrap()).map(|free| free.local_addr().unwrap().to_string());
    let db = Db::open_postgres(&script(&["pair", place, &hosts[0], &hosts[1]]), PostgresOptions::default()).unwrap();
    db.migrate(&[TABLE]).unwrap();
    assert_eq!((add(&db, 1), count(&db), db.turns()), (Ok(1), Ok(1), 0));
    script(&["fail", place]);
    // The first one finds that its connection is gone.
    assert!((0..10).any(|_| add(&db, 2).is_ok()));
    assert_eq!((count(&db), db.turns()), (Ok(2), 1));
    drop(db);
    script(&["end", place]);
}

/// A server that speaks TLS with this certificate and hands on what it hears to the test's PostgreSQL. Answers its port.
fn tls_server(certified: &rcgen::CertifiedKey<rcgen::KeyPair>) -> u16 {
    let key = rustls::pki_types::PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certified.cert.der().clone()], key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (told, port) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async move {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            told.send(listener.local_addr().unwrap().port()).unwrap();
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(acceptor.clone(), stream));
            }
        });
    });
    port.recv().unwrap()
}

/// PostgreSQL's way into TLS: the client asks, the server says S, and then both speak it. Whoever does not ask is not heard.
async fn serve(acceptor: TlsAcceptor, mut stream: TcpStream) -> std::io::Result<()> {
    let mut asked = [0; 8];
    stream.read_exact(&mut asked).await?;
    if asked != [0, 0, 0, 8, 4, 210, 22, 47] {
        return Ok(());
    }
    stream.write_all(b"S").await?;
    let mut stream = acceptor.accept(stream).await?;
    let socket = postgres_url().split('@').nth(1).unwrap().split('/').next().unwrap().replace("%2F", "/");
    let mut server = UnixStream::connect(Path::new(&socket).join(".s.PGSQL.5432")).await?;
    tokio::io::copy_bidirectional(&mut stream, &mut server).await.map(drop)
}

fn refused(url: &str) -> String {
    match Db::open_postgres(url, PostgresOptions::default()).err() {
        Some(StoreError::Unavailable(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[test]
fn tls_is_spoken_and_the_server_proves_who_it_is_when_that_is_asked_for() {
    // It is started before anybody waits to be let in.
    postgres_url();
    let certified = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let other = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [own, foreign] = [("own.pem", &certified), ("foreign.pem", &other)].map(|(name, certified)| {
        let path = folder.path().join(name);
        std::fs::write(&path, certified.cert.pem()).unwrap();
        path.display().to_string()
    });
    let port = tls_server(&certified);
    let url = |host: &str, query: &str| format!("postgresql://suki@{host}:{port}/postgres?{query}");
    for query in ["sslmode=require".to_owned(), "sslmode=prefer".to_owned(), format!("sslmode=verify-full&sslrootcert={own}")] {
        let db = Db::open_postgres(&url("localhost", &query), PostgresOptions::default()).unwrap();
        let one: Result<i64, StoreError> = wait(db.read(|tx| tx.query_one("SELECT CAST(1 AS BIGINT)", &[], |row| row.get(0))));
        assert_eq!(one, Ok(1), "{query}");
    }
    let text = refused(&url("localhost", &format!("sslmode=verify-full&sslrootcert={foreign}")));
    assert!(text.contains("certificate"), "{text}");
    let text = refused(&url("127.0.0.1", &format!("sslmode=verify-full&sslrootcert={own}")));
    assert!(text.contains("not valid for name"), "{text}");
    refused(&url("localhost", "sslmode=disable"));
}
