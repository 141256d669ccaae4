import type { PipelineState } from '../process.ts';

/** Jobs that all cached pipelines may have together; the one that was used longest ago goes first. */
const MAX_JOBS = 100_000;

interface Entry {
  lockVersion: number;
  state: PipelineState;
  jobs: number;
}

/**
 * States of pipelines between their events, so that an event of a large pipeline does not read it whole. A state is
 * valid only for the `lock_version` it was saved with. Who takes one owns it: it comes back after a commit, and after
 * a rollback it is gone.
 */
export class PipelineCache {
  readonly #entries = new Map<number, Entry>();
  #jobs = 0;

  take(pipelineId: number, lockVersion: number): PipelineState | null {
    const entry = this.#entries.get(pipelineId);
    if (entry === undefined) return null;
    this.#drop(pipelineId, entry);
    return entry.lockVersion === lockVersion ? entry.state : null;
  }

  put(pipelineId: number, lockVersion: number, state: PipelineState): void {
    const known = this.#entries.get(pipelineId);
    if (known !== undefined) {
      if (known.lockVersion > lockVersion) return;
      this.#drop(pipelineId, known);
    }
    const entry = { lockVersion, state, jobs: state.size };
    this.#entries.set(pipelineId, entry);
    this.#jobs += entry.jobs;
    for (const [oldest, old] of this.#entries) {
      if (this.#jobs <= MAX_JOBS || oldest === pipelineId) break;
      this.#drop(oldest, old);
    }
  }

  forget(pipelineId: number): void {
    const entry = this.#entries.get(pipelineId);
    if (entry !== undefined) this.#drop(pipelineId, entry);
  }

  /** Forgets everything, as a process that has just started. */
  clear(): void {
    this.#entries.clear();
    this.#jobs = 0;
  }

  #drop(pipelineId: number, entry: Entry): void {
    this.#entries.delete(pipelineId);
    this.#jobs -= entry.jobs;
  }
}
