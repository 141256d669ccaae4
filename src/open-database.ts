import { join } from 'node:path';
import { type Database, openPostgresDatabase, openSqliteDatabase } from './db/database.ts';
import type { Settings } from './settings.ts';
import { StartError } from './start-error.ts';

/** Where SQLite keeps everything. */
export function databaseFile(settings: Pick<Settings, 'data'>): string {
  return join(settings.data, 'teaspoon.sqlite');
}

/** The database that the settings name. Throws StartError when PostgreSQL cannot be reached. */
export async function openDatabase(settings: Settings): Promise<Database> {
  if (settings.databaseUrl === null) return openFile(databaseFile(settings));
  return openPostgresDatabase(settings.databaseUrl).catch((error: Error) => {
    const { hostname } = new URL(settings.databaseUrl!);
    throw new StartError(
      `PostgreSQL on ${hostname} cannot be reached (${error.message || (error as NodeJS.ErrnoException).code}). Check --database-url or TEASPOON_DATABASE_URL.`,
    );
  });
}

function openFile(path: string): Database {
  try {
    return openSqliteDatabase(path);
  } catch (error) {
    throw damage(error, path) ?? error;
  }
}

/** What SQLite says of a file that is not, or no longer, a database, as a StartError; null for anything else. */
export function damage(error: unknown, path: string): StartError | null {
  const { errcode, errstr } = error as { errcode?: number; errstr?: string };
  if (errcode !== CORRUPT && errcode !== NOT_A_DATABASE) return null;
  return new StartError(
    `The database ${path} is damaged (${errstr}). Nothing was changed. Restore a backup into an empty directory with teaspoon restore.`,
  );
}

const CORRUPT = 11;
const NOT_A_DATABASE = 26;
