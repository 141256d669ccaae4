/** The servers that are asked, each in a process of its own: ours, and a bare one that repeats a given answer. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startServer } from '../../src/server.ts';
import { readSettings } from '../../src/settings.ts';
import type { Got } from './client.ts';

export const TOKEN = 'glpat-root-token-of-the-benchmark';

/** A server as the measurement sees it. */
export interface Asked {
  port: number;
  pid: number;
}

export function settingsFor(data: string, databaseUrl: string | undefined) {
  const flags = {
    port: '0',
    data,
    runner: 'off',
    'root-token': TOKEN,
    'log-level': 'error',
    ...(databaseUrl ? { 'database-url': databaseUrl } : {}),
  };
  return readSettings(
    Object.entries(flags).flatMap(([name, value]) => [`--${name}`, value]),
    {},
  );
}

async function serveOurs(): Promise<void> {
  const server = await startServer(settingsFor(process.env.BENCH_DATA!, process.env.BENCH_DATABASE));
  console.log(new URL(server.url).port);
  process.once('SIGTERM', () => void server.close().then(() => process.exit(0)));
}

/** Answers every path with what it was last given: the same headers, the same bytes. */
async function serveBare(): Promise<void> {
  let body: Buffer = Buffer.alloc(0);
  let headers: string[] = [];
  const server = createServer({ noDelay: true }, (incoming, response) => {
    if (incoming.method === 'PUT') {
      const parts: Buffer[] = [];
      incoming.on('data', (part: Buffer) => parts.push(part));
      incoming.on('end', () => {
        const given = JSON.parse(String(Buffer.concat(parts))) as { headers: string[]; body: string };
        headers = given.headers;
        body = Buffer.from(given.body);
        response.end();
      });
      return;
    }
    response.writeHead(200, headers);
    response.end(body);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  console.log((server.address() as AddressInfo).port);
}

/** What the bare server is given to repeat this answer; it makes the headers of a connection itself, as ours does. */
export function repeated({ headers, body }: Got): string {
  const own = ['date', 'connection', 'keep-alive'];
  const kept = headers.flatMap((name, at) =>
    at % 2 === 1 || own.includes(name.toLowerCase()) ? [] : [name, headers[at + 1]!],
  );
  return JSON.stringify({ headers: kept, body: String(body) });
}

/** Starts one of them and adds it to `children`. */
export async function start(
  kind: 'ours' | 'bare',
  env: Record<string, string>,
  children: ChildProcess[],
): Promise<Asked> {
  const child = spawn(process.execPath, [import.meta.filename, kind], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const port = await new Promise<number>((resolve) =>
    child.stdout!.once('data', (line) => resolve(Number(String(line)))),
  );
  return { port, pid: child.pid! };
}

if (import.meta.main) await (process.argv[2] === 'ours' ? serveOurs() : serveBare());
