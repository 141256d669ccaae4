import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memoryFiles, PROJECT } from '../../test/config-files.ts';
import { compile } from './compile.ts';
import { compileAside } from './compile-in-worker.ts';
import type { CompileResult } from './compiled.ts';
import type { ConfigFiles } from './files.ts';
import type { CompileOptions } from './resolve.ts';

const jobs = (count: number) =>
  Array.from({ length: count }, (_, i) => `job-${i}: {stage: test, script: [make ${i}], needs: []}\n`).join(
    '',
  );

const BIG = jobs(1000);
const WORLD = {
  tree: { 'big.yml': BIG, 'small.yml': 'small: {script: [x]}\n', 'wrong.yml': `${BIG}wrong: {script: 1}\n` },
  components: { 'host/group/lib/one@1': BIG },
};

function optionsWith(files: Partial<ConfigFiles> = {}): CompileOptions {
  return { files: { ...memoryFiles(WORLD), ...files }, context: PROJECT, variables: new Map([['X', 'y']]) };
}

/** As JSON has it: that is all that a compiled configuration promises. */
const plain = (result: CompileResult): unknown => JSON.parse(JSON.stringify(result));

describe('a configuration that is compiled aside', () => {
  const SAME: [string, string][] = [
    ['a small one', 'a: {script: [x]}\ninclude: small.yml'],
    ['a big one', BIG],
    ['a small one that includes a big one', 'include: [small.yml, big.yml]'],
    ['a big one that includes', `include: small.yml\n${BIG}`],
    ['a component', 'include: [{component: host/group/lib/one@1}]'],
    ['many parallel jobs', 'a: {script: x, parallel: 200}\n'.repeat(20)],
    ['a big one with an error', `${BIG}wrong: {script: 1}\n`],
    ['an error in a big include', 'include: wrong.yml'],
    ['a big one that includes what is not there', `include: absent.yml\n${BIG}`],
    ['a job named __proto__', `__proto__: {script: x, variables: {__proto__: a}}\n${BIG}`],
  ];
  for (const [what, text] of SAME) {
    test(`is what it is anywhere: ${what}`, async () => {
      const options = optionsWith();
      assert.deepEqual(plain(await compileAside(text, options)), plain(await compile(text, options)));
    });
  }

  test('leaves its process free for others', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    await compileAside(jobs(5000), optionsWith());
    clearInterval(timer);
    assert.ok(turns > 20, `${turns} turns`);
  });

  test('asks for each file once, though it is begun again', async () => {
    const asked: string[] = [];
    const { readLocal } = memoryFiles(WORLD);
    const files = {
      readLocal: (...args: Parameters<ConfigFiles['readLocal']>) => {
        asked.push(args[1]);
        return readLocal(...args);
      },
    };
    const result = await compileAside('include: [small.yml, big.yml]', optionsWith(files));
    assert.equal(result.ok, true);
    assert.deepEqual(asked, ['small.yml', 'big.yml']);
  });

  for (const text of ['include: small.yml', `include: small.yml\n${BIG}`]) {
    test(`throws what its files throw (${text.length} characters)`, async () => {
      const failure = new Error('the disk is gone');
      const files = { readLocal: () => Promise.reject(failure) };
      await assert.rejects(compileAside(text, optionsWith(files)), (error) => error === failure);
    });
  }

  test('reads files of artifacts only where there are some', async () => {
    const text = `include: [{job: build, artifact: out.yml}]\n${BIG}`;
    const without = await compileAside(text, optionsWith());
    assert.ok(!without.ok);
    assert.match(without.errors[0]?.message ?? '', /only allowed when triggering child pipelines/);
    const readArtifact = async () => ({ ok: true as const, value: 'made: {script: [x]}' });
    const result = await compileAside(text, optionsWith({ readArtifact }));
    assert.ok(result.ok);
    assert.equal(result.config.jobs.length, 1001);
  });

  test('may be one of many at once', async () => {
    const texts = [100, 400, 700, 1000].map(jobs);
    const results = await Promise.all(texts.map((text) => compileAside(text, optionsWith())));
    assert.deepEqual(
      results.map((result) => result.ok && result.config.jobs.length),
      [100, 400, 700, 1000],
    );
  });
});
