import type { Page } from 'playwright-core';
import type { JobScene } from './job-scene.ts';
import type { Seeded } from './seeded-server.ts';

/** One page as somebody sees it, for axe and for the screenshots. */
export interface PageRow {
  /** Also the name of its picture. */
  name: string;
  address(seeded: Seeded): string;
  /** Who looks: root unless it says `nobody`. */
  as?: 'nobody';
  /** A selector that is there when the page is drawn. */
  ready: string;
  /** What is done on it then: something opens. */
  act?(page: Page): Promise<void>;
}

/** Presses a button that opens a dialog. */
function opens(button: string) {
  return async (page: Page): Promise<void> => {
    await page.getByRole('button', { name: button, exact: true }).click();
    await page.waitForSelector('dialog');
  };
}

/** Every page of the web UI: a new page adds a row. */
export const PAGES: readonly PageRow[] = [
  { name: 'projects', address: () => '/', ready: '.rows' },
  { name: 'projects-nobody', address: () => '/', as: 'nobody', ready: '.empty-state' },
  {
    name: 'keyboard',
    address: ({ path }) => `/${path}`,
    ready: '.rows',
    act: (page) => page.keyboard.press('?'),
  },
  {
    name: 'user-menu',
    address: () => '/',
    ready: '.rows',
    act: (page) => page.locator('.user-menu summary').click(),
  },
  {
    name: 'confirmation',
    address: ({ path, running }) => `/${path}/-/pipelines/${running}`,
    ready: '.graph',
    act: (page) => page.getByRole('button', { name: 'Cancel', exact: true }).click(),
  },
  {
    name: 'downstream',
    address: ({ path, passed }) => `/${path}/-/pipelines/${passed}`,
    ready: '.graph',
    act: async (page) => {
      await page.getByRole('button', { name: 'Downstream pipeline of security' }).click();
      await page.locator('.downstream .graph').waitFor();
    },
  },
  { name: 'namespace', address: () => '/root', ready: '.rows' },
  { name: 'not-found', address: () => '/nobody/nothing', ready: 'h1' },
  { name: 'pipelines', address: ({ path }) => `/${path}/-/pipelines`, ready: '.rows' },
  { name: 'pipelines-empty', address: ({ empty }) => `/${empty}`, ready: '.commands' },
  { name: 'new-pipeline', address: ({ path }) => `/${path}/-/pipelines/new`, ready: '.given-row' },
  { name: 'jobs', address: ({ path }) => `/${path}/-/jobs`, ready: '.jobs' },
  { name: 'sign-in', address: () => '/users/sign_in', as: 'nobody', ready: 'form' },
  { name: 'runners', address: ({ path }) => `/${path}/-/runners`, ready: '.runners' },
  { name: 'runners-admin', address: () => '/admin/runners', ready: '.runners' },
  { name: 'schedules', address: ({ path }) => `/${path}/-/pipeline_schedules`, ready: 'tbody' },
  {
    name: 'schedules-empty',
    address: ({ empty }) => `/${empty}/-/pipeline_schedules`,
    ready: '.empty-state',
  },
  { name: 'schedule-new', address: ({ path }) => `/${path}/-/pipeline_schedules/new`, ready: 'form' },
  { name: 'variables', address: ({ path }) => `/${path}/-/variables`, ready: 'tbody' },
  {
    name: 'variables-add',
    address: ({ path }) => `/${path}/-/variables`,
    ready: 'tbody',
    act: opens('Add variable'),
  },
  {
    name: 'variables-delete',
    address: ({ path }) => `/${path}/-/variables`,
    ready: 'tbody',
    act: opens('Delete LOG_LEVEL'),
  },
  {
    name: 'runners-new',
    address: ({ path }) => `/${path}/-/runners`,
    ready: '.runners',
    act: opens('New runner'),
  },
  { name: 'admin-users-new', address: () => '/admin/users', ready: 'tbody', act: opens('New user') },
  { name: 'variables-empty', address: ({ empty }) => `/${empty}/-/variables`, ready: '.empty-state' },
  { name: 'editor', address: ({ path }) => `/${path}/-/ci/editor`, ready: '.lint-stages' },
  {
    name: 'editor-invalid',
    address: ({ path }) => `/${path}/-/ci/editor?branch_name=try/stages`,
    ready: '.lint-messages',
  },
  { name: 'settings-general', address: ({ path }) => `/${path}/edit`, ready: 'form' },
  { name: 'settings-ci-cd', address: ({ path }) => `/${path}/-/settings/ci_cd`, ready: 'tbody' },
  { name: 'settings-protected', address: ({ path }) => `/${path}/-/settings/repository`, ready: 'tbody' },
  { name: 'settings-members', address: ({ path }) => `/${path}/-/project_members`, ready: 'tbody' },
  { name: 'settings-tokens', address: ({ path }) => `/${path}/-/settings/access_tokens`, ready: 'form' },
  { name: 'settings-hooks', address: ({ path }) => `/${path}/-/hooks`, ready: 'tbody' },
  { name: 'settings-hook', address: ({ path, hook }) => `/${path}/-/hooks/${hook}/edit`, ready: '.section' },
  {
    name: 'schedule-edit',
    address: ({ path, schedule }) => `/${path}/-/pipeline_schedules/${schedule}/edit`,
    ready: 'tbody',
  },
  { name: 'admin-users', address: () => '/admin/users', ready: 'tbody' },
  { name: 'admin-groups', address: () => '/admin/groups', ready: 'tbody' },
  { name: 'admin-settings', address: () => '/admin/application_settings', ready: 'form' },
  { name: 'group-members', address: ({ group }) => `/groups/${group}/-/group_members`, ready: 'tbody' },
  { name: 'group-runners', address: ({ group }) => `/groups/${group}/-/runners`, ready: '.runners' },
  { name: 'group-new', address: () => '/groups/new', ready: 'form' },
  { name: 'group-variables', address: ({ group }) => `/groups/${group}/-/variables`, ready: '.empty-state' },
  { name: 'variables-admin', address: () => '/admin/variables', ready: 'tbody' },
  { name: 'group-settings', address: ({ group }) => `/groups/${group}/-/edit`, ready: 'form' },
  { name: 'tokens', address: () => '/-/user_settings/personal_access_tokens', ready: 'form' },
  { name: 'sessions', address: () => '/-/user_settings/active_sessions', ready: 'tbody' },
  { name: 'password', address: () => '/-/user_settings/password', ready: 'form' },
  { name: 'pipeline', address: ({ path, running }) => `/${path}/-/pipelines/${running}`, ready: '.graph' },
  {
    name: 'pipeline-failed',
    address: ({ path, failed }) => `/${path}/-/pipelines/${failed}`,
    ready: '.graph',
  },
  {
    name: 'pipeline-list',
    address: ({ path, failed }) => `/${path}/-/pipelines/${failed}?view=list&sort=duration`,
    ready: '.job-rows',
  },
  {
    name: 'pipeline-timeline',
    address: ({ path, passed }) => `/${path}/-/pipelines/${passed}?view=timeline`,
    ready: '.timeline',
  },
  {
    name: 'pipeline-invalid',
    address: ({ path, invalid }) => `/${path}/-/pipelines/${invalid}`,
    ready: '.yaml-errors',
  },
  {
    name: 'pipeline-large',
    address: ({ large }) => `/${large.path}/-/pipelines/${large.pipeline}`,
    ready: '.dots',
  },
  { name: 'job-failed', address: ({ scene }) => job(scene, 'unit'), ready: '.log-row' },
  { name: 'job-running', address: ({ scene }) => job(scene, 'watch'), ready: '.log-row' },
  { name: 'job-waiting', address: ({ scene }) => job(scene, 'gpu'), ready: '.job-waiting' },
  { name: 'job-manual', address: ({ scene }) => job(scene, 'deploy'), ready: '.job-waiting' },
  { name: 'job-passed', address: ({ scene }) => job(scene, 'build'), ready: '.log-row' },
  {
    name: 'artifacts',
    address: ({ scene }) => job(scene, 'build', '/artifacts/browse/dist'),
    ready: '.artifact-table tbody tr',
  },
  {
    name: 'artifact-text',
    address: ({ scene }) => job(scene, 'build', '/artifacts/file/dist/notes.txt'),
    ready: '.artifact-text',
  },
  {
    name: 'artifact-image',
    address: ({ scene }) => job(scene, 'build', '/artifacts/file/dist/logo.png'),
    ready: '.artifact-image img',
  },
];

function job({ path, jobs }: JobScene, name: keyof JobScene['jobs'], rest = ''): string {
  return `/${path}/-/jobs/${jobs[name]}${rest}`;
}
