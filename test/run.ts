/**
 * The whole test command: style, types, then every test on SQLite and on a real PostgreSQL that it starts and stops
 * itself. `npm test -- src/queue` runs only the test files below the given paths, and no checks.
 * `DB=sqlite|postgres|all` chooses the engines.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { globSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { startCluster } from './postgres.ts';
import { startSharedBrowser } from './web/chromium.ts';

const paths = process.argv.slice(2);
const everything = paths.length === 0;
const files = globSync(['src/**/*.test.ts', 'test/**/*.test.ts', 'web/**/*.test.ts']).filter(
  (file) => everything || paths.some((path) => file.startsWith(path)),
);
if (files.length === 0) {
  console.error(`No test file below ${paths.join(', ')}.`);
  process.exit(2);
}

if (everything) {
  check('biome', ['check', '--error-on-warnings', '.']);
  check('tsc', ['--noEmit']);
}

const cluster = process.env.DB === 'sqlite' ? null : await startCluster();
const withPages = files.some((file) => file.startsWith('test/web/'));
if (withPages) check('vite', ['build', '--logLevel', 'warn']);
const browser = withPages ? await startSharedBrowser() : null;
const tests = spawn(
  process.execPath,
  ['--test', `--test-concurrency=${availableParallelism()}`, '--test-timeout=300000', ...files.sort()],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      ...(cluster === null ? {} : { TEASPOON_TEST_POSTGRES: cluster.url }),
      ...(browser === null ? {} : { TEASPOON_TEST_BROWSER: browser.address }),
    },
  },
);
const [status] = (await once(tests, 'exit')) as [number | null];
await browser?.stop();
cluster?.stop();
process.exit(status ?? 1);

function check(program: string, args: string[]): void {
  const result = spawnSync(`node_modules/.bin/${program}`, args, { stdio: 'inherit' });
  if (result.status !== 0) process.exit(result.status ?? 1);
}
