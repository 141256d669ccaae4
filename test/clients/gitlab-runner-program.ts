import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { accessSync, constants, mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type RunnerConfig, RunnerProgram, type Start } from './runner-program.ts';

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

/** Why tests with gitlab-runner are skipped; false where the program is there. */
export const WITHOUT_GITLAB_RUNNER =
  PROGRAM === null && 'no gitlab-runner: install it, or name it with GITLAB_RUNNER';

interface Ran {
  code: number | null;
  output: string;
}

interface GitlabRunnerConfig extends RunnerConfig {
  /** Further lines of its entry in config.toml. */
  more?: string;
}

/** gitlab-runner with its shell executor. */
export class GitlabRunner extends RunnerProgram {
  readonly config = join(this.directory, 'config.toml');

  /** Flags for where jobs are built and caches kept. */
  get places(): string[] {
    return ['--builds-dir', join(this.directory, 'builds'), '--cache-dir', join(this.directory, 'cache')];
  }

  /** Runs one command to its end. */
  async run(...words: string[]): Promise<Ran> {
    const child = spawn(program(), words, {
      cwd: this.directory,
      env: this.#environment(),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const parts: Buffer[] = [];
    child.stdout.on('data', (part: Buffer) => parts.push(part));
    child.stderr.on('data', (part: Buffer) => parts.push(part));
    await once(child, 'close');
    return { code: child.exitCode, output: Buffer.concat(parts).toString() };
  }

  configure({ url, token, concurrent = 1, outputLimitKib = 4096, more = '' }: GitlabRunnerConfig): void {
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
  ${more}
`;
    writeFileSync(this.config, text);
  }

  protected command(): Start {
    return {
      program: program(),
      words: ['run', '--config', this.config, '--working-directory', this.directory],
      environment: this.#environment(),
      ready: 'Initializing executor providers',
    };
  }

  #environment(): NodeJS.ProcessEnv {
    const home = join(this.directory, 'home');
    mkdirSync(home, { recursive: true });
    const { PATH = '' } = process.env;
    return { PATH, HOME: home, GIT_CONFIG_NOSYSTEM: '1', LC_ALL: 'C.UTF-8' };
  }
}

function program(): string {
  if (PROGRAM === null) throw new Error('there is no gitlab-runner');
  return PROGRAM;
}
