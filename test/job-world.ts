import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { traceAndArtifactRoutes } from '../src/api/jobs/artifact-routes.ts';
import { artifactRoutes } from '../src/api/runner-jobs/artifacts.ts';
import { traceRoutes } from '../src/api/runner-jobs/trace.ts';
import { FileStore } from '../src/artifact/store/filesystem.ts';
import { applyEvent, type JobEvent } from '../src/pipeline/job.ts';
import { type JobRow, jobById } from '../src/pipeline/job-lookup.ts';
import { startJobs } from '../src/pipeline/start-jobs.ts';
import { createAccessToken } from '../src/project/access-token.ts';
import { digestOf } from '../src/project/token.ts';
import type { User } from '../src/project/user.ts';
import { makeJobToken } from '../src/runner/job-token.ts';
import { Traces } from '../src/trace/traces.ts';
import { type Engine, openTestDatabase } from './databases.ts';
import { NOW, PipelineWorld } from './pipeline-world.ts';
import { startApi, type TestApi } from './start-api.ts';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  bytes: Buffer;
  /** The body as text, and parsed when it is JSON. */
  text: string;
  json: unknown;
}

export interface Ask {
  method?: string;
  headers?: Record<string, string>;
  /** A user's name. */
  as?: string;
  jobToken?: string;
  body?: Buffer | string | AsyncIterable<Buffer>;
}

/** A server with the routes of logs and artifacts, a project, its members by role, and pipelines whose jobs can be moved. */
export class JobWorld {
  readonly world: PipelineWorld;
  readonly api: TestApi;
  readonly traces: Traces;
  readonly artifacts: FileStore;
  readonly #cleanup: () => Promise<void>;
  readonly #tokens = new Map<string, string>();
  readonly #jobTokens = new Map<number, string>();
  now = NOW;

  private constructor(
    parts: Pick<JobWorld, 'world' | 'api' | 'traces' | 'artifacts'>,
    cleanup: () => Promise<void>,
  ) {
    this.world = parts.world;
    this.api = parts.api;
    this.traces = parts.traces;
    this.artifacts = parts.artifacts;
    this.#cleanup = cleanup;
  }

  static async open(engine: Engine = 'sqlite'): Promise<JobWorld> {
    const { database: db, drop } = await openTestDatabase(engine);
    const dataDir = mkdtempSync(join(tmpdir(), 'teaspoon-jobs-'));
    const world = await PipelineWorld.open(db);
    const artifacts = await FileStore.open(join(dataDir, 'artifacts'));
    const traces = await Traces.open({ dataDir, db, artifacts });
    const routes = [...traceAndArtifactRoutes, ...traceRoutes, ...artifactRoutes];
    const clock = () => made.now;
    const extra = { traces, artifacts, encryption: world.encryption, repositories: world.repositories };
    const api = await startApi(db, routes, { clock, extra });
    const made: JobWorld = new JobWorld({ world, api, traces, artifacts }, async () => {
      await api.close();
      await traces.close();
      world.close();
      await drop();
      rmSync(dataDir, { recursive: true });
    });
    await made.addMembers();
    return made;
  }

  close(): Promise<void> {
    return this.#cleanup();
  }

  /** `owner`, `maintainer`, `developer`, `reporter`, `guest` and `stranger`, each with a token. */
  async addMembers(): Promise<void> {
    await this.#giveToken('owner', this.world.user);
    const levels = { maintainer: 40, developer: 30, reporter: 20, guest: 10, stranger: 0 };
    for (const [name, level] of Object.entries(levels)) {
      const user = await this.world.addUser(name);
      if (level > 0) await this.world.addMember(user, level);
      await this.#giveToken(name, user);
    }
  }

