import { defineConfig } from "vitest/config";

// Both apps in a real Chromium against the real server, each test with its own: `npm run test:e2e`.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 90_000,
    fileParallelism: false,
  },
});
