import { createHash } from 'node:crypto';
import type { BridgeConfig, JobConfig } from '../config/compiled.ts';
import type { Reading, Tx } from '../db/transaction.ts';
import { Breath } from './create/breath.ts';
import { definitionRows, definitionRowsByDigest, insertDefinitions } from './create/queries/definitions.ts';

/** A YAML variable as a job has it: root, workflow rule, job and rule variables laid over each other. */
export interface DefinedVariable {
  key: string;
  /** Unexpanded. */
  value: string;
  /** Never expanded itself. */
  raw: boolean;
}

/** What a state does not change: same for a job, its retries, and the same job of the next pipeline. */
interface CommonDefinition {
  /** Name of its stage. */
  stage: string;
  variables: DefinedVariable[];
  startInSeconds: number | null;
  allowFailureExitCodes: number[];
  manualConfirmation: string | null;
  crossNeeds: JobConfig['crossNeeds'];
  /** Unexpanded; the expanded name is in the job's row. */
  environment: JobConfig['environment'];
  parallel: JobConfig['parallel'];
}

export interface BuildDefinition
  extends CommonDefinition,
    Pick<
      JobConfig,
      | 'beforeScript'
      | 'script'
      | 'afterScript'
      | 'hooks'
      | 'run'
      | 'image'
      | 'services'
      | 'artifacts'
      | 'cache'
      | 'dependencies'
      | 'retry'
      | 'timeoutSeconds'
      | 'coverage'
      | 'release'
      | 'idTokens'
      | 'secrets'
      | 'pages'
      | 'inputs'
      | 'identity'
      | 'dastConfiguration'
    > {
  type: 'build';
  /** Tags that a runner must have, expanded. */
  tagList: string[];
}

export interface BridgeDefinition extends CommonDefinition {
  type: 'bridge';
  /** Unexpanded; null for a bridge that mirrors another pipeline. */
  trigger: BridgeConfig['trigger'];
}

/** What a job is, after its rules: immutable, stored once by its hash, shared by all jobs equal to it. */
export type JobDefinition = BuildDefinition | BridgeDefinition;

const MAX_PARSED = 2000;
const parsed = new Map<string, JobDefinition>();

/** Stores a definition, or finds it; its id. */
export async function storeDefinition(tx: Tx, definition: JobDefinition): Promise<number> {
  const [id] = await storeDefinitions(tx, [definition]);
  return id!;
}

/** Stores many at once; ids in the order given. A known definition costs one lookup and nothing else. */
export async function storeDefinitions(tx: Tx, definitions: readonly JobDefinition[]): Promise<number[]> {
  const breath = new Breath();
  const digests: string[] = [];
  const contentOf = new Map<string, string>();
  for (const definition of definitions) {
    const content = canonicalJson(definition);
    const digest = createHash('sha256').update(content).digest('hex');
    digests.push(digest);
    contentOf.set(digest, content);
    await breath.take();
  }
  const ids = await definitionRowsByDigest(tx, [...contentOf.keys()]);
  const unknown = [...contentOf].filter(([digest]) => !ids.has(digest));
  if (unknown.length > 0) {
    await insertDefinitions(tx, unknown);
    const added = await definitionRowsByDigest(
      tx,
      unknown.map(([digest]) => digest),
    );
    for (const [digest, id] of added) ids.set(digest, id);
  }
  return digests.map((digest) => ids.get(digest)!);
}

/** The definition with this id. Throws when there is none: a job's row never points nowhere. */
export async function definitionById(reading: Reading, id: number): Promise<JobDefinition> {
  const definition = (await definitionsByIds(reading, [id])).get(id);
  if (definition === undefined) throw new Error(`job definition ${id} is missing`);
  return definition;
}

/** Definitions by id. What is read is parsed once: equal content is one object, which nobody may change. */
export async function definitionsByIds(
  reading: Reading,
  ids: readonly number[],
): Promise<Map<number, JobDefinition>> {
  const rows = await definitionRows(reading, [...new Set(ids)]);
  return new Map(rows.map(({ id, digest, content }) => [id, parseDefinition(digest, content)]));
}

/** Keyed by hash, not by id, so that it is right for any number of databases in one process. */
function parseDefinition(digest: string, content: string): JobDefinition {
  let definition = parsed.get(digest);
  if (definition === undefined) {
    definition = JSON.parse(content) as JobDefinition;
    if (parsed.size >= MAX_PARSED) parsed.clear();
    parsed.set(digest, definition);
  }
  return definition;
}

/** JSON with sorted keys: equal values give equal texts. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    part !== null && typeof part === 'object' && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
