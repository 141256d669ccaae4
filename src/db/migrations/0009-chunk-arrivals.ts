import type { Migration } from '../migrate.ts';

/** When the chunks of a live log came, for runners that do not say when a line was written; 0 for those before this. */
export const chunkArrivals: Migration = {
  name: '0009-chunk-arrivals',
  statements: (t) => [`alter table trace_chunks add column arrived_at ${t.integer} not null default 0`],
};
