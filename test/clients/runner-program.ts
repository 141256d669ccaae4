import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '../until.ts';

/** What a runner is told before it starts. */
export interface RunnerConfig {
  url: string;
  token: string;
  /** Jobs at once. */
  concurrent?: number;
  /** Log size from which the runner says no more, KiB; one without such a limit says all. */
  outputLimitKib?: number;
}

/** How a program is started, and what it prints once it takes jobs. */
export interface Start {
  program: string;
  words: string[];
  environment: NodeJS.ProcessEnv;
  /** Null for one that says nothing while all is well. */
  ready: string | null;
}

/** A runner program of whatever make, with a directory of its own for configuration, builds and caches. */
export abstract class RunnerProgram {
  readonly directory = mkdtempSync(join(tmpdir(), 'teaspoon-runner-program-'));
  #running: ChildProcess | null = null;
  #output: Buffer[] = [];

  /** Says for whom it works; counts from the next start. */
  abstract configure(config: RunnerConfig): void;

  protected abstract command(): Start;

  /** What it has printed since its start. */
  get output(): string {
    return Buffer.concat(this.#output).toString();
  }

  /** Starts it and waits until it takes jobs. */
  async start(): Promise<void> {
    this.#output = [];
    const { program, words, environment, ready } = this.command();
    const child = spawn(program, words, {
      cwd: this.directory,
      env: environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#running = child;
    child.stdout.on('data', (part: Buffer) => this.#output.push(part));
    child.stderr.on('data', (part: Buffer) => this.#output.push(part));
    if (ready === null) return;
    await until(`${program} to start`, async () => {
      if (child.exitCode !== null) throw new Error(`${program} ended: ${this.output}`);
      return this.output.includes(ready) || undefined;
    });
  }

  /** Ends it and waits for its end; SIGTERM gives its jobs up, SIGKILL says nothing to anybody. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#running;
    this.#running = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  /** Ends it if it runs and removes its directory. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}
