import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JobPayload, JobUpdate } from '../src/runner/protocol.ts';

/** What a runner uploaded. */
export interface Upload {
  query: URLSearchParams;
  filename: string;
  bytes: Buffer;
}

/**
 * The other end of the wire for tests of a runner: a GitLab that hands out the jobs it is given and keeps what comes back.
 * It answers by the letter of runner-api, and a test may change single answers.
 */
export class ScriptedGitlab {
  /** Jobs to hand out, the first first. */
  readonly jobs: JobPayload[] = [];
  readonly updates: JobUpdate[] = [];
  readonly uploads: Upload[] = [];
  /** Archives to serve, by job id. */
  readonly archives = new Map<number, Buffer>();
  /** The log as it was appended. */
  trace: Buffer = Buffer.alloc(0);
  /** Header `Job-Status` of every answer about a job. */
  jobStatus = 'running';
  /** Called with each PATCH before it is answered; a status it gives is the answer. */
  onPatch: (start: number, bytes: Buffer) => number | undefined = () => undefined;
  /** Status of an upload, 201 by default. */
  onUpload: (upload: Upload) => number = () => 201;
  /** Status of a final update, 200 by default. */
  onFinal: (update: JobUpdate) => number = () => 200;
  readonly #server: Server;
  readonly #ended: Promise<JobUpdate>;
  #end: (update: JobUpdate) => void = () => {};

  private constructor() {
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#server = createServer((request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        response.writeHead(500).end(String(error));
      });
    });
  }

  static async start(): Promise<ScriptedGitlab> {
    const gitlab = new ScriptedGitlab();
    await new Promise<void>((resolve) => gitlab.#server.listen(0, '127.0.0.1', resolve));
    return gitlab;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** The final update that was accepted with 200. */
  ended(): Promise<JobUpdate> {
    return this.#ended;
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const body = await readAll(request);
    const [, id, what] = /^\/api\/v4\/jobs\/(\d+)\/?(\w*)$/.exec(url.pathname) ?? [];
    response.setHeader('Job-Status', this.jobStatus);
    if (url.pathname === '/api/v4/jobs/request') return this.#handOut(response);
    if (id === undefined) return void response.writeHead(404).end();
    if (request.method === 'PUT') return this.#update(response, JSON.parse(body.toString()) as JobUpdate);
    if (request.method === 'PATCH') return this.#append(request, response, body);
    if (request.method === 'POST' && what === 'artifacts') return this.#upload(request, response, url, body);
    const archive = this.archives.get(Number(id));
    response.writeHead(archive === undefined ? 404 : 200).end(archive);
  }

  #handOut(response: ServerResponse): void {
    const job = this.jobs.shift();
    if (job === undefined) return void response.writeHead(204, { 'X-GitLab-Last-Update': 'v1' }).end();
    response.writeHead(201, { 'Content-Type': 'application/json' }).end(JSON.stringify(job));
  }

  #update(response: ServerResponse, update: JobUpdate): void {
    this.updates.push(update);
    const final = update.state === 'success' || update.state === 'failed';
    const status = final ? this.onFinal(update) : 200;
    response.writeHead(status).end();
    if (final && status === 200) this.#end(update);
  }

  #append(request: IncomingMessage, response: ServerResponse, bytes: Buffer): void {
    const start = Number(request.headers['content-range']?.split('-')[0]);
    const status = this.onPatch(start, bytes) ?? (start === this.trace.length ? 202 : 416);
    if (status === 202) this.trace = Buffer.concat([this.trace.subarray(0, start), bytes]);
    response.writeHead(status, { Range: `0-${this.trace.length}` }).end();
  }

  #upload(request: IncomingMessage, response: ServerResponse, url: URL, body: Buffer): void {
    const boundary = /boundary=(.*)$/.exec(request.headers['content-type'] ?? '')?.[1] ?? '';
    const text = body.toString('latin1');
    const start = text.indexOf('\r\n\r\n') + 4;
    const upload = {
      query: url.searchParams,
      filename: /filename="([^"]*)"/.exec(text)?.[1] ?? '',
      bytes: body.subarray(start, text.lastIndexOf(`\r\n--${boundary}--`)),
    };
    const status = this.onUpload(upload);
    if (status === 201) this.uploads.push(upload);
    response.writeHead(status, { 'Content-Type': 'application/json' }).end('{"message":"as the test says"}');
  }
}

async function readAll(request: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

/** A job with nothing but a script, without a repository; `changes` say what is different. */
export function payload(script: string[], changes: Partial<JobPayload> = {}): JobPayload {
  return {
    id: 7,
    token: 'glcbt-token-of-the-job',
    allow_git_fetch: true,
    job_info: {
      id: 7,
      name: 'job',
      stage: 'test',
      pipeline_id: 1,
      project_id: 1,
      project_name: 'app',
      project_full_path: 'group/app',
      namespace_id: 1,
      root_namespace_id: 1,
      organization_id: 1,
      instance_id: 'i',
      instance_uuid: 'u',
      user_id: 1,
      scoped_user_id: null,
      time_in_queue_seconds: 0,
      project_jobs_running_on_instance_runners_count: '0',
      queue_size: 1,
      queue_depth: 1,
    },
    git_info: {
      repo_url: 'http://gitlab-ci-token:glcbt-token-of-the-job@127.0.0.1:1/group/app.git',
      repo_object_format: 'sha1',
      ref: 'main',
      sha: '0123456789012345678901234567890123456789',
      before_sha: '0'.repeat(40),
      ref_type: 'branch',
      refspecs: [],
      depth: 20,
      protected: false,
    },
    runner_info: { timeout: 60, runner_session_url: null },
    inputs: [],
    variables: [{ key: 'GIT_STRATEGY', value: 'none', public: true, masked: false }],
    steps: [{ name: 'script', script, timeout: 60, when: 'on_success', allow_failure: false }],
    hooks: [],
    image: null,
    services: [],
    artifacts: [],
    cache: [],
    credentials: [],
    dependencies: [],
    features: { trace_sections: true, token_mask_prefixes: [], failure_reasons: [] },
    ...changes,
  };
}
