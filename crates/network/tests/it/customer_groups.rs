//! Groups of several customers (Cloud API, section 3a, "Groups"): who comes in, who learns what, what each message costs for whom.
use crate::world::{Device, World, event, external, header, receipt, submit};
use std::collections::BTreeSet;
use suki_network::Config;
use suki_protocol::{
    calls::{
        groups::{
            AnswerJoinRequests, Approval, Change, CreateGroup, DeleteGroup, GetGroup, Group, GroupChanged, GroupLeft, GroupLink, GroupPicture,
            JoinGroup, Joined, LeaveGroup, LinkChange, ListGroups, ListJoinRequests, Membership, PreviewGroup, RemoveParticipants, UpdateGroup,
        },
        relation::SetRelation,
    },
    http::Base64,
    pb::{self, EntryKind, MessageKind, RefusalCode, client_frame::Body as Ask, event::Body as Event, server_frame::Body as Told},
};
use suki_store::StoreError;
use suki_types::{CommitId, ConversationId, MessageId};

/// A shop, its group, and so many customers who are in it with their devices. The epoch is as many as there are customers.
struct Room {
    shop: Device,
    group: Group,
    customers: Vec<Device>,
}

async fn make(world: &World, shop: &mut Device, approval: Approval) -> Group {
    let group = ConversationId::new(&world.env);
    let asked = CreateGroup { group, subject: " Ana's wedding ".into(), description: String::new(), approval, tag: "t1".into() };
    let made = shop.called(&asked).await;
    assert_eq!(shop.called(&asked).await, made, "made again it is the same");
    assert_eq!(made.subject, "Ana's wedding");
    made
}

async fn join(customer: &mut Device, group: &Group) -> Joined {
    customer.called(&JoinGroup { link: group.link.to_lowercase() }).await
}

async fn room(world: &World, customers: usize) -> Room {
    let mut shop = world.shop("kape").await;
    let group = make(world, &mut shop, Approval::AutoApprove).await;
    let mut room = Room { shop, group, customers: Vec::new() };
    for epoch in 0..customers {
        let mut customer = world.guest("kape").await;
        assert_eq!(join(&mut customer, &room.group).await.membership, Membership::Inside);
        room.shop.accepted(room.shop.commit(room.group.group, epoch as u64, &[&customer], &[])).await;
        room.customers.push(customer);
    }
    room.shop.entries_so_far().await;
    for customer in &mut room.customers {
        customer.entries_so_far().await;
    }
    room
}

impl Room {
    fn id(&self) -> ConversationId {
        self.group.group
    }
    fn epoch(&self) -> u64 {
        self.customers.len() as u64
    }
    fn text(&self, from: &Device) -> (MessageId, Ask) {
        from.text(self.id(), self.epoch())
    }
    async fn now(&mut self) -> Group {
        self.shop.called(&GetGroup { group: self.group.group }).await
    }
}

fn template(device: &Device, group: ConversationId, epoch: u64, category: &str, number: u64) -> Ask {
    let id = MessageId::new(&device.env);
    let template_id = format!("{number}.1");
    let header = pb::Header { category: category.into(), template_id, language: "en_US".into(), ..header(id, MessageKind::Template) };
    submit(group, epoch, &header)
}

/// The shop may reach everybody, and has a marketing template 1, a utility template 2 and an authentication template 3.
async fn open(world: &World, shop: &Device) {
    let business = shop.registered.account;
    let unit = world.db.write(move |tx| {
        tx.execute("UPDATE standing SET tier_limit = -1 WHERE business = ?1", &[(&business).into()])?;
        for category in 1..=3_i64 {
            let sql = "INSERT INTO template (business, id, name, language, category, status, version) VALUES (?1, ?2, ?3, 'en_US', ?2, 2, 1)";
            tx.execute(sql, &[(&business).into(), category.into(), (&format!("name_{category}")).into()])?;
        }
        Ok(())
    });
    unit.await.map_err(|error: StoreError| error).expect("the store takes it");
}

