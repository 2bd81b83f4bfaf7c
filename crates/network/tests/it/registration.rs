//! Registration: guests, phones, further devices, businesses; and log-in.
use crate::world::{DAY, Device, World, key, public};
use parking_lot::Mutex;
use std::sync::Arc;
use suki_network::{Config, registration::RegistrationError, sender::Console};
use suki_protocol::{
    certificate,
    http::{CodeChannel, RegisterBusiness, RegisterDevice, RegisterGuest, RegisterPhone, RequestPhoneCode, Trust},
    pb::{self, RefusalCode, client_frame::Body as Ask, server_frame::Body as Told},
};
use suki_types::{DeviceId, Phone, limits};

/// A world whose codes are printed to the test.
async fn printing(seed: u64) -> (World, Arc<Mutex<Vec<String>>>) {
    let (config, printed) = printer();
    (World::with(seed, config).await, printed)
}

/// A network that prints its codes.
fn printer() -> (Config, Arc<Mutex<Vec<String>>>) {
    let printed = Arc::new(Mutex::new(Vec::new()));
    let lines = printed.clone();
    let sender = Console::new(move |line| lines.lock().push(line.to_owned()));
    (Config { code_sender: Some(Arc::new(sender)), ..Config::default() }, printed)
}

fn code_in(line: &str) -> String {
    line.split(": ").nth(1).and_then(|text| text.get(..6)).expect("a code").to_owned()
}

async fn request_code(world: &World, phone: &Phone) -> Result<i64, RegistrationError> {
    let request = RequestPhoneCode { phone: phone.clone(), channel: CodeChannel::Voice };
    world.network.request_phone_code(request.clone()).await.map(|sent| sent.expires_in)
}

async fn with_code(world: &World, phone: &Phone, code: &str) -> Result<Device, RegistrationError> {
    let key = key(&world.env);
    let request = RegisterPhone { phone: phone.clone(), code: code.into(), signature_key: public(&key), device_name: String::new() };
    let registered = world.network.register_phone(request.clone()).await?;
    Ok(Device::log_in(world, key, registered).await)
}

#[tokio::test]
async fn a_guest_comes_from_a_link_with_nothing_but_a_key() {
    let world = World::new(61).await;
    let shop = world.shop("kape-1").await;
    let card = world.network.link_card("kape-1").await.expect("it is known");
    assert_eq!((card.business, card.trust, card.phone_registration), (shop.registered.account, Trust::Plain, false));
    let ana = world.guest("kape-1").await;
    let identity = certificate::verify(&card.network_key.0, &ana.registered.certificate.0).expect("the network vouches for it");
    assert_eq!((identity.account, identity.device, identity.kind), (ana.registered.account, ana.registered.device, pb::AccountKind::Person));
    assert_eq!(ana.registered.phone, Some(Phone::test(1)));
    assert_eq!(world.guest("kape-1").await.registered.phone, Some(Phone::test(2)));
    for slug in ["nobody", "", "Kape-1", "../etc", &"x".repeat(5000)] {
        assert_eq!(world.network.link_card(slug).await.expect_err("nobody's").problem().status, 404);
        let request = RegisterGuest { slug: slug.into(), signature_key: public(&ana.key), device_name: String::new() };
        assert_eq!(world.network.register_guest(request.clone()).await.expect_err("nobody's").problem().status, 404);
    }
    let long = "n".repeat(limits::NAME_CHARS + 1);
    for (bytes, name) in [(vec![1; 31], ""), (vec![0; 32], ""), (vec![1; 32], &long[..]), (vec![1; 32], "a\nb")] {
        let request = RegisterGuest { slug: "kape-1".into(), signature_key: suki_protocol::http::Base64(bytes), device_name: name.into() };
        assert_eq!(world.network.register_guest(request.clone()).await.expect_err("not valid").problem().status, 422);
    }
}

