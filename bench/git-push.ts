import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gitRoutes } from '../src/api/git/routes.ts';
import { Repositories } from '../src/git/repository.ts';
import { firstStart } from '../src/project/first-start.ts';
import { SignInFailures } from '../src/project/sign-in.ts';
import { openTestDatabase } from '../test/databases.ts';
import { startApi } from '../test/start-api.ts';

/**
 * A large push and its clone over HTTP, beside the same by git alone from directory to directory. Prints the ratio of
 * times and by how much this process grew: bodies are streamed, so it stays flat. `node bench/git-push.ts [MiB]`.
 */
const MEBIBYTES = Number(process.argv[2] ?? 200);
const TOKEN = 'glpat-token-of-the-benchmark';
const root = mkdtempSync(join(tmpdir(), 'teaspoon-bench-'));
const work = join(root, 'work');

const git = (cwd: string, ...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=B', '-c', 'user.email=b@example.com', ...args], {
    cwd,
    stdio: 'pipe',
  });

/** Runs git beside this process, which serves it. Gives seconds. */
async function timed(cwd: string, ...args: string[]): Promise<number> {
  const started = performance.now();
  const child = spawn('git', args, { cwd, stdio: 'ignore' });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (code !== 0) throw new Error(`git ${args[0]} failed`);
  return (performance.now() - started) / 1000;
}

const { database, drop } = await openTestDatabase('sqlite');
const repositories = new Repositories(join(root, 'repositories'));
const startPipeline = async () => [];
const extra = { repositories, signInFailures: new SignInFailures(), startPipeline };
const api = await startApi(database, gitRoutes, { extra });
try {
  await firstStart(database, { rootToken: TOKEN, rootPassword: 'benchmark' }, Date.now());
  execFileSync('git', ['init', '-q', '-b', 'main', work]);
  const file = openSync(join(work, 'big.bin'), 'w');
  for (let index = 0; index < MEBIBYTES; index++) writeSync(file, randomBytes(1 << 20));
  git(work, 'add', '.');
  git(work, 'commit', '-q', '-m', 'big');
  const peer = join(root, 'peer.git');
  execFileSync('git', ['init', '-q', '--bare', peer]);
  git(peer, 'config', 'receive.fsckObjects', 'true');
  const url = `${api.url.replace('://', `://x:${TOKEN}@`)}/root/big.git`;

  git(work, 'push', '-q', peer, 'main:warm'); // both find the file in the page cache
  git(peer, 'update-ref', '-d', 'refs/heads/warm');
  git(peer, 'prune', '--expire=now');
  git(peer, 'repack', '-a', '-d', '-q');
  const before = process.memoryUsage().rss;
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  const peerPush = await timed(work, 'push', '-q', peer, 'main');
  const push = await timed(work, 'push', '-q', url, 'main');
  const peerClone = await timed(root, 'clone', '-q', '--no-local', '--bare', peer, 'peer-clone');
  const clone = await timed(root, 'clone', '-q', '--bare', url, 'clone');
  clearInterval(watch);
  const line = (name: string, ours: number, theirs: number) =>
    console.log(
      `${name} ${MEBIBYTES} MiB: ${ours.toFixed(1)} s, git alone ${theirs.toFixed(1)} s, ${(ours / theirs).toFixed(2)} x`,
    );
  line('push', push, peerPush);
  line('clone', clone, peerClone);
  console.log(`memory: ${((peak - before) / 1048576).toFixed(0)} MiB above the start`);
} finally {
  await api.close();
  repositories.close();
  await drop();
  rmSync(root, { recursive: true, force: true });
}
