/** Tables of the room `git`: only `git/queries.ts` writes them. */
import type { Id, Json, Millis } from './columns.ts';

/**
 * A push between its pack and its pipelines: noted before the refs move, confirmed after, deleted once every
 * ref update was handed on. What is left after a crash is compared with the refs at start.
 */
export interface PushesTable {
  id: Id;
  project_id: number;
  user_id: number;
  /** JSON array of {ref, oldSha, newSha}. */
  updates: Json;
  /** JSON array of push options. */
  options: Json;
  /** noted, confirmed */
  state: string;
  created_at: Millis;
}

/** What a repository holds, as it was last counted. */
export interface RepositoryStatisticsTable {
  project_id: number;
  /** Bytes on disk. */
  size: number;
  /** Commits behind HEAD. */
  commit_count: number;
  /** HEAD when they were counted; the next count goes on from there. */
  counted_sha: string | null;
  refreshed_at: Millis;
}
