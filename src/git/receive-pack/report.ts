import { PassThrough, type Readable } from 'node:stream';
import { FLUSH, pktLine, sideband } from '../pkt-line.ts';
import type { RefCommand } from './commands.ts';

const KEEPALIVE_MS = 5_000;
/** An empty line on channel 1: clients ignore it, proxies see life. */
const KEEPALIVE = Buffer.from('0005\u0001');

/**
 * What a push is answered: lines for the user while it works, at the end one verdict for each ref (`report-status`),
 * all in the channels the client asked for.
 */
export class PushReport {
  readonly #output = new PassThrough();
  readonly #sideband: boolean;
  readonly #wantsStatus: boolean;
  readonly #keepalive: NodeJS.Timeout | undefined;

  constructor(capabilities: ReadonlySet<string>) {
    this.#sideband = capabilities.has('side-band-64k');
    this.#wantsStatus = capabilities.has('report-status');
    if (this.#sideband) this.#keepalive = setInterval(() => this.#output.write(KEEPALIVE), KEEPALIVE_MS);
    this.#output.on('error', () => {}); // nobody listens any more; the push goes on
  }

  get stream(): Readable {
    return this.#output;
  }

  /** Shows lines to the user, after `remote: `; control characters are dropped. */
  say(lines: readonly string[]): void {
    if (!this.#sideband || lines.length === 0 || this.#output.destroyed) return;
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they would act on the user's terminal
    const clean = lines.map((line) => line.replace(/[\0-\x1f\x7f-\x9f]/g, ' '));
    this.#output.write(sideband(2, Buffer.from(`${clean.join('\n')}\n`)));
  }

  /** Ends without a word: the request itself could not be read. */
  close(): void {
    clearInterval(this.#keepalive);
    this.#output.destroy();
  }

  /** The last word: `unpackError` null when the pack was taken, a reason for each command that failed. */
  end(
    unpackError: string | null,
    commands: readonly RefCommand[],
    failed: ReadonlyMap<RefCommand, string>,
  ): void {
    clearInterval(this.#keepalive);
    if (this.#output.destroyed) return;
    if (this.#wantsStatus) {
      const lines = [
        `unpack ${unpackError ?? 'ok'}\n`,
        ...commands.map((command) => verdict(command, failed)),
      ];
      const status = Buffer.concat([...lines.map((line) => pktLine(line)), FLUSH]);
      this.#output.write(this.#sideband ? sideband(1, status) : status);
    }
    this.#output.end(this.#sideband ? FLUSH : undefined);
  }
}

function verdict(command: RefCommand, failed: ReadonlyMap<RefCommand, string>): string {
  const reason = failed.get(command);
  return reason === undefined ? `ok ${command.ref}\n` : `ng ${command.ref} ${reason}\n`;
}
