import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, it } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { TreeStates } from './tree-state.ts';

describe('the state of checked out sources', () => {
  const root = mkdtempSync(join(tmpdir(), 'teaspoon-tree-'));
  after(() => rmSync(root, { recursive: true }));

  /** A small tree that is old enough to be known. */
  async function tree(): Promise<string> {
    const directory = mkdtempSync(join(root, 'tree-'));
    mkdirSync(join(directory, '.git'));
    mkdirSync(join(directory, 'src'));
    for (const name of ['.git/HEAD', '.git/index', 'README', 'src/main.c']) {
      writeFileSync(join(directory, name), 'text');
    }
    await setTimeout(100);
    return directory;
  }

  it('is the same until something changes, for the same work', async () => {
    const states = new TreeStates();
    const directory = await tree();
    assert.equal(states.isAsLeft(directory, 'a'), false, 'nothing is known yet');
    states.left(directory, 'a');
    assert.equal(states.isAsLeft(directory, 'a'), true);
    writeFileSync(join(directory, '.git', 'FETCH_HEAD'), 'of no weight');
    assert.equal(states.isAsLeft(directory, 'a'), true);
    assert.equal(states.isAsLeft(directory, 'b'), false, 'of another commit');
    assert.equal(states.isAsLeft(await tree(), 'a'), false, 'of another directory');
  });

  const changes: [string, (path: (name: string) => string) => void][] = [
    ['a new file', (path) => writeFileSync(path('new'), '')],
    ['a new file deep down', (path) => writeFileSync(path('src/new'), '')],
    ['a new empty directory', (path) => mkdirSync(path('src/empty'))],
    ['a new link', (path) => symlinkSync('README', path('src/link'))],
    ['a file that is gone', (path) => rmSync(path('src/main.c'))],
    ['a file of another name', (path) => renameSync(path('README'), path('src/README'))],
    ['another text of the same size', (path) => writeFileSync(path('README'), 'else')],
    ['a file that may be run', (path) => chmodSync(path('README'), 0o755)],
    ['another index', (path) => writeFileSync(path('.git/index'), 'else')],
    ['another head', (path) => writeFileSync(path('.git/HEAD'), 'else')],
    ['no repository any more', (path) => rmSync(path('.git'), { recursive: true })],
    [
      'a change whose time was set back',
      (path) => {
        const { atime, mtime } = statSync(path('README'));
        writeFileSync(path('README'), 'else');
        utimesSync(path('README'), atime, mtime);
      },
    ],
  ];
  for (const [what, change] of changes) {
    it(`is another after ${what}`, async () => {
      const states = new TreeStates();
      const directory = await tree();
      states.left(directory, 'a');
      assert.equal(states.isAsLeft(directory, 'a'), true);
      change((name) => join(directory, name));
      assert.equal(states.isAsLeft(directory, 'a'), false);
      // Nor later, when nothing is young any more.
      await setTimeout(100);
      assert.equal(states.isAsLeft(directory, 'a'), false);
    });
  }

  it('is not known of what changed just now, nor of a large tree', async () => {
    const states = new TreeStates();
    const directory = await tree();
    writeFileSync(join(directory, 'README'), 'now');
    states.left(directory, 'a');
    await setTimeout(100);
    assert.equal(states.isAsLeft(directory, 'a'), false);
    for (let n = 0; n < 600; n++) writeFileSync(join(directory, `file-${n}`), '');
    await setTimeout(100);
    states.left(directory, 'a');
    assert.equal(states.isAsLeft(directory, 'a'), false);
  });
});
