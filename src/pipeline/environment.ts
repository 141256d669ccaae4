import type { Reading, Tx } from '../db/transaction.ts';
import {
  deleteEnvironmentRows,
  insertEnvironment,
  selectEnvironment,
  selectEnvironmentByName,
  selectEnvironments,
  selectReviewApps,
  selectStale,
  updateEnvironment,
} from './queries/environments.ts';
import { tierOf } from './variables/environment.ts';
import { environmentSlugOf } from './variables/slug.ts';

export {
  selectEnvironmentByName as environmentByName,
  selectEnvironments as listEnvironments,
  selectReviewApps as oldReviewApps,
  selectStale as staleEnvironments,
};

export const TIERS = ['production', 'staging', 'testing', 'development', 'other'] as const;
export const ENVIRONMENT_STATES = ['available', 'stopping', 'stopped'] as const;
export const AUTO_STOP_SETTINGS = ['always', 'with_action'] as const;

/** A place that jobs deploy to (rest-resources 9.4). Times are milliseconds. */
export interface Environment {
  id: number;
  projectId: number;
  name: string;
  slug: string;
  tier: string;
  state: (typeof ENVIRONMENT_STATES)[number];
  externalUrl: string | null;
  description: string | null;
  autoStopSetting: string;
  autoStopAt: number | null;
  autoDeleteAt: number | null;
  clusterAgentId: number | null;
  kubernetesNamespace: string | null;
  fluxResourcePath: string | null;
  createdAt: number;
  updatedAt: number;
}

/** What a user may say about an environment; absent stays as it is. */
export interface EnvironmentValues {
  externalUrl?: string | null;
  tier?: (typeof TIERS)[number];
  description?: string | null;
  autoStopSetting?: (typeof AUTO_STOP_SETTINGS)[number];
  clusterAgentId?: number | null;
  kubernetesNamespace?: string | null;
  fluxResourcePath?: string | null;
}

export type EnvironmentResult =
  | { ok: true; environment: Environment }
  /** Texts by field. */
  | { ok: false; errors: Record<string, string[]> };

const MAX_LENGTH = 255;
const NAME = /^(?!\/)[a-zA-Z0-9_/\\$${}. -]+(?<!\/)$/;

/** The environment of this project with this id, or null. */
export function environmentById(
  reading: Reading,
  projectId: number,
  id: number,
): Promise<Environment | null> {
  return selectEnvironment(reading, projectId, id);
}

/** The environments of these names, made where the project has none yet, by name (ci-yaml 21). */
export async function storeEnvironments(
  tx: Tx,
  projectId: number,
  wanted: readonly { name: string; tier: Parameters<typeof tierOf>[0]['deploymentTier'] }[],
  now: number,
): Promise<Map<string, Environment>> {
  const found = new Map<string, Environment>();
  const sorted = wanted.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  for (const { name, tier } of sorted) {
    if (found.has(name)) continue;
    const environment =
      (await selectEnvironmentByName(tx, projectId, name)) ??
      (await insertEnvironment(tx, blank(projectId, name, tier, now))) ??
      (await selectEnvironmentByName(tx, projectId, name));
    if (environment !== null) found.set(name, environment);
  }
  return found;
}

/** A user makes an environment (rest-resources 9.4). */
export async function createEnvironment(
  tx: Tx,
  projectId: number,
  { name, ...values }: EnvironmentValues & { name: string },
  now: number,
): Promise<EnvironmentResult> {
  const errors = { ...nameErrors(name), ...valueErrors(values) };
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  const environment = await insertEnvironment(tx, {
    ...blank(projectId, name, values.tier ?? null, now),
    externalUrl: values.externalUrl || null,
    description: values.description ?? null,
    autoStopSetting: values.autoStopSetting ?? 'always',
    clusterAgentId: values.clusterAgentId ?? null,
    kubernetesNamespace: values.kubernetesNamespace ?? null,
    fluxResourcePath: values.fluxResourcePath ?? null,
  });
  if (environment === null) return { ok: false, errors: { name: ['has already been taken'] } };
  return { ok: true, environment };
}

