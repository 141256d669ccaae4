import type { Reading, Tx } from '../db/transaction.ts';
import type { Encryption } from '../project/encryption.ts';
import { isOutboundUrl, type OutboundPolicy } from '../project/outbound.ts';
import { isBranchFilter } from './hook/branch-filter.ts';
import { HEADER_NAME, HEADER_VALUE } from './hook/headers.ts';
import { type AlertStatus, alertStatus } from './hook/standing.ts';
import { filledUrl } from './hook/url.ts';
import { deleteHook, type HookRow, hookRow, hookRows, insertHook, updateHook } from './queries/hooks.ts';

export type HookTexts = Record<string, string>;

/** A webhook of a project (rest-resources 10.1), secrets decrypted: they are for requests, never for answers. */
export interface Hook {
  id: number;
  projectId: number;
  name: string | null;
  description: string | null;
  /** With `{name}` where a variable goes. */
  url: string;
  token: string | null;
  urlVariables: HookTexts;
  customHeaders: HookTexts;
  enableSslVerification: boolean;
  pushEvents: boolean;
  tagPushEvents: boolean;
  jobEvents: boolean;
  pipelineEvents: boolean;
  /** Events of what Teaspoon does not have, as the client set them. */
  otherEvents: Record<string, boolean>;
  pushEventsBranchFilter: string | null;
  branchFilterStrategy: 'wildcard' | 'regex' | 'all_branches';
  customWebhookTemplate: string | null;
  recentFailures: number;
  /** Milliseconds. */
  disabledUntil: number | null;
  createdAt: number;
  updatedAt: number;
}

/** What a client may set. */
export type HookValues = Omit<
  Hook,
  'id' | 'projectId' | 'recentFailures' | 'disabledUntil' | 'createdAt' | 'updatedAt'
>;

export type HookResult =
  | { ok: true; hook: Hook }
  | { ok: false; reason: 'url' | 'branch_filter' }
  | { ok: false; reason: 'values'; errors: Record<string, string[]> };

const MAX_TEXTS = 20;
const MAX_TEXT_LENGTH = 2048;

/** The hooks of a project, oldest first. */
export async function hooksOf(reading: Reading, encryption: Encryption, projectId: number): Promise<Hook[]> {
  return (await hookRows(reading, projectId)).map((row) => hookOfRow(row, encryption));
}

/** The hook with this id, or null. */
export async function hookById(reading: Reading, encryption: Encryption, id: number): Promise<Hook | null> {
  const row = await hookRow(reading, id);
  return row === undefined ? null : hookOfRow(row, encryption);
}

/** Makes a hook. */
export async function createHook(
  tx: Tx,
  { encryption, policy }: { encryption: Encryption; policy: OutboundPolicy },
  projectId: number,
  values: HookValues,
  now: number,
): Promise<HookResult> {
  const refusal = refusalOf(values, policy);
  if (refusal !== null) return refusal;
  const row = await insertHook(tx, {
    project_id: projectId,
    ...columnsOf(values, encryption),
    recent_failures: 0,
    disabled_until: null,
    sending_until: 0,
    created_at: now,
    updated_at: now,
  });
  return { ok: true, hook: hookOfRow(row, encryption) };
}

/**
 * Changes a hook, which enables it again. When it then sends to another URL, whatever secret was not given anew is dropped:
 * who changes the URL must not learn what was set for the old one (security HOOK-1).
 */
export async function changeHook(
  tx: Tx,
  { encryption, policy }: { encryption: Encryption; policy: OutboundPolicy },
  hook: Hook,
  changes: Partial<HookValues>,
  now: number,
): Promise<HookResult> {
  const values = withoutStaleSecrets(hook, changes);
  const refusal = refusalOf(values, policy);
  if (refusal !== null) return refusal;
  const standing = { recent_failures: 0, disabled_until: null, updated_at: now };
  const row = await updateHook(tx, hook.id, { ...columnsOf(values, encryption), ...standing });
  return { ok: true, hook: hookOfRow(row, encryption) };
}

/** Removes a hook with its log. */
export async function removeHook(tx: Tx, id: number): Promise<void> {
  await deleteHook(tx, id);
}

/** Whether the hook is sent anything now. */
export function hookStatus(hook: Hook, now: number): AlertStatus {
  return alertStatus(hook, now);
}