  async #giveToken(name: string, user: User): Promise<void> {
    const token = {
      userId: user.id,
      kind: 'personal' as const,
      name: 'test',
      scopes: ['api'],
      expiresAt: null,
    };
    const { secret } = await this.world.db.transaction((tx) => createAccessToken(tx, token, NOW));
    this.#tokens.set(name, secret);
  }

  /** The access token of a user. */
  secretOf(name: string): string {
    return this.#tokens.get(name)!;
  }

  /** Pushes a configuration and gives the jobs of its pipeline by name. */
  async pipeline(yaml: string, { ref = 'refs/heads/main' } = {}): Promise<Record<string, JobRow>> {
    await this.world.push({ '.gitlab-ci.yml': yaml, nonce: `${Math.random()}` }, { ref });
    const result = await this.world.create({ ref });
    if (result.kind !== 'created') throw new Error(JSON.stringify(result));
    const jobs = await this.world.jobs(result);
    return Object.fromEntries(jobs.map((job) => [job.name, job]));
  }

  /** Hands a pending job to a runner; gives its token. */
  async run(job: JobRow): Promise<string> {
    const token = makeJobToken(this.world.encryption, job.id);
    const start = {
      jobId: job.id,
      pipelineId: job.pipelineId,
      runnerId: 1,
      runnerType: 'instance_type',
      runnerManagerId: null,
      tokenDigest: digestOf(token),
      timeoutSeconds: 3600,
    } as const;
    const started = await this.world.db.transaction((tx) => startJobs(tx, [start], this.now));
    if (started.size === 0) throw new Error(`job ${job.id} is not pending`);
    this.#jobTokens.set(job.id, token);
    return token;
  }

  /** The token of a job that was given to a runner. */
  tokenOf(job: JobRow): string {
    return this.#jobTokens.get(job.id)!;
  }

  async move(job: JobRow, event: JobEvent): Promise<void> {
    const result = await this.world.db.transaction((tx) => applyEvent(tx, job.id, event, this.now));
    if (!result.ok) throw new Error(`${event.type}: ${JSON.stringify(result)}`);
  }

  async job(job: JobRow): Promise<JobRow> {
    return (await jobById(this.world.db.read, job.id))!;
  }

  /** The path of a route about a job of the project. */
  path(job: JobRow, rest = ''): string {
    return `/api/v4/projects/${this.world.project.id}/jobs/${job.id}${rest}`;
  }

  async append(job: JobRow, start: number, text: string, query = ''): Promise<Reply> {
    return this.ask(`/api/v4/jobs/${job.id}/trace${query}`, {
      method: 'PATCH',
      jobToken: this.#jobTokens.get(job.id)!,
      headers: { 'content-range': `${start}-${start + text.length - 1}`, 'content-type': 'text/plain' },
      body: text,
    });
  }

  /** Uploads a file as the runner does: chunked multipart, everything about it in the query. */
  async upload(
    job: JobRow,
    bytes: Buffer | AsyncIterable<Buffer>,
    query = '',
    filename = 'artifacts.zip',
  ): Promise<Reply> {
    const boundary = '--------------------------boundary';
    async function* form() {
      yield Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${filename}"\r\nContent-Type: application/octet-stream\r\n\r\n`,
      );
      if (Buffer.isBuffer(bytes)) yield bytes;
      else yield* bytes;
      yield Buffer.from(`\r\n--${boundary}--\r\n`);
    }
    return this.ask(`/api/v4/jobs/${job.id}/artifacts${query}`, {
      method: 'POST',
      jobToken: this.#jobTokens.get(job.id)!,
      headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
      body: form(),
    });
  }

  ask(path: string, ask: Ask = {}): Promise<Reply> {
    const headers: Record<string, string> = { ...ask.headers };
    if (ask.as !== undefined) headers['private-token'] = this.#tokens.get(ask.as)!;
    if (ask.jobToken !== undefined) headers['job-token'] = ask.jobToken;
    return new Promise((resolve, reject) => {
      const url = new URL(this.api.url);
      const request = httpRequest({
        host: url.hostname,
        port: url.port,
        path,
        method: ask.method ?? 'GET',
        headers,
        agent: false,
      });
      request.on('error', reject);
      request.on('response', (response) => {
        const parts: Buffer[] = [];
        response.on('error', reject);
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => {
          const bytes = Buffer.concat(parts);
          const text = bytes.toString();
          const isJson = response.headers['content-type']?.includes('json') === true && text !== '';
          resolve({
            status: response.statusCode!,
            headers: response.headers,
            bytes,
            text,
            json: isJson ? JSON.parse(text) : undefined,
          });
        });
      });
      if (ask.body === undefined || typeof ask.body === 'string' || Buffer.isBuffer(ask.body))
        request.end(ask.body);
      else void feed(request, ask.body);
    });
  }
}

async function feed(request: ReturnType<typeof httpRequest>, body: AsyncIterable<Buffer>): Promise<void> {
  for await (const part of body) {
    if (request.destroyed) return;
    if (!request.write(part))
      await new Promise((resolve) => void request.once('drain', resolve).once('close', resolve));
  }
  request.end();
}
