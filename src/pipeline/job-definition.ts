import { hash } from 'node:crypto';
import type { BridgeConfig, JobConfig } from '../config/compiled.ts';
import { Breath } from '../db/breath.ts';
import type { Reading, Tx } from '../db/transaction.ts';
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

/** A status that another system reports; only its stage says something. */
export interface ExternalDefinition extends CommonDefinition {
  type: 'external';
}

/** What a job is, after its rules: immutable, stored once by its hash, shared by all jobs equal to it. */
export type JobDefinition = BuildDefinition | BridgeDefinition | ExternalDefinition;

const MAX_PARSED = 2000;
const parsed = new Map<string, JobDefinition>();

/**
 * A definition ready to be stored: its JSON and the SHA-256 of that. Definitions are put together in one place, keys in one
 * order, so equal ones have equal texts; one that were written otherwise would be stored a second time, no more.
 */
export interface PreparedDefinition {
  digest: string;
  content: string;
}

/** Does the work of storing definitions that needs no transaction, and gives way to others while it does. */
export async function prepareDefinitions(
  definitions: readonly JobDefinition[],
): Promise<PreparedDefinition[]> {
  const breath = new Breath();
  const prepared: PreparedDefinition[] = [];
  for (const definition of definitions) {
    const content = JSON.stringify(definition);
    prepared.push({ digest: hash('sha256', content), content });
    await breath.take();
  }
  return prepared;
}

/** Stores definitions; ids in the order given. A known definition costs one lookup and nothing else. */
export async function storeDefinitions(
  tx: Tx,
  definitions: readonly PreparedDefinition[],
): Promise<number[]> {
  const contentOf = new Map(definitions.map(({ digest, content }) => [digest, content]));
  const ids = await definitionRowsByDigest(tx, [...contentOf.keys()]);
  const unknown = [...contentOf].filter(([digest]) => !ids.has(digest));
  if (unknown.length > 0) {
    await insertDefinitions(tx, unknown);
    const digests = unknown.map(([digest]) => digest);
    for (const [digest, id] of await definitionRowsByDigest(tx, digests)) ids.set(digest, id);
  }
  return definitions.map(({ digest }) => ids.get(digest)!);
}

/** Stores one definition, or finds it; its id. */
export async function storeDefinition(tx: Tx, definition: JobDefinition): Promise<number> {
  const [id] = await storeDefinitions(tx, await prepareDefinitions([definition]));
  return id!;
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
  const known = knownOf(reading.database);
  const found = new Map<number, JobDefinition>();
  const unknown = new Set<number>();
  for (const id of ids) {
    const definition = known.get(id);
    if (definition === undefined) unknown.add(id);
    else found.set(id, definition);
  }
  if (unknown.size === 0) return found;
  for (const { id, digest, content } of await definitionRows(reading, [...unknown])) {
    const definition = parseDefinition(digest, content);
    found.set(id, definition);
    const remember = () => {
      if (known.size >= MAX_PARSED) known.clear();
      known.set(id, definition);
    };
    // What a transaction reads may never be committed.
    if ('afterCommit' in reading) (reading as Tx).afterCommit(remember);
    else remember();
  }
  return found;
}

const knownByDatabase = new WeakMap<object, Map<number, JobDefinition>>();

/** Definitions by id that are committed, so they never change. */
function knownOf(database: object): Map<number, JobDefinition> {
  let known = knownByDatabase.get(database);
  if (known === undefined) {
    known = new Map();
    knownByDatabase.set(database, known);
  }
  return known;
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
