import type { Reading, Tx } from '../db/transaction.ts';
import type { Encryption } from './encryption.ts';
import { ancestorsOf } from './namespace.ts';
import type { Project } from './project.ts';
import { matchesName } from './protected-ref.ts';
import {
  countVariables,
  deleteVariableRow,
  insertVariableRow,
  updateVariableRow,
  type VariableRow,
  variableRows,
} from './queries/variables.ts';

export type VariableLevel = 'instance' | 'group' | 'project';

/** Whose variables: `id` is a project's, a group's, or 0 for the instance. */
export interface VariableOwner {
  level: VariableLevel;
  id: number;
}

/** A CI/CD variable as it is stored, value decrypted. */
export interface Variable {
  id: number;
  key: string;
  value: string;
  type: 'env_var' | 'file';
  protected: boolean;
  masked: boolean;
  hidden: boolean;
  raw: boolean;
  /** Literal text with `*`. */
  environmentScope: string;
  description: string | null;
  updatedAt: number;
}

/** A variable on its way to a job. */
export interface JobVariable {
  key: string;
  value: string;
  public: boolean;
  masked: boolean;
  file: boolean;
  raw: boolean;
}

/** What a client may set; `hidden` only when the variable is made. */
export type VariableValues = Omit<Variable, 'id' | 'updatedAt'>;

/** Texts by field, as the API answers them (rest-resources 5). */
export type VariableRefusal = { ok: false; errors: Record<string, string[]> };

const LIMITS: Record<VariableLevel, number> = { instance: 25, group: 30_000, project: 8_000 };
/** Characters of a value, at every level (security VAR-1; GitLab limits the instance's only). */
const MAX_VALUE_LENGTH = 10_000;
const MASKABLE = /^[a-zA-Z0-9_+=/@:.~-]{8,}$/;
const MASKABLE_RAW = /^\S{8,}$/;

/** All variables of an owner, by id. */
export async function variablesOf(
  reading: Reading,
  encryption: Encryption,
  owner: VariableOwner,
): Promise<Variable[]> {
  const rows = await variableRows(reading, owner.level, owner.id);
  return rows.map((row) => variableOfRow(row, encryption));
}

/** Makes a variable; refusals are texts by field. */
export async function createVariable(
  tx: Tx,
  encryption: Encryption,
  owner: VariableOwner,
  values: VariableValues,
  now: number,
): Promise<{ ok: true; variable: Variable } | VariableRefusal> {
  const errors = refusalsOf(values);
  if (values.hidden && !values.masked) add(errors, 'masked', 'should be true when variable is hidden');
  const limit = LIMITS[owner.level];
  if ((await countVariables(tx, owner.level, owner.id)) >= limit) {
    add(errors, 'base', `Maximum number of ${owner.level} ci variables (${limit}) exceeded`);
  }
  const others = await variableRows(tx, owner.level, owner.id);
  const taken = others.some(
    (other) => other.key === values.key && other.environment_scope === values.environmentScope,
  );
  if (taken) add(errors, 'key', `(${values.key}) has already been taken`);
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  const row = await insertVariableRow(tx, {
    level: owner.level,
    owner_id: owner.id,
    ...columnsOf(values, encryption),
    hidden: values.hidden ? 1 : 0,
    created_at: now,
    updated_at: now,
  });
  return { ok: true, variable: variableOfRow(row, encryption) };
}

/** Changes a variable; the mask rules are asked again on every save. */
export async function changeVariable(
  tx: Tx,
  encryption: Encryption,
  owner: VariableOwner,
  variable: Variable,
  changes: Partial<Omit<VariableValues, 'hidden'>>,
  now: number,
): Promise<{ ok: true; variable: Variable } | VariableRefusal> {
  const values = { ...variable, ...changes, updatedAt: now };
  const errors = refusalsOf(values);
  if (variable.hidden && !values.masked) {
    add(errors, 'base', 'The visibility setting cannot be changed for masked and hidden variables.');
  }
  const others = await variableRows(tx, owner.level, owner.id);
  const taken = others.some(
    (other) =>
      other.id !== variable.id &&
      other.key === values.key &&
      other.environment_scope === values.environmentScope,
  );
  if (taken) add(errors, 'key', `(${values.key}) has already been taken`);
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  await updateVariableRow(tx, variable.id, { ...columnsOf(values, encryption), updated_at: now });
  return { ok: true, variable: values };
}

/** Removes a variable. */
export async function removeVariable(tx: Tx, id: number): Promise<void> {
  await deleteVariableRow(tx, id);
}

