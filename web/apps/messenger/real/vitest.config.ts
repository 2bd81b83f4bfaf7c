import { defineConfig } from "vitest/config";

// The built apps with a real Suki: `SUKI=path/to/suki npm run test:real -w @suki/messenger`, after `npm run build`.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    testTimeout: 90_000,
    hookTimeout: 60_000,
    fileParallelism: false,
    // Each step stands on the one before: after the first failure the others would only repeat it.
    bail: 1,
  },
});
