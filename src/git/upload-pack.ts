import { type Readable, Transform } from 'node:stream';
import { FLUSH, pktLine } from './pkt-line.ts';
import type { Repositories } from './repository.ts';
import { limited } from './request-body.ts';
import { feed, git, killGroup, spawnGit } from './run-git.ts';

/** Wants and haves of a fetch, inflated: some hundred thousand lines. */
const MAX_REQUEST_BYTES = 64 * 1024 * 1024;
const TIMEOUT_MS = 2 * 60 * 60 * 1000;
/** Git sends something every five seconds: silence means that the client reads no more. */
const STALL_MS = 120_000;

/** The value of a `Git-Protocol` header as an environment for git; nothing but a bare version passes (security GIT-4). */
export function protocolEnv(header: string | undefined): Record<string, string> {
  return header !== undefined && /^version=[012]$/.test(header) ? { GIT_PROTOCOL: header } : {};
}

/** In version 2 it tells what git can do and nothing of the repository: each of this program's is told the same. */
let capabilities: Buffer | null = null;

/** What a client is told before it fetches: capabilities in version 2, all refs in versions 0 and 1. */
export async function advertiseForFetch(
  repositories: Repositories,
  projectId: number,
  protocol: string | undefined,
): Promise<Buffer> {
  const path = repositories.path(projectId);
  const env = protocolEnv(protocol);
  const advertise = () =>
    git(path, ['upload-pack', '--strict', '--stateless-rpc', '--advertise-refs', path], { env });
  if (env.GIT_PROTOCOL === 'version=2') {
    capabilities ??= await advertise();
    return capabilities;
  }
  const advertisement = await advertise();
  return Buffer.concat([pktLine('# service=git-upload-pack\n'), FLUSH, advertisement]);
}

/**
 * Answers one request of a fetch: `body` streams into git and the pack streams out. Waits for a turn on a busy
 * repository. The child dies with `signal`, with the returned stream, and when the client stalls.
 */
export async function uploadPack(
  repositories: Repositories,
  projectId: number,
  request: { body: Readable; protocol: string | undefined; signal: AbortSignal },
): Promise<Readable> {
  const path = repositories.path(projectId);
  const release = await repositories.fetches.take(path, request.signal);
  const child = spawnGit(path, ['upload-pack', '--strict', '--stateless-rpc', path], {
    env: protocolEnv(request.protocol),
    timeoutMs: TIMEOUT_MS,
  });
  const stalled = setTimeout(() => killGroup(child), STALL_MS);
  const output = new Transform({
    transform(chunk, _encoding, done) {
      stalled.refresh();
      done(null, chunk);
    },
  });
  const abort = () => killGroup(child);
  request.signal.addEventListener('abort', abort, { once: true });
  output.once('close', abort);
  child.stderr.resume();
  child.once('error', (error) => output.destroy(error));
  child.once('close', () => {
    clearTimeout(stalled);
    request.signal.removeEventListener('abort', abort);
    release();
  });
  child.stdout.pipe(output);
  feed(child, limited(request.body, MAX_REQUEST_BYTES)).catch((error: Error) => output.destroy(error));
  return output;
}
