import { dirname, join } from 'node:path';
import { ZERO_SHA } from '../ref-name.ts';
import { syncDirectory } from '../repository.ts';
import { updateRef } from '../update-ref.ts';
import type { RefCommand } from './commands.ts';

/** The commands whose ref moved, durably, and for the others why not. */
export interface Moved {
  moved: RefCommand[];
  failed: Map<RefCommand, string>;
}

/**
 * Moves refs, each only from its expected old value. `atomic`: all or none; otherwise each that can. Nobody ever sees a
 * ref half moved.
 */
export async function moveRefs(
  path: string,
  commands: readonly RefCommand[],
  atomic: boolean,
): Promise<Moved> {
  const result: Moved = { moved: [], failed: new Map() };
  const refusal = await transact(path, commands);
  if (refusal === null) result.moved.push(...commands);
  else if (atomic || commands.length === 1) {
    for (const command of commands) result.failed.set(command, refusal);
  } else {
    for (const command of commands) {
      const reason = await transact(path, [command]);
      if (reason === null) result.moved.push(command);
      else result.failed.set(command, reason);
    }
  }
  await syncRefs(path, result.moved);
  return result;
}

/** One transaction of git's; null when it was committed, else the reason to tell. */
async function transact(path: string, commands: readonly RefCommand[]): Promise<string | null> {
  const input = ['start', ...commands.map(instruction), 'prepare', 'commit', ''].join('\0');
  const { code, stderr } = await updateRef(path, ['update-ref', '--stdin', '-z'], input);
  if (code === 0) return null;
  return /but expected|already exists|unable to resolve/.test(stderr)
    ? 'the ref changed meanwhile'
    : 'failed to update ref';
}

function instruction({ ref, oldSha, newSha }: RefCommand): string {
  if (newSha === ZERO_SHA) return `delete ${ref}\0${oldSha}`;
  return `update ${ref}\0${newSha}\0${oldSha}`;
}

/** Makes the new names of refs durable: git syncs a ref's file, not the directories it stands in. */
async function syncRefs(path: string, commands: readonly RefCommand[]): Promise<void> {
  const directories = new Set([path]);
  for (const { ref } of commands) {
    for (let directory = dirname(ref); directory !== '.'; directory = dirname(directory)) {
      directories.add(join(path, directory));
    }
  }
  for (const directory of directories) {
    await syncDirectory(directory).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error; // removed with its last branch
    });
  }
}
