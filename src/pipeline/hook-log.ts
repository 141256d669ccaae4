import type { Reading } from '../db/transaction.ts';
import type { Encryption } from '../project/encryption.ts';
import { type HookEventRow, hookLog } from './queries/hook-events.ts';

/** One delivery of a hook, as it was (rest-resources 10.1). */
export interface HookLogEntry {
  id: number;
  trigger: string;
  url: string | null;
  requestHeaders: Record<string, string>;
  /** The body that was sent. */
  requestData: unknown;
  responseHeaders: Record<string, unknown>;
  responseBody: string | null;
  responseStatus: number | null;
  /** Why there was no answer. */
  failure: string | null;
  durationSeconds: number;
  createdAt: number;
}

/** Ways an answer may be, or the number of a status. */
export type HookLogFilter = readonly (number | 'successful' | 'client_failure' | 'server_failure')[];

/** One page of a hook's deliveries, newest first, and how many there are. */
export async function hookDeliveries(
  reading: Reading,
  encryption: Encryption,
  hookId: number,
  filter: HookLogFilter,
  slice: { limit: number; offset: number },
): Promise<{ entries: HookLogEntry[]; total: number }> {
  const ranges = filter.map((one): readonly [number, number] => {
    if (one === 'successful') return [200, 399];
    if (one === 'client_failure') return [400, 499];
    return one === 'server_failure' ? [500, 599] : [one, one];
  });
  const { rows, total } = await hookLog(reading, hookId, ranges, slice);
  return { entries: rows.map((row) => entryOf(row, encryption)), total };
}

function entryOf(row: HookEventRow, encryption: Encryption): HookLogEntry {
  const body = row.encrypted_body === null ? null : encryption.decrypt(row.encrypted_body);
  const object = (text: string | null) => JSON.parse(text ?? '{}');
  return {
    id: row.id,
    trigger: row.trigger,
    url: row.url,
    requestHeaders: object(row.request_headers) as Record<string, string>,
    requestData: body === null ? null : (JSON.parse(body) as unknown),
    responseHeaders: object(row.response_headers) as Record<string, unknown>,
    responseBody: row.response_body,
    responseStatus: row.response_status,
    failure: row.failure,
    durationSeconds: (row.duration ?? 0) / 1000,
    createdAt: row.delivered_at ?? row.created_at,
  };
}
