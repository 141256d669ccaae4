import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import yazl from 'yazl';
import { type Crafted, craftZip } from '../../test/craft-zip.ts';
import { readEntry } from './entry.ts';
import { FileStore } from './store/filesystem.ts';
import { listTree, type TreeItem } from './tree.ts';
import { indexZip, type ZipIndexResult } from './zip-index.ts';

const directory = mkdtempSync(join(tmpdir(), 'teaspoon-zip-'));
let store: FileStore;
before(async () => {
  store = await FileStore.open(directory);
});
after(() => rmSync(directory, { recursive: true }));

/** Stores a zip and its index; the key, and what indexing said. */
async function put(zip: Buffer): Promise<{ key: string; result: ZipIndexResult }> {
  const written = await store.write([zip]);
  assert.ok(written.ok);
  const reader = await store.open(written.file.key);
  const result = await indexZip(reader!);
  await reader!.close();
  if (result.ok) await store.writeCompanion(written.file.key, result.index);
  return { key: written.file.key, result };
}

/** The bytes of one file, or why there are none; a stream that fails is `failed`. */
async function get(key: string, path: string): Promise<Buffer | string> {
  const result = await readEntry(store, key, path);
  if (!result.ok) return result.reason;
  if (Buffer.isBuffer(result.body)) return result.body;
  const parts: Buffer[] = [];
  try {
    for await (const part of result.body) parts.push(part);
  } catch {
    return 'failed';
  }
  return Buffer.concat(parts);
}

describe('a part of a file', () => {
  const small = Buffer.from('0123456789');
  const large = randomBytes(6 * 1024 * 1024 + 13);
  const files = new Map([
    ['small', small],
    ['large', large],
  ]);
  for (const compress of [true, false]) {
    it(`has its bytes and nothing else, ${compress ? 'deflated' : 'stored'}`, async () => {
      const { key } = await put(await zipped(files, { compress }));
      const spans = [
        ['small', 2, 5],
        ['large', 0, 1],
        ['large', 3_000_000, 3_100_000],
        ['large', large.length - 7, large.length],
        ['large', 0, large.length],
      ] as const;
      for (const [path, start, end] of spans) {
        const result = await readEntry(store, key, path, () => ({ start, end }));
        assert.ok(result.ok);
        const parts: Buffer[] = [];
        if (Buffer.isBuffer(result.body)) parts.push(result.body);
        else for await (const part of result.body) parts.push(part);
        assert.equal(result.size, files.get(path)!.length);
        assert.ok(Buffer.concat(parts).equals(files.get(path)!.subarray(start, end)), `${path} ${start}`);
      }
    });
  }
});

type Packing = { compress: boolean; forceZip64Format?: true };

async function zipped(files: Map<string, Buffer>, options: Packing): Promise<Buffer> {
  const zip = new yazl.ZipFile();
  for (const [path, bytes] of files) {
    if (path.endsWith('/')) zip.addEmptyDirectory(path);
    else zip.addBuffer(bytes, path, options);
  }
  zip.end({ forceZip64Format: options.forceZip64Format ?? false, comment: '' });
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** Does not compress: a generator's high bits. */
const noise = Buffer.alloc(3_000_000);
for (let n = 0, state = 1n; n < noise.length; n += 4) {
  state = (state * 6_364_136_223_846_793_005n + 1_442_695_040_888_963_407n) & 0xffff_ffff_ffff_ffffn;
  noise.writeUInt32LE(Number(state >> 32n), n);
}

describe('one file of an archive is the bytes that were packed', () => {
  const files = new Map([
    ['a.txt', Buffer.from('hello\n')],
    ['empty', Buffer.alloc(0)],
    ['dir/', Buffer.alloc(0)],
    ['dir/ü — name.json', Buffer.from('{}')],
    ['dir/large.bin', noise],
    ['zeros', Buffer.alloc(900_000)],
  ]);
  for (const [name, options] of [
    ['stored', { compress: false }],
    ['deflated', { compress: true }],
    ['stored, zip64', { compress: false, forceZip64Format: true }],
    ['deflated, zip64', { compress: true, forceZip64Format: true }],
  ] as const) {
    it(name, async () => {
      const { key, result } = await put(await zipped(files, options));
      assert.ok(result.ok);
      for (const [path, bytes] of files) {
        const expected = path.endsWith('/') ? 'missing' : bytes;
        assert.deepEqual(await get(key, path), expected);
      }
      assert.equal(await get(key, 'A.TXT'), 'missing');
      assert.equal(await get(key, ''), 'missing');
    });
  }

  it('whatever the names and however many', async () => {
    const segment = fc
      .stringMatching(/^[a-c0./ü-]{1,4}$/)
      .filter((name) => !/(^|\/)\.{0,2}(\/|$)/.test(name));
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(segment, { maxLength: 300 }), async (names) => {
        const unique = new Map(names.map((name) => [name, Buffer.from(`content of ${name}`)]));
        const { key } = await put(await zipped(unique, { compress: true }));
        for (const [path, bytes] of unique) assert.deepEqual(await get(key, path), bytes);
      }),
      { numRuns: 15 },
    );
  });
});

