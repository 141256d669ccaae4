import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { lockDataDirectory, prepareDataDirectory, refuseHalf } from './data-directory.ts';
import { StartError } from './start-error.ts';

describe('the data directory', () => {
  const base = mkdtempSync(join(tmpdir(), 'teaspoon-data-'));
  after(() => rmSync(base, { recursive: true }));

  it('is made for its owner alone', () => {
    const path = join(base, 'a', 'b');
    prepareDataDirectory(path);
    assert.equal(statSync(path).mode & 0o777, 0o700);
  });

  it('that cannot be made is refused in one sentence with what to do', () => {
    writeFileSync(join(base, 'file'), '');
    assert.throws(
      () => prepareDataDirectory(join(base, 'file', 'data')),
      (error) => error instanceof StartError && /cannot be written .*TEASPOON_DATA/.test(error.message),
    );
  });

  it('is refused where the system makes no directories', { skip: process.platform !== 'linux' }, () => {
    assert.throws(() => prepareDataDirectory('/proc/teaspoon/data'), StartError);
  });

  it('is refused when it and the database do not belong together', () => {
    const path = join(base, 'half');
    mkdirSync(join(path, 'repositories'), { recursive: true });
    refuseHalf(path, false);
    assert.throws(() => refuseHalf(path, true), /has no encryption\.key/);
    writeFileSync(join(path, 'encryption.key'), '');
    mkdirSync(join(path, 'artifacts'));
    refuseHalf(path, true);
    mkdirSync(join(path, 'repositories', '1.git'));
    refuseHalf(path, true);
    assert.throws(() => refuseHalf(path, false), /the database is empty/);
  });

  it('belongs to one server at a time', () => {
    const path = join(base, 'locked');
    prepareDataDirectory(path);
    const unlock = lockDataDirectory(path);
    assert.throws(() => lockDataDirectory(path), StartError);
    unlock();
    lockDataDirectory(path)();
  });
});
