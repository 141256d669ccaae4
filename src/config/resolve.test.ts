import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { processorMs } from '../../test/processor-time.ts';
import type { ConfigFiles } from './files.ts';
import { resolve } from './resolve.ts';

const HERE = { project: 'group/app', sha: null };

/** A tree and nothing else; `changes` replaces some of it. */
function files(tree: Record<string, string>, changes: Partial<ConfigFiles> = {}): ConfigFiles {
  const away = async () => ({ ok: false as const, message: 'away' });
  return {
    readLocal: async (_, path) => tree[path] ?? null,
    listPaths: async () => Object.keys(tree),
    openProject: away,
    readRemote: away,
    readTemplate: async () => null,
    readComponent: away,
    changedPaths: async () => ({ ok: true, value: null }),
    urls: () => null,
    ...changes,
  };
}

async function refusals(text: string, from: ConfigFiles): Promise<string[]> {
  const result = await resolve(text, { files: from, context: HERE, variables: new Map() });
  return result.ok ? [] : result.errors.map((error) => error.message);
}

describe('resolving a configuration', () => {
  test('reports the first file in order, not the first that fails', async () => {
    const tree = { 'a.yml': 'include: gone-inside.yml', 'b.yml': 'b: {}' };
    const errors = await refusals('include: [a.yml, gone.yml, b.yml]', files(tree));
    assert.deepEqual(errors, ['Local file `gone-inside.yml` does not exist!']);
  });

  test('lists the files it had read when it was refused', async () => {
    const result = await resolve('include: [a.yml, gone.yml]', {
      files: files({ 'a.yml': 'a: {script: x}' }),
      context: HERE,
      variables: new Map(),
    });
    assert.deepEqual(
      result.includes.map((file) => file.location),
      ['a.yml'],
    );
  });

  test('fetches no more than four files at a time', async () => {
    let open = 0;
    let most = 0;
    const tree = Object.fromEntries(Array.from({ length: 20 }, (_, i) => [`f${i}.yml`, `j${i}: {}`]));
    const readLocal = async (_: unknown, path: string) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resume) => setImmediate(resume));
      open -= 1;
      return tree[path] ?? null;
    };
    assert.deepEqual(await refusals(`include: [${Object.keys(tree)}]`, files(tree, { readLocal })), []);
    assert.equal(most, 4);
  });

  test('refuses when files do not arrive in time', async (context) => {
    const { signal, abort } = controller();
    context.mock.method(AbortSignal, 'timeout', () => signal);
    const readLocal = () => {
      setImmediate(abort);
      return new Promise<null>(() => {});
    };
    const errors = await refusals('include: a.yml', files({}, { readLocal }));
    assert.deepEqual(errors, ['Request timed out when fetching configuration files.']);
  });

  test('lets what the outside throws go on', async () => {
    const readLocal = async () => {
      throw new Error('disk gone');
    };
    await assert.rejects(refusals('include: a.yml', files({}, { readLocal })), /disk gone/);
  });

  test('reads the file of an artifact only where a child pipeline is made', async () => {
    const readArtifact = async (job: string, path: string) => ({
      ok: true as const,
      value: `j: {script: "${job} ${path}"}`,
    });
    const result = await resolve('include: {job: build, artifact: out.yml}', {
      files: files({}, { readArtifact }),
      context: HERE,
      variables: new Map(),
    });
    assert.ok(result.ok);
    assert.deepEqual(result.root, new Map([['j', new Map([['script', 'build out.yml']])]]));
  });

  test('reads a file that includes itself once, not a hundred and fifty times', async () => {
    const lines = Array.from({ length: 5000 }, (_, i) => `j${i}: {script: [x, y, z]}\n`);
    const text = `include: self.yml\n${lines.join('')}`;
    const start = processorMs();
    const refused = await refusals(text, files({ 'self.yml': text }));
    assert.deepEqual(refused, ['Maximum of 150 nested includes are allowed!']);
    assert.ok(processorMs() - start < 5000);
  });

  test('does not multiply a big mapping by extending it often', async () => {
    const base = `.base: {${Array.from({ length: 5000 }, (_, i) => `k${i}: 1`)}}`;
    const jobs = Array.from({ length: 5000 }, (_, i) => `j${i}: {extends: .base, script: x}`);
    assert.deepEqual(await refusals([base, ...jobs].join('\n'), files({})), ['The parsed YAML is too big']);
  });
});

function controller() {
  const controlled = new AbortController();
  return { signal: controlled.signal, abort: () => controlled.abort() };
}
