//! A business begins a conversation: only with a customer who agreed, or who wrote before (R10, R11).
use super::{Pair, business, events::Subject, ledger, relation};
use crate::{
    Network,
    operations::{Opener, begin, call},
    refusal::Refusal,
    rows::Caller,
    session::Answer,
};
use suki_protocol::calls::conversation::{OpenConversation, Opened};
use suki_rules::consent::{self, Relation};
use suki_types::ConversationId;

pub(super) fn open(network: &Network, caller: Caller, json: &[u8]) -> Answer {
    let own = network.clone();
    let fresh = ConversationId::new(network.env());
    call::writes::<OpenConversation>(network, json, move |tx, asked| {
        call::business_only(&caller)?;
        let policy = &own.policy().consent;
        let Subject::Customer(customer) = business::subject(tx, &asked.who)? else {
            // Nobody has the phone: the same words as for a customer who has not agreed, so that numbers cannot be tried out.
            let stranger = consent::may_begin(policy, &Relation::default(), consent::Choice::All, false, own.now());
            return Err(stranger.err().map_or_else(|| Refusal::unknown("Nobody has this phone"), Refusal::rule));
        };
        let pair = Pair { business: caller.account, customer };
        let known = ledger::conversation(tx, pair)?;
        if let Some(conversation) = known {
            return Ok((Opened { conversation, customer, existed: true }, Vec::new()));
        }
        let stored = relation::load(tx, pair)?;
        consent::may_begin(policy, &stored.relation, stored.global, stored.wrote_at.is_some(), own.now()).map_err(Refusal::rule)?;
        let (_, wakes) = begin(&own, tx, pair.business, pair.customer, fresh, Opener::Business)?;
        Ok((Opened { conversation: fresh, customer, existed: false }, wakes))
    })
}
