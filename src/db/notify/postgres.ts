import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Notifications } from '../notify.ts';

const CHANNEL = 'teaspoon';
/** Payloads of NOTIFY are below 8000 bytes. */
const PAYLOAD_LIMIT = 7000;

/**
 * Carries topics between processes that share a PostgreSQL. One connection per process sends what has gathered every
 * few milliseconds: a notifying transaction takes an instance-wide lock at its commit, so doing it inside the
 * transactions themselves would queue them behind one another. The same connection listens. While it is down nothing
 * is lost but time: whoever waits also looks by itself from time to time, and everybody looks once after a reconnect.
 */
export class PostgresNotifications {
  readonly #url: string;
  readonly #local: Notifications;
  readonly #self = randomBytes(6).toString('hex');
  readonly #pending = new Set<string>();
  #client: pg.Client | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  constructor(url: string, local: Notifications) {
    this.#url = url;
    this.#local = local;
  }

  /** Connects and listens. Throws when the server cannot be reached the first time. */
  async start(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url });
    client.on('error', () => this.#reconnect(client));
    client.on('end', () => this.#reconnect(client));
    client.on('notification', (message) => this.#receive(message.payload ?? ''));
    await client.connect();
    await client.query(`listen ${CHANNEL}`);
    this.#client = client;
  }

  /** Queues topics for the other processes. */
  send(topics: Iterable<string>): void {
    for (const topic of topics) this.#pending.add(topic);
    if (this.#pending.size > 0 && this.#timer === null && !this.#closed) {
      this.#timer = setTimeout(() => void this.#flush(), 3);
    }
  }

  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    const client = this.#client;
    this.#client = null;
    await client?.end().catch(() => {});
  }

  /** What gathers while one lot is on its way goes with the next: a connection takes one query at a time. */
  async #flush(): Promise<void> {
    const topics = [...this.#pending];
    this.#pending.clear();
    const client = this.#client;
    if (client !== null) {
      for (const payload of payloads(this.#self, topics)) {
        await client.query('select pg_notify($1, $2)', [CHANNEL, payload]).catch(() => {});
      }
    }
    this.#timer = null;
    this.send([]);
  }

  #receive(payload: string): void {
    const [sender, ...topics] = payload.split('\n');
    if (sender !== this.#self) this.#local.publish(topics);
  }

  #reconnect(lost: pg.Client): void {
    if (this.#closed || (this.#client !== lost && this.#client !== null)) return;
    this.#client = null;
    lost.removeAllListeners('end');
    void lost.end().catch(() => {});
    setTimeout(() => {
      if (this.#closed || this.#client !== null) return;
      this.start().then(
        () => this.#local.publishAll(),
        () => this.#reconnect(lost),
      );
    }, 500).unref();
  }
}

/** Packs topics into as few messages as fit; each begins with the sender. */
function payloads(sender: string, topics: string[]): string[] {
  const messages: string[] = [];
  let current = sender;
  for (const topic of topics) {
    if (current.length + topic.length + 1 > PAYLOAD_LIMIT) {
      messages.push(current);
      current = sender;
    }
    current += `\n${topic}`;
  }
  if (current !== sender) messages.push(current);
  return messages;
}
