import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// One project for the whole workspace: a test that needs a document says so with `// @vitest-environment happy-dom`.
export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ["browser"] },
  test: {
    include: ["{packages,apps}/*/src/**/*.test.ts"],
    restoreMocks: true,
  },
});
