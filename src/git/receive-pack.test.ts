import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { openTestDatabase } from '../../test/databases.ts';
import { GitClient } from '../../test/git-client.ts';
import type { Database } from '../db/database.ts';
import { ProtocolError, pktLine } from './pkt-line.ts';
import type { Push, PushDeps } from './push.ts';
import { pushesBefore } from './queries.ts';
import { advertisePush, receivePack } from './receive-pack.ts';
import { ZERO_SHA } from './ref-name.ts';
import { resolve, writePipelineRef } from './refs.ts';
import { Repositories } from './repository.ts';
import { inflated } from './request-body.ts';
import { git } from './run-git.ts';
import { advertiseForFetch, uploadPack } from './upload-pack.ts';

const root = mkdtempSync(join(tmpdir(), 'teaspoon-git-'));
const repositories = new Repositories(join(root, 'repositories'));
const pushed: Push[] = [];
const errors: unknown[] = [];
let database: Database;
let drop: () => Promise<void>;
let server: Server;
let url = '';
let projectId = 0;
let client: GitClient;
let deps: PushDeps;
/** Reasons to refuse, by ref; `force` for those that drop commits. */
let refusals: Record<string, string> = {};
let forceRefusals: Record<string, string> = {};
let maxPackBytes: number | undefined;
let requests: { method: string; encoding: string | undefined; protocol: string | undefined }[] = [];

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const service = new URL(request.url ?? '/', 'http://x');
  const protocol = request.headers['git-protocol']?.toString();
  const encoding = request.headers['content-encoding'];
  requests.push({ method: `${request.method} ${service.pathname}`, encoding, protocol });
  const controller = new AbortController();
  response.once('close', () => controller.abort());
  const name = service.searchParams.get('service') ?? service.pathname.split('/').at(-1);
  response.setHeader(
    'content-type',
    `application/x-${name}-${request.method === 'GET' ? 'advertisement' : 'result'}`,
  );
  if (request.method === 'GET') {
    response.end(
      name === 'git-upload-pack'
        ? await advertiseForFetch(repositories, projectId, protocol)
        : await advertisePush(repositories, projectId),
    );
    return;
  }
  const body = inflated(request, encoding);
  assert.ok(body !== null);
  const stream =
    name === 'git-upload-pack'
      ? await uploadPack(repositories, projectId, { body, protocol, signal: controller.signal })
      : await receivePack(deps, {
          projectId,
          userId: 5,
          body,
          authority: {
            mayMove: async ({ ref }) => refusals[ref] ?? null,
            mayForce: async ({ ref }) => forceRefusals[ref] ?? null,
          },
          signal: controller.signal,
          now: 1000,
          ...(maxPackBytes === undefined ? {} : { maxPackBytes }),
        });
  stream.pipe(response);
}

