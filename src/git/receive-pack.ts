import type { Readable } from 'node:stream';
import { maintain } from './maintain.ts';
import { PktReader } from './pkt-line.ts';
import { carryOut, type PushDeps, type RefUpdate } from './push.ts';
import { advertiseForPush, advertisementOf } from './receive-pack/advertise.ts';
import {
  type PushRequest,
  type RefCommand,
  readPushRequest,
  refusalOfCommand,
} from './receive-pack/commands.ts';
import { moveRefs } from './receive-pack/move-refs.ts';
import { Quarantine, sweepQuarantines } from './receive-pack/quarantine.ts';
import { PushReport } from './receive-pack/report.ts';
import { ZERO_SHA } from './ref-name.ts';
import type { Repositories } from './repository.ts';
import { limited } from './request-body.ts';

/**
 * We speak the receiving side of a push ourselves instead of running `git receive-pack`: who may move which ref is
 * decided here from the parsed commands, the note is written between the pack and the refs, and the verdict leaves
 * only when the pipelines exist; a hook would need a way back into this process for all three. Git does what only git
 * should: `index-pack --strict` checks and stores, `rev-list` proves that nothing is missing, `update-ref` moves.
 */

const MAX_COMMAND_BYTES = 16 * 1024 * 1024;
const DEFAULT_MAX_PACK_BYTES = 5 * 1024 * 1024 * 1024;
/** Read and thrown away of a pack that is too large, so that the client hears why. */
const DRAIN_BYTES = 256 * 1024 * 1024;

/** Who may move refs; each answer is null for yes, or the reason shown to the user. */
export interface RefAuthority {
  /** Before the pack is read: create, update or delete this ref at all (security PROT-1). */
  mayMove(command: RefCommand): Promise<string | null>;
  /** For an update that drops commits from the ref's history. */
  mayForce(command: RefCommand): Promise<string | null>;
}

export interface IncomingPush {
  projectId: number;
  userId: number;
  /** The request's body, inflated. */
  body: Readable;
  authority: RefAuthority;
  /** The client went away; counts until the refs begin to move. */
  signal: AbortSignal;
  /** Milliseconds. */
  now: number;
  /** Bytes; 5 GiB when absent. */
  maxPackBytes?: number;
}

export type { RefCommand } from './receive-pack/commands.ts';

/** What a client is told before it pushes. */
export function advertisePush(repositories: Repositories, projectId: number): Promise<Buffer> {
  return advertiseForPush(repositories.path(projectId));
}

/** What a client is told where its push will make the repository. */
export function advertiseNothing(): Buffer {
  return advertisementOf([]);
}

/**
 * Takes one push. Resolves to the answer's body once the request is read; the body ends when the refs have moved and
 * the handler is done. Nothing is written for a refused ref. Throws ProtocolError and BodyTooLarge.
 */
export async function receivePack(deps: PushDeps, push: IncomingPush): Promise<Readable> {
  const maxPackBytes = push.maxPackBytes ?? DEFAULT_MAX_PACK_BYTES;
  const body = limited(push.body, maxPackBytes + MAX_COMMAND_BYTES + DRAIN_BYTES);
  const reader = new PktReader(body, MAX_COMMAND_BYTES);
  const request = await readPushRequest(reader);
  const report = new PushReport(request.capabilities);
  const failed = await refusals(push.authority, request);
  const attempt = new Attempt(deps, push, request, report, failed);
  const release = await deps.repositories.pushes.take(deps.repositories.path(push.projectId), push.signal);
  try {
    const stored = await attempt.store(reader, maxPackBytes);
    void attempt
      .finish(stored)
      .finally(release)
      .then(() => maintain(deps.repositories, push.projectId))
      .catch(deps.onError);
  } catch (error) {
    release();
    report.close();
    throw error;
  }
  return report.stream;
}

async function refusals(authority: RefAuthority, request: PushRequest): Promise<Map<RefCommand, string>> {
  const failed = new Map<RefCommand, string>();
  for (const command of request.commands) {
    const reason = refusalOfCommand(command, request.commands) ?? (await authority.mayMove(command));
    if (reason !== null) failed.set(command, reason);
  }
  failRestIfAtomic(request, failed);
  return failed;
}

function failRestIfAtomic(request: PushRequest, failed: Map<RefCommand, string>): void {
  if (!request.capabilities.has('atomic') || failed.size === 0) return;
  for (const command of request.commands)
    if (!failed.has(command)) failed.set(command, 'atomic push failure');
}

