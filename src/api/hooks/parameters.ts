import type { HookTexts, HookValues } from '../../pipeline/hook.ts';
import { OTHER_EVENTS } from '../entities/hook.ts';

const TEXT = { type: 'string', nullable: true } as const;
const FLAG = { type: 'boolean' } as const;
const TEXTS = {
  type: 'object-list',
  of: { key: { type: 'string', required: true }, value: { type: 'string', required: true } },
} as const;

/** What POST and PUT take beside the URL (rest-resources 10.1). */
export const HOOK_VALUES_INPUT = {
  name: TEXT,
  description: TEXT,
  token: TEXT,
  enable_ssl_verification: FLAG,
  push_events_branch_filter: TEXT,
  branch_filter_strategy: { type: 'string', values: ['wildcard', 'regex', 'all_branches'] },
  custom_webhook_template: TEXT,
  url_variables: TEXTS,
  custom_headers: TEXTS,
  push_events: FLAG,
  tag_push_events: FLAG,
  job_events: FLAG,
  pipeline_events: FLAG,
  merge_requests_events: FLAG,
  repository_update_events: FLAG,
  issues_events: FLAG,
  confidential_issues_events: FLAG,
  note_events: FLAG,
  confidential_note_events: FLAG,
  wiki_page_events: FLAG,
  deployment_events: FLAG,
  feature_flag_events: FLAG,
  releases_events: FLAG,
  milestone_events: FLAG,
  emoji_events: FLAG,
  resource_access_token_events: FLAG,
} as const;

type Given = {
  [name in 'name' | 'description' | 'token' | 'push_events_branch_filter' | 'custom_webhook_template']?:
    | string
    | null
    | undefined;
} & {
  [name in
    | 'enable_ssl_verification'
    | 'push_events'
    | 'tag_push_events'
    | 'job_events'
    | 'pipeline_events'
    | (typeof OTHER_EVENTS)[number]]?: boolean | undefined;
} & {
  url?: string | undefined;
  branch_filter_strategy?: HookValues['branchFilterStrategy'] | undefined;
  url_variables?: { key: string; value: string }[] | undefined;
  custom_headers?: { key: string; value: string }[] | undefined;
};

/** A hook about which nothing was said. */
export const HOOK_DEFAULTS: Omit<HookValues, 'url'> = {
  name: null,
  description: null,
  token: null,
  urlVariables: {},
  customHeaders: {},
  enableSslVerification: true,
  pushEvents: true,
  tagPushEvents: false,
  jobEvents: false,
  pipelineEvents: false,
  otherEvents: {},
  pushEventsBranchFilter: null,
  branchFilterStrategy: 'wildcard',
  customWebhookTemplate: null,
};

/** What a client said of a hook; what it did not mention is absent. */
export function hookValues(given: Given, known: Record<string, boolean> = {}): Partial<HookValues> {
  const others = OTHER_EVENTS.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]]));
  const values = {
    url: given.url,
    name: given.name,
    description: given.description,
    token: given.token,
    urlVariables: textsOf(given.url_variables),
    customHeaders: textsOf(given.custom_headers),
    enableSslVerification: given.enable_ssl_verification,
    pushEvents: given.push_events,
    tagPushEvents: given.tag_push_events,
    jobEvents: given.job_events,
    pipelineEvents: given.pipeline_events,
    otherEvents: { ...known, ...(Object.fromEntries(others) as Record<string, boolean>) },
    pushEventsBranchFilter: given.push_events_branch_filter,
    branchFilterStrategy: given.branch_filter_strategy,
    customWebhookTemplate: given.custom_webhook_template,
  };
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined),
  ) as Partial<HookValues>;
}

function textsOf(list: { key: string; value: string }[] | undefined): HookTexts | undefined {
  return list === undefined ? undefined : Object.fromEntries(list.map(({ key, value }) => [key, value]));
}