before(async () => {
  ({ database, drop } = await openTestDatabase('sqlite'));
  deps = {
    db: database,
    repositories,
    onPush: async (push, settle) => {
      pushed.push(push);
      for (const update of push.updates) await database.transaction((tx) => settle(tx, update));
      return push.updates.map(({ ref }) => `took ${ref}`);
    },
    onError: (error) => void errors.push(error),
  };
  server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      errors.push(error);
      response.destroy();
      server.emit('answer-failed');
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/app.git`;
});

after(async () => {
  server.closeAllConnections();
  server.close();
  repositories.close();
  await drop();
  rmSync(root, { recursive: true, force: true });
});

beforeEach(async () => {
  projectId++;
  pushed.length = 0;
  errors.length = 0;
  requests = [];
  refusals = {};
  forceRefusals = {};
  maxPackBytes = undefined;
  await repositories.create(projectId, 'main');
  client = new GitClient(join(root, `work-${projectId}`));
  await client.ok('init', '-q');
  await client.ok('remote', 'add', 'origin', url);
});

const refs = () => git(repositories.path(projectId), ['for-each-ref', '--format=%(refname)']).then(String);
const notes = () => pushesBefore(database.read, Number.MAX_SAFE_INTEGER, 0);
const objectFiles = () =>
  readdirSync(join(repositories.path(projectId), 'objects'), { recursive: true })
    .map(String)
    .sort();

test('a push arrives whole, tells its user what it led to and leaves no note', async () => {
  const sha = await client.commit({ 'a.txt': 'a' });
  const { code, stderr } = await client.run('push', 'origin', 'main');
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^remote: took refs\/heads\/main\s*$/m);
  assert.equal(await resolve(repositories, projectId, 'main'), sha);
  const { id, ...push } = pushed[0]!;
  assert.deepEqual(push, {
    projectId,
    userId: 5,
    options: [],
    updates: [{ ref: 'refs/heads/main', oldSha: ZERO_SHA, newSha: sha }],
    confirmed: true,
    createdAt: 1000,
  });
  assert.ok(id > 0);
  assert.deepEqual(await notes(), []);
  assert.deepEqual(errors, []);
  assert.equal(objectFiles().filter((name) => name.startsWith('tmp_')).length, 0);
});

test('what was pushed can be cloned, in every protocol version, whole and shallow', async () => {
  await client.commit({ 'a.txt': 'a' });
  const sha = await client.commit({ 'b.txt': 'b' });
  await client.ok('tag', '-a', 'v1', '-m', 'One');
  await client.ok('push', '-q', 'origin', 'main', 'v1');
  for (const version of [0, 1, 2]) {
    const fresh = new GitClient(join(root, `clone-${projectId}-${version}`), [`protocol.version=${version}`]);
    await fresh.ok('clone', '-q', url, '.');
    assert.equal(await fresh.ok('rev-parse', 'HEAD'), sha);
    assert.equal(await fresh.ok('tag'), 'v1');
    await fresh.ok('fsck', '--strict');
    const shallow = new GitClient(join(root, `shallow-${projectId}-${version}`), [
      `protocol.version=${version}`,
    ]);
    await shallow.ok('clone', '-q', '--depth=1', url, '.');
    assert.equal(await shallow.ok('rev-list', '--count', 'HEAD'), '1');
  }
  assert.deepEqual(
    [...new Set(requests.map(({ protocol }) => protocol))],
    [undefined, 'version=1', 'version=2'],
  );
});

test('a runner fetches a pipeline ref and its branch as it always does', async () => {
  const first = await client.commit({ 'a.txt': 'a' });
  await client.ok('push', '-q', 'origin', 'main');
  await writePipelineRef(repositories, projectId, 310, first);
  await client.ok('commit', '-q', '--amend', '-m', 'Other');
  await client.ok('push', '-q', '-f', 'origin', 'main');
  const runner = new GitClient(join(root, `runner-${projectId}`));
  await runner.ok('init', '-q');
  const specs = ['+refs/pipelines/310:refs/pipelines/310', '+refs/heads/main:refs/remotes/origin/main'];
  await runner.ok('fetch', url, ...specs, '--depth', '20', '--prune', '--quiet');
  await runner.ok('checkout', '-f', '-q', first);
  assert.equal(await runner.ok('rev-parse', 'HEAD'), first);
});

test('a reachable commit can be fetched by its id, and a partial clone works', async () => {
  const first = await client.commit({ 'a.txt': 'a' });
  await client.commit({ 'b.txt': 'b' });
  await client.ok('push', '-q', 'origin', 'main');
  for (const version of [0, 2]) {
    const fresh = new GitClient(join(root, `sha-${projectId}-${version}`), [`protocol.version=${version}`]);
    await fresh.ok('init', '-q');
    await fresh.ok('fetch', '-q', '--depth=1', url, first);
    assert.equal(await fresh.ok('rev-parse', 'FETCH_HEAD'), first);
  }
  const partial = new GitClient(join(root, `partial-${projectId}`));
  const { code, stderr } = await partial.run('clone', '-q', '--filter=blob:none', url, '.');
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /filtering not recognized/);
});

test('a fetch that asks for much comes gzipped and is understood', async () => {
  for (let index = 0; index < 40; index++) {
    await client.commit({ 'a.txt': String(index) });
    await client.ok('branch', `b${index}`);
  }
  await client.ok('push', '-q', '--all', 'origin');
  for (const version of [0, 2]) {
    requests = [];
    const other = new GitClient(join(root, `gzip-${projectId}-${version}`), [`protocol.version=${version}`]);
    await other.ok('clone', '-q', url, '.');
    assert.ok(requests.some(({ encoding }) => encoding === 'gzip'));
    assert.equal(await other.ok('rev-parse', 'HEAD'), await client.ok('rev-parse', 'main'));
  }
});

describe('what a push can do:', () => {
  test('force, delete, tags and several refs at once', async () => {
    const first = await client.commit({ 'a.txt': 'a' });
    await client.ok('push', '-q', 'origin', 'main', 'main:refs/heads/feature/x');
    await client.ok('commit', '-q', '--amend', '-m', 'Other');
    assert.equal((await client.run('push', '-q', 'origin', 'main')).code, 1);
    await client.ok('push', '-q', '--force', 'origin', 'main');
    await client.ok('tag', 'v1');
    await client.ok('push', '-q', 'origin', 'v1', ':feature/x');
    assert.equal((await refs()).trim(), 'refs/heads/main\nrefs/tags/v1');
    assert.deepEqual(pushed.at(-1)?.updates, [
      { ref: 'refs/heads/feature/x', oldSha: first, newSha: ZERO_SHA },
      { ref: 'refs/tags/v1', oldSha: ZERO_SHA, newSha: await client.ok('rev-parse', 'main') },
    ]);
    await client.ok('push', '-q', 'origin', ':v1');
    assert.equal((await refs()).trim(), 'refs/heads/main');
  });

  test('a ref that names what is there already needs no objects', async () => {
    await client.commit({ 'a.txt': 'a' });
    await client.ok('push', '-q', 'origin', 'main');
    const before = objectFiles();
    await client.ok('push', '-q', 'origin', 'main:same');
    assert.deepEqual(objectFiles(), before);
    assert.equal((await refs()).trim(), 'refs/heads/main\nrefs/heads/same');
  });

  test('push options arrive as they were written', async () => {
    await client.commit({ 'a.txt': 'a' });
    await client.ok('push', '-q', '-o', 'ci.skip', '-o', 'ci.variable=A=b c', 'origin', 'main');
    assert.deepEqual(pushed[0]?.options, ['ci.skip', 'ci.variable=A=b c']);
  });

  test('a shallow clone pushes what is new', async () => {
    await client.commit({ 'a.txt': 'a' });
    await client.commit({ 'b.txt': 'b' });
    await client.ok('push', '-q', 'origin', 'main');
    const shallow = new GitClient(join(root, `shallow-push-${projectId}`));
    await shallow.ok('clone', '-q', '--depth=1', url, '.');
    const sha = await shallow.commit({ 'c.txt': 'c' });
    await shallow.ok('push', '-q', 'origin', 'main');
    assert.equal(await resolve(repositories, projectId, 'main'), sha);
  });

  test('a history cut off below what we have is refused', async () => {
    await client.commit({ 'a.txt': 'a' });
    await client.commit({ 'b.txt': 'b' });
    await client.ok('push', '-q', 'origin', 'main');
    const shallow = new GitClient(join(root, `shallow-new-${projectId}`));
    await shallow.ok('clone', '-q', '--depth=1', url, '.');
    await repositories.create(++projectId, 'main');
    const { code, stderr } = await shallow.run('push', 'origin', 'main');
    assert.equal(code, 1);
    assert.match(stderr, /remote rejected|unpack failed/);
    assert.equal(await refs(), '');
  });

  test('a megabyte and more is streamed', async () => {
    await client.commit({ 'big.txt': Array.from({ length: 400_000 }, (_, n) => `${n * 7919}`).join('\n') });
    await client.ok('-c', 'core.compression=0', '-c', 'http.postBuffer=1000', 'push', '-q', 'origin', 'main');
    assert.equal(await resolve(repositories, projectId, 'main'), await client.ok('rev-parse', 'main'));
  });
});

describe('what is refused changes nothing:', () => {
  const refusedPush = async (...args: string[]) => {
    const before = [await refs(), objectFiles().join()];
    const result = await client.run('push', 'origin', ...args);
    assert.notEqual(result.code, 0);
    assert.deepEqual([await refs(), objectFiles().join()], before);
    assert.deepEqual(await notes(), []);
    assert.deepEqual(pushed, []);
    return result.stderr;
  };

  test('a ref its user may not move', async () => {
    refusals['refs/heads/main'] = 'You may not push to this branch.';
    await client.commit({ 'a.txt': 'a' });
    assert.match(
      await refusedPush('main'),
      /remote rejected\] main -> main \(You may not push to this branch\.\)/,
    );
  });

  test('a ref that is ours', async () => {
    await client.commit({ 'a.txt': 'a' });
    for (const ref of ['refs/pipelines/1', 'refs/keep-around/x', 'refs/merge-requests/1/head', 'refs/x/y']) {
      assert.match(await refusedPush(`main:${ref}`), /deny updating a hidden ref/);
    }
  });

  test('a name that could be taken for something else', async () => {
    await client.commit({ 'a.txt': 'a' });
    for (const name of ['a'.repeat(40), 'HEAD', 'refs/heads/x', `x${'y'.repeat(255)}`, '-u', '--output=x']) {
      assert.match(await refusedPush(`main:refs/heads/${name}`), /invalid ref name/);
    }
  });

  test('all refs of an atomic push', async () => {
    refusals['refs/heads/b'] = 'no';
    await client.commit({ 'a.txt': 'a' });
    assert.match(await refusedPush('--atomic', 'main', 'main:b'), /atomic/);
  });

  test('a pack that is too large, and its user hears why', async () => {
    maxPackBytes = 1000;
    await client.commit({ 'a.txt': Array.from({ length: 5000 }, (_, n) => `${n * 7919}`).join('\n') });
    assert.match(await refusedPush('main'), /remote: .*exceeds maximum allowed size/);
  });

  test('a tree that would write into .git', async () => {
    await client.commit({ 'a.txt': 'a' });
    const blob = await client.ok('hash-object', '-w', 'a.txt');
    for (const name of ['.git', '.GIT', '.git::$INDEX_ALLOCATION', '.git ']) {
      const tree = await makeTree(client, name, blob);
      const commit = await client.ok('commit-tree', tree, '-m', 'x');
      assert.match(
        await refusedPush(`${commit}:refs/heads/evil`),
        /hasDotgit|unpack failed|index-pack failed/,
      );
    }
  });

  test('a submodule address that is an option', async () => {
    await client.commit({ '.gitmodules': '[submodule "x"]\n\tpath = x\n\turl = -u./x\n' });
    assert.match(await refusedPush('main'), /gitmodulesUrl/);
  });

  test('a commit with objects missing', async () => {
    await client.commit({ 'a.txt': 'a' });
    const objects = await client.ok('rev-list', '--objects', '--no-object-names', 'HEAD');
    const pack = packOf(client, objects);
    const command = `${ZERO_SHA} ${'1'.repeat(40)} refs/heads/x\0report-status`;
    const body = Buffer.concat([pktLine(command), Buffer.from('0000'), pack]);
    const response = await fetch(`${url}/git-receive-pack`, { method: 'POST', body });
    assert.match(await response.text(), /ng refs\/heads\/x missing necessary objects/);
    assert.equal(await refs(), '');
  });

  test('a branch that names no commit', async () => {
    await client.commit({ 'a.txt': 'a' });
    const blob = await client.ok('rev-parse', 'HEAD:a.txt');
    const { stderr } = await client.run('push', 'origin', `${blob}:refs/heads/blob`);
    assert.match(stderr, /a branch must name a commit|remote rejected|cannot be/);
    assert.equal(await refs(), '');
  });

  test('a push whose client goes away in the middle', async () => {
    await client.commit({ 'a.txt': Array.from({ length: 5000 }, (_, n) => `${n * 7919}`).join('\n') });
    const objects = await client.ok('rev-list', '--objects', '--no-object-names', 'HEAD');
    const pack = packOf(client, objects);
    const before = objectFiles();
    const command = pktLine(
      `${ZERO_SHA} ${await client.ok('rev-parse', 'HEAD')} refs/heads/x\0report-status`,
    );
    const failed = once(server, 'answer-failed');
    const request = httpRequest(`${url}/git-receive-pack`, { method: 'POST' });
    request.on('error', () => {});
    request.write(Buffer.concat([command, Buffer.from('0000'), pack.subarray(0, pack.length / 2)]), () =>
      request.destroy(),
    );
    await failed;
    assert.deepEqual(objectFiles(), before);
    assert.equal(await refs(), '');
  });

  test('a request that is not the protocol', async () => {
    for (const body of [
      'zzzz',
      '0003',
      '00',
      '0010short',
      '0032garbage garbage garbage garbage garbage gar',
    ]) {
      errors.length = 0;
      await assert.rejects(
        fetch(`${url}/git-receive-pack`, { method: 'POST', body }).then((response) => response.text()),
      );
      assert.ok(errors[0] instanceof ProtocolError, String(errors[0]));
    }
    assert.equal(await refs(), '');
  });
});

test('of two refs only the one that may moves', async () => {
  refusals['refs/heads/main'] = 'protected';
  const sha = await client.commit({ 'a.txt': 'a' });
  const { code, stderr } = await client.run('push', 'origin', 'main', 'main:free');
  assert.equal(code, 1);
  assert.match(stderr, /\[new branch\]\s+main -> free/);
  assert.match(stderr, /\[remote rejected\] main -> main \(protected\)/);
  assert.equal(await refs(), 'refs/heads/free\n');
  assert.deepEqual(pushed[0]?.updates, [{ ref: 'refs/heads/free', oldSha: ZERO_SHA, newSha: sha }]);
});

test('only an update that drops commits asks whether force is allowed', async () => {
  forceRefusals['refs/heads/main'] = 'no force';
  await client.commit({ 'a.txt': 'a' });
  await client.ok('push', '-q', 'origin', 'main');
  await client.commit({ 'b.txt': 'b' });
  await client.ok('push', '-q', 'origin', 'main');
  await client.ok('reset', '-q', '--hard', 'HEAD~1');
  const { stderr } = await client.run('push', '-f', 'origin', 'main');
  assert.match(stderr, /\(no force\)/);
});

test('of two pushes that race for a branch one wins, and the other hears of it', async () => {
  await client.commit({ 'a.txt': 'a' });
  await client.ok('push', '-q', 'origin', 'main');
  const clients = await Promise.all(
    [1, 2, 3].map(async (index) => {
      const racer = new GitClient(join(root, `race-${projectId}-${index}`));
      await racer.ok('clone', '-q', url, '.');
      await racer.commit({ 'r.txt': String(index) });
      return racer;
    }),
  );
  const results = await Promise.all(clients.map((racer) => racer.run('push', 'origin', 'main')));
  assert.equal(results.filter(({ code }) => code === 0).length, 1);
  assert.deepEqual(await notes(), []);
  assert.deepEqual(errors, []);
});

test('a ref below another ref is refused without harm to its neighbours', async () => {
  await client.commit({ 'a.txt': 'a' });
  await client.ok('push', '-q', 'origin', 'main');
  const { stderr } = await client.run('push', 'origin', 'main:refs/heads/main/x', 'main:other');
  assert.match(stderr, /failed to update ref/);
  assert.equal(await refs(), 'refs/heads/main\nrefs/heads/other\n');
});

function makeTree(from: GitClient, name: string, blob: string): Promise<string> {
  const entry = Buffer.concat([Buffer.from(`100644 ${name}\0`), Buffer.from(blob, 'hex')]);
  const file = join(root, 'tree.bin');
  writeFileSync(file, entry);
  return from.ok('hash-object', '-w', '-t', 'tree', '--literally', file);
}

function packOf(from: GitClient, objects: string): Buffer {
  return execFileSync('git', ['pack-objects', '--stdout', '-q'], {
    cwd: from.directory,
    input: `${objects}\n`,
  });
}
