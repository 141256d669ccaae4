import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A directory of its own for one runner process, with the id by which the server tells it apart (runner-api 1). */
export interface Place {
  directory: string;
  systemId: string;
  release: () => void;
}

/**
 * Takes the first free place below `directory`: builds are found again by the next process, and two processes never
 * share one. The operating system frees the place of a process that ended, in whatever way.
 */
export function claimPlace(directory: string): Place {
  for (let number = 0; ; number++) {
    const place = join(directory, `process-${number}`);
    mkdirSync(place, { recursive: true, mode: 0o700 });
    const release = lock(place);
    if (release !== null) return { directory: place, systemId: systemIdOf(place), release };
  }
}

/** System ids of processes that worked below `directory` and have ended. */
export function endedProcesses(directory: string): string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => name.startsWith('process-'))
    .flatMap((name) => {
      const release = lock(join(directory, name));
      release?.();
      return release === null ? [] : [systemIdOf(join(directory, name))];
    });
}

function lock(place: string): (() => void) | null {
  const handle = new DatabaseSync(join(place, 'lock'), { timeout: 0 });
  try {
    handle.exec('pragma journal_mode = memory; begin exclusive');
    return () => handle.close();
  } catch {
    handle.close();
    return null;
  }
}

function systemIdOf(place: string): string {
  const file = join(place, 'system_id');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const id = `r_${randomBytes(6).toString('hex')}`;
  writeFileSync(file, id, { mode: 0o600 });
  return id;
}