function withoutStaleSecrets(hook: Hook, changes: Partial<HookValues>): HookValues {
  const values: HookValues = { ...hook, ...changes };
  const template = changes.url !== undefined && changes.url !== hook.url;
  if (template && changes.urlVariables === undefined) values.urlVariables = {};
  const moved =
    template || filledUrl(values.url, values.urlVariables) !== filledUrl(hook.url, hook.urlVariables);
  if (!moved) return values;
  return { ...values, token: changes.token ?? null, customHeaders: changes.customHeaders ?? {} };
}

function refusalOf(values: HookValues, policy: OutboundPolicy): Exclude<HookResult, { ok: true }> | null {
  const url = filledUrl(values.url, values.urlVariables);
  if (url === null || values.url.length > MAX_TEXT_LENGTH || !isOutboundUrl(url, policy)) {
    return { ok: false, reason: 'url' };
  }
  const filter = {
    push_events_branch_filter: values.pushEventsBranchFilter,
    branch_filter_strategy: values.branchFilterStrategy,
  };
  if (!isBranchFilter(filter)) return { ok: false, reason: 'branch_filter' };
  const errors: Record<string, string[]> = {};
  if (!areTexts(values.urlVariables, /^[A-Za-z]\w*$/, /^[^\r\n]+$/)) errors.url_variables = ['is invalid'];
  if (!areTexts(values.customHeaders, HEADER_NAME, HEADER_VALUE)) errors.custom_headers = ['is invalid'];
  if (values.token !== null && !HEADER_VALUE.test(values.token.replace(/[\r\n]/g, ''))) {
    errors.token = ['is invalid'];
  }
  return Object.keys(errors).length === 0 ? null : { ok: false, reason: 'values', errors };
}

function areTexts(texts: HookTexts, name: RegExp, value: RegExp): boolean {
  const entries = Object.entries(texts);
  return (
    entries.length <= MAX_TEXTS &&
    entries.every(
      ([key, text]) =>
        key.length <= 255 && name.test(key) && text.length <= MAX_TEXT_LENGTH && value.test(text),
    )
  );
}

function columnsOf(values: HookValues, encryption: Encryption) {
  return {
    name: values.name,
    description: values.description,
    encrypted_url: encryption.encrypt(values.url),
    encrypted_token: values.token === null || values.token === '' ? null : encryption.encrypt(values.token),
    encrypted_url_variables: encryption.encrypt(JSON.stringify(values.urlVariables)),
    encrypted_custom_headers: encryption.encrypt(JSON.stringify(values.customHeaders)),
    enable_ssl_verification: Number(values.enableSslVerification),
    push_events: Number(values.pushEvents),
    tag_push_events: Number(values.tagPushEvents),
    job_events: Number(values.jobEvents),
    pipeline_events: Number(values.pipelineEvents),
    other_events: JSON.stringify(values.otherEvents),
    push_events_branch_filter: values.pushEventsBranchFilter,
    branch_filter_strategy: values.branchFilterStrategy,
    custom_webhook_template: values.customWebhookTemplate,
  };
}

function hookOfRow(row: HookRow, encryption: Encryption): Hook {
  const texts = (encrypted: string) => JSON.parse(encryption.decrypt(encrypted)) as HookTexts;
  return {
    id: row.id,
    projectId: row.project_id,
    name: row.name,
    description: row.description,
    url: encryption.decrypt(row.encrypted_url),
    token: row.encrypted_token === null ? null : encryption.decrypt(row.encrypted_token),
    urlVariables: texts(row.encrypted_url_variables),
    customHeaders: texts(row.encrypted_custom_headers),
    enableSslVerification: row.enable_ssl_verification === 1,
    pushEvents: row.push_events === 1,
    tagPushEvents: row.tag_push_events === 1,
    jobEvents: row.job_events === 1,
    pipelineEvents: row.pipeline_events === 1,
    otherEvents: JSON.parse(row.other_events) as Record<string, boolean>,
    pushEventsBranchFilter: row.push_events_branch_filter,
    branchFilterStrategy: row.branch_filter_strategy as Hook['branchFilterStrategy'],
    customWebhookTemplate: row.custom_webhook_template,
    recentFailures: row.recent_failures,
    disabledUntil: row.disabled_until,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
