import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import { availableParallelism } from 'node:os';

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
export function lowestPid(first: number, ms: number): number {
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
    const environment = environmentOf(pid);
    if (environment.length === 0) return hasProgram(pid) ? 'starting' : 'other';
    if (!environment.includes(mark)) return 'other';
    process.kill(pid, 'SIGKILL');
    return 'left';
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return code === 'ENOENT' || code === 'ESRCH' ? 'left' : 'other';
  }
}

let room = Buffer.allocUnsafeSlow(64 * 1024);

/** The environment of a process, valid until the next call: to read each into memory of its own would cost most of a look. */
function environmentOf(pid: number): Buffer {
  const file = openSync(`/proc/${pid}/environ`, 'r');
  try {
    for (let length = 0; ; ) {
      const read = readSync(file, room, length, room.length - length, null);
      length += read;
      if (read === 0) return room.subarray(0, length);
      if (length === room.length) room = Buffer.concat([room], 2 * length);
    }
  } finally {
    closeSync(file);
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
