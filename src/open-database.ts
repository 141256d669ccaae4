import { join } from 'node:path';
import { type Database, openPostgresDatabase, openSqliteDatabase } from './db/database.ts';
import type { Settings } from './settings.ts';
import { StartError } from './start-error.ts';

/** The database that the settings name. Throws StartError when PostgreSQL cannot be reached. */
export async function openDatabase(settings: Settings): Promise<Database> {
  if (settings.databaseUrl === null) return openSqliteDatabase(join(settings.data, 'teaspoon.sqlite'));
  return openPostgresDatabase(settings.databaseUrl).catch((error: Error) => {
    const { hostname } = new URL(settings.databaseUrl!);
    throw new StartError(
      `PostgreSQL on ${hostname} cannot be reached (${error.message || (error as NodeJS.ErrnoException).code}). Check --database-url or TEASPOON_DATABASE_URL.`,
    );
  });
}
