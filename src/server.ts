import { mkdirSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { pino } from 'pino';
import { EventStreams } from './api/events/event-streams.ts';
import { pushDeps } from './api/git/push-deps.ts';
import { pipelineStarter } from './api/git/start-pipeline.ts';
import { buildHttp, type HttpServer } from './api/http.ts';
import { Metrics } from './api/metrics.ts';
import { webPage } from './api/pages/web-ui.ts';
import { redact } from './api/redact.ts';
import type { Rooms } from './api/rooms.ts';
import { routes } from './api/routes.ts';
import { FileStore } from './artifact/store/filesystem.ts';
import { endedProcesses } from './builtin-runner/place.ts';
import { BuiltinRunnerProcess } from './builtin-runner-process.ts';
import { Coordinator } from './cron/coordinator.ts';
import { duties } from './cron/duties.ts';
import { lockDataDirectory, prepareDataDirectory, refuseHalf } from './data-directory.ts';
import type { Database } from './db/database.ts';
import { migrate } from './db/migrate.ts';
import { Repositories } from './git/repository.ts';
import { damage, databaseFile, openDatabase } from './open-database.ts';
import { startPendingBridges } from './pipeline/bridge.ts';
import { HookSender } from './pipeline/hook-sender.ts';
import { processUnprocessed } from './pipeline/timeouts.ts';
import { BRIDGES, UNPROCESSED, watch } from './pipeline/watch.ts';
import { createAccessToken } from './project/access-token.ts';
import { Encryption } from './project/encryption.ts';
import { type FirstStart, firstStart, hasUsers } from './project/first-start.ts';
import { IdTokenKeys } from './project/id-token.ts';
import { instanceSettings, openedSettings } from './project/instance-settings.ts';
import { SignInFailures } from './project/sign-in.ts';
import { userByUsername } from './project/user.ts';
import { RunnerWaiting } from './queue/wait.ts';
import { builtinRunnerToken, dropJobsOfEnded } from './runner/builtin.ts';
import type { Settings } from './settings.ts';
import { StartError } from './start-error.ts';
import { Traces } from './trace/traces.ts';

/** A server that listens. */
export interface TeaspoonServer {
  /** Base URL as this machine reaches it, or the external one where that is set. */
  url: string;
  rooms: Rooms;
  /** What the very first start made, to be shown once; null at every other start. */
  firstStart: FirstStart | null;
  /** A token of the administrator for a day, for commands that run beside the server. */
  makeToken(name: string): Promise<string>;
  /** Hands out no more jobs, lets what is under way finish, and ends within 10 seconds. */
  close(): Promise<void>;
}

/** Requests that are under way when the server ends may take this long, milliseconds. */
const END_MS = 3000;

/**
 * Builds everything, in the order in which the parts need each other, and listens. The only place that constructs. Throws
 * StartError, or NewerDatabaseError, with one sentence for the user; whatever was opened is closed again.
 */
export async function startServer(settings: Settings): Promise<TeaspoonServer> {
  const closing: (() => unknown)[] = [];
  const closeAll = async () => {
    for (const close of closing.splice(0).reverse()) await close();
  };
  try {
    return await start(settings, closing, closeAll);
  } catch (error) {
    await closeAll();
    throw damage(error, databaseFile(settings)) ?? error;
  }
}

async function start(
  settings: Settings,
  closing: (() => unknown)[],
  closeAll: () => Promise<void>,
): Promise<TeaspoonServer> {
  process.umask(0o077);
  prepareDataDirectory(settings.data);
  // Processes that share a PostgreSQL share the data directory too.
  if (settings.databaseUrl === null) closing.push(lockDataDirectory(settings.data));
  const db = await openDatabase(settings);
  closing.push(() => db.close());
  await migrate(db);
  refuseHalf(settings.data, await hasUsers(db.read));
  const rooms = await openRooms(settings, db, closing);
  const opened = openedSettings(await instanceSettings(db.read));
  if (opened.length > 0) rooms.logger.warn({ settings: opened }, 'settings open what is shut by default');
  const first = await firstStart(db, settings, Date.now());

  const serverUrl = settings.url ?? `http://${settings.host}:${settings.port}`;
  const pushes = pushDeps(rooms, serverUrl, Date.now);
  const bridges = { ...rooms, serverUrl };
  const hooks = new HookSender({ ...rooms, serverUrl, clock: Date.now }, (error) =>
    rooms.logger.error({ error }, 'webhooks'),
  );
  closing.push(() => hooks.close());
  const coordinator = new Coordinator(db, duties({ ...rooms, pushes, bridges, hooks }), (error, duty) =>
    rooms.logger.error({ error, duty }, 'duty failed'),
  );
  if (settings.databaseUrl === null) {
    await rooms.repositories.sweep();
    await coordinator.recover();
  }
  const ui = { directory: webDirectory(), encryption: rooms.encryption };
  const http = buildHttp(rooms, routes, {
    trustedProxies: settings.trustedProxies,
    fallback: (request, path, baseUrl) => webPage(ui, request, path, baseUrl),
  });
  const url = await listen(http, settings);
  closing.push(() => endRequests(http));
  closing.push(() => rooms.events.close());
  closing.push(() => rooms.traces.watching.end());
  coordinator.start();
  closing.push(() => coordinator.close());
  const late = (error: unknown) => rooms.logger.error({ error }, 'bridges or pipelines wait for their duty');
  closing.push(watch(db, BRIDGES, () => startPendingBridges(bridges, Date.now()), late));
  closing.push(watch(db, UNPROCESSED, () => processUnprocessed(rooms, Date.now()), late));
  if (settings.runner) closing.push(await startBuiltinRunner(settings, rooms, url));
  closing.push(() => rooms.waiting.close()); // the first that ends: nothing is handed out any more
  return {
    url: settings.url ?? url,
    rooms,
    firstStart: first,
    makeToken: (name) => makeToken(db, name),
    close: closeAll,
  };
}

/** Where `npm run build:web` puts the web UI: beside the published program, below `dist` for the sources. */
function webDirectory(): string {
  return join(import.meta.dirname, import.meta.url.endsWith('.ts') ? '../dist/web' : 'web');
}

async function openRooms(settings: Settings, db: Database, closing: (() => unknown)[]): Promise<Rooms> {
  const logger = pino({ level: settings.logLevel, base: null, serializers: { error: loggedError } });
  const artifacts = await FileStore.open(join(settings.data, 'artifacts'));
  const traces = await Traces.open({ dataDir: settings.data, db, artifacts });
  closing.push(() => traces.close());
  const repositories = new Repositories(join(settings.data, 'repositories'));
  closing.push(() => repositories.close());
  const rooms = {
    db,
    settings,
    logger,
    encryption: Encryption.open(settings.data),
    idTokenKeys: new IdTokenKeys(settings.data),
    repositories,
    waiting: new RunnerWaiting(db),
    traces,
    artifacts,
    metrics: new Metrics(),
    signInFailures: new SignInFailures(),
    events: new EventStreams(db, (error) => logger.error({ error }, 'event stream')),
  };
  closing.push(() => rooms.waiting.close());
  return { ...rooms, startPipeline: pipelineStarter(rooms) };
}

/** By itself an error is logged as nothing; those behind it are told, too. */
function loggedError(error: unknown): unknown {
  return error instanceof Error ? redact(inspect(error)) : error;
}

/** Listens and gives the URL. Throws StartError for an address that cannot be had. */
async function listen(http: HttpServer, settings: Settings): Promise<string> {
  try {
    await http.listen({ host: settings.host, port: settings.port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const where = `${settings.host}:${settings.port}`;
    throw new StartError(
      code === 'EADDRINUSE'
        ? `The address ${where} is taken by another program. Choose another port with --port or TEASPOON_PORT.`
        : `The address ${where} cannot be used (${code}). Choose another one with --host and --port.`,
    );
  }
  const { port } = http.server.address() as AddressInfo;
  const host = settings.host === '0.0.0.0' || settings.host === '::' ? '127.0.0.1' : settings.host;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

async function endRequests(http: HttpServer): Promise<void> {
  const timer = setTimeout(() => http.server.closeAllConnections(), END_MS);
  await http.close();
  clearTimeout(timer);
}

/** Starts the built-in runner after the jobs of its dead predecessors were ended; gives how to end it. */
async function startBuiltinRunner(
  settings: Settings,
  rooms: Rooms,
  url: string,
): Promise<() => Promise<void>> {
  const directory = join(settings.data, 'builtin-runner');
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const token = await builtinRunnerToken(rooms.db, settings.data, Date.now());
  await dropJobsOfEnded(rooms.db, token, endedProcesses(directory), Date.now());
  const runner = new BuiltinRunnerProcess({
    url,
    token,
    directory,
    concurrency: settings.runnerConcurrency,
    report: (line) => rooms.logger.warn(line),
  });
  return () => runner.close();
}

async function makeToken(db: Database, name: string): Promise<string> {
  const root = await userByUsername(db.read, 'root');
  if (root === null) throw new Error('there is no user root');
  const day = new Date(Date.now() + 2 * 86_400_000).toISOString().slice(0, 10);
  const { secret } = await db.transaction((tx) =>
    createAccessToken(
      tx,
      { userId: root.id, kind: 'personal', name, scopes: ['api', 'write_repository'], expiresAt: day },
      Date.now(),
    ),
  );
  return secret;
}
