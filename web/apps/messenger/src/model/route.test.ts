import { expect, test } from "vitest";
import { href, parse, prefilled, type Route } from "./route.ts";

test("addresses lead to their pages and back", () => {
  const routes: Exclude<Route, { page: "join" | "unknown" }>[] = [
    { page: "list" },
    { page: "me" },
    { page: "chat", slug: "panaderya-2", about: false },
    { page: "chat", slug: "panaderya-2", about: true },
  ];
  for (const route of routes) expect(parse(href(route), "")).toEqual(route);
  expect(parse("/c", "")).toEqual({ page: "list" });
  expect(parse("/c/Panaderya/", "")).toEqual({ page: "chat", slug: "panaderya", about: false });
  expect(parse("/c/", "#link=ABC-123")).toEqual({ page: "join", code: "ABC-123" });
});

test("what is no page says so", () => {
  for (const wrong of [
    "/inbox/",
    "/c/ab",
    "/c/a_b_c",
    "/c/shop/elsewhere",
    "/c/shop/about/more",
    "/c/_me/more",
    "/c/%2e%2e",
  ]) {
    expect(parse(wrong, ""), wrong).toEqual({ page: "unknown" });
  }
});

test("a short link's text is bounded", () => {
  expect(prefilled("?text=Hello%20there")).toBe("Hello there");
  expect(prefilled("")).toBe("");
  expect([...prefilled(`?text=${"😀".repeat(5000)}`)].length).toBe(4096);
});
