import { describe, expect, it } from "vitest";
import { daysAgo, formats } from "./format.ts";
import { current, speak, start, t } from "./i18n.svelte.ts";
import { choose } from "./languages.ts";

const HOUR = 3_600_000;

describe("choosing a language", () => {
  const available = new Set(["en", "ar", "fil"]);
  it("takes the address before the person's own languages", () => {
    expect(choose("?lang=ar", ["fil-PH"], available).tag).toBe("ar");
  });
  it("takes the first of the person's languages that has a catalogue, and knows Tagalog as Filipino", () => {
    expect(choose("", ["pl-PL", "tl-PH"], available).tag).toBe("fil");
  });
  it("falls back to English", () => {
    expect(choose("?lang=tlh", ["sw"], available).tag).toBe("en");
  });
});

describe("texts", () => {
  it("counts with the language's plural forms", async () => {
    await start(["ui"]);
    expect(t("ui.thread.unread", { count: 1 })).toBe("1 unread message");
    expect(t("ui.thread.unread", { count: 1200 })).toBe("1,200 unread messages");
  });
  it("isolates a name that runs the other way", async () => {
    await start(["ui"]);
    expect(t("ui.typing", { name: "ليلى" })).toBe("\u2068ليلى\u2069 is typing");
  });
  it("lengthens every string in the long pseudo-language and keeps its arguments", async () => {
    await start(["ui"], "?lang=xx");
    const text = t("ui.thread.unread", { count: 3 });
    expect(text).toContain("3");
    expect(text.length).toBeGreaterThan("3 unread messages".length * 1.25);
  });
  it("turns the page around in the mirrored pseudo-language", async () => {
    await start(["ui"], "?lang=ar-XB");
    expect(current().dir).toBe("rtl");
    expect(t("ui.close")).toBe("\u202eClose\u202c");
    await speak("en");
    expect(t("ui.close")).toBe("Close");
  });
});

describe("catalogues", () => {
  const english = import.meta.glob<Record<string, string>>("../catalogues/en/*.json", {
    eager: true,
    import: "default",
  });
  const all = import.meta.glob<Record<string, string>>("../catalogues/*/*.json", { eager: true, import: "default" });
  it("names every key after its part, so that parts never overwrite each other", () => {
    for (const [path, part] of Object.entries(english)) {
      const name = path.split("/").pop()?.replace(".json", "");
      for (const key of Object.keys(part)) expect(key.startsWith(`${name}.`), key).toBe(true);
    }
  });
  it("has a parsable text for every key in every language, with English's arguments", async () => {
    const { parse, TYPE } = await import("@formatjs/icu-messageformat-parser");
    // What a text is given: its arguments at every depth, the words inside a choice not among them.
    const names = (elements: ReturnType<typeof parse>): string[] =>
      elements.flatMap((one) => {
        if (one.type === TYPE.literal || one.type === TYPE.pound) return [];
        const inner = one.type === TYPE.select || one.type === TYPE.plural ? Object.values(one.options) : [];
        return [one.value, ...inner.flatMap((option) => names(option.value))];
      });
    for (const [path, part] of Object.entries(all)) {
      const source = english[path.replace(/catalogues\/[^/]+/, "catalogues/en")] ?? {};
      expect(Object.keys(part).sort(), path).toEqual(Object.keys(source).sort());
      for (const [key, text] of Object.entries(part)) {
        expect(new Set(names(parse(text))), key).toEqual(new Set(names(parse(source[key] ?? ""))));
      }
    }
  });
});

describe("times", () => {
  const now = new Date(2026, 10, 20, 14, 5).getTime();
  const en = formats("en");
  it("names near days and dates the others", () => {
    expect(en.day(now, now)).toBe("Today");
    expect(en.day(now - 24 * HOUR, now)).toBe("Yesterday");
    expect(en.day(new Date(2026, 10, 3).getTime(), now)).toBe("Tuesday, November 3");
    expect(en.day(new Date(2025, 11, 31).getTime(), now)).toBe("December 31, 2025");
  });
  it("counts days by the calendar, not by 24 hours", () => {
    expect(daysAgo(new Date(2026, 10, 19, 23, 59).getTime(), new Date(2026, 10, 20, 0, 1).getTime())).toBe(1);
  });
  it("rounds what is left down, so that nobody is promised time there is not", () => {
    expect(en.left(23 * HOUR + 59 * 60_000)).toBe("23 hr");
    expect(en.left(59 * 60_000)).toBe("59 min");
    expect(en.left(10)).toBe("1 min");
    expect(en.leftExact(3 * HOUR + 20 * 60_000)).toBe("3 hours 20 minutes");
  });
});
