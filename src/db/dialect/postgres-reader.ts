import pg from 'pg';
import { connectionOptions, gatherMessages } from './postgres.ts';

interface Line {
  client: pg.Client;
  connected: Promise<unknown>;
  /** Queries that wait for their answers. */
  waiting: number;
}

/** So many reads of one moment go the same way at most. */
const TOGETHER = 8;

/**
 * A few connections for reads outside transactions. Many reads are under way on each of them at once, so a burst costs few
 * messages and no queue for free connections; those of one moment share a message where the fewest wait. A connection that
 * broke is replaced.
 */
export class PostgresReader {
  readonly #url: string;
  readonly #size: number;
  readonly #lines: Line[] = [];
  /** Where the reads of this moment go. */
  #now: Line | null = null;

  constructor(url: string, size: number) {
    this.#url = url;
    this.#size = size;
  }

  async query(query: pg.QueryConfig): Promise<pg.QueryResult> {
    const line = this.#lineNow();
    line.waiting += 1;
    try {
      if (!(await line.connected)) throw new Error('unreachable');
      gatherMessages(line.client);
      return await line.client.query(query);
    } finally {
      line.waiting -= 1;
    }
  }

  async end(): Promise<void> {
    await Promise.all(this.#lines.splice(0).map(({ client }) => client.end().catch(() => {})));
  }

  #lineNow(): Line {
    if (this.#now !== null && this.#now.waiting < TOGETHER) return this.#now;
    if (this.#now === null) process.nextTick(() => (this.#now = null));
    this.#now = this.#next();
    return this.#now;
  }

  #next(): Line {
    const best = this.#lines.reduce<Line | undefined>(
      (found, line) => (found === undefined || line.waiting < found.waiting ? line : found),
      undefined,
    );
    if (best !== undefined && (best.waiting === 0 || this.#lines.length >= this.#size)) return best;
    return this.#open();
  }

  #open(): Line {
    const client = new pg.Client(connectionOptions(this.#url));
    const line: Line = { client, connected: client.connect().then(() => true), waiting: 0 };
    const drop = () => {
      const at = this.#lines.indexOf(line);
      if (at !== -1) this.#lines.splice(at, 1);
    };
    client.on('error', drop);
    client.on('end', drop);
    line.connected.catch(drop);
    this.#lines.push(line);
    return line;
  }
}
