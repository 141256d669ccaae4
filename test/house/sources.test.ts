import assert from 'node:assert/strict';
import { existsSync, globSync, readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';

const sources = globSync('src/**/*.ts').map((path) => ({ path, text: readFileSync(path, 'utf8') }));
const product = sources.filter(({ path }) => !path.endsWith('.test.ts'));
const rooms = readdirSync('src', { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

/** Which room writes which table, as `db/tables/*.ts` say. */
function tableOwners(): Map<string, string> {
  const rooms = new Map<string, string>();
  for (const path of globSync('src/db/tables/*.ts')) {
    const text = readFileSync(path, 'utf8');
    const room = /^\/\*\* Tables of the room `([\w-]+)`/.exec(text)?.[1];
    for (const [, name] of text.matchAll(/export interface (\w+Table) /g)) if (room) rooms.set(name!, room);
  }
  const tables = new Map<string, string>();
  for (const [, table, name] of readFileSync('src/db/tables.ts', 'utf8').matchAll(
    /^ {2}(\w+): (\w+Table);$/gm,
  )) {
    tables.set(table!, rooms.get(name!)!);
  }
  return tables;
}

/** Tables that a text writes: by the query builder, and in statements of SQL. */
function writtenTables(text: string): string[] {
  const builder = text.matchAll(/\b(?:insertInto|updateTable|deleteFrom)\('(\w+)'\)/g);
  const statements = text.matchAll(
    /\b(?:insert into|delete from|update)\s+"?([a-z_]+)"?\s+(?:set|\(|where|values|using)/g,
  );
  return [...builder, ...statements].map((match) => match[1]!);
}

describe('a room', () => {
  it('has a page of at most 30 lines', () => {
    const wrong = rooms.filter((room) => {
      const page = `src/${room}/README.md`;
      return !existsSync(page) || readFileSync(page, 'utf8').trimEnd().split('\n').length > 30;
    });
    assert.deepEqual(wrong, []);
  });

  it('alone writes its tables', () => {
    const owners = tableOwners();
    assert.ok(owners.size >= 32);
    let writes = 0;
    // A migration may fill a table that it makes.
    const rooms = product.filter(({ path }) => !path.startsWith('src/db/migrations/'));
    const wrong = rooms.flatMap(({ path, text }) =>
      writtenTables(text).flatMap((table) => {
        const owner = owners.get(table);
        if (owner === undefined) return [];
        writes++;
        return path.startsWith(`src/${owner}/`) ? [] : [`${path} writes ${table} of ${owner}`];
      }),
    );
    assert.ok(writes > 50, `only ${writes} writes were seen`);
    assert.deepEqual(wrong, []);
  });
});

describe('the rule that a table has one owner', () => {
  it('sees a planted write of either kind', () => {
    assert.deepEqual(writtenTables("tx.sql.insertInto('jobs').values(row)"), ['jobs']);
    assert.deepEqual(writtenTables("statement('update pipelines set status = ? where id = ?')"), [
      'pipelines',
    ]);
    assert.deepEqual(writtenTables('delete from artifacts where id = 1'), ['artifacts']);
    assert.deepEqual(writtenTables("reading.sql.selectFrom('jobs')"), []);
  });
});

describe('the sources', () => {
  it('leave nothing for later and switch no check off', () => {
    const marks = /\b(TODO|FIXME|XXX)\b|@ts-(ignore|expect-error|nocheck)/;
    assert.deepEqual(
      sources.filter(({ text }) => marks.test(text)).map(({ path }) => path),
      [],
    );
  });

  it('are short files: none is longer than 500 lines', () => {
    const long = product
      .map(({ path, text }) => ({ path, lines: text.split('\n').length }))
      .filter(({ lines }) => lines > 500);
    assert.deepEqual(long, []);
  });

  it('have no drawers for everything', () => {
    const drawers = product.filter(({ path }) =>
      /\/(utils?|helpers?|common|misc|index)(\/|\.ts$)/.test(path),
    );
    assert.deepEqual(
      drawers.map(({ path }) => path),
      [],
    );
  });
});

describe('the sources of the web UI', () => {
  const web = globSync('web/**/*.{ts,tsx,css}').map((path) => ({ path, text: readFileSync(path, 'utf8') }));
  const wrong = (rule: (text: string, path: string) => boolean) =>
    web.filter(({ path, text }) => rule(text, path)).map(({ path }) => path);

  it('are looked at whole, are short, and leave nothing for later', () => {
    assert.ok(web.length >= 30, `only ${web.length} sources were seen`);
    assert.deepEqual(
      wrong((text) => text.split('\n').length > 500 || /\b(TODO|FIXME|XXX)\b|@ts-/.test(text)),
      [],
    );
  });

  it('never make markup of a text, and never ask another host', () => {
    const markup = /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/;
    const host = /(?:src|href|url\(|fetch\(|import\()\s*[=]?\s*['"`{(]*https?:\/\//;
    assert.deepEqual(
      wrong((text) => markup.test(text) || host.test(text)),
      [],
    );
  });

  it('know of the server only what it answers: types of entities; and what a line of a log is, which needs nothing', () => {
    const foreign = /^import (?!type [^;]*\/src\/api\/entities\/|[^;]*\/src\/trace\/line\.ts')[^;]*\/src\//m;
    assert.deepEqual(
      wrong((text, path) => !path.endsWith('.test.ts') && foreign.test(text)),
      [],
    );
    assert.doesNotMatch(readFileSync('src/trace/line.ts', 'utf8'), /^import /m);
  });

  it('style no class that another page or the shell styles: what one page loads stays loaded for the next', () => {
    const owners = new Map<string, Set<string>>();
    for (const { path, text } of web.filter(({ path }) => path.endsWith('.css'))) {
      const owner = path.startsWith('web/pages/') ? path.split('/').slice(0, 3).join('/') : 'the shell';
      const selectors = text.replace(/\/\*.*?\*\//gs, '').matchAll(/(?:^|[{};])\s*([^{};@]+)\{/g);
      for (const [, selector] of selectors) {
        for (const [, name] of selector!.matchAll(/(?:^|,)\s*(?:[a-z]+)?\.([\w-]+)/g)) {
          owners.set(name!, (owners.get(name!) ?? new Set()).add(owner));
        }
      }
    }
    assert.ok(owners.size > 100, `only ${owners.size} classes were seen`);
    assert.deepEqual(
      [...owners].filter(([, places]) => places.size > 1).map(([name, places]) => [name, ...places]),
      [],
    );
  });
});