#[tokio::test]
async fn guests_are_limited_by_the_hour() {
    let world = World::with(62, Config { guests_per_hour: 3, ..Config::default() }).await;
    world.shop("kape").await;
    for _ in 0..3 {
        assert_eq!(world.guest("kape").await.registered.phone, None);
    }
    let request = RegisterGuest { slug: "kape".into(), signature_key: public(&key(&world.env)), device_name: String::new() };
    let error = world.network.register_guest(request.clone()).await.expect_err("too many");
    assert_eq!(error.problem().status, 429);
    world.advance(error.retry_at().expect("a time").since(world.env.now()));
    world.guest("kape").await;
}

#[tokio::test]
async fn a_phone_registers_with_its_code() {
    let (world, printed) = printing(63).await;
    let phone: Phone = "+63 917 123 4567".parse().expect("a number");
    assert_eq!(request_code(&world, &phone).await.expect("it is sent"), 600);
    let line = printed.lock()[0].clone();
    assert!(line.starts_with("call to +639171234567: "), "{line}");
    let ana = with_code(&world, &phone, &code_in(&line)).await.expect("the code is right");
    // A code counts once.
    assert!(matches!(with_code(&world, &phone, &code_in(&line)).await, Err(RegistrationError::Code)));
    request_code(&world, &phone).await.expect("it is sent");
    let line = printed.lock()[1].clone();
    let again = with_code(&world, &phone, &code_in(&line)).await.expect("the code is right");
    assert_eq!(again.registered.account, ana.registered.account);
    assert_ne!(again.registered.device, ana.registered.device);
}

#[tokio::test]
async fn wrong_expired_and_too_many_codes_are_refused_alike() {
    let (world, printed) = printing(64).await;
    let phone = Phone::test(5);
    // Nothing tells whether a number has an account, or whether a code is under way.
    let never_asked = with_code(&world, &Phone::test(6), "123456").await.err().expect("no code").problem();
    request_code(&world, &phone).await.expect("it is sent");
    let right = code_in(&printed.lock()[0].clone());
    let wrong = if right == "000000" { "000001" } else { "000000" };
    for _ in 0..limits::PHONE_CODE_TRIES {
        assert_eq!(with_code(&world, &phone, wrong).await.err().expect("it is wrong").problem(), never_asked);
    }
    assert_eq!(with_code(&world, &phone, &right).await.err().expect("its tries are used up").problem(), never_asked);
    request_code(&world, &phone).await.expect("it is sent");
    let right = code_in(&printed.lock()[1].clone());
    // Another number's code is of no use.
    assert!(with_code(&world, &Phone::test(6), &right).await.is_err());
    world.advance(limits::PHONE_CODE_MILLIS);
    assert_eq!(with_code(&world, &phone, &right).await.err().expect("it has expired").problem(), never_asked);
    for _ in 2..limits::PHONE_CODES_PER_HOUR {
        request_code(&world, &phone).await.expect("it is sent");
    }
    let error = request_code(&world, &phone).await.expect_err("too many");
    assert_eq!(error.problem().status, 429);
    world.advance(error.retry_at().expect("a time").since(world.env.now()));
    request_code(&world, &phone).await.expect("an hour has passed");
}

#[tokio::test]
async fn codes_stand_nowhere_in_the_store() {
    let (config, printed) = printer();
    let world = World::on_sqlite(65, config).await;
    let mut shop = world.shop("kape").await;
    let mut ana = world.guest("kape").await;
    request_code(&world, &Phone::test(5)).await.expect("it is sent");
    let Told::LinkCode(link) = ana.ask(Ask::MakeLinkCode(pb::MakeLinkCode {})).await else { panic!("no code") };
    shop.refused_as(Ask::MakeLinkCode(pb::MakeLinkCode {}), RefusalCode::Forbidden).await;
    let enrolment = world.network.create_enrolment().await.expect("an enrolment");
    let phone_code = code_in(&printed.lock()[0].clone());
    for secret in [phone_code, link.code.replace('-', ""), link.code, enrolment] {
        let needle = secret.clone().into_bytes();
        let bytes = world.bytes_on_disk();
        assert!(!bytes.windows(needle.len()).any(|window| window == needle), "{secret}");
    }
}

