import type { BridgeConfig, JobConfig } from '../compiled.ts';
import type { Entry } from './entry.ts';
import type { Inherit } from './inherit.ts';
import type { NeedDraft } from './need.ts';
import type { Parallel } from './parallel.ts';

/** What a job is written with but does not keep: `normalise.ts` turns it into instances and needs by name. */
interface AsWritten {
  needs: NeedDraft[] | null;
  parallel: Parallel | null;
  inherit: Inherit;
  /** The job in the configuration, for later errors. */
  entry: Entry;
}

export type JobDraft = Omit<JobConfig, 'needs' | 'parallel'> & AsWritten;
export type BridgeDraft = Omit<BridgeConfig, 'needs' | 'parallel'> & AsWritten;
export type Draft = JobDraft | BridgeDraft;
