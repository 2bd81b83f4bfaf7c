import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

// One project for the whole workspace: its tests need no document; what does is tested in Chromium.
export default defineConfig({
  plugins: [svelte()],
  resolve: { conditions: ["browser"] },
  test: {
    include: ["{packages,apps}/*/src/**/*.test.ts"],
    restoreMocks: true,
  },
});
