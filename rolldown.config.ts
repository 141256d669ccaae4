import { defineConfig } from 'rolldown';

/**
 * What is published: the program and its compile thread, each with everything it needs in few files, as a start reads a
 * thousand small ones in twice the time and memory.
 */
export default defineConfig({
  input: { main: 'src/main.ts', thread: 'src/config/worker/thread.ts' },
  platform: 'node',
  output: { dir: 'dist', format: 'esm', cleanDir: true, sourcemap: false },
});
