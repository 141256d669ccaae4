import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { buildHttp, type HttpOptions } from '../src/api/http.ts';
import { Metrics } from '../src/api/metrics.ts';
import type { Rooms } from '../src/api/rooms.ts';
import type { Route } from '../src/api/route.ts';
import type { Database } from '../src/db/database.ts';
import { Encryption } from '../src/project/encryption.ts';
import { IdTokenKeys } from '../src/project/id-token.ts';

export interface Sent {
  method?: string;
  /** Sent as it is: the client does not tidy it. */
  path: string;
  token?: string;
  headers?: Record<string, string>;
  /** An object goes as JSON, a text as it is. */
  body?: unknown;
}

export interface Received {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The parsed body; undefined when it is not JSON. */
  json: unknown;
}

export interface TestApi {
  url: string;
  rooms: Rooms;
  /** Everything the server logged, one JSON line each. */
  log: string[];
  send(sent: Sent): Promise<Received>;
  close(): Promise<void>;
}

/** The routes behind a real socket on a free port, with a temporary data directory. `extra` are further rooms. */
export async function startApi(
  db: Database,
  routes: readonly Route[],
  options: HttpOptions & { extra?: Partial<Rooms> } = {},
): Promise<TestApi> {
  const data = mkdtempSync(join(tmpdir(), 'teaspoon-api-'));
  const log: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void log.push(line) });
  const settings = {
    host: '127.0.0.1',
    port: 0,
    data,
    url: null,
    trustedProxies: [],
    databaseUrl: null,
    rootToken: null,
    rootPassword: null,
    runner: false,
    runnerConcurrency: 1,
    logLevel: 'trace',
  } as const;
  const rooms = {
    db,
    settings,
    logger,
    encryption: Encryption.open(data),
    idTokenKeys: new IdTokenKeys(data),
    metrics: new Metrics(),
    ...options.extra,
  } as Rooms;
  const server = buildHttp(rooms, routes, options);
  await server.listen({ host: '127.0.0.1', port: 0 });
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    rooms,
    log,
    send: (sent) => sendTo(port, sent),
    close: async () => {
      await server.close();
      rmSync(data, { recursive: true });
    },
  };
}

/** One request, byte for byte as said: no redirects followed, no path normalised. */
export function sendTo(port: number, sent: Sent): Promise<Received> {
  const headers: Record<string, string> = { ...sent.headers };
  if (sent.token !== undefined) headers['private-token'] = sent.token;
  let body: string | undefined;
  if (typeof sent.body === 'string') body = sent.body;
  else if (sent.body !== undefined) {
    body = JSON.stringify(sent.body);
    headers['content-type'] ??= 'application/json';
  }
  if (body !== undefined) headers['content-length'] ??= String(Buffer.byteLength(body));
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      { host: '127.0.0.1', port, method: sent.method ?? 'GET', path: sent.path, headers, agent: false },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', reject);
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString();
          const isJson = response.headers['content-type'] === 'application/json' && text !== '';
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            text,
            json: isJson ? JSON.parse(text) : undefined,
          });
        });
      },
    );
    request.on('error', reject);
    request.end(body);
  });
}
