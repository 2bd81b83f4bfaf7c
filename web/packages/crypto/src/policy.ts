import type { GroupContext, LeafNode, Proposal, RatchetTree } from "ts-mls";
import { certificateOf, type Member, readCertificate } from "./certificate.ts";
import { CryptoError } from "./errors.ts";

/** A member and the leaf it has. */
export interface Leaf {
  index: number;
  leaf: LeafNode;
  member: Member;
}

/** The tree's members, in the order of their leaves. */
export function leaves(tree: RatchetTree): Leaf[] {
  return tree.flatMap((node, at) =>
    node?.nodeType === "leaf"
      ? [{ index: at / 2, leaf: node.leaf, member: readCertificate(certificateOf(node.leaf.credential)) }]
      : [],
  );
}

function refused(what: string): never {
  throw new CryptoError("refused", `${what} is not accepted here`);
}

/**
 * The two sides of a conversation, seen from the customer's device: the business may change the group; a device may put itself
 * back in, in place of its own old leaf; nobody else changes anything, and nobody of a third party is let in.
 */
export class Policy {
  readonly business: string;
  readonly customer: string;
  constructor(business: string, customer: string) {
    this.business = business;
    this.customer = customer;
  }

  /** The policy for a group just met: it has one business in it, and this customer's devices. */
  static of(members: Leaf[], customer: string): Policy {
    const business = members.find(({ member }) => member.account !== customer && member.kind !== "person");
    const policy = new Policy(business ? business.member.account : refused("a group without a business"), customer);
    for (const { member } of members) policy.mayBeMember(member);
    return policy;
  }

  isBusiness(member: Member): boolean {
    return member.account === this.business && member.kind !== "person";
  }

  mayBeMember(member: Member): void {
    if (!this.isBusiness(member) && member.account !== this.customer)
      refused("a member of neither side of the conversation");
  }

  /** What a commit does, if this sender may do it. `committer` is undefined for an external commit, whose new leaf is `joiner`. */
  check(proposals: Proposal[], before: Leaf[], committer: Member | undefined, joiner: Member | undefined) {
    const sender = committer ?? joiner ?? refused("a change of the group from outside");
    if (committer && !this.isBusiness(committer)) refused("a change of the group by anybody but the business");
    this.mayBeMember(sender);
    const added: Member[] = [];
    const removed: Member[] = [];
    for (const proposal of proposals) {
      if (proposal.proposalType === "add" && committer) {
        const member = readCertificate(certificateOf(proposal.add.keyPackage.leafNode.credential));
        this.mayBeMember(member);
        added.push(member);
      } else if (proposal.proposalType === "remove") {
        const member =
          before.find(({ index }) => index === proposal.remove.removed)?.member ?? refused("a removal of nobody");
        if (!committer && (member.account !== sender.account || member.device !== sender.device)) {
          refused("a removal of another device by an external commit");
        }
        removed.push(member);
      } else if (proposal.proposalType !== "external_init" || committer) {
        refused("a proposal of this kind");
      }
    }
    if (!committer) added.push(sender);
    return { sender, added, removed };
  }
}

/** Groups of ours carry no extensions of their own: one that does was made by somebody else. */
export function checkContext(context: GroupContext): void {
  if (context.extensions.length > 0) refused("a group with extensions");
}
