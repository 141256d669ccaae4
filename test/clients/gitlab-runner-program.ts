import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { it } from 'node:test';
import { until } from '../until.ts';

/** The gitlab-runner program: what `GITLAB_RUNNER` names, or the first in PATH. */
function findProgram(): string | null {
  const { GITLAB_RUNNER, PATH = '' } = process.env;
  const candidates =
    GITLAB_RUNNER === undefined || GITLAB_RUNNER === ''
      ? PATH.split(delimiter).map((directory) => join(directory, 'gitlab-runner'))
      : [GITLAB_RUNNER];
  return candidates.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

const PROGRAM = findProgram();

/** A test with the unmodified gitlab-runner; skipped by name where there is none. */
export function itWithRunner(promise: string, test: () => Promise<void>, timeoutMs = 180_000): void {
  const skip = PROGRAM === null && 'no gitlab-runner: install it, or name it with GITLAB_RUNNER';
  it(promise, { skip, timeout: timeoutMs }, test);
}

interface Ran {
  code: number | null;
  output: string;
}

/** What `[[runners]]` of config.toml says besides name, address and executor. */
export interface RunnerConfig {
  url: string;
  token: string;
  /** Jobs at once. */
  concurrent?: number;
  /** Log size from which the runner says no more, KiB. */
  outputLimitKib?: number;
}

/** gitlab-runner with a directory of its own for configuration, builds and caches. */
export class GitlabRunner {
  readonly directory = mkdtempSync(join(tmpdir(), 'teaspoon-gitlab-runner-'));
  readonly config = join(this.directory, 'config.toml');
  #running: ChildProcess | null = null;
  #output: Buffer[] = [];

  /** What `run` has printed so far. */
  get output(): string {
    return Buffer.concat(this.#output).toString();
  }

  /** Flags for where jobs are built and caches kept. */
  get places(): string[] {
    return ['--builds-dir', join(this.directory, 'builds'), '--cache-dir', join(this.directory, 'cache')];
  }

  /** Runs one command to its end. */
  async command(...words: string[]): Promise<Ran> {
    const child = this.#spawn(words);
    const parts: Buffer[] = [];
    child.stdout?.on('data', (part: Buffer) => parts.push(part));
    child.stderr?.on('data', (part: Buffer) => parts.push(part));
    await once(child, 'close');
    return { code: child.exitCode, output: Buffer.concat(parts).toString() };
  }

  /** Writes the configuration that `run` reads. */
  configure({ url, token, concurrent = 1, outputLimitKib = 4096 }: RunnerConfig): void {
    const text = `
concurrent = ${concurrent}
check_interval = 1
shutdown_timeout = 5
[[runners]]
  name = "real"
  url = "${url}"
  token = "${token}"
  executor = "shell"
  shell = "bash"
  output_limit = ${outputLimitKib}
  request_concurrency = ${concurrent}
  builds_dir = "${join(this.directory, 'builds')}"
  cache_dir = "${join(this.directory, 'cache')}"
`;
    writeFileSync(this.config, text);
  }

  /** Starts `run` and waits until it takes jobs. */
  async start(): Promise<void> {
    this.#output = [];
    const child = this.#spawn(['run', '--config', this.config, '--working-directory', this.directory]);
    this.#running = child;
    child.stdout?.on('data', (part: Buffer) => this.#output.push(part));
    child.stderr?.on('data', (part: Buffer) => this.#output.push(part));
    await until('gitlab-runner to start', async () => {
      if (child.exitCode !== null) throw new Error(`gitlab-runner ended: ${this.output}`);
      return this.output.includes('Initializing executor providers') || undefined;
    });
  }

  /** Ends `run` and waits for its end; SIGTERM gives its jobs up, SIGKILL says nothing to anybody. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const child = this.#running;
    this.#running = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    child.kill(signal);
    await once(child, 'exit');
  }

  /** Ends whatever runs and removes the directory. */
  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    rmSync(this.directory, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  #spawn(words: string[]): ChildProcess {
    if (PROGRAM === null) throw new Error('there is no gitlab-runner');
    const home = join(this.directory, 'home');
    mkdirSync(home, { recursive: true });
    const { PATH = '' } = process.env;
    const env = { PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C.UTF-8' };
    return spawn(PROGRAM, words, { cwd: this.directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
  }
}
