import type { Tx } from '../db/transaction.ts';
import { setName } from './queries/pipelines.ts';

/** Gives a pipeline another name (rest-resources 6.4). */
export function renamePipeline(tx: Tx, pipelineId: number, name: string, now: number): Promise<void> {
  return setName(tx, pipelineId, name, now);
}