#[tokio::test]
async fn without_a_sender_phones_are_refused_with_what_to_configure() {
    let world = World::new(66).await;
    let error = request_code(&world, &Phone::test(1)).await.expect_err("there is no sender");
    assert_eq!(error.problem().status, 501);
    assert!(error.to_string().contains("--codes-url"), "{error}");
    assert!(with_code(&world, &Phone::test(1), "123456").await.is_err());
}

#[tokio::test]
async fn a_link_code_adds_one_device_within_five_minutes() {
    let world = World::new(67).await;
    world.shop("kape").await;
    let mut ana = world.guest("kape").await;
    let Told::LinkCode(code) = ana.ask(Ask::MakeLinkCode(pb::MakeLinkCode {})).await else { panic!("no code") };
    let key = key(&world.env);
    let typed = code.code.to_lowercase().replace('-', "");
    let request = RegisterDevice { code: typed, signature_key: public(&key), device_name: "Tablet".into() };
    let first = world.network.register_device(request.clone()).await.expect("the code is right");
    assert_eq!((first.account, first.phone), (ana.registered.account, Some(Phone::test(1))));
    // Its answer may be lost on the way: the same device may ask again, another may not.
    assert_eq!(world.network.register_device(request.clone()).await.expect("again").device, first.device);
    let other = RegisterDevice { signature_key: public(&crate::world::key(&world.env)), ..request.clone() };
    assert!(matches!(world.network.register_device(other.clone()).await, Err(RegistrationError::Code)));
    let Told::LinkCode(code) = ana.ask(Ask::MakeLinkCode(pb::MakeLinkCode {})).await else { panic!("no code") };
    world.advance(limits::LINK_CODE_MILLIS);
    let late = RegisterDevice { code: code.code, ..other };
    assert!(matches!(world.network.register_device(late.clone()).await, Err(RegistrationError::Code)));
}

#[tokio::test]
async fn a_business_registers_once_with_its_enrolment() {
    let world = World::new(68).await;
    let key = key(&world.env);
    let enrolment = world.network.create_enrolment().await.expect("an enrolment");
    let good = RegisterBusiness {
        enrolment,
        name: "Kape ni Ana".into(),
        about: "Coffee".into(),
        slug: "kape".into(),
        hosted_by: "Ana".into(),
        signature_key: public(&key),
        terms_version: 1,
        test_phone: None,
    };
    for bad in [
        RegisterBusiness { terms_version: 0, ..good.clone() },
        RegisterBusiness { terms_version: 2, ..good.clone() },
        RegisterBusiness { name: " ".into(), ..good.clone() },
        RegisterBusiness { name: "Juan dela Cruz".into(), ..good.clone() },
        RegisterBusiness { name: "n".repeat(76), ..good.clone() },
        RegisterBusiness { about: "a".repeat(140), ..good.clone() },
        RegisterBusiness { slug: "ab".into(), ..good.clone() },
        RegisterBusiness { slug: "-ab".into(), ..good.clone() },
        RegisterBusiness { slug: "Kape".into(), ..good.clone() },
        RegisterBusiness { hosted_by: String::new(), ..good.clone() },
    ] {
        assert_eq!(world.network.register_business(bad.clone()).await.expect_err("not valid").problem().status, 422);
    }
    let forged = RegisterBusiness { enrolment: "0".repeat(26), ..good.clone() };
    assert!(matches!(world.network.register_business(forged.clone()).await, Err(RegistrationError::Code)));
    let first = world.network.register_business(good.clone()).await.expect("it registers");
    assert_eq!(world.network.register_business(good.clone()).await.expect("again").account, first.account);
    let second = RegisterBusiness { enrolment: world.network.create_enrolment().await.expect("an enrolment"), ..good };
    assert!(matches!(world.network.register_business(second.clone()).await, Err(RegistrationError::Taken(_))));
    world.network.set_trust(first.account, pb::TrustLevel::Confirmed, "Known for years").await.expect("it is known");
    assert_eq!(world.network.link_card("kape").await.expect("it is known").trust, Trust::Confirmed);
    world.advance(DAY + 1);
    assert!(matches!(world.network.register_business(RegisterBusiness { slug: "other".into(), ..second }).await, Err(RegistrationError::Code)));
}