describe('a hostile or damaged archive', () => {
  const honest: Crafted[] = [
    { name: 'a', data: 'first' },
    { name: 'b', data: 'second' },
  ];
  const refused: [string, Buffer][] = [
    ['no zip at all', Buffer.from('<html>not a zip</html>')],
    ['an empty file', Buffer.alloc(0)],
    ['cut in the middle', craftZip(honest).subarray(0, 60)],
    ['without its first bytes', craftZip(honest).subarray(3)],
    ['more entries promised than there are', craftZip(honest, { entries: 3 })],
    ['fewer entries promised than there are', craftZip(honest, { entries: 1 })],
    ['a directory outside of the file', craftZip(honest, { offset: 0xfffffff0 })],
    ['two entries that share their data', craftZip([honest[0]!, { ...honest[1]!, offset: 0 }])],
    ['an entry that reaches into the next', craftZip([{ ...honest[0]!, compressedSize: 40 }, honest[1]!])],
    [
      'an entry that reaches into the directory',
      craftZip([{ ...honest[0]!, compressedSize: 4_000_000_000 }]),
    ],
    ['a zip64 size without its field', craftZip([{ ...honest[0]!, size: 0xffffffff }])],
  ];
  for (const [name, zip] of refused) {
    it(`is refused: ${name}`, async () => {
      assert.deepEqual((await put(zip)).result, { ok: false, reason: 'broken' });
    });
  }

  const unreadable: [string, Crafted, string][] = [
    ['data that is larger than declared', { name: 'x', data: 'x'.repeat(5000), size: 10 }, 'broken'],
    ['data that is smaller than declared', { name: 'x', data: 'x', size: 10 }, 'broken'],
    ['a checksum that is wrong', { name: 'x', data: 'x', crc: 1 }, 'broken'],
    ['a name that differs in the local header', { name: 'x', data: 'x', localName: 'y' }, 'broken'],
    ['a longer name in the local header', { name: 'x', data: 'x', localName: 'longer' }, 'broken'],
    ['more than 200 bytes from one', { name: 'x', data: Buffer.alloc(3_000_000) }, 'broken'],
    ['an encrypted entry', { name: 'x', data: 'x', flags: 0x801 }, 'unsupported'],
    ['a large file that does not match its checksum', { name: 'x', data: noise, crc: 1 }, 'failed'],
    ['a large file that is larger than declared', { name: 'x', data: noise, size: 2_900_000 }, 'failed'],
  ];
  for (const [name, entry, reason] of unreadable) {
    it(`gives no bytes for ${name}`, async () => {
      const { key } = await put(craftZip([entry, { name: 'honest', data: 'fine' }]));
      assert.equal(await get(key, 'x'), reason);
      assert.deepEqual(await get(key, 'honest'), Buffer.from('fine'));
    });
  }

  it('has its traversing, absolute, broken and endless names left out', async () => {
    const names = [
      '../../etc/passwd',
      '/etc/passwd',
      'a/../../b',
      '..',
      '.',
      './c',
      'd//e',
      'nul\0',
      'x'.repeat(4097),
      '',
    ];
    const { key, result } = await put(
      craftZip([
        ...names.map((name) => ({ name, data: 'evil' })),
        { name: Buffer.from([0x66, 0xff]) },
        { name: 'fine', data: 'fine' },
      ]),
    );
    assert.ok(result.ok);
    for (const name of names) assert.equal(await get(key, name), 'missing');
    const tree = await listTree(store, key, { path: '', recursive: true, offset: 0, limit: 100 });
    assert.deepEqual(tree.ok && tree.items.map((item) => item.path), ['fine']);
  });

  it('keeps names that are odd but name a file of the archive only', async () => {
    const names = ['..\\..\\x', 'C:\\x', 'a"b', 'a\r\nSet-Cookie: x=1', '; rm -rf', '...', 'x'.repeat(4096)];
    const { key } = await put(craftZip(names.map((name) => ({ name, data: name }))));
    for (const name of names) assert.deepEqual(await get(key, name), Buffer.from(name));
  });

  it('with a name twice gives the first', async () => {
    const { key } = await put(
      craftZip([
        { name: 'x', data: 'first' },
        { name: 'x', data: 'second' },
      ]),
    );
    assert.deepEqual(await get(key, 'x'), Buffer.from('first'));
  });

  it('with a link gives the text of the link and follows nothing', async () => {
    const { key } = await put(
      craftZip([{ name: 'link', data: '/etc/passwd', mode: 0o120777, stored: true }]),
    );
    assert.deepEqual(await get(key, 'link'), Buffer.from('/etc/passwd'));
    const tree = await listTree(store, key, { path: '', recursive: false, offset: 0, limit: 10 });
    assert.deepEqual(tree.ok && tree.items[0]?.mode, '120777');
  });

  it('with more entries than we index is kept without an index', async () => {
    const wide = craftZip([{ name: 'x' }]);
    const end64 = Buffer.alloc(56);
    end64.write('PK\x06\x06', 0, 'latin1');
    end64.writeBigUInt64LE(44n, 4);
    for (const at of [24, 32]) end64.writeBigUInt64LE(1_000_000n, at);
    end64.writeBigUInt64LE(BigInt(wide.readUInt32LE(wide.length - 10)), 40);
    end64.writeBigUInt64LE(BigInt(wide.readUInt32LE(wide.length - 6)), 48);
    const locator = Buffer.alloc(20);
    locator.write('PK\x06\x07', 0, 'latin1');
    locator.writeBigUInt64LE(BigInt(wide.length - 22), 8);
    const zip = Buffer.concat([wide.subarray(0, -22), end64, locator, wide.subarray(-22)]);
    assert.deepEqual((await put(zip)).result, { ok: false, reason: 'too_large' });
  });
});

