import { createReadStream } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream } from 'node:stream/web';
import type { JobPayload, JobRequest, JobUpdate } from '../runner/protocol.ts';

/** Status of the job as the server told it with its last answer: `canceling` ends the script, the others the job. */
export interface Reply {
  status: number;
  /** Header `Job-Status`. */
  jobStatus: string | null;
  headers: Headers;
}

/** Statuses that are tried again inside one call (runner-api 0). */
const RETRIED = new Set([408, 429, 500, 502, 503, 504]);
const ATTEMPTS = 5;

/** Speaks the runner protocol to any GitLab. */
export class GitlabClient {
  readonly #base: string;
  readonly #userAgent: string;

  /** `url`: base of the server, with or without a slash at the end. */
  constructor(url: string, version: string) {
    this.#base = `${url.replace(/\/+$/, '')}/api/v4`;
    this.#userAgent = `teaspoon-runner ${version} (${process.platform}/${process.arch})`;
  }

  /** Asks for a job; `null` job with the queue version when there is none. Throws when the server cannot be reached. */
  async requestJob(
    body: JobRequest,
    signal: AbortSignal,
  ): Promise<{ status: number; job: JobPayload | null; lastUpdate: string | null }> {
    const response = await this.#send('POST', '/jobs/request', {
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'RUNNER-TOKEN': body.token },
      signal,
    });
    const job = response.status === 201 ? ((await response.json()) as JobPayload) : null;
    if (job === null) await response.body?.cancel();
    return { status: response.status, job, lastUpdate: response.headers.get('x-gitlab-last-update') };
  }

  async updateJob(id: number, body: JobUpdate): Promise<Reply> {
    return this.#reply('PUT', `/jobs/${id}`, {
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'JOB-TOKEN': body.token },
    });
  }

  /** Appends `bytes` at `offset` of the job's log. */
  async appendTrace(id: number, token: string, offset: number, bytes: Buffer): Promise<Reply> {
    return this.#reply('PATCH', `/jobs/${id}/trace?debug_trace=false`, {
      body: new Uint8Array(bytes),
      headers: {
        'Content-Type': 'text/plain',
        'Content-Range': `${offset}-${offset + bytes.length - 1}`,
        'JOB-TOKEN': token,
      },
    });
  }

  /** Streams the archive of job `id` to `sink`; gives the status, and throws when the transfer breaks. */
  async downloadArtifacts(id: number, token: string, sink: NodeJS.WritableStream): Promise<number> {
    const response = await this.#send('GET', `/jobs/${id}/artifacts`, { headers: { 'JOB-TOKEN': token } });
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel();
      return response.status;
    }
    await pipeline(Readable.fromWeb(response.body as ReadableStream), sink);
    return response.status;
  }

  /** Uploads a file as one multipart part without knowing its length before. Gives status and the server's message. */
  async uploadArtifact(
    id: number,
    token: string,
    query: Record<string, string>,
    file: { path: string; name: string },
  ): Promise<{ status: number; message: string }> {
    const url = new URL(`${this.#base}/jobs/${id}/artifacts?${new URLSearchParams(query)}`);
    const boundary = `teaspoon-${crypto.randomUUID()}`;
    const name = file.name.replace(/["\\\r\n]/g, '_');
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
    const send = url.protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, {
      method: 'POST',
      headers: {
        'User-Agent': this.#userAgent,
        'JOB-TOKEN': token,
        'Content-Type': `multipart/form-data; boundary=${boundary}`,
      },
    });
    const answered = new Promise<{ status: number; message: string }>((resolve, reject) => {
      request.once('error', reject);
      request.once('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.once('error', reject);
        response.once('end', () =>
          resolve({ status: response.statusCode ?? 0, message: messageOf(Buffer.concat(parts)) }),
        );
      });
    });
    const body = async function* () {
      yield Buffer.from(head);
      yield* createReadStream(file.path);
      yield Buffer.from(`\r\n--${boundary}--\r\n`);
    };
    // A refusal may come, and close the connection, before the whole body is sent: the answer is what counts.
    pipeline(Readable.from(body()), request).catch(() => {});
    return answered;
  }

  async #reply(method: string, path: string, init: RequestInit): Promise<Reply> {
    const response = await this.#send(method, path, init);
    await response.body?.cancel();
    return {
      status: response.status,
      jobStatus: response.headers.get('job-status'),
      headers: response.headers,
    };
  }

  async #send(method: string, path: string, init: RequestInit): Promise<Response> {
    const headers = { 'User-Agent': this.#userAgent, ...(init.headers as Record<string, string>) };
    for (let attempt = 1; ; attempt++) {
      const response = await fetch(this.#base + path, { ...init, method, headers });
      if (!RETRIED.has(response.status) || attempt === ATTEMPTS) return response;
      await response.body?.cancel();
      const seconds = Number(response.headers.get('retry-after'));
      await pause(seconds > 0 ? seconds * 1000 : 100 * 2 ** attempt, init.signal ?? null);
    }
  }
}

/** Waits, or until the signal aborts. */
export function pause(ms: number, signal: AbortSignal | null): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
}

function messageOf(body: Buffer): string {
  try {
    const parsed = JSON.parse(body.toString()) as { message?: unknown };
    return typeof parsed.message === 'string' ? parsed.message : JSON.stringify(parsed.message ?? '');
  } catch {
    return '';
  }
}
