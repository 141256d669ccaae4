import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe } from 'node:test';
import { type Database, openPostgresDatabase, openSqliteDatabase } from '../src/db/database.ts';
import { migrate } from '../src/db/migrate.ts';
import { createPostgresDatabase } from './postgres.ts';

export type Engine = 'sqlite' | 'postgres';

/** The engines this run tests: `DB=sqlite`, `DB=postgres` or `DB=all` (the default). */
export const ENGINES: readonly Engine[] =
  process.env.DB === 'sqlite' || process.env.DB === 'postgres' ? [process.env.DB] : ['sqlite', 'postgres'];

/** Runs the same suite on each engine; `open` gives a fresh, migrated database that is closed and dropped afterwards. */
export function forEachEngine(
  name: string,
  suite: (open: (options?: { migrated?: boolean }) => Promise<Database>, engine: Engine) => void,
): void {
  for (const engine of ENGINES) {
    describe(`${name} (${engine})`, () => {
      const cleanups: (() => Promise<void>)[] = [];
      after(async () => {
        for (const cleanup of cleanups.reverse()) await cleanup();
      });
      suite(async (options) => {
        const { database, drop } = await openTestDatabase(engine, options);
        cleanups.push(drop);
        return database;
      }, engine);
    });
  }
}

/** A fresh database with the newest schema, or an empty one; `drop` closes and removes it. */
export async function openTestDatabase(
  engine: Engine,
  { migrated = true }: { migrated?: boolean } = {},
): Promise<{ database: Database; drop: () => Promise<void> }> {
  if (engine === 'postgres') {
    const { url, drop } = await createPostgresDatabase();
    const database = await openPostgresDatabase(url, 8);
    if (migrated) await migrate(database);
    return {
      database,
      drop: async () => {
        await database.close();
        await drop();
      },
    };
  }
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-test-'));
  const database = openSqliteDatabase(join(directory, 'teaspoon.sqlite'));
  if (migrated) await migrate(database);
  return {
    database,
    drop: async () => {
      await database.close();
      rmSync(directory, { recursive: true });
    },
  };
}
