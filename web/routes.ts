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
    path: '/*project/-/jobs/:job/artifacts/browse',
    title: 'Artifacts',
    tab: 'jobs',
    load: () => import('./pages/artifacts/browse-page.tsx'),
  },
  {
    path: '/*project/-/jobs/:job/artifacts/browse/*path',
    title: 'Artifacts',
    tab: 'jobs',
    load: () => import('./pages/artifacts/browse-page.tsx'),
  },
  {
    path: '/*project/-/jobs/:job/artifacts/file/*path',
    title: 'Artifact',
    tab: 'jobs',
    load: () => import('./pages/artifacts/file-page.tsx'),
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
    path: '/*project/-/pipeline_schedules',
    title: 'Schedules',
    tab: 'schedules',
    load: () => import('./pages/schedules/schedules-page.tsx'),
  },
  {
    path: '/*project/-/pipeline_schedules/new',
    title: 'New schedule',
    tab: 'schedules',
    load: () => import('./pages/schedules/schedule-form-page.tsx'),
  },
  {
    path: '/*project/-/pipeline_schedules/:id/edit',
    title: 'Edit schedule',
    tab: 'schedules',
    load: () => import('./pages/schedules/schedule-form-page.tsx'),
  },
  {
    path: '/*project/-/runners',
    title: 'Runners',
    tab: 'runners',
    load: () => import('./pages/runners/project-runners-page.tsx'),
  },
  {
    path: '/*project/-/variables',
    title: 'Variables',
    tab: 'variables',
    load: () => import('./pages/variables/project-variables-page.tsx'),
  },
  { path: '/users/sign_in', title: 'Sign in', load: () => import('./pages/sign-in/sign-in-page.tsx') },
  {
    path: '/-/user_settings/personal_access_tokens',
    title: 'Access tokens',
    load: () => import('./pages/profile/tokens-page.tsx'),
  },
  {
    path: '/-/user_settings/active_sessions',
    title: 'Sessions',
    load: () => import('./pages/profile/sessions-page.tsx'),
  },
  {
    path: '/-/user_settings/password',
    title: 'Password',
    load: () => import('./pages/profile/password-page.tsx'),
  },
  {
    path: '/groups/*group/-/runners',
    title: 'Runners',
    load: () => import('./pages/runners/group-runners-page.tsx'),
  },
  {
    path: '/groups/*group/-/variables',
    title: 'Variables',
    load: () => import('./pages/variables/group-variables-page.tsx'),
  },
  {
    path: '/admin/runners',
    title: 'Runners',
    load: () => import('./pages/runners/instance-runners-page.tsx'),
  },
  {
    path: '/admin/variables',
    title: 'Variables',
    load: () => import('./pages/variables/instance-variables-page.tsx'),
  },
  {
    path: '/groups/*group',
    title: 'Projects',
    load: () => import('./pages/projects/namespace-page.tsx'),
  },
  { path: '/:group', title: 'Projects', load: () => import('./pages/projects/namespace-page.tsx') },
  {
    path: '/*project',
    title: 'Pipelines',
    tab: 'pipelines',
    load: () => import('./pages/pipelines/pipelines-page.tsx'),
  },
];
