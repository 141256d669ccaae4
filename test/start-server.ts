import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe } from 'node:test';
import { startServer, type TeaspoonServer } from '../src/server.ts';
import { readSettings } from '../src/settings.ts';
import { ENGINES, type Engine } from './databases.ts';
import { createPostgresDatabase } from './postgres.ts';

/** Token and password of the administrator of every test server. */
export const ROOT_TOKEN = 'glpat-root-token-of-the-tests';
export const ROOT_PASSWORD = 'a password of the tests';

/** A whole server on a free port with a data directory of its own. */
export interface TestServer extends TeaspoonServer {
  dataDirectory: string;
  engine: Engine;
  /** Calls the API as `root`, or with the given token (null: without one). `T`: the body that the test expects. */
  api<T = unknown>(method: string, path: string, options?: ApiOptions): Promise<ApiAnswer<T>>;
  /** URL of a repository with credentials for git. */
  gitUrl(path: string, token?: string): string;
}

export interface ApiOptions {
  token?: string | null;
  body?: unknown;
  headers?: Record<string, string>;
}

export interface ApiAnswer<T = unknown> {
  status: number;
  headers: Headers;
  /** Parsed JSON, or text. */
  body: T;
  bytes: Buffer;
}

/** Settings that a test may choose, by their flags. */
export type Flags = Record<string, string>;

type ServerSuite = (start: (flags?: Flags) => Promise<TestServer>, engine: Engine) => void;

/** Runs the same suite against a server on each engine; `start` gives a server that is closed and removed afterwards. */
export function forEachServer(name: string, suite: ServerSuite): void {
  onServers(name, ENGINES, suite);
}

/** The same with the first engine alone: for what reaches the server over HTTP and asks nothing of the engine that others do not. */
export function onOneServer(name: string, suite: ServerSuite): void {
  onServers(name, ENGINES.slice(0, 1), suite);
}

function onServers(name: string, engines: readonly Engine[], suite: ServerSuite): void {
  for (const engine of engines) {
    describe(`${name} (${engine})`, () => {
      const cleanups: (() => Promise<void>)[] = [];
      after(async () => {
        for (const cleanup of cleanups.reverse()) await cleanup();
      });
      suite(async (flags) => {
        const { server, drop } = await startTestServer(engine, flags);
        cleanups.push(drop);
        return server;
      }, engine);
    });
  }
}

/** Starts a server without a built-in runner, unless `flags` say otherwise; `drop` ends it and removes its data. */
export async function startTestServer(
  engine: Engine,
  flags: Flags = {},
): Promise<{ server: TestServer; drop: () => Promise<void> }> {
  const dataDirectory = mkdtempSync(join(tmpdir(), 'teaspoon-server-'));
  const database = engine === 'postgres' ? await createPostgresDatabase() : null;
  const all: Flags = {
    port: '0',
    data: dataDirectory,
    runner: 'off',
    'root-token': ROOT_TOKEN,
    'root-password': ROOT_PASSWORD,
    'log-level': 'error',
    ...(database === null ? {} : { 'database-url': database.url }),
    ...flags,
  };
  const words = Object.entries(all).flatMap(([flag, value]) => [`--${flag}`, value]);
  const started = await startServer(readSettings(words, {}));
  const server: TestServer = {
    ...started,
    dataDirectory,
    engine,
    api: (method, path, options) => callApi(started.url, method, path, options),
    gitUrl: (path, token = ROOT_TOKEN) => `${started.url.replace('://', `://root:${token}@`)}/${path}.git`,
  };
  const drop = async () => {
    await started.close();
    rmSync(dataDirectory, { recursive: true, force: true, maxRetries: 5 });
    await database?.drop();
  };
  return { server, drop };
}

/** One call of `/api/v4<path>` of any server. */
export async function callApi<T = unknown>(
  url: string,
  method: string,
  path: string,
  { token = ROOT_TOKEN, body, headers = {} }: ApiOptions = {},
): Promise<ApiAnswer<T>> {
  const response = await fetch(`${url}/api/v4${path}`, {
    method,
    redirect: 'manual',
    headers: {
      ...(token === null ? {} : { 'PRIVATE-TOKEN': token }),
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const bytes = Buffer.from(await response.arrayBuffer());
  const json = response.headers.get('content-type')?.startsWith('application/json') ?? false;
  return {
    status: response.status,
    headers: response.headers,
    body: (json && bytes.length > 0 ? JSON.parse(bytes.toString()) : bytes.toString()) as T,
    bytes,
  };
}
