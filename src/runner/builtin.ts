import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '../db/database.ts';
import { dropJobsOfManager } from '../pipeline/lost-manager.ts';
import { managerRow } from './queries.ts';
import { registerRunner } from './register.ts';
import { runnerByToken } from './runner.ts';

/**
 * The token of the built-in runner, an instance runner like any other. It is registered at the first start; its token lies
 * in the data directory (0600), as the process that runs jobs has to present it.
 */
export async function builtinRunnerToken(db: Database, dataDirectory: string, now: number): Promise<string> {
  const file = join(dataDirectory, 'builtin-runner.token');
  if (existsSync(file)) {
    const token = readFileSync(file, 'utf8').trim();
    if ((await runnerByToken(db.read, token, now)) !== null) return token;
  }
  const registered = await db.transaction((tx) =>
    registerRunner(
      tx,
      { type: 'instance_type' },
      { description: 'built-in' },
      { creatorId: null, now, forGood: true },
    ),
  );
  if (!registered.ok) throw new Error('the built-in runner could not be registered');
  writeFileSync(file, `${registered.token}\n`, { mode: 0o600 });
  return registered.token;
}

/**
 * Ends the jobs of runner processes that are known to be gone: nobody will ever report on them, so they need not wait
 * until the silence is long enough. `systemIds` as the processes called themselves.
 */
export async function dropJobsOfEnded(
  db: Database,
  token: string,
  systemIds: readonly string[],
  now: number,
): Promise<void> {
  const runner = await runnerByToken(db.read, token, now);
  if (runner === null) return;
  for (const systemId of systemIds) {
    const manager = await managerRow(db.read, runner.id, systemId);
    if (manager !== null) await dropJobsOfManager(db, manager.id, now);
  }
}
