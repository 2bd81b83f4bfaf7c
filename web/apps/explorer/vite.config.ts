import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

// `npm run dev` runs against the fake server; `npm run dev:server` against a Suki on this machine.
const server = process.env.SUKI_URL ?? "http://127.0.0.1:8080";

export default defineConfig(({ mode }) => ({
  base: "/explorer/",
  plugins: [svelte()],
  build: {
    outDir: mode === "fake" ? "dist/fake" : "../../dist/explorer",
    emptyOutDir: true,
    target: "es2022",
  },
  server: {
    port: 5177,
    // Everything that is not this page's own is the server's.
    proxy: { "^/(?!explorer/|@)": { target: server, changeOrigin: true } },
  },
}));