/** A user changes what an environment is known by; its name and slug stay. */
export async function changeEnvironment(
  tx: Tx,
  environment: Environment,
  values: EnvironmentValues,
  now: number,
): Promise<EnvironmentResult> {
  const errors = valueErrors(values);
  if (Object.keys(errors).length > 0) return { ok: false, errors };
  const { externalUrl, tier, description, autoStopSetting } = values;
  const { clusterAgentId, kubernetesNamespace, fluxResourcePath } = values;
  await updateEnvironment(tx, environment.id, {
    ...(externalUrl === undefined ? {} : { external_url: externalUrl || null }),
    ...(tier === undefined ? {} : { tier }),
    ...(description === undefined ? {} : { description }),
    ...(autoStopSetting === undefined ? {} : { auto_stop_setting: autoStopSetting }),
    ...(clusterAgentId === undefined ? {} : { cluster_agent_id: clusterAgentId }),
    ...(kubernetesNamespace === undefined ? {} : { kubernetes_namespace: kubernetesNamespace }),
    ...(fluxResourcePath === undefined ? {} : { flux_resource_path: fluxResourcePath }),
    updated_at: now,
  });
  return {
    ok: true,
    environment: (await selectEnvironment(tx, environment.projectId, environment.id)) ?? environment,
  };
}

/** Deletes an environment with its deployments. The caller has seen that it is stopped. */
export async function deleteEnvironment(tx: Tx, id: number): Promise<void> {
  await deleteEnvironmentRows(tx, id);
}

/** Stopped review apps go at `at`, milliseconds. */
export async function giveUp(tx: Tx, environments: readonly Environment[], at: number): Promise<void> {
  for (const { id } of environments) await updateEnvironment(tx, id, { auto_delete_at: at });
}

/** An address that may be shown as a link: http or https, of bounded length (security WEB-7); otherwise null. */
export function shownUrl(text: string | null): string | null {
  return text !== null && urlErrors(text).length === 0 ? text : null;
}

function blank(
  projectId: number,
  name: string,
  tier: Parameters<typeof tierOf>[0]['deploymentTier'],
  now: number,
): Omit<Environment, 'id' | 'autoDeleteAt'> {
  return {
    projectId,
    name,
    slug: environmentSlugOf(name),
    tier: tierOf({ deploymentTier: tier }, name),
    state: 'available',
    externalUrl: null,
    description: null,
    autoStopSetting: 'always',
    autoStopAt: null,
    clusterAgentId: null,
    kubernetesNamespace: null,
    fluxResourcePath: null,
    createdAt: now,
    updatedAt: now,
  };
}

function nameErrors(name: string): Record<string, string[]> {
  const texts: string[] = [];
  if (name.trim() === '') texts.push("can't be blank");
  if (name.length > MAX_LENGTH) texts.push(`is too long (maximum is ${MAX_LENGTH} characters)`);
  if (!NAME.test(name)) {
    texts.push(
      "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, but it cannot start or end with '/'",
    );
  }
  return texts.length === 0 ? {} : { name: texts };
}

function valueErrors({ externalUrl }: EnvironmentValues): Record<string, string[]> {
  const texts = externalUrl ? urlErrors(externalUrl) : [];
  return texts.length === 0 ? {} : { external_url: texts };
}

function urlErrors(text: string): string[] {
  const texts: string[] = [];
  if (text.length > MAX_LENGTH) texts.push(`is too long (maximum is ${MAX_LENGTH} characters)`);
  const protocol = URL.canParse(text) ? new URL(text).protocol : null;
  if (protocol !== 'http:' && protocol !== 'https:') {
    texts.push('is blocked: Only allowed schemes are http, https');
  }
  return texts;
}
