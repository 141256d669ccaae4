/**
 * From starting the process to a ready server, and the memory of an idle one, beside a bare node:http process on the same
 * runtime, in turns: the program as it is published, and the sources as a clone runs them. Budgets: start at most 5 x,
 * memory at most 2 x.
 *
 *     node bench/cold-start.ts [rounds]
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../test/spawn-server.ts';

const ROUNDS = Number(process.argv[2] ?? 10);
/** An idle server has done what it does after a start, milliseconds. */
const SETTLE_MS = 1000;
const directory = mkdtempSync(join(tmpdir(), 'teaspoon-bench-'));

const bare = join(directory, 'bare.mjs');
writeFileSync(
  bare,
  "import { createServer } from 'node:http';\ncreateServer((_, response) => response.end('{}')).listen(Number(process.env.PORT), '127.0.0.1');\n",
);
const root = new URL('..', import.meta.url).pathname;
execFileSync(
  process.execPath,
  ['node_modules/rolldown/bin/cli.mjs', '-c', 'rolldown.config.ts', '--dir', join(directory, 'dist')],
  {
    cwd: root,
  },
);
const PROGRAMS = { published: join(directory, 'dist', 'main.js'), sources: join(root, 'src', 'main.ts') };

interface Sample {
  ms: number;
  kib: number;
}

async function measure(words: string[], path: string): Promise<Sample> {
  const port = await freePort();
  const { PATH, HOME } = process.env;
  const environment = {
    PATH,
    HOME,
    PORT: String(port),
    TEASPOON_PORT: String(port),
    TEASPOON_DATA: join(directory, 'data'),
    TEASPOON_RUNNER: 'off',
  };
  const started = performance.now();
  const child = spawn(process.execPath, words, { env: environment, stdio: 'ignore' });
  while (!(await answers(port, path))) await new Promise((resolve) => setTimeout(resolve, 2));
  const ms = performance.now() - started;
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const kib = residentKib(child);
  child.kill('SIGTERM');
  await once(child, 'exit');
  return { ms, kib };
}

function answers(port: number, path: string): Promise<boolean> {
  return new Promise((resolve) => {
    get({ port, path, host: '127.0.0.1', agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    }).once('error', () => resolve(false));
  });
}

function residentKib(child: ChildProcess): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1]);
}

const median = (numbers: number[]) => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!;

const theirs: Sample[] = [];
const ours = Object.entries(PROGRAMS).map(([name, main]) => ({ name, main, samples: [] as Sample[] }));
// The first start makes the database and fills the compile cache.
for (const { main } of ours) await measure([main, 'serve'], '/-/readiness');
for (let round = 0; round < ROUNDS; round++) {
  theirs.push(await measure([bare], '/'));
  for (const { main, samples } of ours) samples.push(await measure([main, 'serve'], '/-/readiness'));
}
rmSync(directory, { recursive: true });

const [bareMs, bareKib] = [median(theirs.map((one) => one.ms)), median(theirs.map((one) => one.kib))];
console.log(`bare node:http: ${bareMs.toFixed(0)} ms, ${(bareKib / 1024).toFixed(0)} MiB`);
for (const { name, samples } of ours) {
  const [ms, kib] = [median(samples.map((one) => one.ms)), median(samples.map((one) => one.kib))];
  console.log(
    `${name}: cold start ${ms.toFixed(0)} ms, ratio ${(ms / bareMs).toFixed(2)} (budget 5); idle ${(kib / 1024).toFixed(0)} MiB, ratio ${(kib / bareKib).toFixed(2)} (budget 2)`,
  );
}
