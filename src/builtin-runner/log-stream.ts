import { closeSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import type { GitlabClient, Reply } from './client.ts';
import { pause } from './client.ts';
import { Masker } from './mask.ts';

/** Bytes of one PATCH at most (runner-api 4). */
const CHUNK = 1024 * 1024;
/**
 * Without news from us the server may think the job lost, and we learn of a cancellation only from an answer: say
 * something this often. Milliseconds; the second is for a server on the same machine.
 */
const KEEP_ALIVE_MS = 30_000;
const KEEP_ALIVE_NEAR_MS = 1000;
/** The server's wish for the interval is not followed beyond this. Milliseconds. */
const MAX_INTERVAL_MS = 15 * 60_000;

export interface LogStreamOptions {
  client: GitlabClient;
  job: { id: number; token: string };
  /** File that holds the whole log until it is acknowledged. */
  spool: string;
  secrets: readonly string[];
  /** Milliseconds between two PATCHes; `null` follows the server's header, 3 s until it says so. */
  intervalMs: number | null;
  /** Called once for each new value of `Job-Status`, and with `lost` when the server no longer takes the log. */
  onStatus: (status: string) => void;
  /** Says that the job still runs when there was nothing to send for a while. */
  keepAlive: () => Promise<void>;
}

/**
 * The log of one job on its way to the server: masked, spooled to a file, sent in order by offset, sent again from
 * wherever the server says it stands. Nothing is forgotten before it is acknowledged.
 */
export class LogStream {
  readonly #options: LogStreamOptions;
  readonly #masker: Masker;
  readonly #file: number;
  readonly #wake = new AbortController();
  #written = 0;
  #sent = 0;
  #checksum = 0;
  #intervalMs: number;
  #ending = false;
  #lost = false;
  #sending: Promise<void>;

  constructor(options: LogStreamOptions) {
    this.#options = options;
    this.#masker = new Masker(options.secrets);
    this.#file = openSync(options.spool, 'w+', 0o600);
    this.#intervalMs = options.intervalMs ?? 3000;
    this.#sending = this.#sendLoop();
  }

  /** Adds output of the job. */
  write(bytes: Buffer | string): void {
    this.#store(this.#masker.write(Buffer.from(bytes)));
  }

  /** Adds a line of the runner's own. */
  line(text: string): void {
    this.write(`${text}\n`);
  }

  /** Starts a collapsible section (ci-yaml 26.4) with its header line. */
  section(name: string, header: string): () => void {
    this.write(`section_start:${seconds()}:${name}\r\x1b[0K\x1b[0K\x1b[36;1m${header}\x1b[0;m\n`);
    return () => this.write(`section_end:${seconds()}:${name}\r\x1b[0K`);
  }

  /** Sends all that is left; resolves when everything is acknowledged or the server no longer takes it. */
  async end(): Promise<void> {
    this.#store(this.#masker.flush());
    this.#ending = true;
    this.#wake.abort();
    await this.#sending;
  }

  /** The server asked for everything again (412). */
  async resend(): Promise<void> {
    this.#sent = 0;
    await this.#sendAll();
  }

  /** What the final update says of the log (runner-api 4). */
  get output(): { checksum: string; bytesize?: number } {
    const checksum = `crc32:${this.#checksum.toString(16).padStart(8, '0')}`;
    return this.#written === 0 ? { checksum } : { checksum, bytesize: this.#written };
  }

  /** Closes the spool, whose file goes with the job's directory. */
  close(): void {
    closeSync(this.#file);
  }

  #store(bytes: Buffer): void {
    if (bytes.length === 0) return;
    writeSync(this.#file, bytes, 0, bytes.length, this.#written);
    this.#checksum = crc32(bytes, this.#checksum);
    this.#written += bytes.length;
  }

  async #sendLoop(): Promise<void> {
    const keepAliveMs = this.#options.intervalMs === null ? KEEP_ALIVE_MS : KEEP_ALIVE_NEAR_MS;
    let quietSince = Date.now();
    while (!this.#ending && !this.#lost) {
      await pause(this.#intervalMs, this.#wake.signal);
      if (this.#ending) break;
      if (this.#sent < this.#written) {
        await this.#sendChunk();
        quietSince = Date.now();
      } else if (Date.now() - quietSince > keepAliveMs) {
        await this.#options.keepAlive().catch(() => {});
        quietSince = Date.now();
      }
    }
    await this.#sendAll();
  }

  async #sendAll(): Promise<void> {
    for (let failures = 0; this.#sent < this.#written && !this.#lost && failures < 10; ) {
      if (await this.#sendChunk()) failures = 0;
      else await pause(Math.min(60_000, 500 * 2 ** failures++), null);
    }
  }

  /** Sends what fits into one PATCH; false when it has to be tried again. */
  async #sendChunk(): Promise<boolean> {
    const bytes = Buffer.alloc(Math.min(CHUNK, this.#written - this.#sent));
    readSync(this.#file, bytes, 0, bytes.length, this.#sent);
    const { client, job } = this.#options;
    const reply = await client.appendTrace(job.id, job.token, this.#sent, bytes).catch(() => null);
    if (reply === null) return false;
    this.#follow(reply.headers);
    if (reply.jobStatus !== null) this.#options.onStatus(reply.jobStatus);
    if (reply.status === 202) {
      this.#sent += bytes.length;
      return true;
    }
    if (reply.status === 416) {
      // The server tells what it has; without that, everything again.
      this.#sent = Number(reply.headers.range?.split('-')[1] ?? 0);
      return true;
    }
    if (reply.status === 403) {
      this.#lost = true;
      this.#options.onStatus('lost');
    }
    return false;
  }

  #follow(headers: Reply['headers']): void {
    const wished = Number(headers['x-gitlab-trace-update-interval']);
    if (this.#options.intervalMs === null && wished > 0) {
      this.#intervalMs = Math.min(wished * 1000, MAX_INTERVAL_MS);
    }
  }
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}