describe('the tree of an archive', () => {
  const names = ['z.txt', 'a/b/c.txt', 'a/b/d/', 'a-b/x', 'a/e.txt', 'a.txt', 'm/', 'a/b0'];
  let key: string;
  before(async () => {
    key = (
      await put(
        craftZip(names.map((name) => ({ name, data: name, mode: name.endsWith('/') ? 0o40755 : 0o100644 }))),
      )
    ).key;
  });
  const paths = async (path: string, recursive = false, offset = 0, limit = 100) => {
    const tree = await listTree(store, key, { path, recursive, offset, limit });
    return tree.ok ? tree.items.map((item) => item.path) : tree.reason;
  };

  it('lists directories first, then files, implied directories included', async () => {
    assert.deepEqual(await paths(''), ['a-b/', 'a/', 'm/', 'a.txt', 'z.txt']);
    assert.deepEqual(await paths('a'), ['a/b/', 'a/b0', 'a/e.txt']);
    assert.deepEqual(await paths('a/b/'), ['a/b/d/', 'a/b/c.txt']);
  });

  it('lists all descendants when recursive', async () => {
    assert.deepEqual(await paths('', true), [
      'a-b/',
      'a-b/x',
      'a.txt',
      'a/',
      'a/b/',
      'a/b/c.txt',
      'a/b/d/',
      'a/b0',
      'a/e.txt',
      'm/',
      'z.txt',
    ]);
    assert.deepEqual(await paths('a', true), ['a/b/', 'a/b/c.txt', 'a/b/d/', 'a/b0', 'a/e.txt']);
  });

  it('knows an empty directory from none', async () => {
    assert.deepEqual(await paths('m'), []);
    assert.equal(await paths('q'), 'no_path');
    assert.equal(await paths('a.txt'), 'no_path');
  });

  it('pages', async () => {
    assert.deepEqual(await paths('', false, 2, 2), ['m/', 'a.txt']);
    assert.deepEqual(await paths('', true, 10, 5), ['z.txt']);
  });

  it('describes files and directories', async () => {
    const tree = await listTree(store, key, { path: 'a', recursive: false, offset: 0, limit: 10 });
    assert.deepEqual(tree.ok && tree.items, [
      { name: 'b', path: 'a/b/', type: 'directory', mode: null },
      { name: 'b0', path: 'a/b0', type: 'file', size: 4, mode: '100644' },
      { name: 'e.txt', path: 'a/e.txt', type: 'file', size: 7, mode: '100644' },
    ] satisfies TreeItem[]);
  });
});

it('metadata.gz lists parents and entries in the order of their paths', async () => {
  const { result } = await put(
    craftZip([
      { name: 'b', data: 'x' },
      { name: 'a/c', data: '' },
    ]),
  );
  assert.ok(result.ok);
  const bytes = gunzipSync(result.metadata);
  const strings: string[] = [];
  for (let at = 0; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    strings.push(bytes.toString('utf8', at + 4, at + 4 + length));
    at += 4 + length;
  }
  assert.deepEqual(strings, [
    'GitLab Build Artifacts Metadata 0.0.2\n',
    '{}',
    'a/',
    '{}',
    'a/c',
    '{"modified":1735689600,"mode":"100644","zipped":2}',
    'b',
    '{"modified":1735689600,"mode":"100644","crc":2363233923,"size":1,"zipped":3}',
  ]);
});
