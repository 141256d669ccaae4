import type { Page } from './router.ts';

/** Every page at GitLab's path; the first that fits is taken. A page is loaded when it is first visited. */
export const pages: readonly Page[] = [
  { path: '/', title: 'Projects', load: () => import('./pages/projects/projects-page.tsx') },
  {
    path: '/dashboard/projects',
    title: 'Projects',
    load: () => import('./pages/projects/projects-page.tsx'),
  },
];
