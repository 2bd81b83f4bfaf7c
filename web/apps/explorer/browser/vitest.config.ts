import { defineConfig } from "vitest/config";

// The built app with its fake server in a real Chromium: `npm run test:browser`.
export default defineConfig({
  test: {
    root: import.meta.dirname,
    include: ["*.test.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