fn messages(entries: &[pb::Entry]) -> Vec<Vec<u8>> {
    entries.iter().filter(|entry| entry.kind() == EntryKind::Message).map(|entry| entry.message_id.clone()).collect()
}

/// A customer comes by the link alone; the endpoint learns of him with his devices, and everybody in the group of everybody else.
#[tokio::test]
async fn customers_come_by_the_link_and_nobody_is_put_in() {
    let world = World::new(401).await;
    let mut shop = world.shop("kape").await;
    let group = make(&world, &mut shop, Approval::AutoApprove).await;
    let created = shop.notices::<GroupChanged>().await;
    assert_eq!((created.len(), created[0].tag.as_str()), (1, "t1"), "it is told once: {created:?}");
    let mut ana = world.guest("kape").await;
    let mut ben = world.guest("kape").await;
    // Nobody's device gets a Welcome before he has come himself, nor is the group anybody's who has not.
    let added = shop.commit(group.group, 0, &[&ana], &[]);
    shop.refused_as(added, RefusalCode::Forbidden).await;
    ana.refused_as(ana.text(group.group, 0).1, RefusalCode::Forbidden).await;
    let preview = ana.called(&PreviewGroup { link: group.link.clone() }).await;
    assert_eq!((preview.subject.as_str(), preview.participants, preview.most), ("Ana's wedding", 0, 8));
    assert_eq!((preview.business_name.as_str(), preview.membership), ("Shop kape", Membership::Outside));
    for customer in [&mut ana, &mut ben] {
        assert_eq!(join(customer, &group).await, Joined { group: group.group, membership: Membership::Inside });
        join(customer, &group).await;
    }
    let told = shop.notices::<GroupChanged>().await;
    assert_eq!(told.len(), 2, "coming twice is coming once");
    let Change::Joined { participants } = &told[0].change else { panic!("{told:?}") };
    assert_eq!((participants[0].account, &participants[0].devices), (ana.registered.account, &vec![ana.registered.device]));
    assert_eq!(participants[0].phone, "999000000001");
    let seen = ana.entries_so_far().await;
    let Event::ConversationOpened(opened) = event(seen.last().expect("an event")) else { panic!("another event") };
    let card = opened.group.expect("it is a group");
    assert_eq!((card.subject.as_str(), card.participants.len(), opened.customer), ("Ana's wedding", 2, vec![]));
    let Told::Conversations(list) = ana.ask(Ask::ListConversations(pb::ListConversations::default())).await else { panic!("no list") };
    assert_eq!(list.conversations.iter().map(|one| one.id.clone()).collect::<Vec<_>>(), [group.group.to_vec()]);
    let mut seen: Vec<_> = shop.called(&GetGroup { group: group.group }).await.participants.into_iter().map(|one| one.account).collect();
    seen.sort();
    let mut expected = vec![ana.registered.account, ben.registered.account];
    expected.sort();
    assert_eq!(seen, expected);
}

/// One ciphertext reaches everybody; how far it came is told of each participant; customers learn of the business only.
#[tokio::test]
async fn a_message_reaches_everybody_and_its_receipts_name_each() {
    everybody_gets_it(World::new(402).await).await;
}

#[tokio::test]
async fn the_same_on_postgresql() {
    everybody_gets_it(World::on_postgres(403, Config { test_numbers: true, ..Config::default() }).await).await;
}

