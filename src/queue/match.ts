/** Which job fits which runner (runner-api 2, *Matching*; security RUN-2, PROT-4). Pure. */

export type RunnerType = 'instance_type' | 'group_type' | 'project_type';

/** What picking needs of a runner. */
export interface RunnerFacts {
  id: number;
  type: RunnerType;
  paused: boolean;
  runUntagged: boolean;
  /** `access_level` is `ref_protected`: jobs of protected refs only. */
  protectedOnly: boolean;
  tags: readonly string[];
  /** The group of a group runner. */
  groupId: number | null;
  /** The projects of a project runner. */
  projectIds: readonly number[];
}

/** What runners can tell apart about a waiting job besides where it belongs. */
export interface JobKind {
  protected: boolean;
  tags: readonly string[];
}

/** Where a waiting job belongs, and which runners its project lets in. */
export interface JobPlace {
  projectId: number;
  /** From the root group to the project's own; empty for a personal project. */
  groupIds: readonly number[];
  instanceRunners: boolean;
  groupRunners: boolean;
}

/** Whether a job of this kind may go to a runner that serves its project. Tags are compared case-sensitively. */
export function fits(runner: RunnerFacts, kind: JobKind): boolean {
  if (runner.paused) return false;
  if (runner.protectedOnly && !kind.protected) return false;
  if (kind.tags.length === 0) return runner.runUntagged;
  return kind.tags.every((tag) => runner.tags.includes(tag));
}

/** The scopes in which a runner looks for jobs. */
export function scopesOf(runner: Pick<RunnerFacts, 'type' | 'groupId' | 'projectIds'>): string[] {
  switch (runner.type) {
    case 'instance_type':
      return [INSTANCE];
    case 'group_type':
      return runner.groupId === null ? [] : [`group:${runner.groupId}`];
    case 'project_type':
      return runner.projectIds.map((id) => `project:${id}`);
  }
}

/** The scopes that offer a job: those whose runners its project lets in. */
export function scopesOffering(place: JobPlace): string[] {
  return [
    ...(place.instanceRunners ? [INSTANCE] : []),
    ...(place.groupRunners ? place.groupIds.map((id) => `group:${id}`) : []),
    `project:${place.projectId}`,
  ];
}

/** The scope of the instance's runners, the only one with fair share between projects. */
export const INSTANCE = 'instance';

/** A kind as text that is equal exactly for equal kinds: `p` or `u`, then the sorted tags without repeats as JSON. */
export function kindText(kind: JobKind): string {
  return `${kind.protected ? 'p' : 'u'}${JSON.stringify([...new Set(kind.tags)].sort())}`;
}

const parsedKinds = new Map<string, JobKind>();

/** Reads what `kindText` wrote. Remembered, because the same few kinds are read at every poll. */
export function parseKind(text: string): JobKind {
  let kind = parsedKinds.get(text);
  if (kind === undefined) {
    kind = { protected: text.startsWith('p'), tags: JSON.parse(text.slice(1)) as string[] };
    if (parsedKinds.size >= 10_000) parsedKinds.clear();
    parsedKinds.set(text, kind);
  }
  return kind;
}
