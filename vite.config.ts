import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import { defineConfig, type Plugin } from 'vite';

/**
 * The web UI: `web/` becomes `dist/web/`, hashed files below `assets/` and one index.html that the server completes.
 * `npm run dev:web` serves the sources beside a running server, as the user whose token `TEASPOON_DEV_TOKEN` is.
 */
export default defineConfig({
  root: 'web',
  appType: 'spa',
  plugins: [compressed()],
  build: {
    outDir: '../dist/web',
    emptyOutDir: true,
    target: ['chrome123', 'firefox128', 'safari17.5'],
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // How long plugins took is no news on a busy machine.
    rolldownOptions: { checks: { bundlerTimings: false } },
  },
  server: {
    proxy: {
      '/api': {
        target: process.env.TEASPOON_URL ?? 'http://127.0.0.1:8929',
        headers: { 'private-token': process.env.TEASPOON_DEV_TOKEN ?? '' },
      },
    },
  },
});

/** Writes each file a second and third time, as small as it gets: the server never compresses one while somebody waits. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    apply: 'build',
    writeBundle: ({ dir = '' }) => {
      const assets = join(dir, 'assets');
      for (const name of readdirSync(assets).filter((file) => /\.(js|css|svg)$/.test(file))) {
        const bytes = readFileSync(join(assets, name));
        writeFileSync(join(assets, `${name}.br`), brotliCompressSync(bytes));
        writeFileSync(join(assets, `${name}.gz`), gzipSync(bytes, { level: 9 }));
      }
    },
  };
}
