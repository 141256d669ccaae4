import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ApiAnswer, type ApiOptions, callApi, ROOT_PASSWORD, ROOT_TOKEN } from './start-server.ts';

const MAIN = new URL('../src/main.ts', import.meta.url).pathname;

/** A server in a process of its own, for what only a process can show: signals, kills, exit codes, output. */
export interface SpawnedServer {
  url: string;
  process: ChildProcess;
  /** What it has printed so far. */
  output: () => string;
  api<T = unknown>(method: string, path: string, options?: ApiOptions): Promise<ApiAnswer<T>>;
  gitUrl(path: string): string;
  /** Sends the signal and waits for the end; the exit code, or null after a kill. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

export interface SpawnOptions {
  data: string;
  port: number;
  environment?: Record<string, string>;
  /** Another build of the program than its sources. */
  main?: string;
  /** No file of the server may grow larger than this. */
  fileLimitMib?: number;
}

/** Runs `teaspoon serve` until it is ready to serve. */
export async function spawnServer(options: SpawnOptions): Promise<SpawnedServer> {
  const { data, port, environment = {}, main, fileLimitMib } = options;
  const settings = {
    TEASPOON_DATA: data,
    TEASPOON_PORT: String(port),
    TEASPOON_ROOT_TOKEN: ROOT_TOKEN,
    TEASPOON_ROOT_PASSWORD: ROOT_PASSWORD,
    TEASPOON_RUNNER: 'off',
    ...environment,
  };
  const { child, output } = runTeaspoon(['serve'], settings, main, fileLimitMib);
  const url = `http://127.0.0.1:${port}`;
  await untilReady(url, child, output);
  return {
    url,
    process: child,
    output,
    api: (method, path, options) => callApi(url, method, path, options),
    gitUrl: (path) => `${url.replace('://', `://root:${ROOT_TOKEN}@`)}/${path}.git`,
    end: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill(signal);
        await once(child, 'exit');
      }
      return child.exitCode;
    },
  };
}

/** Runs the command line with these words, nothing of Teaspoon's own environment but what is given; `main`: another build of it. */
export function runTeaspoon(
  words: string[],
  environment: Record<string, string>,
  main = MAIN,
  fileLimitMib?: number,
) {
  const { PATH = '', HOME = '' } = process.env;
  const command = [process.execPath, main, ...words];
  // The shell counts blocks of 1 KiB.
  const limited = ['bash', '-c', `ulimit -f ${1024 * (fileLimitMib ?? 0)} && exec "$@"`, 'bash', ...command];
  const [program, ...rest] = fileLimitMib === undefined ? command : limited;
  const child = spawn(program!, rest, {
    env: { PATH, HOME, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const parts: Buffer[] = [];
  child.stdout.on('data', (part: Buffer) => parts.push(part));
  child.stderr.on('data', (part: Buffer) => parts.push(part));
  return { child, output: () => Buffer.concat(parts).toString() };
}

/** Runs the command line to its end. */
export async function teaspoon(
  words: string[],
  environment: Record<string, string> = {},
): Promise<{ code: number | null; output: string }> {
  const { child, output } = runTeaspoon(words, environment);
  await once(child, 'close');
  return { code: child.exitCode, output: output() };
}

async function untilReady(url: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + 20_000;
  for (;;) {
    const ready = await fetch(`${url}/-/readiness`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`the server did not start: ${output()}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * A port that is free now and that no other program is given by chance: below the range from which systems take ports for
 * `listen(0)`, so that a server which is killed and started again finds it free.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 10_000 + Math.floor(Math.random() * 20_000);
    const probe = createServer();
    const free = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!free) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}

export function temporaryDirectory(): string {
  return mkdtempSync(join(tmpdir(), 'teaspoon-spawned-'));
}
