import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { ZipFile } from 'yazl';
import { extractZip, UnsafeArchiveError, writeZip } from './archive.ts';
import { matchFiles } from './file-patterns.ts';

const base = mkdtempSync(join(tmpdir(), 'teaspoon-archive-'));
after(() => rmSync(base, { recursive: true }));

function directory(name: string): string {
  const path = join(base, name);
  mkdirSync(path, { recursive: true });
  return path;
}

async function zipOf(entries: [string, string, number][]): Promise<string> {
  const zip = new ZipFile();
  for (const [name, content, mode] of entries)
    zip.addBuffer(Buffer.from(content), name, { mode, compress: false });
  zip.end();
  const parts: Buffer[] = [];
  for await (const part of zip.outputStream) parts.push(Buffer.from(part));
  const path = join(base, `${Math.random()}.zip`);
  writeFileSync(path, Buffer.concat(parts));
  return path;
}

/** Renames an entry inside the bytes of a zip, as the writing library refuses bad names. */
function rename(path: string, from: string, to: string): string {
  const bytes = readFileSync(path).toString('latin1').replaceAll(from, to);
  writeFileSync(path, Buffer.from(bytes, 'latin1'));
  return path;
}

describe('an archive', () => {
  it('brings back what was packed: bytes, modes, links, empty directories', async () => {
    const from = directory('from');
    const to = directory('to');
    writeFileSync(join(from, 'run.sh'), 'echo hi\n');
    chmodSync(join(from, 'run.sh'), 0o755);
    mkdirSync(join(from, 'empty'));
    writeFileSync(join(from, 'ü big'), 'x'.repeat(100_000));
    symlinkSync('run.sh', join(from, 'link'));
    const zip = join(base, 'a.zip');
    await writeZip(from, matchFiles(from, ['*']), zip);
    assert.equal(await extractZip(zip, to), 4);
    assert.equal(readFileSync(join(to, 'run.sh'), 'utf8'), 'echo hi\n');
    assert.equal(statSync(join(to, 'run.sh')).mode & 0o777, 0o755);
    assert.equal(statSync(join(to, 'ü big')).size, 100_000);
    assert.equal(readlinkSync(join(to, 'link')), 'run.sh');
    assert.ok(statSync(join(to, 'empty')).isDirectory());
  });

  it('replaces what was there', async () => {
    const to = directory('replace');
    writeFileSync(join(to, 'a'), 'old');
    await extractZip(await zipOf([['a', 'new', 0o100644]]), to);
    assert.equal(readFileSync(join(to, 'a'), 'utf8'), 'new');
  });

  it('writes nothing through a link that it brought itself', async () => {
    const to = directory('through');
    const outside = directory('outside');
    const zip = await zipOf([
      ['link', outside, 0o120777],
      ['link/planted', 'x', 0o100644],
    ]);
    await assert.rejects(extractZip(zip, to), UnsafeArchiveError);
    assert.equal(statSync(join(outside, 'planted'), { throwIfNoEntry: false }), undefined);
  });

  for (const name of ['../planted', '/planted12', 'a/../../pl']) {
    it(`with the name ${name} is refused`, async () => {
      const to = directory(`escape${name.length}`);
      const zip = rename(
        await zipOf([['x'.repeat(name.length), 'x', 0o100644]]),
        'x'.repeat(name.length),
        name,
      );
      await assert.rejects(extractZip(zip, to));
      assert.equal(statSync(join(base, 'planted'), { throwIfNoEntry: false }), undefined);
    });
  }

  it('loses set-uid bits', async () => {
    const to = directory('setuid');
    await extractZip(await zipOf([['tool', 'x', 0o104755]]), to);
    assert.equal(statSync(join(to, 'tool')).mode & 0o7777, 0o755);
  });
});
