import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, it } from 'node:test';
import { parse } from 'yaml';
import { GitClient } from '../../git-client.ts';
import { addTo, makePerson, makeProject } from '../../people.ts';
import { forEachServer, type TestServer } from '../../start-server.ts';
import { compare, fill } from '../jobs-api/match.ts';

/** One call of CI lint and what it answers. */
interface Case {
  name: string;
  /** `owner` when absent. */
  as?: Caller;
  /** Query of a GET, or body of a POST. */
  get?: Record<string, string>;
  post?: Record<string, unknown>;
  status?: number;
  /** These keys of the answer, each whole; or all of it. */
  answer?: Record<string, unknown>;
  /** All keys of the answer, in order. */
  keys?: string[];
}

/** A project and the cases that are asked of it. */
interface Table {
  visibility?: 'private' | 'public';
  /** What is pushed to `main`; absent: the repository is empty. */
  files?: Record<string, string>;
  /** Further branches, each on top of `main`. */
  branches?: Record<string, Record<string, string>>;
  /** Rules of protected branches besides that of `main`. */
  protect?: Record<string, unknown>[];
  variables?: Record<string, unknown>[];
  cases: Case[];
}

const LEVELS = { guest: 10, reporter: 20, developer: 30 } as const;
type Caller = 'owner' | 'nobody' | 'stranger' | keyof typeof LEVELS;

const TABLE_KEYS = ['visibility', 'files', 'branches', 'protect', 'variables', 'cases'];
const CASE_KEYS = ['name', 'as', 'get', 'post', 'status', 'answer', 'keys'];

const directory = new URL('.', import.meta.url);
const tables = readdirSync(directory).filter((name) => name.endsWith('.yml'));
assert.ok(tables.length >= 3);

function readTable(file: string): Table {
  const table = parse(readFileSync(new URL(file, directory), 'utf8')) as Table;
  assert.ok(table.cases.length > 0, `${file} has no cases`);
  assert.deepEqual(
    Object.keys(table).filter((key) => !TABLE_KEYS.includes(key)),
    [],
    file,
  );
  for (const one of table.cases) {
    assert.deepEqual(
      Object.keys(one).filter((key) => !CASE_KEYS.includes(key)),
      [],
      one.name,
    );
    assert.notEqual(one.get === undefined, one.post === undefined, `${one.name}: one of get and post`);
    assert.ok(one.answer ?? one.keys ?? one.status, `${one.name} expects nothing`);
  }
  return table;
}

forEachServer('CI lint', (start) => {
  const work = mkdtempSync(join(tmpdir(), 'teaspoon-lint-'));
  const tokens: Record<string, string | null> = { nobody: null };
  const people: { id: number; username: string; token: string; level: number }[] = [];
  let server: TestServer;

  before(async () => {
    server = await start();
    tokens.stranger = (await makePerson(server, 'stranger')).token;
    for (const [name, level] of Object.entries(LEVELS)) {
      people.push({ ...(await makePerson(server, name)), level });
      tokens[name] = people.at(-1)!.token;
    }
  });
  after(() => rmSync(work, { recursive: true, force: true }));

  for (const [index, file] of tables.entries()) {
    const table = readTable(file);
    const names: Record<string, string | number> = {};
    const opened = Promise.withResolvers<void>();
    it(`${file}: the project is there`, async () => {
      await open(table, `p${index}`, names).then(opened.resolve, opened.reject);
    });
    for (const one of table.cases) {
      it(`${file}: ${one.name}`, async () => {
        await opened.promise;
        await play(one, names);
      });
    }
  }

  async function open(table: Table, name: string, names: Record<string, string | number>): Promise<void> {
    const project = await makeProject(server, name, { body: { visibility: table.visibility ?? 'private' } });
    for (const person of people) await addTo(server, project.id, person, person.level);
    for (const body of table.variables ?? []) {
      const made = await server.api('POST', `/projects/${project.id}/variables`, { body });
      assert.equal(made.status, 201, JSON.stringify(made.body));
    }
    for (const body of table.protect ?? []) {
      const made = await server.api('POST', `/projects/${project.id}/protected_branches`, { body });
      assert.equal(made.status, 201, JSON.stringify(made.body));
    }
    names.id = project.id;
    names.path = project.path_with_namespace;
    names.url = server.url;
    const git = new GitClient(join(work, name));
    await git.ok('init', '--quiet');
    for (const [branch, files] of Object.entries({ main: table.files, ...table.branches })) {
      if (files === undefined) continue;
      names[`sha_${branch}`] = await git.commit(files);
      await git.ok(
        'push',
        '--quiet',
        server.gitUrl(project.path_with_namespace),
        `HEAD:refs/heads/${branch}`,
      );
    }
  }

  async function play(one: Case, names: Record<string, string | number>): Promise<void> {
    const token = one.as === undefined || one.as === 'owner' ? {} : { token: tokens[one.as]! };
    const query = new URLSearchParams(fill(one.get ?? {}, names)).toString();
    const path = `/projects/${names.id}/ci/lint${query === '' ? '' : `?${query}`}`;
    const { status, body } = await server.api<Record<string, unknown>>(one.post ? 'POST' : 'GET', path, {
      ...token,
      ...(one.post === undefined ? {} : { body: fill(one.post, names) }),
    });
    assert.equal(status, one.status ?? 200, JSON.stringify(body));
    assert.deepEqual(Object.keys(body), one.keys ?? Object.keys(body));
    for (const [key, expected] of Object.entries(fill(one.answer ?? {}, names))) {
      compare(body[key], expected, key, true);
    }
  }
});
