import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, it } from 'node:test';
import { sql } from 'kysely';
import { ENGINES, forEachEngine, openTestDatabase } from '../../test/databases.ts';
import type { Database } from './database.ts';
import { MIGRATIONS, migrate, NewerDatabaseError } from './migrate.ts';

/** Column names of every table with whether null is allowed, as the database tells it. */
async function introspect(db: Database): Promise<Record<string, Record<string, boolean>>> {
  const tables = await db.read.sql.introspection.getTables();
  const shape: Record<string, Record<string, boolean>> = {};
  for (const table of tables) {
    if (table.name === 'migrations') continue;
    shape[table.name] = Object.fromEntries(
      table.columns.map((column) => [column.name, column.isNullable && !column.isAutoIncrementing]),
    );
  }
  return shape;
}

/** The same, as the type files in `tables/` say it. */
function declaredShape(): Record<string, Record<string, boolean>> {
  const directory = new URL('./tables/', import.meta.url);
  const interfaces = new Map<string, Record<string, boolean>>();
  for (const file of readdirSync(directory)) {
    const text = readFileSync(new URL(file, directory), 'utf8');
    for (const [, name, body] of text.matchAll(/export interface (\w+)Table \{\n([\s\S]*?)\n\}/g)) {
      const columns = [...body!.matchAll(/^ {2}(\w+): ([^;]+);$/gm)];
      interfaces.set(
        name!,
        Object.fromEntries(columns.map(([, column, type]) => [column!, type!.endsWith('| null')])),
      );
    }
  }
  const tables = readFileSync(new URL('./tables.ts', import.meta.url), 'utf8');
  const shape: Record<string, Record<string, boolean>> = {};
  for (const [, table, name] of tables.matchAll(/^ {2}(\w+): (\w+)Table;$/gm)) {
    shape[table!] = interfaces.get(name!)!;
  }
  return shape;
}

forEachEngine('the schema', (open) => {
  it('is exactly what the table types say', async () => {
    const declared = declaredShape();
    assert.ok(Object.keys(declared).length >= 32);
    assert.deepEqual(await introspect(await open()), declared);
  });

  it('stays as it is when the newest migration ran already', async () => {
    const db = await open();
    const before = await introspect(db);
    await migrate(db);
    assert.deepEqual(await introspect(db), before);
  });

  it('refuses a database of a newer version and leaves it alone', async () => {
    const db = await open();
    await db.transaction((tx) =>
      sql`insert into migrations (name) values ('9999-from-the-future')`.execute(tx.sql).then(() => {}),
    );
    await assert.rejects(migrate(db), NewerDatabaseError);
  });

  it('is whole or absent: a migration that fails in the middle leaves the older schema', async () => {
    const db = await open();
    const broken = {
      name: '9000-broken',
      statements: () => ['create table half (id integer)', 'create table users (id integer)'],
    };
    await assert.rejects(migrate(db, [...MIGRATIONS, broken]));
    assert.equal('half' in (await introspect(db)), false);
  });

  it('comes out the same from an empty database and from every earlier version', async () => {
    const newest = await introspect(await open());
    for (let released = 0; released < MIGRATIONS.length; released++) {
      const db = await open({ migrated: false });
      await migrate(db, MIGRATIONS.slice(0, released));
      await migrate(db);
      assert.deepEqual(await introspect(db), newest);
    }
  });
});

describe('both engines', { skip: ENGINES.length < 2 && 'one engine chosen by DB=' }, () => {
  it('have the same tables, columns and nullability', async () => {
    const shapes = [];
    for (const engine of ENGINES) {
      const { database, drop } = await openTestDatabase(engine);
      shapes.push(await introspect(database));
      await drop();
    }
    assert.deepEqual(shapes[0], shapes[1]);
  });
});
