import { describe, expect, it } from "vitest";
import { arrange, arrivedSince, type ThreadItem } from "./arrange.ts";
import { AVATAR_COLOURS, colourOf, initials } from "./avatar.ts";
import { emojiOnly, linkify } from "./linkify.ts";
import { advance, type TickState } from "./ticks.ts";
import { windowState } from "./window.ts";

const noon = new Date(2026, 10, 20, 12, 0).getTime();
const MINUTE = 60_000;
const item = (id: string, minutes: number, side: "in" | "out" = "in", author: string | null = null): ThreadItem => ({
  id,
  at: noon + minutes * MINUTE,
  side,
  author,
});
const shape = (rows: ReturnType<typeof arrange>) =>
  rows.map((row) =>
    row.kind === "item" ? `${row.place.first ? "(" : "-"}${row.item.id}${row.place.last ? ")" : "-"}` : row.kind,
  );

describe("the rows of a thread", () => {
  it("groups neighbours of one author within five minutes", () => {
    expect(shape(arrange([item("a", 0), item("b", 2), item("c", 4), item("d", 20)]))).toEqual([
      "day",
      "(a-",
      "-b-",
      "-c)",
      "(d)",
    ]);
  });
  it("parts sides, and authors of one side", () => {
    const rows = arrange([item("a", 0, "out", "Ana"), item("b", 1, "out", "Ben"), item("c", 2, "in")]);
    expect(shape(rows)).toEqual(["day", "(a)", "(b)", "(c)"]);
  });
  it("puts a separator before each day, and parts a group at midnight", () => {
    const rows = arrange([item("a", 719), item("b", 721)]);
    expect(shape(rows)).toEqual(["day", "(a)", "day", "(b)"]);
  });
  it("parts a group at the unread divider", () => {
    expect(shape(arrange([item("a", 0), item("b", 1), item("c", 2)], "b"))).toEqual([
      "day",
      "(a)",
      "unread",
      "(b-",
      "-c)",
    ]);
  });
  it("keeps the keys of rows when older items come before them", () => {
    const late = [item("c", 2), item("d", 3)];
    const keys = arrange(late)
      .filter((row) => row.kind === "item")
      .map((row) => row.key);
    const all = arrange([item("a", 0), ...late]).map((row) => row.key);
    expect(all).toEqual(expect.arrayContaining(keys));
    expect(new Set(all).size).toBe(all.length);
  });
  it("counts what arrived after the last one seen, own messages not counted", () => {
    const items = [item("a", 0), item("b", 1), item("c", 2, "out"), item("d", 3)];
    expect(arrivedSince(items, "a")).toBe(2);
    expect(arrivedSince(items, "d")).toBe(0);
    expect(arrivedSince(items, "gone")).toBe(0);
  });
});

describe("links", () => {
  const links = (text: string) =>
    linkify(text)
      .filter((segment) => segment.href)
      .map((segment) => [segment.text, segment.href]);
  it("leaves the sentence's punctuation outside", () => {
    expect(links("See https://suki.example/a?b=1, please.")).toEqual([
      ["https://suki.example/a?b=1", "https://suki.example/a?b=1"],
    ]);
    expect(links("(www.suki.example)")).toEqual([["www.suki.example", "https://www.suki.example/"]]);
  });
  it("keeps brackets that belong to the address", () => {
    expect(links("https://en.wikipedia.org/wiki/Suki_(name)")).toEqual([
      ["https://en.wikipedia.org/wiki/Suki_(name)", "https://en.wikipedia.org/wiki/Suki_(name)"],
    ]);
  });
  it("never makes a link of another scheme", () => {
    for (const text of ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "http://", "vbscript:x"]) {
      expect(links(text), text).toEqual([]);
    }
  });
  it("loses no character", () => {
    const text = "a https://x.example/ئ b ana@suki.example c https://y.example.";
    expect(
      linkify(text)
        .map((segment) => segment.text)
        .join(""),
    ).toBe(text);
    expect(links(text)).toHaveLength(3);
  });
  it("stays quick on hostile text", () => {
    const start = performance.now();
    linkify("https://".repeat(512) + ")".repeat(4096));
    linkify("a@".repeat(2048));
    expect(performance.now() - start).toBeLessThan(500);
  });
});

describe("emoji", () => {
  it("knows up to three that stand alone", () => {
    expect([
      emojiOnly("🎉"),
      emojiOnly("👨‍👩‍👧 🇵🇭"),
      emojiOnly("👍👍👍👍"),
      emojiOnly("ok 👍"),
      emojiOnly("42"),
      emojiOnly("!"),
    ]).toEqual([1, 2, 0, 0, 0, 0]);
  });
});

describe("avatars", () => {
  it("takes initials from the first and last word, one letter from joined scripts, none from numbers", () => {
    expect([
      initials("maria clara santos"),
      initials("Łucja"),
      initials("ليلى حداد"),
      initials("+63 917"),
      initials("🌸 Rosa"),
    ]).toEqual(["MS", "Ł", "ل", "", "R"]);
  });
  it("gives every id one of the colours, always the same", () => {
    const colours = Array.from({ length: 200 }, (_, index) => colourOf(`con_${index}`));
    expect(new Set(colours).size).toBe(AVATAR_COLOURS);
    expect(colourOf("con_1")).toBe(colours[1]);
  });
});

describe("ticks", () => {
  it("never go back", () => {
    const states: TickState[] = ["queued", "sent", "delivered", "read"];
    states.forEach((known, index) => {
      states.forEach((next, other) => {
        expect(advance(known, next)).toBe(other > index ? next : known);
      });
    });
    expect(advance("sent", "failed")).toBe("failed");
    expect(advance("failed", "sent")).toBe("failed");
    expect(advance("read", "failed")).toBe("read");
  });
});

describe("the window", () => {
  it("is open, near its end, closed, or was never opened", () => {
    const HOUR = 3_600_000;
    expect(windowState(null, 0)).toBe("never");
    expect(windowState(5 * HOUR, 0)).toBe("open");
    expect(windowState(4 * HOUR, 0)).toBe("soon");
    expect(windowState(HOUR, HOUR)).toBe("closed");
  });
});