type Stored = { quarantine: Quarantine | null; error: string | null };

/** One push on its way through the steps; the commands that failed leave it at each. */
class Attempt {
  readonly #deps: PushDeps;
  readonly #push: IncomingPush;
  readonly #request: PushRequest;
  readonly #report: PushReport;
  readonly #failed: Map<RefCommand, string>;
  readonly #path: string;

  constructor(
    deps: PushDeps,
    push: IncomingPush,
    request: PushRequest,
    report: PushReport,
    failed: Map<RefCommand, string>,
  ) {
    this.#deps = deps;
    this.#push = push;
    this.#request = request;
    this.#report = report;
    this.#failed = failed;
    this.#path = deps.repositories.path(push.projectId);
  }

  /** Reads the pack: into a quarantine when any command still needs it, else into nothing. */
  async store(reader: PktReader, maxPackBytes: number): Promise<Stored> {
    if (!this.#left().some(({ newSha }) => newSha !== ZERO_SHA)) {
      for await (const _ of reader.rest());
      return { quarantine: null, error: null };
    }
    await sweepQuarantines(this.#path, this.#push.now);
    const quarantine = await Quarantine.open(this.#path, this.#push.signal);
    try {
      const result = await quarantine.store(reader.rest(), maxPackBytes);
      if (result.ok) return { quarantine, error: null };
      await quarantine.drop();
      return { quarantine: null, error: result.message };
    } catch (error) {
      await quarantine.drop();
      throw error;
    }
  }

  /** Everything after the request was read. Never throws: what fails is reported to the client and to us. */
  async finish({ quarantine, error }: Stored): Promise<void> {
    if (error !== null) {
      this.#failLeft('unpacker error');
      this.#report.say(error.split('\n'));
      return this.#report.end('index-pack failed', this.#request.commands, this.#failed);
    }
    try {
      if (quarantine !== null) await this.#check(quarantine);
      failRestIfAtomic(this.#request, this.#failed);
      if (this.#left().length > 0) {
        this.#push.signal.throwIfAborted();
        await quarantine?.accept();
        this.#report.say(await this.#move());
      }
    } catch (failure) {
      this.#failLeft('internal server error');
      this.#deps.onError(failure);
    } finally {
      await quarantine?.drop();
      this.#report.end(null, this.#request.commands, this.#failed);
    }
  }

  #left(): RefCommand[] {
    return this.#request.commands.filter((command) => !this.#failed.has(command));
  }

  #failLeft(reason: string): void {
    for (const command of this.#left()) this.#failed.set(command, reason);
  }

  /** Connectivity, types and force, all before anything is visible. */
  async #check(quarantine: Quarantine): Promise<void> {
    const commands = this.#left().filter(({ newSha }) => newSha !== ZERO_SHA);
    const types = await quarantine.typesOf(commands.map(({ newSha }) => newSha));
    const missing = this.#request.shallow ? 'shallow update not allowed' : 'missing necessary objects';
    for (const [index, command] of commands.entries()) {
      if (types[index] === null) this.#failed.set(command, missing);
      else if (command.ref.startsWith('refs/heads/') && types[index] !== 'commit') {
        this.#failed.set(command, 'a branch must name a commit');
      }
    }
    const present = commands.filter((command) => !this.#failed.has(command));
    if (present.length > 0 && !(await quarantine.isConnected(present.map(({ newSha }) => newSha)))) {
      for (const command of present) {
        if (!(await quarantine.isConnected([command.newSha]))) this.#failed.set(command, missing);
      }
    }
    for (const command of present) await this.#checkForce(quarantine, command);
  }

  async #checkForce(quarantine: Quarantine, command: RefCommand): Promise<void> {
    if (this.#failed.has(command) || command.oldSha === ZERO_SHA) return;
    if (await quarantine.isAncestor(command.oldSha, command.newSha)) return;
    const reason = await this.#push.authority.mayForce(command);
    if (reason !== null) this.#failed.set(command, reason);
  }

  async #move(): Promise<string[]> {
    const updates = this.#left();
    const { projectId, userId, now } = this.#push;
    const intent = { projectId, userId, options: this.#request.options, updates };
    const move = async (): Promise<RefUpdate[]> => {
      const atomic = this.#request.capabilities.has('atomic');
      const { moved, failed } = await moveRefs(this.#path, updates, atomic);
      for (const [command, reason] of failed) this.#failed.set(command, reason);
      return moved;
    };
    return carryOut(this.#deps, intent, move, now);
  }
}
