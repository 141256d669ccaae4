import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { availableParallelism } from 'node:os';

/** How a process ended: its exit code, or why it was ended. */
export type ShellResult = { ended: 'exited'; code: number } | { ended: 'killed'; by: 'abort' };

/** A variable in every process of a job, by which also those are found that left its process group. */
const MARK = 'TEASPOON_JOB_MARK';

/** What a job's processes get of the runner's own environment: nothing but how to find programs (security EXE-1). */
const INHERITED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'TZ'];

export interface ShellOptions {
  directory: string;
  environment: ReadonlyMap<string, string>;
  /** Gets stdout and stderr in the order they are written. */
  onOutput: (chunk: Buffer) => void;
  signal: AbortSignal;
  /** Milliseconds between TERM and KILL. */
  graceMs?: number;
}

/** Runs a program in a process group of its own, without input, until it ends or the signal aborts it. */
export async function runProcess(
  program: string,
  args: string[],
  options: ShellOptions,
): Promise<ShellResult> {
  const mark = randomBytes(16).toString('hex');
  const startedAt = performance.now();
  const child = spawn(program, args, {
    cwd: options.directory,
    env: environmentFor(options.environment, mark),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  child.stdout.on('data', options.onOutput);
  child.stderr.on('data', options.onOutput);
  let killed = false;
  const stop = () => {
    killed = true;
    void killGroup(child, options.graceMs ?? 2000);
  };
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  try {
    const code = await exitOf(child);
    return killed ? { ended: 'killed', by: 'abort' } : { ended: 'exited', code };
  } finally {
    options.signal.removeEventListener('abort', stop);
    killMarked(`${MARK}=${mark}`, lowestPid(child.pid ?? 0, performance.now() - startedAt));
  }
}

function environmentFor(values: ReadonlyMap<string, string>, mark: string): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const name of INHERITED) {
    const value = process.env[name];
    if (value !== undefined) environment[name] = value;
  }
  for (const [name, value] of values) environment[name] = value;
  environment[MARK] = mark;
  return environment;
}

/** The exit code once the program has ended; its output is drained, but a daemon that holds the pipe is not waited for. */
function exitOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      const result = code ?? (signal === 'SIGKILL' ? 137 : 143);
      const timer = setTimeout(() => finish(), 300);
      const finish = () => {
        clearTimeout(timer);
        child.stdout?.destroy();
        child.stderr?.destroy();
        resolve(result);
      };
      child.once('close', finish);
    });
  });
}

async function killGroup(child: ChildProcess, graceMs: number): Promise<void> {
  signalGroup(child, 'SIGTERM');
  await new Promise((resolve) => setTimeout(resolve, graceMs));
  if (child.exitCode === null && child.signalCode === null) signalGroup(child, 'SIGKILL');
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is already gone.
  }
}

/** How often the machine's processes are looked through at most: one that forks while we look may escape a look. */
const LOOKS = 10;
/** How long a look waits for those that are replacing their program, milliseconds. */
const STARTING_MS = 1;

/**
 * Ends every process with this in its environment, so that nothing of a job goes on after it, daemons included: on Linux
 * their environment still tells (security EXE-4). None of them has a number below `lowest`.
 */
export function killMarked(mark: string, lowest = 0): void {
  if (process.platform !== 'linux') return;
  const checked = new Set<number>();
  for (let look = 0; look < LOOKS; look++) {
    let found = false;
    let starting = false;
    for (const name of readdirSync('/proc')) {
      const pid = Number(name);
      if (!Number.isInteger(pid) || pid < lowest || checked.has(pid)) continue;
      const seen = lookAt(pid, mark);
      if (seen === 'starting') starting = true;
      else checked.add(pid);
      if (seen === 'left') found = true;
    }
    if (starting) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, STARTING_MS);
    else if (!found) return;
  }
}

/** More processes than a machine starts in a millisecond. */
const STARTED_PER_MS = 10 * availableParallelism();

/**
 * The lowest number that a descendant of process `first`, which ran so long, can have: numbers grow, until the last one is
 * given and they begin again. Reading the environment of every process of the machine would cost more than a short job.
 */
function lowestPid(first: number, ms: number): number {
  if (process.platform !== 'linux' || first + ms * STARTED_PER_MS >= highestPid()) return 0;
  return first;
}

/** 0 when numbers are not given as this process sees them. */
function highestPid(): number {
  try {
    if (readlinkSync('/proc/self') !== String(process.pid)) return 0;
    return Number(readFileSync('/proc/sys/kernel/pid_max', 'latin1'));
  } catch {
    return 0;
  }
}

/**
 * Kills a process that has the mark: `left`, which is also said of one that went away before that could be seen, for it may
 * have left a child. One that is just replacing its program shows no environment yet: it is `starting`.
 */
function lookAt(pid: number, mark: string): 'left' | 'starting' | 'other' {
  try {
    if (pid === process.pid) return 'other';
    const environment = readFileSync(`/proc/${pid}/environ`, 'latin1');
    if (environment === '') return hasProgram(pid) ? 'starting' : 'other';
    if (!environment.includes(mark)) return 'other';
    process.kill(pid, 'SIGKILL');
    return 'left';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ESRCH' ? 'left' : 'other';
  }
}

/** Not one that has ended and is still listed, nor one of the system's own. */
function hasProgram(pid: number): boolean {
  try {
    return readlinkSync(`/proc/${pid}/exe`) !== '';
  } catch {
    return false;
  }
}
