/** What a thread needs to know of an item to place it. */
export type ThreadItem = {
  id: string;
  /** When it was sent, in milliseconds. */
  at: number;
  side: "in" | "out";
  /** Who wrote it, where a side has several people; items of different authors never share a group. */
  author?: string | null;
  /** Written by the reader himself: it takes him to the end. Without it, everything on his side counts as his. */
  own?: boolean;
};

/** Where an item stands among its neighbours: groups share one shape and name their author once. */
export type Place = { first: boolean; last: boolean };

export type Row<Item> =
  | { kind: "day"; key: string; at: number }
  | { kind: "unread"; key: string }
  | { kind: "item"; key: string; item: Item; place: Place };

/** How far apart two messages of one author may lie and still form a group, in milliseconds. */
export const GROUP_SPAN = 5 * 60_000;

function day(at: number): number {
  const date = new Date(at);
  date.setHours(0, 0, 0, 0);
  return date.getTime();
}

function together(a: ThreadItem, b: ThreadItem): boolean {
  return (
    a.side === b.side &&
    (a.author ?? null) === (b.author ?? null) &&
    Math.abs(b.at - a.at) <= GROUP_SPAN &&
    day(a.at) === day(b.at)
  );
}

/** Lays items (oldest first) out as rows: a separator before each day, a divider before `unreadFrom`, groups between. */
export function arrange<Item extends ThreadItem>(
  items: readonly Item[],
  unreadFrom: string | null = null,
): Row<Item>[] {
  const rows: Row<Item>[] = [];
  items.forEach((item, index) => {
    const previous = items[index - 1];
    const next = items[index + 1];
    const unread = item.id === unreadFrom;
    if (!previous || day(previous.at) !== day(item.at))
      rows.push({ kind: "day", key: `day:${day(item.at)}:${item.id}`, at: item.at });
    if (unread) rows.push({ kind: "unread", key: "unread" });
    rows.push({
      kind: "item",
      key: item.id,
      item,
      place: {
        first: unread || !previous || !together(previous, item),
        last: !next || next.id === unreadFrom || !together(item, next),
      },
    });
  });
  return rows;
}

/** How many items of the other side came after the one last seen; 0 when that one is unknown. */
export function arrivedSince<Item extends ThreadItem>(items: readonly Item[], seen: string | null): number {
  if (!seen) return 0;
  const index = items.findLastIndex((item) => item.id === seen);
  return index < 0 ? 0 : items.slice(index + 1).filter((item) => item.side === "in").length;
}