/** What is wrong with a variable's values, by field (rest-resources 5, security VAR-1 and VAR-2). */
function refusalsOf(values: VariableValues): Record<string, string[]> {
  const errors: Record<string, string[]> = {};
  if (values.key === '') add(errors, 'key', "can't be blank");
  if (!/^[A-Za-z0-9_]*$/.test(values.key)) {
    add(errors, 'key', "can contain only letters, digits and '_'.");
  }
  if (values.key.length > 255) add(errors, 'key', 'is too long (maximum is 255 characters)');
  if ([...values.value].length > MAX_VALUE_LENGTH) {
    add(errors, 'value', `is too long (maximum is ${MAX_VALUE_LENGTH} characters)`);
  }
  if (values.masked && !(values.raw ? MASKABLE_RAW : MASKABLE).test(values.value)) {
    add(errors, 'value', 'is invalid');
  }
  if (values.environmentScope.length > 255) {
    add(errors, 'environment_scope', 'is too long (maximum is 255 characters)');
  }
  if (!/^[A-Za-z0-9_/\\$@{}:*. -]+$/.test(values.environmentScope)) {
    add(
      errors,
      'environment_scope',
      "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, but it cannot start or end with '/'",
    );
  }
  return errors;
}

function add(errors: Record<string, string[]>, field: string, text: string): void {
  errors[field] = [...(errors[field] ?? []), text];
}

/**
 * Secret variables for a job, lowest precedence first: instance, groups from the outside in, project. Protected ones
 * only when the pipeline's real ref is protected; of several scopes the most specific that fits the environment
 * (security VAR-4, VAR-5). `environment` is the expanded name, null for a job without one.
 */
export async function secretVariables(
  reading: Reading,
  encryption: Encryption,
  project: Pick<Project, 'id' | 'namespaceId'>,
  job: { protectedRef: boolean; environment: string | null },
): Promise<JobVariable[]> {
  const groups = (await ancestorsOf(reading, project.namespaceId)).filter(({ kind }) => kind === 'group');
  const owners: VariableOwner[] = [
    { level: 'instance', id: 0 },
    ...groups.map(({ id }) => ({ level: 'group' as const, id })),
    { level: 'project', id: project.id },
  ];
  const rows = await Promise.all(owners.map(({ level, id }) => variableRows(reading, level, id)));
  return rows.flatMap((own) => mostSpecific(own, job).map((row) => jobVariableOf(row, encryption)));
}

/** Of the rows that a job may have, one for each key. */
function mostSpecific(
  rows: readonly VariableRow[],
  job: { protectedRef: boolean; environment: string | null },
): VariableRow[] {
  const best = new Map<string, VariableRow>();
  for (const row of rows) {
    if (row.protected === 1 && !job.protectedRef) continue;
    if (!scopeFits(row.environment_scope, job.environment)) continue;
    const other = best.get(row.key);
    if (other === undefined || literalLength(row) > literalLength(other)) best.set(row.key, row);
  }
  return [...best.values()];
}

function literalLength(row: VariableRow): number {
  return row.environment_scope.replaceAll('*', '').length;
}

/** Whether a scope, literal text with `*`, covers an environment; a job without one has only `*`. */
export function scopeFits(scope: string, environment: string | null): boolean {
  return environment === null ? scope === '*' : matchesName(scope, environment);
}

function jobVariableOf(row: VariableRow, encryption: Encryption): JobVariable {
  return {
    key: row.key,
    value: encryption.decrypt(row.encrypted_value),
    public: false,
    masked: row.masked === 1,
    file: row.variable_type === 'file',
    raw: row.raw === 1,
  };
}

function columnsOf(values: Omit<VariableValues, 'hidden'>, encryption: Encryption) {
  return {
    key: values.key,
    encrypted_value: encryption.encrypt(values.value),
    variable_type: values.type,
    protected: values.protected ? 1 : 0,
    masked: values.masked ? 1 : 0,
    raw: values.raw ? 1 : 0,
    environment_scope: values.environmentScope,
    description: values.description,
  };
}

function variableOfRow(row: VariableRow, encryption: Encryption): Variable {
  return {
    id: row.id,
    key: row.key,
    value: encryption.decrypt(row.encrypted_value),
    type: row.variable_type as Variable['type'],
    protected: row.protected === 1,
    masked: row.masked === 1,
    hidden: row.hidden === 1,
    raw: row.raw === 1,
    environmentScope: row.environment_scope,
    description: row.description,
    updatedAt: row.updated_at,
  };
}
