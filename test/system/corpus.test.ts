import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { isMap, isScalar, parseDocument, visit } from 'yaml';
import { GitClient } from '../git-client.ts';
import { forEachServer, type TestServer } from '../start-server.ts';
import { until } from '../until.ts';

const CORPUS = new URL('../../../shared/corpus/', import.meta.url).pathname;
const MISSING = !existsSync(CORPUS) && `SKIPPED: real configurations are not here (${CORPUS})`;

/** Real projects' configurations, each with the jobs that its oracle lists for a push to a branch. */
const CASES = ['xrootd__xrootd', 'gnutls__gnutls', 'meltano__meltano'];

const SCRIPTS = new Set(['script', 'before_script', 'after_script']);
/** What only the project's own runners have. */
const ELSEWHERE = new Set(['tags', 'cache']);

/** The same configuration with scripts that any shell can run; everything else stays as it is. */
function harmless(text: string): string {
  const document = parseDocument(text, { merge: true, version: '1.1', uniqueKeys: false });
  visit(document, {
    Map(_, map) {
      map.items = map.items.filter((pair) => !(isScalar(pair.key) && ELSEWHERE.has(String(pair.key.value))));
      for (const pair of map.items) {
        if (!isScalar(pair.key) || !SCRIPTS.has(String(pair.key.value)) || isMap(pair.value)) continue;
        pair.value = document.createNode(['echo "$CI_JOB_NAME"']);
      }
    },
  });
  return document.toString({ verifyAliasOrder: false, lineWidth: 0 });
}

function filesOf(name: string): Record<string, string> {
  const root = join(CORPUS, name);
  const files: Record<string, string> = {};
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[path.slice(root.length + 1)] = harmless(readFileSync(path, 'utf8'));
  }
  return files;
}

interface Job {
  id: number;
  name: string;
  status: string;
  allow_failure: boolean;
}

forEachServer('a real configuration', (start) => {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-corpus-'));
  let server: TestServer;
  before(async () => {
    server = await start({ runner: 'on', 'runner-concurrency': '4' });
  });
  after(() => rmSync(directory, { recursive: true }));

  for (const name of CASES) {
    it(`is pushed and its pipeline ends: ${name}`, { skip: MISSING, timeout: 240_000 }, async () => {
      const git = new GitClient(join(directory, name));
      await git.ok('init', '-q', '.');
      await git.commit(filesOf(name));
      const path = `root/${name.toLowerCase()}`;
      const pushed = await git.run('push', server.gitUrl(path), 'main');
      assert.match(pushed.stderr, /pipelines\/\d+/, pushed.stderr);
      const project = `/projects/${encodeURIComponent(path)}`;
      const pipeline = await until(
        `the pipeline of ${name}`,
        async () => {
          const { body } = await server.api<{ id: number; status: string }[]>('GET', `${project}/pipelines`);
          const [first] = body;
          return first && ['success', 'failed', 'manual', 'skipped'].includes(first.status)
            ? first
            : undefined;
        },
        { limitMs: 200_000, pauseMs: 500 },
      );
      const { body: jobs } = await server.api<Job[]>(
        'GET',
        `${project}/pipelines/${pipeline.id}/jobs?per_page=100`,
      );
      assert.ok(jobs.length > 3);
      const unexpected = jobs.filter((job) => !['success', 'manual', 'skipped'].includes(job.status));
      assert.deepEqual(
        unexpected.map((job) => `${job.name}: ${job.status}`),
        [],
      );
      const done = jobs.find((job) => job.status === 'success')!;
      const trace = await server.api('GET', `${project}/jobs/${done.id}/trace`);
      assert.ok(trace.bytes.includes(`\n${done.name}\n`), trace.bytes.toString());
    });
  }
});
