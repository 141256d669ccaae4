import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { ENGINES, forEachEngine } from '../../test/databases.ts';
import { createPostgresDatabase } from '../../test/postgres.ts';
import { type Database, openPostgresDatabase } from '../db/database.ts';
import { migrate } from '../db/migrate.ts';
import { Coordinator } from './coordinator.ts';
import type { Duty } from './duty.ts';

const MINUTE_MS = 60_000;
const never = (error: unknown) => {
  throw error;
};

/** A duty whose rounds last until they are let go, and that counts how many there are at once. */
function heldDuty(name: string) {
  const rounds: { now: number; end: () => void }[] = [];
  const waiting: (() => void)[] = [];
  let [atOnce, most] = [0, 0];
  const duty: Duty = {
    name,
    intervalMs: MINUTE_MS,
    run: (now) =>
      new Promise<void>((resolve) => {
        most = Math.max(most, ++atOnce);
        rounds.push({
          now,
          end: () => {
            atOnce--;
            resolve();
          },
        });
        waiting.shift()?.();
      }),
  };
  /** Resolves once another round has begun. */
  const begun = () => new Promise<void>((resolve) => void waiting.push(resolve));
  return { duty, rounds, begun, most: () => most };
}

forEachEngine('coordinator', (open) => {
  let db: Database;
  let now = 1_700_000_000_000;
  before(async () => {
    db = await open();
  });

  it('a round is told the time of its clock', async () => {
    const seen: number[] = [];
    const duty = { name: 'told', intervalMs: MINUTE_MS, run: async (at: number) => seen.push(at) };
    const coordinator = new Coordinator(db, [duty], never, () => now);
    await coordinator.round(duty);
    now += MINUTE_MS;
    await coordinator.round(duty);
    assert.deepEqual(seen, [now - MINUTE_MS, now]);
  });

  it('a round that fails is reported with its duty, and the next one is run when it is due', async () => {
    const reported: [string, string][] = [];
    let rounds = 0;
    const duty = {
      name: 'fails',
      intervalMs: MINUTE_MS,
      run: async () => {
        if (++rounds === 1) throw new Error('no luck');
      },
    };
    const coordinator = new Coordinator(
      db,
      [duty],
      (error, name) => void reported.push([(error as Error).message, name]),
      () => now,
    );
    await coordinator.round(duty);
    assert.deepEqual(reported, [['no luck', 'fails']]);
    now += MINUTE_MS;
    await coordinator.round(duty);
    assert.equal(rounds, 2);
    assert.equal(reported.length, 1);
  });

  it('recovery runs what must be made good first, in the order of the list, past one that fails', async () => {
    const steps: string[] = [];
    const duty = (name: string, atStart?: Duty['atStart']): Duty => ({
      name,
      intervalMs: MINUTE_MS,
      run: async () => steps.push(`round of ${name}`),
      ...(atStart === undefined ? {} : { atStart }),
    });
    const noted = (name: string) => async (at: number) => steps.push(`${name} at ${at}`);
    const duties = [
      duty('pushes', noted('pushes')),
      duty('ordinary'),
      duty('broken', async () => {
        throw new Error('no luck');
      }),
      duty('pipelines', noted('pipelines')),
    ];
    const coordinator = new Coordinator(
      db,
      duties,
      (_, name) => void steps.push(`${name} failed`),
      () => now,
    );
    await coordinator.recover();
    assert.deepEqual(steps, [`pushes at ${now}`, 'broken failed', `pipelines at ${now}`]);
  });

  it('closing waits for the round under way, and there is no other', async (test) => {
    const awake = setInterval(() => {}, 1000); // timers of duties keep no process alive
    test.after(() => clearInterval(awake));
    const { duty, rounds, begun } = heldDuty('closed');
    const coordinator = new Coordinator(db, [{ ...duty, intervalMs: 1 }], never, () => now);
    const started = begun();
    coordinator.start();
    await started;
    let closed = false;
    const closing = coordinator.close().then(() => {
      closed = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(closed, false);
    rounds[0]!.end();
    await closing;
    assert.equal(rounds.length, 1);
  });
});

describe('two coordinators that share a PostgreSQL', {
  skip: ENGINES.includes('postgres') ? false : 'PostgreSQL is not asked for',
}, () => {
  let databases: [Database, Database];
  let drop: () => Promise<void>;
  let now = 1_700_000_000_000;
  before(async () => {
    const made = await createPostgresDatabase();
    databases = [await openPostgresDatabase(made.url, 2), await openPostgresDatabase(made.url, 2)];
    drop = made.drop;
    await migrate(databases[0]);
  });
  after(async () => {
    for (const db of databases) await db.close();
    await drop();
  });
  const pair = (duty: Duty, onError: (error: unknown) => void = never): [Coordinator, Coordinator] => [
    new Coordinator(databases[0], [duty], onError, () => now),
    new Coordinator(databases[1], [duty], onError, () => now),
  ];

  it('run each round once, whoever comes first', async () => {
    const seen: number[] = [];
    const duty = { name: 'once', intervalMs: MINUTE_MS, run: async (at: number) => seen.push(at) };
    const both = pair(duty);
    for (let round = 0; round < 5; round++) {
      await Promise.all(both.map((coordinator) => coordinator.round(duty)));
      now += MINUTE_MS;
    }
    assert.equal(seen.length, 5);
    assert.equal(new Set(seen).size, 5);
  });

  it('never overlap, even when a round lasts longer than its interval', async () => {
    const { duty, rounds, begun, most } = heldDuty('slow');
    const [one, other] = pair(duty);
    const started = begun();
    const first = one.round(duty);
    await started;
    now += 2 * MINUTE_MS;
    await other.round(duty);
    assert.equal(rounds.length, 1, 'it is still in the hands of the first');
    rounds[0]!.end();
    await first;
    const again = begun();
    const second = other.round(duty);
    await again;
    rounds[1]!.end();
    await second;
    assert.deepEqual([rounds.length, most()], [2, 1]);
  });

  it('take over, after its claim has run out, the duty of a process that died', async () => {
    const { duty, rounds, begun } = heldDuty('died');
    const [one, other] = pair(duty);
    const started = begun();
    const lost = one.round(duty);
    await started;
    now += 9 * MINUTE_MS;
    await other.round(duty);
    assert.equal(rounds.length, 1);
    now += 2 * MINUTE_MS;
    const taken = begun();
    const second = other.round(duty);
    await taken;
    assert.equal(rounds.length, 2);
    for (const { end } of rounds) end();
    await Promise.all([lost, second]);
  });

  it('come again, after a failure, at the next time: no other process waits for a claim to run out', async () => {
    const reported: unknown[] = [];
    let rounds = 0;
    const duty = {
      name: 'fails once',
      intervalMs: MINUTE_MS,
      run: async () => {
        if (++rounds === 1) throw new Error('no luck');
      },
    };
    const [one, other] = pair(duty, (error) => void reported.push(error));
    await one.round(duty);
    assert.equal(reported.length, 1);
    now += MINUTE_MS;
    await other.round(duty);
    assert.deepEqual([rounds, reported.length], [2, 1]);
  });
});
