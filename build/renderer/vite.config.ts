// The renderer as static files under the strict content security policy: no inline scripts or styles, nothing from elsewhere.
import { fileURLToPath } from 'node:url'
import { svelte } from '@sveltejs/vite-plugin-svelte'
import { defineConfig } from 'vite'

const renderer = fileURLToPath(new URL('../../renderer/', import.meta.url))

export default defineConfig({
  root: renderer,
  base: './',
  plugins: [svelte({ configFile: false })],
  build: {
    outDir: `${renderer}dist`,
    emptyOutDir: true,
    target: 'chrome140',
    // Data addresses for small files would ask for a wider policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'files.json',
    chunkSizeWarningLimit: 900,
  },
})