async fn everybody_gets_it(world: World) {
    let mut room = room(&world, 3).await;
    // Free text of the business waits for the first word of any of them.
    let early = room.text(&room.shop).1;
    assert_eq!(room.shop.refused_as(early, RefusalCode::Rule).await.cloud_api_code, 131_047);
    let (question, ask) = room.text(&room.customers[0]);
    room.customers[0].accepted(ask).await;
    for reader in [1, 2] {
        let entries = room.customers[reader].entries_so_far().await;
        assert_eq!(messages(&entries), [question.to_vec()]);
        room.customers[reader].ack(entries.last().expect("one").seq).await;
    }
    assert!(room.customers[0].entries_so_far().await.is_empty(), "customers do not learn what the others have");
    let entries = room.shop.entries_so_far().await;
    assert_eq!(messages(&entries), [question.to_vec()]);
    room.shop.ack(entries.last().expect("one").seq).await;
    assert_eq!(receipt(&room.customers[0].entry().await).message_ids, [question.to_vec()]);

    let (answer, ask) = room.text(&room.shop);
    let accepted = room.shop.accepted(ask.clone()).await;
    assert_eq!(accepted.recipients.len(), 3);
    assert!(accepted.recipients.iter().all(|one| one.refused.is_none() && one.price.is_some()), "{accepted:?}");
    assert_eq!(room.shop.accepted(ask).await, accepted, "asked again, the same answer");
    for place in [0, 2] {
        let entries = room.customers[place].entries_so_far().await;
        assert_eq!(messages(&entries), [answer.to_vec()]);
        room.customers[place].ack(entries.last().expect("one").seq).await;
        let told = receipt(&room.shop.entry().await);
        assert_eq!((told.status(), &told.account), (pb::ReceiptStatus::Delivered, &room.customers[place].registered.account.to_vec()));
    }
    let read = |id: MessageId| Ask::Read(pb::Read { conversation: room.id().to_vec(), message_id: id.to_vec(), played: false });
    let (answered, asked) = (read(answer), read(question));
    room.customers[2].done(answered).await;
    let told = receipt(&room.shop.entry().await);
    assert_eq!((told.status(), &told.account), (pb::ReceiptStatus::Read, &room.customers[2].registered.account.to_vec()));
    assert!(room.customers[0].entries_so_far().await.is_empty(), "customers do not learn what the others have read");
    // What another customer has written can be read, what one has written himself cannot.
    room.customers[1].done(asked.clone()).await;
    room.customers[0].refused_as(asked, RefusalCode::Forbidden).await;
}

/// A template goes to whom it may, at the price of his country, and is booked for whom it reached.
#[tokio::test]
async fn each_participant_is_asked_priced_and_booked_for_himself() {
    let world = World::new(404).await;
    let mut room = room(&world, 3).await;
    open(&world, &room.shop).await;
    let stop = SetRelation { stopped: Some(true), ..SetRelation::of(room.shop.registered.account) };
    room.customers[1].called(&stop).await;
    room.shop.entries_so_far().await;
    let marketing = template(&room.shop, room.id(), room.epoch(), "marketing", 1);
    let accepted = room.shop.accepted(marketing.clone()).await;
    let refused: BTreeSet<_> = accepted.recipients.iter().filter(|one| one.refused.is_some()).map(|one| one.account.clone()).collect();
    assert_eq!(refused, BTreeSet::from([room.customers[1].registered.account.to_vec()]));
    assert_eq!(room.shop.accepted(marketing).await, accepted, "the same answer, with the same reason");
    let reason = accepted.recipients.iter().find_map(|one| one.refused.clone()).expect("one");
    assert_eq!((reason.rule.as_str(), reason.cloud_api_code), ("stop", 131_050));
    assert!(messages(&room.customers[1].entries_so_far().await).is_empty(), "it did not reach him");
    // Two prices are reserved, and the one is booked whose customer has it.
    let price = accepted.recipients.iter().find_map(|one| one.price.clone()).expect("a price").amount;
    assert!(price > 0, "{accepted:?}");
    assert_eq!(ledger(&world, &room.shop).await, (0, 2 * price));
    let entries = room.customers[0].entries_so_far().await;
    room.customers[0].ack(entries.last().expect("it came").seq).await;
    assert_eq!(ledger(&world, &room.shop).await, (price, price));
    // What does not go to groups at all is refused as a whole, and so is what nobody may get.
    let code = template(&room.shop, room.id(), room.epoch(), "authentication", 3);
    assert_eq!(room.shop.refused_as(code, RefusalCode::Rule).await.cloud_api_code, 131_009);
    for customer in &mut room.customers {
        customer.called(&stop).await;
    }
    let again = template(&room.shop, room.id(), room.epoch(), "marketing", 1);
    assert_eq!(room.shop.refused_as(again, RefusalCode::Rule).await.cloud_api_code, 131_050);
    assert_eq!(ledger(&world, &room.shop).await, (price, price), "nothing is left behind of it");
}

