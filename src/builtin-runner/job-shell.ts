import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { closeSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { killMarked, lowestPid } from './leftovers.ts';
import type { Pipes } from './pipes.ts';
import { quote } from './script.ts';

/** How a script ended: its exit code, or that the signal stopped it. */
export type ScriptEnd = { ended: 'exited'; code: number } | { ended: 'stopped' };

/** A variable in every process of a job, by which also those are found that left its process group. */
const MARK = 'TEASPOON_JOB_MARK';

/** What a job's processes get of the runner's own environment: nothing but how to find programs (security EXE-1). */
const INHERITED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'TZ'];

/**
 * Runs the scripts whose names it reads from the job's directory ($2) in the project's directory ($1), each of the job's in a
 * bash of its own, and answers with their exit codes. For the runner to start a process costs far more than for this. It
 * outlives the TERM that ends a script, and takes nothing of its behaviour from the job's variables (-p; -t instead of TMOUT).
 */
const DRIVER = `
trap : TERM
while read -r -t 1000000000 TEASPOON_WHOSE TEASPOON_SCRIPT <&3; do
  (
    exec 2>&1 3>&-
    cd -- "$1" || exit
    unset OLDPWD
    [ "$TEASPOON_WHOSE" = runner ] || exec bash -- "$2/$TEASPOON_SCRIPT.sh"
    . "$2/$TEASPOON_SCRIPT.sh"
  )
  echo $? >&3
done
`;

/** How long output is waited for that a daemon of the script goes on writing, milliseconds. */
const DRAIN_MS = 300;

export interface JobShellOptions {
  /** The project's directory. */
  directory: string;
  /** The job's own directory, which nobody else can read. */
  temporary: string;
  environment: ReadonlyMap<string, string>;
  pipes: Pipes;
  /** Milliseconds between TERM and KILL. */
  graceMs?: number;
}

export interface Script {
  /** Of its file: letters and underscores. */
  name: string;
  /** The job's own has a process of its own, the runner's needs none. */
  whose: 'job' | 'runner';
  text: string;
  /** Further ones, of this script alone. */
  variables?: Readonly<Record<string, string>>;
}

interface Running {
  child: ChildProcess;
  /** Takes names of scripts, gives exit codes. */
  control: Duplex;
  output: Socket;
  startedAt: number;
}

/** The processes of one job: a shell that starts the others, all in one process group. */
export class JobShell {
  readonly #options: JobShellOptions;
  readonly #mark = randomBytes(16).toString('hex');
  #running: Running | null = null;

  constructor(options: JobShellOptions) {
    this.#options = options;
  }

  /**
   * Runs a bash text in the project's directory, without input, until it ends or the signal stops it. `onOutput` gets what it
   * writes to stdout and stderr, in that order.
   */
  async run(script: Script, onOutput: (chunk: Buffer) => void, signal: AbortSignal): Promise<ScriptEnd> {
    const { name, whose, text, variables = {} } = script;
    const exports = Object.entries(variables).map(([key, value]) => `export ${key}=${quote(value)}\n`);
    writeFileSync(join(this.#options.temporary, `${name}.sh`), exports.join('') + text, { mode: 0o700 });
    if (signal.aborted) return { ended: 'stopped' };
    // What one script left behind may have ended the shell before the next.
    if (this.#running !== null && hasEnded(this.#running.child)) await this.close();
    this.#running ??= await this.#start();
    const running = this.#running;
    const { child, control, output } = running;
    let stopped = false;
    const stop = () => {
      stopped = true;
      void killGroup(child, this.#options.graceMs ?? 2000);
    };
    output.on('data', onOutput);
    signal.addEventListener('abort', stop, { once: true });
    try {
      control.write(`${whose} ${name}\n`);
      const code = await codeOf(running);
      await drained(output);
      return stopped ? { ended: 'stopped' } : { ended: 'exited', code };
    } finally {
      signal.removeEventListener('abort', stop);
      output.off('data', onOutput);
      if (stopped || hasEnded(child)) await this.close();
    }
  }

  /** Ends every process of the job, daemons included (security EXE-4). */
  async close(): Promise<void> {
    const running = this.#running;
    if (running === null) return;
    this.#running = null;
    const { child, output, startedAt } = running;
    if (!hasEnded(child)) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    output.destroy();
    killMarked(`${MARK}=${this.#mark}`, lowestPid(child.pid ?? 0, performance.now() - startedAt));
  }

  async #start(): Promise<Running> {
    const { directory, temporary, environment, pipes } = this.#options;
    const startedAt = performance.now();
    const { input, output } = pipes.take();
    try {
      const child = spawn('bash', ['-p', '-c', DRIVER, 'bash', directory, temporary], {
        cwd: temporary,
        env: environmentFor(environment, this.#mark),
        stdio: ['ignore', input, 'ignore', 'pipe'],
        detached: true,
      });
      // That a shell has ended is seen by its end, not by what cannot be written to it or read from it.
      const control = child.stdio[3] as Duplex;
      for (const stream of [control, output]) stream.on('error', () => {});
      await once(child, 'spawn');
      return { child, control, output, startedAt };
    } catch (error) {
      output.destroy();
      throw error;
    } finally {
      closeSync(input);
    }
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

/** The exit code of the script that runs, or of the shell when that was ended with it. */
function codeOf({ child, control }: Running): Promise<number> {
  return new Promise((resolve) => {
    const finish = (code: number) => {
      control.removeAllListeners('data');
      child.off('exit', onExit);
      resolve(code);
    };
    const onExit = (code: number | null, signal: string | null) =>
      finish(code ?? (signal === 'SIGKILL' ? 137 : 143));
    let line = '';
    control.on('data', (chunk: Buffer) => {
      line += chunk.toString('latin1');
      if (line.endsWith('\n')) finish(Number(line));
    });
    child.on('exit', onExit);
  });
}

/** What a script wrote before its end is in the pipe already: once a look at it finds nothing, all of it was read. */
async function drained(output: Socket): Promise<void> {
  const deadline = performance.now() + DRAIN_MS;
  let read: number;
  do {
    read = output.bytesRead;
    await setImmediate();
    await setImmediate();
  } while (output.bytesRead !== read && performance.now() < deadline);
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function killGroup(child: ChildProcess, graceMs: number): Promise<void> {
  signalGroup(child, 'SIGTERM');
  await setTimeout(graceMs);
  if (!hasEnded(child)) signalGroup(child, 'SIGKILL');
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // The group is already gone.
  }
}
