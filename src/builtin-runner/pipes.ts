import { execFileSync } from 'node:child_process';
import { closeSync, constants, mkdirSync, openSync, rmSync, unlinkSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';

/** Made by one start of `mkfifo`, which costs more than all the rest. */
const AT_ONCE = 200;

/**
 * Pipes for what a job says. Those that Node gives to a child are sockets, which cannot be opened by their names: in a job
 * `tee /dev/stderr` would fail.
 */
export class Pipes {
  readonly #directory: string;
  readonly #ready: string[] = [];
  #made = 0;

  /** `directory`: for their names, which each loses when it is taken; made, and empty. */
  constructor(directory: string) {
    this.#directory = directory;
    rmSync(directory, { recursive: true, force: true });
    mkdirSync(directory, { recursive: true, mode: 0o700 });
  }

  /** A new pipe: its end to read from, and the descriptor of the other, which the caller closes. */
  take(): { output: Socket; input: number } {
    if (this.#ready.length === 0) this.#make();
    const name = this.#ready.pop() as string;
    const reading = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const input = openSync(name, constants.O_WRONLY);
      return { input, output: new Socket({ fd: reading, readable: true, writable: false }) };
    } catch (error) {
      closeSync(reading);
      throw error;
    } finally {
      unlinkSync(name);
    }
  }

  #make(): void {
    const names = Array.from({ length: AT_ONCE }, () => join(this.#directory, `pipe-${this.#made++}`));
    execFileSync('mkfifo', ['-m', '600', ...names]);
    this.#ready.push(...names);
  }
}
