import { createHash } from 'node:crypto';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** In a larger tree git looks faster than we do. */
const MAX_ENTRIES = 500;
/** A change may get the time of the clock's last tick, so what changed just now may change again unseen; milliseconds. */
const YOUNG_MS = 50n;

/**
 * Remembers how directories looked after their sources were checked out and cleaned. What still looks the same needs neither:
 * for a short job in a small project those two starts of git are most of its time.
 */
export class TreeStates {
  readonly #known = new Map<string, string>();

  /** Whether the sources in `directory` are as they were after the same `work` was done there, whatever ran since. */
  isAsLeft(directory: string, work: string): boolean {
    const known = this.#known.get(directory);
    return known !== undefined && known === stateOf(directory, work);
  }

  /** The sources in `directory` are now as `work` leaves them. */
  left(directory: string, work: string): void {
    const state = stateOf(directory, work);
    if (state === null) this.#known.delete(directory);
    else this.#known.set(directory, state);
  }
}

/**
 * A digest of everything by which a change is seen: of each file and directory its inode and when that was last changed, which
 * no program can set, and what git itself keeps of the tree. Null where that is not known.
 */
function stateOf(directory: string, work: string): string | null {
  const digest = createHash('sha256').update(work);
  const youngest = (BigInt(Date.now()) - YOUNG_MS) * 1_000_000n;
  const paths = [''];
  try {
    for (const name of ['HEAD', 'index']) digest.update(readFileSync(join(directory, '.git', name)));
    for (let at = 0; at < paths.length; at++) {
      const path = paths[at] as string;
      const { ino, ctimeNs, isDirectory } = entryAt(join(directory, path));
      if (ctimeNs >= youngest) return null;
      digest.update(`\0${path}\0${ino} ${ctimeNs}`);
      if (!isDirectory) continue;
      for (const name of readdirSync(join(directory, path))) {
        if (path !== '' || name !== '.git') paths.push(join(path, name));
      }
      if (paths.length > MAX_ENTRIES) return null;
    }
  } catch {
    return null; // no sources there, or they change while we look
  }
  return digest.digest('hex');
}

function entryAt(path: string): { ino: bigint; ctimeNs: bigint; isDirectory: boolean } {
  const stat = lstatSync(path, { bigint: true });
  return { ino: stat.ino, ctimeNs: stat.ctimeNs, isDirectory: stat.isDirectory() };
}
