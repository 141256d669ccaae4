import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

export interface GitRun {
  code: number;
  stdout: string;
  stderr: string;
}

/** The real git client in one working directory, with nothing of the machine's configuration. */
export class GitClient {
  readonly directory: string;
  readonly #settings: string[];

  /** `settings`: `key=value` for every command, such as `protocol.version=0`. */
  constructor(directory: string, settings: string[] = []) {
    this.directory = directory;
    this.#settings = settings;
    mkdirSync(directory, { recursive: true });
  }

  /** Runs git; a failure is a result, not an exception. */
  run(...args: string[]): Promise<GitRun> {
    const settings = [
      'init.defaultBranch=main',
      'user.name=Ada',
      'user.email=ada@example.com',
      ...this.#settings,
    ];
    const flags = settings.flatMap((setting) => ['-c', setting]);
    return new Promise((resolve) => {
      const child = execFile(
        'git',
        [...flags, ...args],
        {
          cwd: this.directory,
          env: {
            PATH: process.env.PATH,
            HOME: '/dev/null',
            GIT_CONFIG_NOSYSTEM: '1',
            GIT_CONFIG_GLOBAL: '/dev/null',
            GIT_TERMINAL_PROMPT: '0',
            LC_ALL: 'C',
          },
          maxBuffer: 64 * 1024 * 1024,
        },
        (_error, stdout, stderr) => resolve({ code: child.exitCode ?? 128, stdout: stdout.trim(), stderr }),
      );
    });
  }

  /** Runs git and gives its output; throws with git's words when it fails. */
  async ok(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.run(...args);
    if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout;
  }

  /** Writes files and commits them; gives the commit's id. */
  async commit(files: Record<string, string>, message = 'A commit'): Promise<string> {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(this.directory, name)), { recursive: true });
      writeFileSync(join(this.directory, name), content);
    }
    await this.ok('add', '-A');
    await this.ok('commit', '-q', '--allow-empty', '-m', message);
    return this.ok('rev-parse', 'HEAD');
  }
}
