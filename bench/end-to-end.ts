/**
 * 50 trivial jobs from a push to a green pipeline on the built-in runner, beside gitlab-ci-local running the same file on
 * the same machine, both 4 at a time and both as they are published; the server has been up for a while, as servers are. Then, with an idle runner in its long poll, from the start of `git push` to a job that
 * runs. Budgets: at most 1.0 of gitlab-ci-local; p95 at most 500 ms.
 *
 * gitlab-ci-local needs rsync.
 *
 *     node bench/end-to-end.ts [rounds]
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { EventReader } from '../test/event-reader.ts';
import { GitClient } from '../test/git-client.ts';
import { freePort, spawnServer } from '../test/spawn-server.ts';
import { ROOT_TOKEN } from '../test/start-server.ts';
import { until } from '../test/until.ts';

const ROUNDS = Number(process.argv[2] ?? 10);
const WARM_UP = 3;
const JOBS = 50;
const CONCURRENCY = 4;
const CONFIG = Array.from({ length: JOBS }, (_, n) => `job${n}:\n  script: echo ${n}\n`).join('');
const ONE = 'one:\n  script: echo one\n';

const directory = mkdtempSync(join(tmpdir(), 'teaspoon-bench-'));
const program = join(directory, 'dist');
execFileSync(
  process.execPath,
  ['node_modules/rolldown/bin/cli.mjs', '-c', 'rolldown.config.ts', '--dir', program],
  {
    cwd: new URL('..', import.meta.url),
    stdio: 'ignore',
  },
);
const server = await spawnServer({
  data: join(directory, 'data'),
  port: await freePort(),
  main: join(program, 'main.js'),
  environment: { TEASPOON_RUNNER: 'on', TEASPOON_RUNNER_CONCURRENCY: String(CONCURRENCY) },
});
const events = await EventReader.open(server.url, { 'private-token': ROOT_TOKEN });
const median = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;

async function ours(round: number): Promise<number> {
  const git = new GitClient(join(directory, `ours-${round}`));
  await git.ok('init', '-q', '.');
  await git.commit({ '.gitlab-ci.yml': CONFIG });
  const green = events.next(({ event, data }) => event === 'pipeline' && data.status === 'success');
  const started = performance.now();
  await git.ok('push', '-q', server.gitUrl(`root/bench${round}`), 'main');
  await green;
  return performance.now() - started;
}

async function gitlabCiLocal(round: number): Promise<number> {
  const git = new GitClient(join(directory, `local-${round}`));
  await git.ok('init', '-q', '.');
  await git.ok('remote', 'add', 'origin', 'git@example.com:group/app.git');
  await git.commit({ '.gitlab-ci.yml': CONFIG });
  const program = new URL('../node_modules/gitlab-ci-local/dist/index.js', import.meta.url).pathname;
  const started = performance.now();
  await promisify(execFile)(
    program,
    ['--concurrency', String(CONCURRENCY), '--shell-executor-no-image', '--force-shell-executor'],
    {
      cwd: git.directory,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, PATH: `${dirname(process.execPath)}:${process.env.PATH}` },
    },
  );
  return performance.now() - started;
}

async function pushToStart(): Promise<number[]> {
  const git = new GitClient(join(directory, 'start'));
  await git.ok('init', '-q', '.');
  const times: number[] = [];
  for (let n = 0; n < 20; n++) {
    await git.commit({ '.gitlab-ci.yml': ONE, n: String(n) });
    const pushed = Date.now();
    await git.ok('push', '-q', server.gitUrl('root/start'), 'main');
    const job = await until('the job to end', async () => {
      const { body } = await server.api<{ started_at: string | null; status: string }[]>(
        'GET',
        '/projects/root%2Fstart/jobs?per_page=1',
      );
      return body[0]?.status === 'success' ? body[0] : undefined;
    });
    times.push(Date.parse(job.started_at!) - pushed);
  }
  return times.sort((a, b) => a - b);
}

const mine: number[] = [];
const local: number[] = [];
for (let round = 0; round < WARM_UP + ROUNDS; round++) {
  const [ms, localMs] = [await ours(round), await gitlabCiLocal(round)];
  if (round < WARM_UP) continue;
  mine.push(ms);
  local.push(localMs);
}
const starts = await pushToStart();
events.close();
await server.end();
rmSync(directory, { recursive: true });
console.log(
  `${JOBS} jobs end to end: ${(median(mine) / 1000).toFixed(2)} s, gitlab-ci-local ${(median(local) / 1000).toFixed(2)} s, ratio ${(median(mine) / median(local)).toFixed(2)} (budget 1.0)`,
);
console.log(
  `push to job started: median ${median(starts)} ms, p95 ${starts[Math.floor(starts.length * 0.95)]} ms (budget 500)`,
);
process.exit(0);