/// What the business owes, and what is reserved.
async fn ledger(world: &World, shop: &Device) -> (i64, i64) {
    let business = shop.registered.account;
    let sum = "SELECT COALESCE(SUM(CASE WHEN debit = ?2 THEN amount ELSE 0 END) - SUM(CASE WHEN credit = ?2 THEN amount ELSE 0 END), 0) \
               FROM ledger_entry WHERE business = ?1";
    let unit = world.db.read(move |tx| {
        let mut of = |account: i64| tx.query_one(sum, &[(&business).into(), account.into()], |row| row.get::<i64>(0));
        Ok((of(1)?, of(2)?))
    });
    unit.await.map_err(|error: StoreError| error).expect("the store answers")
}

/// Whoever leaves, is taken out, or blocks or is blocked, is out at once; the endpoint is told, so that it can commit it.
#[tokio::test]
async fn who_leaves_is_out_at_once() {
    let world = World::new(405).await;
    let mut room = room(&world, 4).await;
    let group = room.id();
    room.customers[0].called(&LeaveGroup { group }).await;
    let removed =
        RemoveParticipants { group, accounts: vec![room.customers[1].registered.account, room.customers[0].registered.account], tag: "t2".into() };
    let answer = room.shop.called(&removed).await;
    assert_eq!(answer.done, [room.customers[1].registered.account]);
    assert_eq!(answer.failed.iter().map(|failed| failed.code).collect::<Vec<_>>(), [131_212]);
    let block = SetRelation { blocked: Some(true), ..SetRelation::of(room.shop.registered.account) };
    room.customers[2].called(&block).await;
    let told = room.shop.notices::<GroupChanged>().await;
    let left: Vec<_> = told
        .iter()
        .map(|told| match &told.change {
            Change::Left { participants, removed } => (participants[0].account, *removed, told.tag.as_str()),
            other => panic!("{other:?}"),
        })
        .collect();
    let account = |place: usize| room.customers[place].registered.account;
    assert_eq!(left, [(account(0), false, ""), (account(1), true, "t2"), (account(2), false, "")]);
    let last = room.text(&room.customers[3]).1;
    room.customers[3].accepted(last).await;
    for gone in 0..3 {
        let late = room.text(&room.customers[gone]).1;
        let back = Ask::Commit(pb::Commit {
            conversation: group.to_vec(),
            commit_id: CommitId::new(&world.env).to_vec(),
            epoch: 4,
            mls_message: external(group, 4),
            ..Default::default()
        });
        let customer = &mut room.customers[gone];
        customer.refused_as(late, RefusalCode::Forbidden).await;
        customer.refused_as(back, RefusalCode::Forbidden).await;
        let entries = customer.entries_so_far().await;
        assert!(messages(&entries).is_empty());
        let left = entries.iter().filter(|entry| entry.kind() == EntryKind::Event).any(|entry| match event(entry) {
            Event::Notice(notice) => notice.kind == <GroupLeft as suki_protocol::calls::Told>::KIND,
            _ => false,
        });
        assert!(left, "his own devices know");
    }
    // Who has blocked the business does not come back in before he has ended that; who was taken out comes back by the link.
    let again = JoinGroup { link: room.group.link.clone() };
    room.customers[2].call_refused(&again, RefusalCode::Forbidden).await;
    assert_eq!(room.customers[1].called(&again).await.membership, Membership::Inside);
    let early = room.text(&room.customers[1]).1;
    room.customers[1].refused_as(early, RefusalCode::Forbidden).await;
}

