import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";

test("the generated types are those of the schema (else: npm run generate -w @suki/api)", () => {
  const here = import.meta.dirname;
  const bin = join(here, "../../../node_modules/.bin");
  const out = mkdtempSync(join(tmpdir(), "suki-gen-"));
  try {
    const template = JSON.stringify({
      version: "v2",
      plugins: [{ local: join(bin, "protoc-gen-es"), out, opt: ["target=ts", "import_extension=js"] }],
    });
    execFileSync(join(bin, "buf"), [
      "generate",
      join(here, "../../../../crates/protocol/proto"),
      "--template",
      template,
    ]);
    const file = "suki/v1/suki_pb.ts";
    expect(readFileSync(join(here, "gen", file), "utf8")).toBe(readFileSync(join(out, file), "utf8"));
  } finally {
    rmSync(out, { recursive: true });
  }
}, 60_000);
