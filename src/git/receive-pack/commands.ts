import { type PktReader, ProtocolError } from '../pkt-line.ts';
import { isSha, isValidRefName, parseRef, ZERO_SHA } from '../ref-name.ts';

/** One ref a push asks to move; `ZERO_SHA` as old means create, as new means delete. */
export interface RefCommand {
  ref: string;
  oldSha: string;
  newSha: string;
}

/** What a client asks for before its pack. */
export interface PushRequest {
  commands: RefCommand[];
  capabilities: ReadonlySet<string>;
  options: string[];
  /** The client's own history is cut. */
  shallow: boolean;
}

/** Reads the command list, and the push options when the client announced them. Throws ProtocolError. */
export async function readPushRequest(reader: PktReader): Promise<PushRequest> {
  const commands: RefCommand[] = [];
  let capabilities: ReadonlySet<string> = new Set();
  let shallow = false;
  for await (const line of lines(reader)) {
    if (line.startsWith('shallow ')) {
      shallow = true;
      continue;
    }
    const [command = '', list] = line.split('\0', 2);
    if (list !== undefined && commands.length === 0) capabilities = new Set(list.split(' '));
    commands.push(parseCommand(command));
  }
  const options: string[] = [];
  if (capabilities.has('push-options')) for await (const option of lines(reader)) options.push(option);
  return { commands, capabilities, options, shallow };
}

async function* lines(reader: PktReader): AsyncGenerator<string> {
  for (let line = await reader.next(); line; line = await reader.next()) {
    yield line.toString('utf8').replace(/\n$/, '');
  }
}

function parseCommand(line: string): RefCommand {
  const [oldSha = '', newSha = ''] = line.split(' ', 2);
  const ref = line.slice(oldSha.length + newSha.length + 2);
  if (!isSha(oldSha) || !isSha(newSha) || ref === '') throw new ProtocolError('a malformed command');
  return { ref, oldSha, newSha };
}

/**
 * Why no user may ever move this ref so, or null: names git or we refuse, and every ref that is ours: pipelines',
 * merge requests', kept commits' (security GIT-2, GIT-5). `all` are the commands of the same push.
 */
export function refusalOfCommand(command: RefCommand, all: readonly RefCommand[]): string | null {
  if (!isWritable(command.ref)) {
    return /^refs\/(heads|tags)\//.test(command.ref) ? 'invalid ref name' : 'deny updating a hidden ref';
  }
  if (all.filter(({ ref }) => ref === command.ref).length > 1) return 'multiple updates for one ref';
  if (command.oldSha === ZERO_SHA && command.newSha === ZERO_SHA) return 'no such ref';
  return null;
}

function isWritable(full: string): boolean {
  const name = parseRef(full)?.name ?? (full.startsWith('refs/notes/') ? full.slice(11) : '');
  return isValidRefName(name);
}
