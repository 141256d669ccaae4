import { createReadStream } from 'node:fs';
import {
  type ClientRequest,
  Agent as HttpAgent,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import type { JobPayload, JobRequest, JobUpdate } from '../runner/protocol.ts';

/** Status of the job as the server told it with its last answer: `canceling` ends the script, the others the job. */
export interface Reply {
  status: number;
  /** Header `Job-Status`. */
  jobStatus: string | null;
  headers: IncomingHttpHeaders;
}

/** Statuses that are tried again inside one call (runner-api 0). */
const RETRIED = new Set([408, 429, 500, 502, 503, 504]);
const ATTEMPTS = 5;
/** A server that says nothing for so long is not there, milliseconds: longer than it may hold a request. */
const SILENCE_MS = 300_000;

interface Sent {
  method: 'GET' | 'POST' | 'PUT' | 'PATCH';
  headers: Record<string, string>;
  body?: string | Buffer;
  signal?: AbortSignal;
}

/** Speaks the runner protocol to any GitLab. */
export class GitlabClient {
  readonly #base: string;
  readonly #userAgent: string;
  readonly #begin: typeof httpRequest;
  readonly #agent: HttpAgent;

  /** `url`: base of the server, with or without a slash at the end. */
  constructor(url: string, version: string) {
    this.#base = `${url.replace(/\/+$/, '')}/api/v4`;
    this.#userAgent = `teaspoon-runner ${version} (${process.platform}/${process.arch})`;
    const secure = new URL(url).protocol === 'https:';
    this.#begin = secure ? httpsRequest : httpRequest;
    this.#agent = secure ? new HttpsAgent({ keepAlive: true }) : new HttpAgent({ keepAlive: true });
  }

  /** Asks for a job; `null` job with the queue version when there is none. Throws when the server cannot be reached. */
  async requestJob(
    body: JobRequest,
    signal: AbortSignal,
  ): Promise<{ status: number; job: JobPayload | null; lastUpdate: string | null }> {
    const response = await this.#send('/jobs/request', {
      method: 'POST',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', Accept: 'application/json', 'RUNNER-TOKEN': body.token },
      signal,
    });
    const answer = await buffer(response);
    const { statusCode: status = 0, headers } = response;
    const job = status === 201 ? (JSON.parse(answer.toString()) as JobPayload) : null;
    return { status, job, lastUpdate: headerOf(headers, 'x-gitlab-last-update') };
  }

  async updateJob(id: number, body: JobUpdate): Promise<Reply> {
    return this.#reply(`/jobs/${id}`, {
      method: 'PUT',
      body: JSON.stringify(body),
      headers: { 'Content-Type': 'application/json', 'JOB-TOKEN': body.token },
    });
  }

  /** Appends `bytes` at `offset` of the job's log. */
  async appendTrace(id: number, token: string, offset: number, bytes: Buffer): Promise<Reply> {
    return this.#reply(`/jobs/${id}/trace?debug_trace=false`, {
      method: 'PATCH',
      body: bytes,
      headers: {
        'Content-Type': 'text/plain',
        'Content-Range': `${offset}-${offset + bytes.length - 1}`,
        'JOB-TOKEN': token,
      },
    });
  }

  /** Streams the archive of job `id` to `sink`; gives the status, and throws when the transfer breaks. */
  async downloadArtifacts(id: number, token: string, sink: NodeJS.WritableStream): Promise<number> {
    const headers = { 'JOB-TOKEN': token };
    const response = await this.#send(`/jobs/${id}/artifacts`, { method: 'GET', headers });
    if (response.statusCode === 200) await pipeline(response, sink);
    else response.resume();
    return response.statusCode ?? 0;
  }

  /** Uploads a file as one multipart part without knowing its length before. Gives status and the server's message. */
  async uploadArtifact(
    id: number,
    token: string,
    query: Record<string, string>,
    file: { path: string; name: string },
  ): Promise<{ status: number; message: string }> {
    const boundary = `teaspoon-${crypto.randomUUID()}`;
    const name = file.name.replace(/["\\\r\n]/g, '_');
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
    const request = this.#request(`/jobs/${id}/artifacts?${new URLSearchParams(query)}`, {
      method: 'POST',
      headers: { 'JOB-TOKEN': token, 'Content-Type': `multipart/form-data; boundary=${boundary}` },
    });
    const answered = answerOf(request).then(async (response) => ({
      status: response.statusCode ?? 0,
      message: messageOf(await buffer(response)),
    }));
    const body = async function* () {
      yield Buffer.from(head);
      yield* createReadStream(file.path);
      yield Buffer.from(`\r\n--${boundary}--\r\n`);
    };
    // A refusal may come, and close the connection, before the whole body is sent: the answer is what counts.
    pipeline(Readable.from(body()), request).catch(() => {});
    return answered;
  }

  async #reply(path: string, sent: Sent): Promise<Reply> {
    const response = await this.#send(path, sent);
    response.resume();
    const { statusCode: status = 0, headers } = response;
    return { status, jobStatus: headerOf(headers, 'job-status'), headers };
  }

  async #send(path: string, sent: Sent): Promise<IncomingMessage> {
    for (let attempt = 1; ; attempt++) {
      const request = this.#request(path, sent);
      request.end(sent.body);
      const response = await answerOf(request).catch((error: NodeJS.ErrnoException) => {
        // A kept connection that the server closed at the same moment: nobody has seen the request.
        if (request.reusedSocket && error.code === 'ECONNRESET' && attempt < ATTEMPTS) return null;
        throw error;
      });
      if (response === null) continue;
      if (!RETRIED.has(response.statusCode ?? 0) || attempt === ATTEMPTS) return response;
      response.resume();
      const seconds = Number(response.headers['retry-after']);
      await pause(seconds > 0 ? seconds * 1000 : 100 * 2 ** attempt, sent.signal ?? null);
    }
  }

  #request(path: string, { method, headers, body, signal }: Sent): ClientRequest {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const request = this.#begin(this.#base + path, {
      method,
      headers: { 'User-Agent': this.#userAgent, ...headers, ...length },
      agent: this.#agent,
      timeout: SILENCE_MS,
      ...(signal === undefined ? {} : { signal }),
    });
    return request.once('timeout', () => request.destroy(new Error('the server says nothing')));
  }
}

function answerOf(request: ClientRequest): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    request.once('response', resolve);
    request.on('error', reject);
  });
}

function headerOf(headers: IncomingHttpHeaders, name: string): string | null {
  const value = headers[name];
  return typeof value === 'string' ? value : null;
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
