import { expect, test } from "vitest";
import { base64, freshId, hex, unbase64, unhex, unprefixed } from "./ids.ts";
import { RegistrationError, registration } from "./registration.ts";

const id = (prefix: string, digit: string) => `${prefix}_${digit.repeat(32)}`;
const answer = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

test("a guest is registered with his key in base64, and the ids lose their prefix", async () => {
  let asked: unknown;
  const calls = registration("https://a.example", async (url, init) => {
    asked = [url, init?.method, JSON.parse(String(init?.body))];
    return answer(200, { account: id("acc", "a"), device: id("dev", "b"), certificate: "AQI=", network_key: "Aw==" });
  });
  const registered = await calls.guest("shop", new Uint8Array([1, 2, 3]), "x".repeat(90));
  expect(asked).toEqual([
    "https://a.example/v1/guests",
    "POST",
    { slug: "shop", signature_key: "AQID", device_name: "x".repeat(75) },
  ]);
  expect(registered).toEqual({
    account: "a".repeat(32),
    device: "b".repeat(32),
    certificate: new Uint8Array([1, 2]),
    networkKey: new Uint8Array([3]),
    phone: null,
  });
});

test("a problem keeps its code and its advice", async () => {
  const problem = { code: "unknown_link", title: "No such link.", detail: "Ask the shop.", status: 404 };
  const failing = registration("", async () => answer(404, problem)).linkCard("none");
  await expect(failing).rejects.toMatchObject({ code: "unknown_link", status: 404, detail: "Ask the shop." });
});

test("no network is `offline`; an answer that makes no sense is `broken`", async () => {
  const offline = registration("", async () => {
    throw new TypeError("failed to fetch");
  });
  await expect(offline.linkCard("shop")).rejects.toMatchObject({ code: "offline" });
  for (const body of ["no", {}, { business: "acc_1" }, { business: id("acc", "a"), name: 1 }]) {
    const calls = registration("", async () => answer(200, body));
    await expect(calls.linkCard("shop")).rejects.toSatisfy(
      (e) => e instanceof RegistrationError && e.code === "broken",
    );
  }
});

test("ids and bytes survive their text forms, and nothing else passes", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, i) => i);
  expect(unhex(hex(bytes))).toEqual(bytes);
  expect(unbase64(base64(bytes))).toEqual(bytes);
  for (const wrong of ["a", "AB", "zz"]) expect(() => unhex(wrong)).toThrow(RangeError);
  for (const wrong of ["acc_", id("dev", "a"), `${id("acc", "a")}0`])
    expect(() => unprefixed("acc", wrong)).toThrow(RangeError);
  expect(() => unbase64("*")).toThrow(RangeError);
});

test("ids made later sort later", () => {
  const random = (length: number) => new Uint8Array(length).fill(255);
  expect(freshId(1, random)).toMatch(/^[0-9a-f]{32}$/);
  expect(freshId(1_767_225_600_000, random) < freshId(1_767_225_600_001, random)).toBe(true);
});
