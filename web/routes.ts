import type { Page } from './router.ts';

/** Every page at GitLab's path; the first that fits is taken. A page is loaded when it is first visited. */
export const pages: readonly Page[] = [
  { path: '/', title: 'Projects', load: () => import('./pages/projects/projects-page.tsx') },
  {
    path: '/dashboard/projects',
    title: 'Projects',
    load: () => import('./pages/projects/projects-page.tsx'),
  },
  {
    path: '/*project/-/jobs/:job',
    title: 'Job',
    tab: 'jobs',
    load: () => import('./pages/job/job-page.tsx'),
  },
  {
    path: '/*project/-/pipelines',
    title: 'Pipelines',
    tab: 'pipelines',
    load: () => import('./pages/pipelines/pipelines-page.tsx'),
  },
  {
    path: '/*project/-/pipelines/new',
    title: 'Run pipeline',
    tab: 'pipelines',
    load: () => import('./pages/new-pipeline/new-pipeline-page.tsx'),
  },
  {
    path: '/*project/-/pipelines/:pipeline',
    title: 'Pipeline',
    tab: 'pipelines',
    load: () => import('./pages/pipeline/pipeline-page.tsx'),
  },
  {
    path: '/*project/-/jobs',
    title: 'Jobs',
    tab: 'jobs',
    load: () => import('./pages/jobs/jobs-page.tsx'),
  },
  {
    path: '/*project',
    title: 'Pipelines',
    tab: 'pipelines',
    load: () => import('./pages/pipelines/pipelines-page.tsx'),
  },
];
