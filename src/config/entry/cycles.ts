import type { NormalJob } from './normalise.ts';

/** The first circle among needs: a job on it and the text that describes it (ci-yaml 8.2). */
export interface Cycle {
  job: string;
  text: string;
}

interface Visit {
  name: string;
  needs: string[];
  next: number;
  order: number;
  /** Smallest order reachable through unfinished jobs. */
  low: number;
}

/**
 * Looks for a strongly connected component of more than one job, after Tarjan: jobs in file order, needs as listed.
 * The component's jobs are named in the order the search met them. Iterative, for chains of thousands of jobs.
 */
export function circularNeeds(jobs: ReadonlyMap<string, NormalJob>): Cycle | null {
  const search = new Search(jobs);
  for (const name of jobs.keys()) {
    const cycle = search.from(name);
    if (cycle !== null) return cycle;
  }
  return null;
}

class Search {
  readonly #jobs: ReadonlyMap<string, NormalJob>;
  /** Order of each job met; null once its component is complete. */
  readonly #orders = new Map<string, number | null>();
  /** Jobs of components that are not complete, in the order they were met. */
  readonly #open: string[] = [];

  constructor(jobs: ReadonlyMap<string, NormalJob>) {
    this.#jobs = jobs;
  }

  from(start: string): Cycle | null {
    if (this.#orders.has(start)) return null;
    const visits = [this.#enter(start)];
    for (let visit = visits.at(-1); visit !== undefined; visit = visits.at(-1)) {
      if (visit.next === 0 && visit.needs.includes(visit.name)) {
        return { job: visit.name, text: `self-dependency: ${visit.name}` };
      }
      const need = visit.needs[visit.next++];
      if (need !== undefined) {
        if (this.#orders.has(need)) visit.low = Math.min(visit.low, this.#orders.get(need) ?? visit.low);
        else visits.push(this.#enter(need));
        continue;
      }
      const cycle = this.#complete(visit);
      if (cycle !== null) return cycle;
      visits.pop();
      const above = visits.at(-1);
      if (above !== undefined) above.low = Math.min(above.low, visit.low);
    }
    return null;
  }

  #enter(name: string): Visit {
    const order = this.#orders.size;
    this.#orders.set(name, order);
    this.#open.push(name);
    const needs = this.#jobs.get(name)?.config.needs?.map((need) => need.name) ?? [];
    return { name, needs, next: 0, order, low: order };
  }

  #complete(visit: Visit): Cycle | null {
    if (visit.low !== visit.order) return null;
    const component = this.#open.splice(this.#open.lastIndexOf(visit.name));
    for (const name of component) this.#orders.set(name, null);
    if (component.length === 1) return null;
    const names = component.map((name) => JSON.stringify(name)).join(', ');
    return { job: visit.name, text: `topological sort failed: [${names}]` };
  }
}
