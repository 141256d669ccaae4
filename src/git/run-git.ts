import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';

/**
 * The only place that starts git. Everything a repository, a user or the machine could use to change what git does is
 * shut here: no shell, an environment made from nothing, no configuration but ours (security GIT-1, GIT-4).
 */

/**
 * Hardening that is right for every git command. A repository's own `config` is written by us and holds only the
 * format. `uploadpack.packObjectsHook` is left alone: git reads it from nowhere but here, and an empty one would be run.
 */
const FLAGS: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'core.alternateRefsCommand=',
  'core.fsync=all',
  'core.attributesFile=/dev/null',
  'core.logAllRefUpdates=false',
  'protocol.allow=never',
  'protocol.file.allow=never',
  'uploadpack.allowAnySHA1InWant=false',
  'uploadpack.allowTipSHA1InWant=true',
  'uploadpack.allowReachableSHA1InWant=true',
  'uploadpack.allowFilter=true',
  'transfer.fsckObjects=true',
  'gc.auto=0',
  'maintenance.auto=false',
  'pack.threads=2',
  'i18n.logOutputEncoding=UTF-8',
].flatMap((setting) => ['-c', setting]);

export interface GitOptions {
  /** Added to the environment: object directories of a quarantine, the protocol a client asked for. */
  env?: Readonly<Record<string, string>>;
  /** Milliseconds until the child is killed; 60 s when absent. */
  timeoutMs?: number;
  /** Kills the child. */
  signal?: AbortSignal | undefined;
}

export interface GitResult {
  code: number;
  stdout: Buffer;
  /** The first 4 KiB of what git said. */
  stderr: string;
}

/** Git failed in a way nobody expected, took too long, or said too much. The message names the command, never its input. */
export class GitFailed extends Error {
  override readonly name = 'GitFailed';
}

const DEFAULT_TIMEOUT_MS = 60_000;
const DEFAULT_OUTPUT_LIMIT = 64 * 1024 * 1024;
const STDERR_LIMIT = 4096;

function environment(extra: Readonly<Record<string, string>>): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin',
    // A file where a directory is expected: nothing can ever be put there.
    HOME: '/dev/null',
    LC_ALL: 'C',
    TZ: 'UTC',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    ...extra,
  };
}

/**
 * Starts `git <args>` on the bare repository at `path`, in a process group of its own that dies whole with the signal
 * or the time limit. Callers put user values after `--end-of-options` or `--`, or on stdin.
 */
export function spawnGit(
  path: string,
  args: readonly string[],
  options: GitOptions = {},
): ChildProcessWithoutNullStreams {
  const child = spawn('git', ['-c', `safe.directory=${path}`, ...FLAGS, `--git-dir=${path}`, ...args], {
    cwd: path,
    env: environment(options.env ?? {}),
    stdio: ['pipe', 'pipe', 'pipe'],
    shell: false,
    detached: true,
  });
  const kill = () => killGroup(child);
  const timer = setTimeout(kill, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
  timer.unref();
  options.signal?.addEventListener('abort', kill, { once: true });
  const ended = () => {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', kill);
  };
  child.once('close', ended);
  child.once('error', ended);
  child.stdin.on('error', () => {}); // a child that stopped reading says why by its exit code
  if (options.signal?.aborted === true) kill();
  return child;
}

/** Kills a child of `spawnGit` and whatever it started. */
export function killGroup(child: ChildProcessWithoutNullStreams): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL'); // its group is gone or not made yet
  }
}

/** Waits for the end of `child`. Throws GitFailed when it could not start or was killed. */
export function exitOf(child: ChildProcessWithoutNullStreams, command: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new GitFailed(`git ${command}: ${error.message}`)));
    child.once('close', (code, signal) =>
      code === null ? reject(new GitFailed(`git ${command}: ended by ${signal}`)) : resolve(code),
    );
  });
}

/**
 * Writes chunks into a child as fast as it takes them, then ends its input. Reads the source to its end even when the
 * child died, so that whoever sends hears the outcome.
 */
export async function feed(
  child: ChildProcessWithoutNullStreams,
  chunks: AsyncIterable<Buffer>,
): Promise<void> {
  const { stdin } = child;
  let proceed = () => {};
  stdin.on('drain', () => proceed());
  stdin.on('close', () => proceed());
  for await (const chunk of chunks) {
    if (!stdin.writable || stdin.write(chunk)) continue;
    await new Promise<void>((resolve) => {
      proceed = resolve;
      if (stdin.destroyed) resolve();
    });
  }
  stdin.end();
}

/** Collects the first bytes of what `child` says on stderr; the rest is read and dropped. */
export function stderrOf(child: ChildProcessWithoutNullStreams): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  child.stderr.on('data', (chunk: Buffer) => {
    if (size < STDERR_LIMIT) chunks.push(chunk.subarray(0, STDERR_LIMIT - size));
    size += chunk.length;
  });
  return () => Buffer.concat(chunks).toString('utf8').trim();
}

/**
 * Runs a git command to its end and returns its exit code and output. Throws GitFailed when git
 * died, was killed, ran past its time or printed more than `outputLimit` bytes (64 MiB when absent).
 */
export async function runGit(
  path: string,
  args: readonly string[],
  options: GitOptions & { input?: string | Buffer; outputLimit?: number } = {},
): Promise<GitResult> {
  const command = args[0] ?? '';
  const child = spawnGit(path, args, options);
  const stderr = stderrOf(child);
  const limit = options.outputLimit ?? DEFAULT_OUTPUT_LIMIT;
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > limit) killGroup(child);
    else chunks.push(chunk);
  });
  child.stdin.end(options.input ?? '');
  const tooMuch = () => new GitFailed(`git ${command}: more than ${limit} bytes of output`);
  const code = await exitOf(child, command).catch((error: unknown) => {
    throw size > limit ? tooMuch() : error;
  });
  if (size > limit) throw tooMuch();
  return { code, stdout: Buffer.concat(chunks), stderr: stderr() };
}

/** Like `runGit`, for commands of which only success is expected: any other exit code throws GitFailed. */
export async function git(
  path: string,
  args: readonly string[],
  options: GitOptions & { input?: string | Buffer; outputLimit?: number } = {},
): Promise<Buffer> {
  const { code, stdout, stderr } = await runGit(path, args, options);
  if (code !== 0) throw new GitFailed(`git ${args[0]}: exit ${code}: ${stderr}`);
  return stdout;
}
