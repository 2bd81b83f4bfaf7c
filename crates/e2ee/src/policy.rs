//! Who may change a group: the business may, and a device may put itself back in. Nobody else, and nobody of a third party gets in.
use crate::{Device, Error};
use openmls::prelude::{BasicCredential, Credential, Member, Proposal, Sender, StagedCommit};
use suki_protocol::{
    certificate::{self, Identity},
    pb::AccountKind,
};
use suki_types::{AccountId, DeviceId};

/// The two sides of a conversation, from which follows who may commit what.
///
/// The business's endpoint commits anything it needs: adding and removing devices. A device of the customer commits one thing only: an
/// external commit by which it comes in itself and takes out at most its own old leaf. Where the customers are several, that is for those alone
/// who have a device in the group already: the business puts in everybody else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommitPolicy {
    /// The business's account.
    pub business: AccountId,
    /// The customer's account; `None` of a group with several customers.
    pub customer: Option<AccountId>,
}

/// What a commit does, once it is allowed.
#[derive(Debug)]
pub(crate) struct Effect {
    pub(crate) sender: Identity,
    pub(crate) added: Vec<Identity>,
    pub(crate) removed: Vec<DeviceId>,
}

/// Who a member is whose certificate was checked when it came in.
pub(crate) fn unverified(credential: &Credential) -> Result<Identity, Error> {
    let basic = BasicCredential::try_from(credential.clone()).map_err(|_| Error::Malformed("credential"))?;
    Ok(certificate::read_unverified(basic.identity())?)
}

/// Whether one of these members is a device of the account.
fn has_device(members: &[Member], account: AccountId) -> bool {
    members.iter().any(|member| unverified(&member.credential).is_ok_and(|identity| identity.account == account))
}

impl CommitPolicy {
    fn is_business(&self, identity: &Identity) -> bool {
        identity.account == self.business && identity.kind != AccountKind::Person
    }

    fn may_be_member(&self, identity: &Identity) -> Result<(), Error> {
        let is_customer = match self.customer {
            Some(customer) => identity.account == customer,
            None => identity.kind == AccountKind::Person,
        };
        if self.is_business(identity) || is_customer { Ok(()) } else { Err(Error::Refused("member of neither side of the conversation")) }
    }

    pub(crate) fn may_welcome(&self, sender: &Identity) -> Result<(), Error> {
        if self.is_business(sender) { Ok(()) } else { Err(Error::Refused("welcome by anybody but the business")) }
    }

    pub(crate) fn check_members(&self, device: &Device, members: impl Iterator<Item = Member>) -> Result<(), Error> {
        for member in members {
            self.may_be_member(&device.verify(&member.credential, &member.signature_key)?)?;
        }
        Ok(())
    }

    /// Whether this commit may be applied, and what it does then. `members` are those before the commit.
    pub(crate) fn check(
        &self,
        device: &Device,
        sender: &Sender,
        credential: &Credential,
        commit: &StagedCommit,
        members: &[Member],
    ) -> Result<Effect, Error> {
        let committer = self.committer(device, sender, credential, commit)?;
        let external = matches!(sender, Sender::NewMemberCommit);
        if !external && !self.is_business(&committer) {
            return Err(Error::Refused("change of the group by anybody but the business"));
        }
        self.may_be_member(&committer)?;
        if external && self.customer.is_none() && !self.is_business(&committer) && !has_device(members, committer.account) {
            return Err(Error::Refused("customer who came in without the business"));
        }
        let mut effect = Effect { sender: committer, added: Vec::new(), removed: Vec::new() };
        for proposal in commit.queued_proposals() {
            self.check_proposal(device, proposal.proposal(), external, members, &mut effect)?;
        }
        if external {
            effect.added.push(effect.sender.clone());
        }
        Ok(effect)
    }

    /// The committer, whose new leaf must be the same device's as before.
    fn committer(&self, device: &Device, sender: &Sender, credential: &Credential, commit: &StagedCommit) -> Result<Identity, Error> {
        let new_leaf = commit.update_path_leaf_node().map(|leaf| device.verify(leaf.credential(), leaf.signature_key().as_slice())).transpose()?;
        match sender {
            Sender::Member(_) => {
                let identity = unverified(credential)?;
                if new_leaf.is_some_and(|leaf| leaf != identity) {
                    return Err(Error::Refused("change of a member's identity"));
                }
                Ok(identity)
            }
            Sender::NewMemberCommit => new_leaf.ok_or(Error::Refused("external commit without a leaf")),
            _ => Err(Error::Refused("change of the group from outside")),
        }
    }

    fn check_proposal(&self, device: &Device, proposal: &Proposal, external: bool, members: &[Member], effect: &mut Effect) -> Result<(), Error> {
        match proposal {
            Proposal::Add(add) if !external => {
                let leaf = add.key_package().leaf_node();
                let identity = device.verify(leaf.credential(), leaf.signature_key().as_slice())?;
                self.may_be_member(&identity)?;
                effect.added.push(identity);
            }
            Proposal::Remove(remove) => {
                let member = members.iter().find(|member| member.index == remove.removed());
                let removed = unverified(&member.ok_or(Error::Refused("removal of nobody"))?.credential)?;
                if external && (removed.account, removed.device) != (effect.sender.account, effect.sender.device) {
                    return Err(Error::Refused("removal of another device by an external commit"));
                }
                effect.removed.push(removed.device);
            }
            Proposal::ExternalInit(_) if external => {}
            _ => return Err(Error::Refused("proposal of this kind")),
        }
        Ok(())
    }
}
