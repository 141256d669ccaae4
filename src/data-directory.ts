import { accessSync, chmodSync, constants, existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from './start-error.ts';

/**
 * Makes the data directory, for its owner alone (0700). Throws StartError when it cannot be written.
 */
export function prepareDataDirectory(path: string): void {
  try {
    makeDirectory(path);
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(
      `The data directory ${path} cannot be written (${(error as NodeJS.ErrnoException).code}). Choose another one with --data or TEASPOON_DATA.`,
    );
  }
  if ((statSync(path).mode & 0o077) !== 0 && statSync(path).uid === process.getuid?.())
    chmodSync(path, 0o700);
}

/** Like `mkdir -p`: Node's own never comes back where the system says ENOENT of a directory whose parent is there. */
function makeDirectory(path: string): void {
  if (existsSync(path) && statSync(path).isDirectory()) return;
  if (!existsSync(dirname(path))) makeDirectory(dirname(path));
  mkdirSync(path, { mode: 0o700 });
}

/**
 * Holds the data directory for this process until the returned function is called, or the process ends in whatever
 * way: the lock is the operating system's, so a killed server leaves none behind. Throws StartError when another
 * server holds it.
 */
export function lockDataDirectory(path: string): () => void {
  const handle = new DatabaseSync(join(path, 'lock'), { timeout: 0 });
  try {
    handle.exec('pragma journal_mode = memory; begin exclusive');
  } catch {
    handle.close();
    throw new StartError(
      `Another Teaspoon server uses the data directory ${path}. Stop it, or choose another directory with --data or TEASPOON_DATA.`,
    );
  }
  return () => handle.close();
}

/** What every server has since its first start, and a database is worth little without. */
const ALWAYS_THERE = ['encryption.key', 'artifacts', 'repositories'];

/**
 * Throws StartError when the database and the directory do not belong together: one of them was lost, or is another
 * server's. To go on would make new keys beside old secrets. `known`: the database is not new.
 */
export function refuseHalf(path: string, known: boolean): void {
  const advice = `Check TEASPOON_DATA and TEASPOON_DATABASE_URL, or restore a backup into an empty directory with teaspoon restore.`;
  const missing = ALWAYS_THERE.find((name) => !existsSync(join(path, name)));
  if (known && missing !== undefined) {
    throw new StartError(`The data directory ${path} has no ${missing}, which its database needs. ${advice}`);
  }
  const repositories = join(path, 'repositories');
  const holds = existsSync(repositories) && readdirSync(repositories).some((name) => name.endsWith('.git'));
  if (!known && holds) {
    throw new StartError(
      `The data directory ${path} holds repositories, but the database is empty. ${advice}`,
    );
  }
}
