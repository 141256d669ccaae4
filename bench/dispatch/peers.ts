import { once } from 'node:events';
import { closeSync, fdatasyncSync, openSync, writeSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { run } from 'graphile-worker';
import pg from 'pg';
import { claimJobs } from './runners.ts';

const SECONDS = 2;

/** The best that a durable write after another can be: 1 KiB appended and synced, times a second. */
export function appendLoop(path: string): number {
  const file = openSync(path, 'a');
  const bytes = Buffer.alloc(1024);
  const begun = performance.now();
  let count = 0;
  while (performance.now() - begun < SECONDS * 1000) {
    writeSync(file, bytes);
    fdatasyncSync(file);
    count += 1;
  }
  closeSync(file);
  return count / ((performance.now() - begun) / 1000);
}

const TAKE = {
  name: 'take',
  text: 'delete from bare where id = (select id from bare order by id limit 1 for update skip locked)',
};

/** A queue table and nothing else. */
async function bareQueue(url: string, rows: number): Promise<pg.Pool> {
  const pool = new pg.Pool({ connectionString: url, max: 16 });
  await pool.query('drop table if exists bare; create table bare (id bigint primary key)');
  await pool.query('insert into bare select generate_series(1, $1::int)', [rows]);
  return pool;
}

/**
 * What HTTP alone leaves of the loop below: jobs a second that the same runners get from a node:http handler which takes a row in the same way and
 * answers so many bytes, always the same ones. It knows no runner and no job.
 */
export async function bareHandler(
  url: string,
  { tokens, claims, bytes }: { tokens: string[]; claims: number; bytes: number },
): Promise<number> {
  const pool = await bareQueue(url, 2 * claims + 10_000);
  const body = Buffer.alloc(bytes, 'x');
  const server = createServer(async (request, response) => {
    JSON.parse(String(Buffer.concat(await request.toArray())));
    await pool.query(TAKE);
    response.writeHead(201, { 'content-type': 'application/json', 'content-length': bytes }).end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  await claimJobs({ port, tokens, claims });
  const { seconds } = await claimJobs({ port, tokens, claims });
  server.closeAllConnections();
  server.close();
  await pool.end();
  return claims / seconds;
}

/** A bare queue table and nothing else: how often a second 16 connections delete its first free row, durably. */
export async function skipLockedLoop(url: string, waiting: number): Promise<number> {
  const pool = await bareQueue(url, waiting + 40_000);
  const begun = performance.now();
  let count = 0;
  const loop = async () => {
    while (performance.now() - begun < SECONDS * 1000) {
      await pool.query(TAKE);
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: 16 }, loop));
  const rate = count / ((performance.now() - begun) / 1000);
  await pool.end();
  return rate;
}

/** Empty tasks a second that graphile-worker runs with its default settings. */
export async function graphileWorker(url: string, waiting: number): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: 12 });
  let count = 0;
  let begun = 0;
  const first = Promise.withResolvers<void>();
  const worker = await run({
    pgPool: pool,
    noHandleSignals: true,
    taskList: {
      empty: async () => {
        if (begun === 0) {
          begun = performance.now();
          first.resolve();
        }
        count += 1;
      },
    },
    logger: new (await import('graphile-worker')).Logger(() => () => {}),
  });
  await pool.query(
    `select graphile_worker.add_jobs(array(
       select json_populate_record(null::graphile_worker.job_spec, '{"identifier": "empty", "payload": {}}')
       from generate_series(1, $1::int)))`,
    [waiting + 10_000],
  );
  await first.promise;
  await new Promise((resolve) => setTimeout(resolve, SECONDS * 1000));
  const rate = count / ((performance.now() - begun) / 1000);
  await worker.stop();
  await pool.end();
  return rate;
}
