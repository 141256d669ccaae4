import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';
import type { JobPayload, JobRequest, JobUpdate, RunnerInfo } from '../src/runner/protocol.ts';

/** What a runner of today declares (runner-api 2), but for two-phase commit: what it is given runs. */
export const RUNNER_INFO: RunnerInfo = {
  name: 'gitlab-runner',
  version: '19.4.0',
  revision: '1a2b3c4d',
  platform: 'linux',
  architecture: 'amd64',
  executor: 'shell',
  shell: 'bash',
  features: {
    variables: true,
    artifacts: true,
    cache: true,
    fallback_cache_keys: true,
    shared: true,
    upload_multiple_artifacts: true,
    upload_raw_artifacts: true,
    refspecs: true,
    masking: true,
    raw_variables: true,
    artifacts_exclude: true,
    multi_build_steps: true,
    trace_reset: true,
    trace_checksum: true,
    trace_size: true,
    vault_secrets: true,
    cancelable: true,
    cancel_gracefully: true,
    return_exit_code: true,
    job_inputs: true,
  },
};

/** An answer to a runner. */
export interface Reply {
  status: number;
  /** Header `Job-Status`. */
  jobStatus: string | null;
  /** Header `Range` of a PATCH. */
  range: string | null;
  headers: Headers;
  body: string;
}

/** A job in this runner's hands, with the log it has sent. */
export interface Held {
  payload: JobPayload;
  id: number;
  token: string;
  log: Buffer;
}

export interface Asked {
  status: number;
  job: Held | null;
  lastUpdate: string | null;
  body: string;
}

/**
 * A runner over real HTTP that does exactly what a test says and nothing by itself: no polling, no retries, no keep-alive.
 * To let it vanish, say nothing more.
 */
export class ScriptedRunner {
  readonly #base: string;
  readonly token: string;
  readonly systemId: string;
  info: RunnerInfo;
  /** The last `X-GitLab-Last-Update`, sent with the next request as a real runner does. */
  lastUpdate: string | null = null;

  constructor(url: string, token: string, options: { systemId?: string; info?: RunnerInfo } = {}) {
    this.#base = `${url}/api/v4`;
    this.token = token;
    this.systemId = options.systemId ?? `r_${randomBytes(6).toString('hex')}`;
    this.info = options.info ?? RUNNER_INFO;
  }

  async verify(): Promise<Reply> {
    return this.#json('POST', '/runners/verify', {
      token: this.token,
      system_id: this.systemId,
      info: this.info,
    });
  }

  /** Asks for a job; held by the server when `lastUpdate` is the current version. */
  async request(signal?: AbortSignal): Promise<Asked> {
    const body: JobRequest = { token: this.token, system_id: this.systemId, info: this.info };
    if (this.lastUpdate !== null) body.last_update = this.lastUpdate;
    const reply = await this.#json('POST', '/jobs/request', body, { 'RUNNER-TOKEN': this.token }, signal);
    const lastUpdate = reply.headers.get('x-gitlab-last-update');
    if (lastUpdate !== null) this.lastUpdate = lastUpdate;
    const payload = reply.status === 201 ? (JSON.parse(reply.body) as JobPayload) : null;
    const job =
      payload === null ? null : { payload, id: payload.id, token: payload.token, log: Buffer.alloc(0) };
    return { status: reply.status, job, lastUpdate, body: reply.body };
  }

  /** Asks for a job that must be there. Throws when there is none. */
  async take(): Promise<Held> {
    const asked = await this.request();
    if (asked.job === null) throw new Error(`no job: ${asked.status} ${asked.body}`);
    return asked.job;
  }

  /** Sends the next part of the log. */
  async append(job: Held, text: string | Buffer): Promise<Reply> {
    const bytes = Buffer.from(text);
    const start = job.log.length;
    const reply = await this.patch(job, start, bytes);
    if (reply.status === 202) job.log = Buffer.concat([job.log, bytes]);
    return reply;
  }

  /** Sends bytes of the log at any offset. */
  async patch(job: Held, start: number, bytes: Buffer): Promise<Reply> {
    const headers = {
      'JOB-TOKEN': job.token,
      'Content-Type': 'text/plain',
      'Content-Range': `${start}-${start + bytes.length - 1}`,
    };
    return this.#send('PATCH', `/jobs/${job.id}/trace?debug_trace=false`, headers, bytes);
  }

  /** A state of the job as it is said; the log's checksum and size come with a final one unless given. */
  async update(job: Held, said: Partial<JobUpdate> & { state: string }): Promise<Reply> {
    const final = said.state === 'success' || said.state === 'failed';
    const checksum = `crc32:${crc32(job.log).toString(16).padStart(8, '0')}`;
    const size = job.log.length === 0 ? {} : { bytesize: job.log.length };
    const output = final ? { checksum, ...size } : {};
    const body = { token: job.token, info: this.info, output, ...said };
    return this.#json('PUT', `/jobs/${job.id}`, body, { 'JOB-TOKEN': job.token });
  }

  succeed(job: Held): Promise<Reply> {
    return this.update(job, { state: 'success' });
  }

  fail(job: Held, reason = 'script_failure', exitCode = 1): Promise<Reply> {
    return this.update(job, { state: 'failed', failure_reason: reason, exit_code: exitCode });
  }

  /** Uploads a file as an artifact, as the runner's helper does. */
  async upload(
    job: Held,
    file: { bytes: Buffer; filename?: string; type?: string; format?: string; expireIn?: string },
  ): Promise<Reply> {
    const query = new URLSearchParams({
      artifact_type: file.type ?? 'archive',
      artifact_format: file.format ?? 'zip',
    });
    if (file.expireIn !== undefined) query.set('expire_in', file.expireIn);
    const form = new FormData();
    form.append('file', new Blob([new Uint8Array(file.bytes)]), file.filename ?? 'artifacts.zip');
    return this.#send('POST', `/jobs/${job.id}/artifacts?${query}`, { 'JOB-TOKEN': job.token }, form);
  }

  /** Downloads the archive of a job that `job` depends on. */
  async download(job: Held, dependencyId: number): Promise<{ status: number; bytes: Buffer }> {
    const response = await fetch(`${this.#base}/jobs/${dependencyId}/artifacts`, {
      headers: { 'JOB-TOKEN': job.token },
    });
    return { status: response.status, bytes: Buffer.from(await response.arrayBuffer()) };
  }

  /** Takes jobs and lets each print a line and succeed, until there is none; gives their names in order. */
  async drain(): Promise<string[]> {
    const names: string[] = [];
    this.lastUpdate = null;
    for (;;) {
      const { job, status } = await this.request();
      if (status === 409) continue;
      if (job === null) return names;
      names.push(job.payload.job_info.name);
      await this.append(job, `${job.payload.job_info.name}\n`);
      await this.succeed(job);
      this.lastUpdate = null;
    }
  }

  #json(
    method: string,
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Reply> {
    const all = { 'Content-Type': 'application/json', Accept: 'application/json', ...headers };
    return this.#send(method, path, all, JSON.stringify(body), signal);
  }

  async #send(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | Buffer | FormData,
    signal?: AbortSignal,
  ): Promise<Reply> {
    const response = await fetch(this.#base + path, {
      method,
      headers,
      body: Buffer.isBuffer(body) ? new Uint8Array(body) : body,
      ...(signal === undefined ? {} : { signal }),
    });
    return {
      status: response.status,
      jobStatus: response.headers.get('job-status'),
      range: response.headers.get('range'),
      headers: response.headers,
      body: await response.text(),
    };
  }
}
