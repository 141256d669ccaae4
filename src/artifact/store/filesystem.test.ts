import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, it } from 'node:test';
import fc from 'fast-check';
import { FileStore } from './filesystem.ts';

const DAY = 24 * 3600 * 1000;
const root = mkdtempSync(join(tmpdir(), 'teaspoon-store-'));
after(() => rmSync(root, { recursive: true }));
const open = () => FileStore.open(mkdtempSync(join(root, 'store-')));

async function put(store: FileStore, bytes: Uint8Array): Promise<string> {
  const written = await store.write([bytes]);
  assert.ok(written.ok);
  return written.file.key;
}

it('what was written in any pieces is read in any range', async () => {
  const store = await open();
  const pieces = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 });
  await fc.assert(
    fc.asyncProperty(pieces, fc.nat(6000), fc.nat(6000), async (parts, a, b) => {
      const whole = Buffer.concat(parts);
      const written = await store.write(parts);
      assert.ok(written.ok);
      const sha256 = createHash('sha256').update(whole).digest('hex');
      assert.deepEqual(written.file, { key: written.file.key, size: whole.length, sha256 });
      const [start, end] = [Math.min(a, b, whole.length), Math.min(Math.max(a, b), whole.length)];
      const reader = await store.open(written.file.key);
      assert.ok((await reader!.read(start, end - start)).equals(whole.subarray(start, end)));
      const streamed: Buffer[] = [];
      for await (const part of reader!.stream(start, end)) streamed.push(part as Buffer);
      assert.ok(Buffer.concat(streamed).equals(whole.subarray(start, end)));
    }),
    { numRuns: 40 },
  );
});

it('a large file is whole', async () => {
  const store = await open();
  const piece = Buffer.alloc(700_001, 'abcdefghij');
  const written = await store.write(Array.from({ length: 60 }, () => piece));
  assert.ok(written.ok);
  const hash = createHash('sha256');
  const reader = await store.open(written.file.key);
  for await (const part of reader!.stream()) hash.update(part as Buffer);
  assert.deepEqual([written.file.size, hash.digest('hex')], [60 * piece.length, written.file.sha256]);
});

it('past its limit, or when its source fails, nothing is left', async () => {
  const dir = mkdtempSync(join(root, 'store-'));
  const store = await FileStore.open(dir);
  assert.deepEqual(await store.write([Buffer.alloc(10), Buffer.alloc(1)], 10), {
    ok: false,
    reason: 'too_large',
  });
  async function* failing() {
    yield Buffer.alloc(100_000);
    throw new Error('the client went away');
  }
  await assert.rejects(store.write(failing()), /went away/);
  assert.deepEqual(readdirSync(dir), ['tmp']);
  assert.deepEqual(readdirSync(join(dir, 'tmp')), []);
});

it('a companion lives and goes with its file', async () => {
  const store = await open();
  const key = await put(store, Buffer.from('x'));
  assert.equal(await store.openCompanion(key), null);
  await store.writeCompanion(key, Buffer.from('index'));
  await store.writeCompanion(key, Buffer.from('new index'));
  const reader = await store.openCompanion(key);
  assert.equal((await reader!.read(0, reader!.size)).toString(), 'new index');
  await reader!.close();
  await store.delete(key);
  await store.delete(key);
  assert.deepEqual([await store.open(key), await store.openCompanion(key)], [null, null]);
});

it('a stream that nobody reads closes its file', async () => {
  const store = await open();
  const reader = await store.open(await put(store, Buffer.from('x')));
  const stream = reader!.stream();
  const closed = new Promise((resolve) => void stream.once('close', resolve));
  stream.destroy();
  await closed;
  await assert.rejects(reader!.read(0, 1), { code: 'EBADF' });
});

it('the sweep takes what is old and unknown, half written files included', async () => {
  const dir = mkdtempSync(join(root, 'store-'));
  const store = await FileStore.open(dir);
  const kept = await put(store, Buffer.from('kept'));
  const orphan = await put(store, Buffer.from('orphan'));
  await store.writeCompanion(orphan, Buffer.from('index'));
  writeFileSync(join(dir, 'tmp', 'f'.repeat(48)), 'half');
  const known = async (keys: readonly string[]) => new Set(keys.filter((key) => key === kept));
  assert.equal(await store.sweep(Date.now() - DAY, known), 0);
  assert.equal(await store.sweep(Date.now() + DAY, known), 3);
  const reader = await store.open(kept);
  assert.equal(reader?.size, 4);
  await reader?.close();
  assert.equal(await store.open(orphan), null);
});

it('a name that is no key of it never becomes a path', async () => {
  const store = await open();
  for (const name of ['../../etc/passwd', '', 'A'.repeat(48), `${'a'.repeat(48)}/..`]) {
    assert.throws(() => store.open(name), /not a key/);
  }
});
