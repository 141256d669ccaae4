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
}

/** Every page of the web UI: a new page adds a row. */
export const PAGES: readonly PageRow[] = [
  { name: 'projects', address: () => '/', ready: '.rows' },
  { name: 'projects-nobody', address: () => '/', as: 'nobody', ready: '.empty-state' },
  { name: 'not-found', address: () => '/nobody/nothing', ready: 'h1' },
  { name: 'pipelines', address: ({ path }) => `/${path}/-/pipelines`, ready: '.rows' },
  { name: 'pipelines-empty', address: ({ empty }) => `/${empty}`, ready: '.commands' },
  { name: 'new-pipeline', address: ({ path }) => `/${path}/-/pipelines/new`, ready: '.given-row' },
  { name: 'jobs', address: ({ path }) => `/${path}/-/jobs`, ready: '.jobs' },
  { name: 'pipeline', address: ({ path, running }) => `/${path}/-/pipelines/${running}`, ready: '.graph' },
  {
    name: 'pipeline-failed',
    address: ({ path, failed }) => `/${path}/-/pipelines/${failed}`,
    ready: '.graph',
  },
  {
    name: 'pipeline-list',
    address: ({ path, failed }) => `/${path}/-/pipelines/${failed}?view=list&sort=duration`,
    ready: '.job-list',
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
];
