import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vitest/config";

/** Where `desk.py dev` finds a hub; the built desk is served by the hub itself. */
const hub = process.env.MADOGUCHI_HUB ?? "http://localhost:8443";

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: "es2023",
    assetsInlineLimit: 0, // the page's policy lets nothing run or style itself inline
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    rollupOptions: { input: ["index.html", "join/index.html"] }, // the desk, and the page of a call's guests
  },
  server: {
    host: "127.0.0.1",
    port: 5173,
    proxy: { "/api": hub, "/ws": { target: hub, ws: true } },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
