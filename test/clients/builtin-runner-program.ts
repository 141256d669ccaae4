import { join } from 'node:path';
import { type RunnerConfig, RunnerProgram, type Start } from './runner-program.ts';

const MAIN = new URL('../../src/main.ts', import.meta.url).pathname;

/** `teaspoon runner`: the built-in one as a program of its own, which follows the server as any other does. */
export class BuiltinRunner extends RunnerProgram {
  #config: RunnerConfig | null = null;

  configure(config: RunnerConfig): void {
    this.#config = config;
  }

  protected command(): Start {
    if (this.#config === null) throw new Error('the runner is not configured');
    const { url, token, concurrent = 1 } = this.#config;
    const { PATH = '' } = process.env;
    const places = ['--directory', join(this.directory, 'runner'), '--concurrency', String(concurrent)];
    return {
      program: process.execPath,
      words: [MAIN, 'runner', '--url', url, '--name', 'real', ...places],
      environment: { PATH, HOME: this.directory, LC_ALL: 'C.UTF-8', TEASPOON_RUNNER_TOKEN: token },
      ready: null,
    };
  }
}
