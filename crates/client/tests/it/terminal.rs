//! The chat in a terminal, over pipes.
use crate::{
    shop::Shop,
    world::{Customer, World},
};
use suki_client::chat::{Auto, Chat};
use suki_e2ee::Suite;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, DuplexStream, Lines, duplex};

/// Reads on until a line holds the text.
async fn until(lines: &mut Lines<BufReader<DuplexStream>>, text: &str) -> String {
    let reading = async {
        loop {
            let line = lines.next_line().await.expect("it can be read").expect("the chat goes on");
            if line.contains(text) {
                return line;
            }
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(30), reading).await.expect("the line comes")
}

fn chat(
    customer: Customer,
    shop: &Shop,
    say: &[&str],
    auto: Option<&str>,
) -> (DuplexStream, Lines<BufReader<DuplexStream>>, tokio::task::JoinHandle<bool>) {
    let (keyboard, input) = duplex(4096);
    let (output, screen) = duplex(64 * 1024);
    let auto = auto.map(|auto| auto.parse::<Auto>().expect("it is one"));
    let say = say.iter().map(|text| (*text).to_owned()).collect();
    let talk = Chat::new(customer.client, customer.events, output).talk(Some(shop.account), say, auto, BufReader::new(input));
    let task = tokio::spawn(async move { talk.await.is_ok() });
    (keyboard, BufReader::new(screen).lines(), task)
}

#[tokio::test]
async fn lines_are_sent_and_answers_printed() {
    let world = World::new(31).await;
    let mut shop = Shop::open(&world, Suite::X25519).await;
    let (mut keyboard, mut screen, task) = chat(world.guest().await, &shop, &["kumusta"], None);
    until(&mut screen, "hosted by Tests").await;
    let (conversation, id, text) = shop.hears().await;
    assert_eq!(text, "kumusta");
    until(&mut screen, "✓✓ delivered: kumusta").await;
    shop.read(conversation, id).await;
    until(&mut screen, "✓✓ read: kumusta").await;
    shop.say(conversation, "mabuti \u{1b}[31m").await;
    assert_eq!(until(&mut screen, "mabuti").await, "00:00  Kape ni Ana: mabuti \u{fffd}[31m");
    keyboard.write_all("\nsalamat\n".as_bytes()).await.expect("it is typed");
    assert_eq!(shop.hears().await.2, "salamat");
    drop(keyboard);
    assert!(task.await.expect("it ends"), "at the end of the input it ends well");
}

#[tokio::test]
async fn a_customer_without_hands_reads_and_replies() {
    let world = World::new(32).await;
    let mut shop = Shop::open(&world, Suite::X25519).await;
    let (keyboard, mut screen, task) = chat(world.guest().await, &shop, &["hi"], Some("deliver,read,reply:ok, thanks"));
    drop(keyboard);
    let (conversation, _, _) = shop.hears().await;
    let id = shop.say(conversation, "Your order is ready").await;
    assert_eq!(shop.hears().await.2, "ok, thanks");
    let mut named = Vec::new();
    while named.len() < 2 {
        let receipt = shop.receipts.recv().await.expect("a receipt");
        assert_eq!(receipt.message_ids, [id.to_vec()]);
        named.push(receipt.status);
    }
    assert_eq!(named, [1, 2], "delivered, then read");
    until(&mut screen, "ok, thanks").await;
    task.abort();
}

#[tokio::test]
async fn an_offline_customer_says_his_word_and_receives_nothing() {
    let world = World::new(33).await;
    let mut shop = Shop::open(&world, Suite::X25519).await;
    let (_keyboard, _screen, task) = chat(world.guest().await, &shop, &["bye"], Some(""));
    let (conversation, _, text) = shop.hears().await;
    assert_eq!(text, "bye");
    // The endpoint stays as the only connection.
    while world.network.connections() > 1 {
        tokio::task::yield_now().await;
    }
    shop.say(conversation, "are you there?").await;
    assert!(shop.receipts.try_recv().is_err());
    assert!(!task.is_finished());
    task.abort();
}
