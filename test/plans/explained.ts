import pg from 'pg';
import type { Database } from '../../src/db/database.ts';
import { connectionOptions, onPostgres } from '../../src/db/dialect/postgres.ts';

/** A statement as it was run. */
export interface Ran {
  text: string;
  values: readonly unknown[];
  /** Rows that its scans looked at, those that a filter left out among them. */
  read: number;
  /** Rows that were counted rather than shown; null where nothing is counted. */
  counted: number | null;
  /** Whether a count ends by itself. */
  limited: boolean;
  plan: PlanNode;
}

interface PlanNode {
  'Node Type': string;
  'Relation Name'?: string;
  'Index Name'?: string;
  'Actual Rows': number;
  'Actual Loops': number;
  'Rows Removed by Filter'?: number;
  'Rows Removed by Index Recheck'?: number;
  Plans?: PlanNode[];
}

/**
 * How PostgreSQL is made to plan: once for all values, as it may do after a while, and by indexes alone, as it does where the
 * tables are long; here they are short, so that it would rather read them whole.
 */
const SETTINGS = [
  'plan_cache_mode = force_generic_plan',
  ...['seqscan', 'bitmapscan', 'hashjoin', 'mergejoin'].map((way) => `enable_${way} = off`),
];

/** A database whose reads outside of transactions are run as always, and explained the first time that they are. */
export class ExplainedDatabase {
  readonly database: Database;
  readonly ran: Ran[] = [];
  readonly #client: pg.Client;
  readonly #names = new Map<string, string>();
  readonly #known = new Set<string>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(db: Database, client: pg.Client) {
    this.#client = client;
    const handle = onPostgres({ query: (query) => this.#query(query) });
    this.database = { ...db, read: { ...db.read, ...handle } };
  }

  static async open(db: Database, url: string): Promise<ExplainedDatabase> {
    const client = new pg.Client(connectionOptions(url));
    await client.connect();
    await client.query(SETTINGS.map((setting) => `set ${setting}`).join('; '));
    return new ExplainedDatabase(db, client);
  }

  /** What was run since this was asked last. */
  async taken(): Promise<Ran[]> {
    await this.#last;
    return this.ran.splice(0);
  }

  close(): Promise<void> {
    return this.#client.end();
  }

  /** One after the other, on one connection. */
  #query({ text, values = [] }: pg.QueryConfig): Promise<pg.QueryResult> {
    const done = this.#last.then(async () => {
      const parameters = values as readonly unknown[];
      const key = JSON.stringify([text, parameters]);
      if (!this.#known.has(key)) {
        this.#known.add(key);
        this.ran.push(await this.explain(text, parameters));
      }
      return this.#client.query({ text, values: parameters as unknown[] });
    });
    this.#last = done.catch(() => {});
    return done;
  }

  /** Runs a statement and tells how. */
  async explain(text: string, values: readonly unknown[]): Promise<Ran> {
    let name = this.#names.get(text);
    if (name === undefined) {
      name = `explained${this.#names.size}`;
      this.#names.set(text, name);
      await this.#client.query(`prepare ${name} as ${text}`);
    }
    const given = values.length === 0 ? '' : `(${values.map(literal).join(', ')})`;
    const { rows } = await this.#client.query(
      `explain (analyze, timing off, costs off, format json) execute ${name}${given}`,
    );
    const [{ Plan: plan }] = rows[0]['QUERY PLAN'] as [{ Plan: PlanNode }];
    const count = plan['Node Type'] === 'Aggregate' ? plan.Plans?.[0] : undefined;
    const limit = count === undefined ? undefined : limitOf(count);
    return {
      text,
      values,
      read: readBy(plan),
      counted: count === undefined ? null : (limit ?? count)['Actual Rows'],
      limited: limit !== undefined,
      plan,
    };
  }
}

function readBy(node: PlanNode): number {
  const removed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  const own =
    node['Relation Name'] === undefined ? 0 : (node['Actual Rows'] + removed) * node['Actual Loops'];
  return (node.Plans ?? []).reduce((sum, part) => sum + readBy(part), own);
}

/** The limit of what is counted, perhaps below a node that only passes rows on. */
function limitOf(node: PlanNode): PlanNode | undefined {
  if (node['Node Type'] === 'Limit') return node;
  return node.Plans?.length === 1 ? limitOf(node.Plans[0]!) : undefined;
}

function literal(value: unknown): string {
  return value === null ? 'null' : `'${String(value).replaceAll("'", "''")}'`;
}
