import type { Reading } from '../../db/transaction.ts';
import { levelsOn, stillCalling, viewerAmong } from '../../project/audience.ts';
import { may } from '../../project/authorize.ts';
import { projectById } from '../../project/project.ts';
import type { Watcher } from './watcher.ts';

/** Sessions, tokens and accounts are asked about at most this often, milliseconds (security TOK-6: no cache over 1 s). */
const CREDENTIALS_MS = 1000;

/** What a reader sees of the projects of a batch: their pipelines, or jobs too; `ended`: he is no longer who he was. */
export type Sight = 'ended' | ReadonlyMap<number, 'pipelines' | 'jobs'>;

/** Decides who is told of which project, with a number of reads that does not depend on how many there are. */
export class Audience {
  readonly #reading: Reading;
  #checkedAt = 0;
  #callers = new Map<Watcher, Watcher['caller']>();

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  async whoSees(
    watchers: readonly Watcher[],
    projectIds: readonly number[],
    now: number,
  ): Promise<Map<Watcher, Sight>> {
    const concerned = watchers.filter(
      ({ projectId }) => projectId === null || projectIds.includes(projectId),
    );
    const callers = await this.#callersNow(concerned, now);
    const sights = new Map<Watcher, 'ended' | Map<number, 'pipelines' | 'jobs'>>();
    for (const watcher of concerned) sights.set(watcher, callers.has(watcher) ? new Map() : 'ended');
    for (const id of concerned.length === 0 ? [] : projectIds) {
      const project = await projectById(this.#reading, id);
      if (project === null) continue;
      const levels = await levelsOn(this.#reading, project, now);
      for (const watcher of concerned) {
        const caller = callers.get(watcher);
        const sight = sights.get(watcher);
        if (caller === undefined || sight === undefined || sight === 'ended') continue;
        if (watcher.projectId !== null && watcher.projectId !== id) continue;
        const viewer = viewerAmong(caller, project, levels);
        if (!may(viewer, 'read_pipeline')) continue;
        // The jobs API wants everybody to be signed in (jobs-api 3).
        sight.set(id, viewer.userId !== null && may(viewer, 'read_build') ? 'jobs' : 'pipelines');
      }
    }
    return sights;
  }

  /** Who the readers are at this moment; those who are nobody any more are left out. */
  async #callersNow(watchers: readonly Watcher[], now: number): Promise<Map<Watcher, Watcher['caller']>> {
    if (now - this.#checkedAt >= CREDENTIALS_MS || watchers.some((watcher) => !this.#callers.has(watcher))) {
      this.#callers = await stillCalling(this.#reading, watchers, now);
      this.#checkedAt = now;
    }
    return this.#callers;
  }
}
