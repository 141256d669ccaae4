import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { maintain } from './maintain.ts';
import { PackSlots } from './pack-slots.ts';
import { resolve, writePipelineRef } from './refs.ts';
import { Repositories } from './repository.ts';
import { git } from './run-git.ts';

const directory = mkdtempSync(join(tmpdir(), 'teaspoon-git-'));
const repositories = new Repositories(directory);
after(() => {
  repositories.close();
  rmSync(directory, { recursive: true, force: true });
});

/** One commit in a pack of its own, as a push leaves it. */
async function packedCommit(path: string, text: string): Promise<string> {
  const tree = String(await git(path, ['mktree'], { input: '' })).trim();
  const person = 'A <a@example.com> 0 +0000';
  const commit = `tree ${tree}\nauthor ${person}\ncommitter ${person}\n\n${text}\n`;
  const sha = String(
    await git(path, ['hash-object', '-w', '-t', 'commit', '--stdin'], { input: commit }),
  ).trim();
  const pack = await git(path, ['pack-objects', '--stdout', '-q'], { input: `${sha}\n${tree}\n` });
  await git(path, ['index-pack', '--stdin'], { input: pack });
  await git(path, ['prune-packed', '-q']);
  return sha;
}

test('many packs and pipeline refs are gathered, and nothing is lost, reachable or not', async () => {
  await repositories.create(1, 'main');
  const path = repositories.path(1);
  const shas: string[] = [];
  for (let index = 0; index < 45; index++) shas.push(await packedCommit(path, String(index)));
  await git(path, ['update-ref', '--stdin'], {
    input: Array.from({ length: 501 }, (_, n) => `create refs/pipelines/${n} ${shas[0]}\n`).join(''),
  });
  assert.deepEqual(await maintain(repositories, 1), { packs: true, refs: true });
  assert.ok(readdirSync(join(path, 'objects', 'pack')).filter((name) => name.endsWith('.pack')).length < 10);
  const loose = readdirSync(join(path, 'refs'), { recursive: true }).map(String);
  assert.deepEqual(
    loose.filter((name) => name.startsWith('pipelines/')),
    [],
  );
  for (const sha of shas) assert.equal(await resolve(repositories, 1, sha), sha);
  assert.equal(await resolve(repositories, 1, 'refs/pipelines/500'), shas[0]);
  await writePipelineRef(repositories, 1, 900, shas[1]!);
  assert.deepEqual(await maintain(repositories, 1), { packs: false, refs: false });
});

test('turns are given in order, so many to one repository and so many in all', async () => {
  const slots = new PackSlots(1, 2);
  const order: string[] = [];
  const take = async (name: string) => {
    const release = await slots.take(name[0]!);
    order.push(name);
    return release;
  };
  const a1 = await take('a1');
  const waiting = [take('a2'), take('c1'), take('b1')];
  const c1 = await waiting[1]!;
  assert.deepEqual(order, ['a1', 'c1']);
  a1();
  a1();
  const a2 = await waiting[0]!;
  assert.deepEqual(order, ['a1', 'c1', 'a2']);
  a2();
  c1();
  (await waiting[2]!)();
  assert.deepEqual(order, ['a1', 'c1', 'a2', 'b1']);
});

test('who goes away while waiting takes no turn', async () => {
  const slots = new PackSlots(1, 1);
  const release = await slots.take('a');
  const controller = new AbortController();
  const left = slots.take('a', controller.signal);
  const stays = slots.take('a');
  controller.abort(new Error('gone'));
  await assert.rejects(left, /gone/);
  release();
  (await stays)();
  (await slots.take('a'))();
});