#[tokio::test]
async fn only_the_devices_key_logs_in() {
    let world = World::new(69).await;
    let mut shop = world.shop("kape").await;
    assert_eq!((shop.logged_in.window_millis, shop.logged_in.business_renews_window), (DAY, false));
    shop.refused_as(Ask::LogIn(pb::LogIn::default()), RefusalCode::Malformed).await;
    let right = std::mem::replace(&mut shop.key, key(&world.env));
    let refused = log_in(&world, &mut shop).await;
    assert_eq!(refused.code(), RefusalCode::Forbidden);
    // An unknown device gets the same answer.
    let device = std::mem::replace(&mut shop.registered.device, DeviceId::new(&world.env));
    assert_eq!(log_in(&world, &mut shop).await, refused);
    shop.registered.device = device;
    shop.key = right;
    shop.reconnect(&world).await;
}

async fn log_in(world: &World, device: &mut Device) -> pb::Refused {
    device.new_session(world);
    match device.try_sign_in().await {
        Told::Refused(refused) => refused,
        other => panic!("not refused: {other:?}"),
    }
}

#[tokio::test]
async fn nothing_is_answered_before_the_log_in_and_three_failures_end_the_connection() {
    let world = World::new(70).await;
    let mut shop = world.shop("kape").await;
    shop.new_session(&world);
    shop.refused_as(Ask::Ping(pb::Ping {}), RefusalCode::NotLoggedIn).await;
    for _ in 0..3 {
        let wrong = pb::LogIn { device: shop.registered.device.to_vec(), signature: vec![7; 64] };
        shop.refused_as(Ask::LogIn(wrong), RefusalCode::Forbidden).await;
    }
    while shop.pump().await {}
    assert!(shop.send_raw(pb::ClientFrame { request: 9, body: None }).is_err());
    shop.reconnect(&world).await;
    for frame in [pb::ClientFrame { request: 0, body: Some(Ask::Ping(pb::Ping {})) }, pb::ClientFrame { request: 4000, body: None }] {
        let request = frame.request;
        shop.send_raw(frame).expect("it is open");
        assert!(matches!(shop.answer(request).await, Told::Refused(refused) if refused.code() == RefusalCode::Malformed));
    }
}

/// A carrier's HTTP face that answers as it is told.
#[derive(Debug)]
struct Carrier(Result<u16, String>);

impl suki_network::sender::HttpClient for Carrier {
    fn post(&self, _request: suki_network::sender::HttpPost) -> suki_network::sender::Later<Result<u16, String>> {
        Box::pin(std::future::ready(self.0.clone()))
    }
}

#[tokio::test]
async fn a_carrier_that_refuses_is_told_as_such_and_codes_are_limited_over_all_numbers() {
    use suki_network::sender::{Gateway, Shape};
    let shape = Shape::Json { url: "https://sms.example/send".into(), token: None };
    for (answer, status) in [(Ok(202), None), (Ok(500), Some(502)), (Err("no route".to_owned()), Some(502))] {
        let sender = Gateway::new(shape.clone(), Arc::new(Carrier(answer)));
        let config = Config { code_sender: Some(Arc::new(sender)), phone_codes_per_hour: 2, ..Config::default() };
        let world = World::with(71, config).await;
        for number in 0..2 {
            let sent = request_code(&world, &Phone::test(number)).await;
            assert_eq!(sent.err().map(|error| error.problem().status), status);
        }
        assert_eq!(request_code(&world, &Phone::test(3)).await.expect_err("too many").problem().status, 429);
    }
}
