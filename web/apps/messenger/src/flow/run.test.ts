import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { FlowRun } from "./run.svelte.ts";
import { FlowError, filled, readFlow } from "./shapes.ts";

const FLOW = readFileSync(new URL("../fake-flow.json", import.meta.url), "utf8");

function run(answers: unknown[] = []) {
  const asked: unknown[] = [];
  const done: unknown[] = [];
  const made = new FlowRun(readFlow(FLOW), {
    async exchange(question) {
      asked.push(question);
      const answer = answers.shift();
      if (answer === undefined) throw new Error("nobody answers");
      return answer;
    },
    complete: (answer) => done.push(answer),
  });
  return { made, asked, done };
}

const footer = ({ made }: ReturnType<typeof run>) =>
  made.parts.find((part) => part.type === "Footer")?.["on-click-action"];

test("a flow goes from screen to screen, carries what was filled in, and ends with its payload", async () => {
  const one = run();
  await one.made.start({ exchange: false, screen: "CAKE", data: {} });
  await one.made.press(footer(one));
  expect([...one.made.wrong.keys()]).toEqual(["name", "size", "taste"]);
  one.made.set("name", "Ana ".repeat(9));
  one.made.set("size", "10");
  one.made.set("taste", "ube");
  await one.made.press(footer(one));
  expect(one.made.wrong.get("name")).toBe("long");
  one.made.set("name", "Ana");
  await one.made.press(footer(one));
  expect(one.made.screen?.id).toBe("WORDS");
  expect(one.made.parts[0]?.text).toBe("For Ana");
  one.made.back();
  expect(one.made.form.name).toBe("Ana");
  await one.made.press(footer(one));
  one.made.set("wishes", "No nuts");
  await one.made.press(footer(one));
  expect(one.done).toEqual(
    [{ name: "Ana", size: "10", taste: "ube", wishes: "No nuts" }].map((answer) => ({
      ...answer,
      extras: undefined,
      news: undefined,
    })),
  );
});

test("the business's server says the first screen, what is wrong, and when it is done", async () => {
  const response = { extension_message_response: { params: { order: 7 } } };
  const one = run([
    { screen: "WORDS", data: { name: "Ben" } },
    { screen: "WORDS", data: { name: "Ben", error_message: "Sold out" } },
    { screen: "SUCCESS", data: response },
  ]);
  await one.made.start({ exchange: true, screen: "", data: {} });
  expect(one.made.parts[0]?.text).toBe("For Ben");
  const ask = { name: "data_exchange", payload: { day: "friday" } };
  await one.made.press(ask);
  expect(one.made.problem).toEqual({ words: "Sold out" });
  await one.made.press(ask);
  expect(one.done).toEqual([{ order: 7 }]);
  await one.made.press(ask);
  expect(one.made.problem).toBe("failed");
  expect(one.asked[1]).toEqual({ action: "data_exchange", screen: "WORDS", data: { day: "friday" } });
});

test("what is no flow, or leads nowhere, is said so", async () => {
  for (const wrong of ["", "[]", '{"screens":[]}', '{"screens":[{"title":"no id"}]}'])
    expect(() => readFlow(wrong)).toThrow(FlowError);
  const one = run();
  await expect(one.made.start({ exchange: false, screen: "NOWHERE", data: {} })).rejects.toThrow(FlowError);
  await one.made.start({ exchange: false, screen: "WORDS", data: {} });
  await expect(one.made.press({ name: "navigate", next: { name: "NOWHERE" } })).rejects.toThrow(FlowError);
  await expect(one.made.press({ name: "run_code" })).rejects.toThrow(FlowError);
});

test("a reference reaches nothing but what it names", () => {
  const from = { data: { a: { b: 1 } }, form: { name: "Ana" } };
  const of = (text: string) => filled(text, from);
  const reference = (where: string) => ["$", "{", where, "}"].join("");
  expect(of(reference("data.a.b"))).toBe(1);
  expect(of(`Hello ${reference("form.name")}!`)).toBe("Hello Ana!");
  expect(of(reference("data.__proto__.x"))).toBeUndefined();
  expect(of(reference("data.constructor"))).toBeUndefined();
});
