import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { it } from 'node:test';
import { gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import { craftZip } from '../../craft-zip.ts';
import { forEachEngine } from '../../databases.ts';
import { RunnerWorld } from '../../runner-world.ts';

/** A file of each format that a type of that format may be. */
const FILES: Record<string, Buffer> = {
  zip: craftZip([{ name: 'a.txt', data: 'hello' }]),
  gzip: gzipSync('A=1\n'),
  raw: Buffer.from('{}'),
};
const TYPES = parse(readFileSync(new URL('./artifact-formats.yml', import.meta.url), 'utf8')) as Record<
  string,
  string[]
>;

forEachEngine('an artifact is taken in the format of its type, and in no other', (open) => {
  for (const [right, types] of Object.entries(TYPES)) {
    it(right === 'none' ? 'types of the server: none' : right, async () => {
      const world = await RunnerWorld.open(await open());
      const runner = await world.runner();
      await world.pipeline('a: {script: [x]}');
      const job = await runner.take();
      for (const type of types) {
        for (const [format, bytes] of Object.entries(FILES)) {
          const { status, body } = await runner.upload(job, { bytes, type, format });
          assert.equal(status, format === right ? 201 : 400, `${type} as ${format}: ${body}`);
        }
        for (const [packed, bytes] of Object.entries(FILES)) {
          // Raw is whatever it is; a second file of the type is another matter.
          if (packed === right || right === 'raw' || right === 'none') continue;
          const { status } = await runner.upload(job, { bytes, type, format: right });
          assert.equal(status, 400, `${packed} said to be ${right}, for ${type}`);
        }
      }
      const stored = await world.world.db.read.sql
        .selectFrom('artifacts')
        .select(['file_type', 'file_format'])
        .where('file_type', '<>', 'metadata')
        .orderBy('id')
        .execute();
      const expected = right === 'none' ? [] : types.map((type) => ({ file_type: type, file_format: right }));
      assert.deepEqual(
        stored.map((row) => ({ ...row })),
        expected,
      );
      await world.close();
    });
  }
});
