import { type ChildProcess, fork } from 'node:child_process';

export interface BuiltinRunnerOptions {
  url: string;
  token: string;
  directory: string;
  concurrency: number;
  report: (line: string) => void;
}

const RESTART_MS = 1000;
/** How long it may take to end its jobs and say so; the server's own 10 seconds are not over then. Milliseconds. */
const END_MS = 6000;
/** Logs of this machine's own runner are sent this often, milliseconds. */
const TRACE_INTERVAL_MS = 200;

/** What a process costs to start grows with the memory of the one that starts it: new objects get 4 MiB, not 16. */
const SMALL_HEAP = ['--max-semi-space-size=4'];

/**
 * Keeps the built-in runner running in a process of its own, which knows the server's URL and its own token and nothing
 * else (security EXE-1). Started again when it ends by itself.
 */
export class BuiltinRunnerProcess {
  readonly #options: BuiltinRunnerOptions;
  #child: ChildProcess | null = null;
  #closed = false;

  constructor(options: BuiltinRunnerOptions) {
    this.#options = options;
    this.#start();
  }

  /** Ends its jobs as failures of the runner and waits for it, six seconds at most. */
  async close(): Promise<void> {
    this.#closed = true;
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), END_MS);
    await ended;
    clearTimeout(timer);
  }

  #start(): void {
    const { url, token, directory, concurrency, report } = this.#options;
    const words = ['runner', '--url', url, '--directory', directory, '--concurrency', String(concurrency)];
    const child = fork(
      new URL(import.meta.url.endsWith('.ts') ? './main.ts' : './main.js', import.meta.url),
      [...words, '--name', 'built-in', '--trace-interval', String(TRACE_INTERVAL_MS), '--end-with-parent'],
      {
        env: { ...ownEnvironment(), TEASPOON_RUNNER_TOKEN: token },
        stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
        execArgv: [...process.execArgv, ...SMALL_HEAP],
      },
    );
    child.stderr?.on('data', (text: Buffer) => report(text.toString().trimEnd()));
    child.once('exit', () => {
      if (!this.#closed) setTimeout(() => this.#closed || this.#start(), RESTART_MS);
    });
    this.#child = child;
  }
}

/** Nothing of the server's settings: only what finds programs and a home. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const names = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'USER', 'LOGNAME', 'SHELL', 'TERM', 'TZ', 'TMPDIR'];
  return Object.fromEntries(
    names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
  );
}