/// Where the business decides who comes in: asked, taken back, let in, and not.
#[tokio::test]
async fn the_business_lets_in_whom_it_wants() {
    let world = World::new(406).await;
    let mut shop = world.shop("kape").await;
    let group = make(&world, &mut shop, Approval::ApprovalRequired).await;
    let mut guests = Vec::new();
    for _ in 0..4 {
        let mut guest = world.guest("kape").await;
        world.advance(1);
        assert_eq!(join(&mut guest, &group).await.membership, Membership::Waiting);
        assert_eq!(join(&mut guest, &group).await.membership, Membership::Waiting);
        guests.push(guest);
    }
    guests[3].called(&LeaveGroup { group: group.group }).await;
    let list = ListJoinRequests { group: group.group, after: None, before: None, limit: 2 };
    let first = shop.called(&list).await;
    assert_eq!((first.requests.len(), first.earlier, first.later), (2, false, true));
    let second = shop.called(&ListJoinRequests { after: Some(first.requests[1].request), ..list.clone() }).await;
    assert_eq!((second.requests.len(), second.earlier, second.later), (1, true, false));
    let back = shop.called(&ListJoinRequests { before: Some(second.requests[0].request), ..list.clone() }).await;
    assert_eq!(back.requests, first.requests);
    let [one, two] = [&first.requests[0], &first.requests[1]];
    let answer = |requests, approve| AnswerJoinRequests { group: group.group, requests, approve, tag: "t3".into() };
    let let_in = shop.called(&answer(vec![one.request, one.request], true)).await;
    assert_eq!((let_in.done, let_in.failed[0].code), (vec![one.request], 131_213));
    let not = shop.called(&answer(vec![two.request], false)).await;
    assert_eq!(not.done, [two.request]);
    let told = shop.notices::<GroupChanged>().await;
    let names: Vec<_> = told
        .iter()
        .map(|told| match &told.change {
            Change::Created { .. } => "created",
            Change::Requested { .. } => "requested",
            Change::Withdrawn { .. } => "withdrawn",
            Change::Joined { participants } => {
                assert_eq!((participants[0].account, told.tag.as_str()), (one.account, "t3"));
                "joined"
            }
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(names, ["created", "requested", "requested", "requested", "requested", "withdrawn", "joined"]);
    let preview = PreviewGroup { link: group.link.clone() };
    let seen =
        [guests[0].called(&preview).await.membership, guests[1].called(&preview).await.membership, guests[2].called(&preview).await.membership];
    assert_eq!(seen, [Membership::Inside, Membership::Outside, Membership::Waiting]);
}

/// A group is full at the policy's figure; a link that was made anew or taken away lets nobody in; one that is deleted is nobody's.
#[tokio::test]
async fn a_group_is_full_renamed_and_deleted() {
    let world = World::new(407).await;
    let mut room = room(&world, 8).await;
    let group = room.id();
    let mut ninth = world.guest("kape").await;
    let refused = ninth.call_refused(&JoinGroup { link: room.group.link.clone() }, RefusalCode::Rule).await;
    assert_eq!((refused.rule.as_str(), refused.cloud_api_code), ("groups", 131_204));
    room.customers[7].called(&LeaveGroup { group }).await;
    let reset = room.shop.called(&GroupLink { group, change: LinkChange::Reset }).await.link;
    assert_ne!(reset, room.group.link);
    ninth.call_refused(&JoinGroup { link: room.group.link.clone() }, RefusalCode::Unknown).await;
    assert_eq!(room.shop.called(&GroupLink { group, change: LinkChange::Remove }).await.link, "");
    ninth.call_refused(&JoinGroup { link: reset.clone() }, RefusalCode::Unknown).await;
    let kept = room.shop.called(&GroupLink { group, change: LinkChange::Keep }).await.link;
    assert_eq!(ninth.called(&JoinGroup { link: kept }).await.membership, Membership::Inside);

    let jpeg = Base64(vec![0xff, 0xd8, 0xff, 0xe0, 1, 2, 3]);
    let named = UpdateGroup { group, subject: Some("Wedding, June".into()), description: None, picture: Some(jpeg.clone()), tag: "t4".into() };
    room.shop.entries_so_far().await;
    room.shop.called(&named).await;
    let told = room.shop.notices::<GroupChanged>().await;
    let Change::Settings { subject: Some(subject), description: None, picture: Some(hash) } = &told[0].change else { panic!("{told:?}") };
    assert_eq!((subject.as_str(), hash.0.len()), ("Wedding, June", 32));
    assert_eq!(ninth.called(&GroupPicture { group }).await.jpeg, jpeg);
    let seen = room.customers[0].entries_so_far().await;
    let Event::ConversationOpened(opened) = event(seen.last().expect("an event")) else { panic!("another event") };
    assert_eq!(opened.group.map(|card| (card.subject, card.picture)), Some(("Wedding, June".into(), hash.0.clone())));
    for wrong in [
        UpdateGroup { subject: Some(" ".into()), picture: None, ..named.clone() },
        UpdateGroup { subject: Some("x".repeat(129)), picture: None, ..named.clone() },
        UpdateGroup { description: Some("x".repeat(2049)), picture: None, ..named.clone() },
        UpdateGroup { picture: Some(Base64(vec![0xff; 65_537])), ..named.clone() },
    ] {
        assert_eq!(room.shop.call_refused(&wrong, RefusalCode::Rule).await.cloud_api_code, 100);
    }
    let not_jpeg = UpdateGroup { picture: Some(Base64(vec![1, 2, 3])), ..named };
    room.shop.call_refused(&not_jpeg, RefusalCode::Malformed).await;

    room.shop.called(&DeleteGroup { group, tag: "t5".into() }).await;
    room.shop.call_refused(&GetGroup { group }, RefusalCode::Unknown).await;
    for place in [0, 1] {
        let late = room.text(&room.customers[place]).1;
        room.customers[place].refused_as(late, RefusalCode::Forbidden).await;
    }
    let late = room.text(&room.shop).1;
    room.shop.refused_as(late, RefusalCode::Forbidden).await;
    let told = room.shop.notices::<GroupChanged>().await;
    assert!(matches!(told.last().map(|told| &told.change), Some(Change::Deleted)), "{told:?}");
    let listed = room.shop.called(&ListGroups { after: None, before: None, limit: 10 }).await;
    assert!(listed.groups.is_empty());
}

/// A group is its business's own: another one finds none of its id, and a person changes nothing in it.
#[tokio::test]
async fn a_group_is_its_businesss_own() {
    let world = World::new(408).await;
    let mut room = room(&world, 1).await;
    let (group, link) = (room.id(), room.group.link.clone());
    let mut other = world.shop("tinapay").await;
    let account = room.customers[0].registered.account;
    other.call_refused(&GetGroup { group }, RefusalCode::Unknown).await;
    other.call_refused(&GroupLink { group, change: LinkChange::Keep }, RefusalCode::Unknown).await;
    other.call_refused(&DeleteGroup { group, tag: String::new() }, RefusalCode::Unknown).await;
    other.call_refused(&ListJoinRequests { group, after: None, before: None, limit: 1 }, RefusalCode::Unknown).await;
    other.call_refused(&RemoveParticipants { group, accounts: vec![account], tag: String::new() }, RefusalCode::Unknown).await;
    other.call_refused(&GroupPicture { group }, RefusalCode::Forbidden).await;
    other.call_refused(&JoinGroup { link }, RefusalCode::Forbidden).await;
    let taken = CreateGroup { group, subject: "Mine".into(), description: String::new(), approval: Approval::AutoApprove, tag: String::new() };
    other.call_refused(&taken, RefusalCode::Conflict).await;
    other.refused_as(other.text(group, 1).1, RefusalCode::Forbidden).await;
    room.customers[0].call_refused(&GetGroup { group }, RefusalCode::Forbidden).await;
    room.customers[0].call_refused(&DeleteGroup { group, tag: String::new() }, RefusalCode::Forbidden).await;
    assert_eq!(room.now().await.participants.len(), 1);
    // A message into it while nobody is there is refused for that.
    room.customers[0].called(&LeaveGroup { group }).await;
    let alone = room.text(&room.shop).1;
    assert_eq!(room.shop.refused_as(alone, RefusalCode::Rule).await.cloud_api_code, 131_020);
}
