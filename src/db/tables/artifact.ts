/** Tables of the room `artifact`: only `artifact/queries.ts` writes them. */
import type { Flag, Id, Millis } from './columns.ts';

/** One stored file of a job: archive, metadata, trace or report (jobs-api 9). */
export interface ArtifactsTable {
  id: Id;
  project_id: number;
  job_id: number;
  file_type: string;
  /** zip, gzip, raw; null for old rows */
  file_format: string | null;
  filename: string;
  size: number;
  /** Hex. */
  sha256: string;
  /** Random key in the store. */
  store_key: string;
  /** public, private (developer), maintainer, none */
  accessibility: string;
  /** Pipeline is the latest successful one of its ref. */
  locked: Flag;
  expire_at: Millis | null;
  created_at: Millis;
}

/** Bytes of all artifacts of a project, kept by those who add and delete rows. */
export interface ArtifactTotalsTable {
  project_id: number;
  size: number;
}

/** Keys whose bytes may go: recorded in the transaction that dropped their last row, deleted from the store later. */
export interface DeletedFilesTable {
  store_key: string;
  created_at: Millis;
}
