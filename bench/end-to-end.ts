/**
 * 50 trivial jobs from a push to a green pipeline on the built-in runner, beside gitlab-ci-local running the same file on
 * the same machine, both 4 at a time. Then, with an idle runner in its long poll, from the start of `git push` to a job that
 * runs. Budgets: at most 1.0 of gitlab-ci-local; p95 at most 500 ms.
 *
 * gitlab-ci-local needs rsync.
 *
 *     node bench/end-to-end.ts [rounds]
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { GitClient } from '../test/git-client.ts';
import { startTestServer } from '../test/start-server.ts';
import { until } from '../test/until.ts';

const ROUNDS = Number(process.argv[2] ?? 3);
const JOBS = 50;
const CONCURRENCY = 4;
const CONFIG = Array.from({ length: JOBS }, (_, n) => `job${n}:\n  script: echo ${n}\n`).join('');
const ONE = 'one:\n  script: echo one\n';

const directory = mkdtempSync(join(tmpdir(), 'teaspoon-bench-'));
const { server, drop } = await startTestServer('sqlite', {
  runner: 'on',
  'runner-concurrency': String(CONCURRENCY),
});
const median = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)]!;

async function ours(round: number): Promise<number> {
  const git = new GitClient(join(directory, `ours-${round}`));
  await git.ok('init', '-q', '.');
  await git.commit({ '.gitlab-ci.yml': CONFIG });
  const project = `/projects/root%2Fbench${round}`;
  const started = performance.now();
  await git.ok('push', '-q', server.gitUrl(`root/bench${round}`), 'main');
  await until('a green pipeline', async () => {
    const { body } = await server.api<{ status: string }[]>('GET', `${project}/pipelines`);
    return body[0]?.status === 'success' || undefined;
  });
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
for (let round = 0; round < ROUNDS; round++) {
  mine.push(await ours(round));
  local.push(await gitlabCiLocal(round));
}
const starts = await pushToStart();
await drop();
rmSync(directory, { recursive: true });
console.log(
  `${JOBS} jobs end to end: ${(median(mine) / 1000).toFixed(2)} s, gitlab-ci-local ${(median(local) / 1000).toFixed(2)} s, ratio ${(median(mine) / median(local)).toFixed(2)} (budget 1.0)`,
);
console.log(
  `push to job started: median ${median(starts)} ms, p95 ${starts[Math.floor(starts.length * 0.95)]} ms (budget 500)`,
);
process.exit(0);
