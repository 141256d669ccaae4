import { accessSync, chmodSync, constants, mkdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StartError } from './start-error.ts';

/**
 * Makes the data directory, for its owner alone (0700). Throws StartError when it cannot be written.
 */
export function prepareDataDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    accessSync(path, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw new StartError(
      `The data directory ${path} cannot be written (${(error as NodeJS.ErrnoException).code}). Choose another one with --data or TEASPOON_DATA.`,
    );
  }
  if ((statSync(path).mode & 0o077) !== 0 && statSync(path).uid === process.getuid?.())
    chmodSync(path, 0o700);
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
