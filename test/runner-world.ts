import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Metrics } from '../src/api/metrics.ts';
import { routes } from '../src/api/routes.ts';
import { FileStore } from '../src/artifact/store/filesystem.ts';
import type { Database } from '../src/db/database.ts';
import { createAccessToken } from '../src/project/access-token.ts';
import { RunnerWaiting } from '../src/queue/wait.ts';
import { type RunnerPlace, registerRunner, updateRunner } from '../src/runner/register.ts';
import { Traces } from '../src/trace/traces.ts';
import { PipelineWorld } from './pipeline-world.ts';
import { ScriptedRunner } from './scripted-runner.ts';
import { startApi, type TestApi } from './start-api.ts';

/** A project with a repository behind the whole API on a real socket, and runners for it. Time stands until a test moves it. */
export class RunnerWorld {
  readonly world: PipelineWorld;
  readonly api: TestApi;
  readonly waiting: RunnerWaiting;
  readonly traces: Traces;
  readonly #data: string;

  private constructor(
    world: PipelineWorld,
    api: TestApi,
    parts: { waiting: RunnerWaiting; traces: Traces; data: string },
  ) {
    this.world = world;
    this.api = api;
    this.waiting = parts.waiting;
    this.traces = parts.traces;
    this.#data = parts.data;
  }

  static async open(db: Database): Promise<RunnerWorld> {
    const world = await PipelineWorld.open(db);
    const data = mkdtempSync(join(tmpdir(), 'teaspoon-runner-world-'));
    const artifacts = await FileStore.open(join(data, 'artifacts'));
    const traces = await Traces.open({ dataDir: data, db, artifacts });
    const waiting = new RunnerWaiting(db);
    const extra = {
      encryption: world.encryption,
      repositories: world.repositories,
      artifacts,
      traces,
      waiting,
      metrics: new Metrics(),
    };
    const api = await startApi(db, routes, { clock: () => world.now, extra });
    return new RunnerWorld(world, api, { waiting, traces, data });
  }

  async close(): Promise<void> {
    this.waiting.close();
    await this.api.close();
    await this.traces.close();
    this.world.close();
    rmSync(this.#data, { recursive: true, force: true });
  }

  /** A new runner; what is not said is an instance runner for untagged jobs. */
  async runner(
    options: Parameters<typeof registerRunner>[2] & { place?: RunnerPlace } = {},
  ): Promise<ScriptedRunner & { id: number }> {
    const { place = { type: 'instance_type' }, ...attributes } = options;
    const { db, now } = this.world;
    const made = await db.transaction((tx) =>
      registerRunner(tx, place, attributes, { creatorId: null, now }),
    );
    if (!made.ok) throw new Error(JSON.stringify(made.problems));
    return Object.assign(new ScriptedRunner(this.api.url, made.token), { id: made.id });
  }

  /** Changes a runner. */
  async change(id: number, changes: Parameters<typeof updateRunner>[2]): Promise<void> {
    await this.world.db.transaction((tx) => updateRunner(tx, id, changes, this.world.now));
  }

  /** Pushes a configuration (and files) and makes its pipeline; gives the pipeline's id. */
  async pipeline(config: string, files: Record<string, string> = {}): Promise<number> {
    await this.world.push({ '.gitlab-ci.yml': config, ...files });
    const made = await this.world.create();
    if (made.kind !== 'created') throw new Error(JSON.stringify(made));
    return made.pipelineId;
  }

  /** A personal token of the project's owner, with scope `api` unless told otherwise. */
  async token(userId = this.world.user.id, scopes: string[] = ['api']): Promise<string> {
    const { db, now } = this.world;
    const made = await db.transaction((tx) =>
      createAccessToken(tx, { userId, kind: 'personal', name: 'test', scopes, expiresAt: null }, now),
    );
    return made.secret;
  }

  /** Status and failure reason of the latest job with this name, as the database has them. */
  async job(name: string): Promise<{ status: string; failure_reason: string | null }> {
    const row = await this.world.db.read.sql
      .selectFrom('jobs')
      .select(['status', 'failure_reason'])
      .where('name', '=', name)
      .where('retried', '=', 0)
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    return { ...row };
  }
}
