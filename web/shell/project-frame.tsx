import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { segment } from '../api/client.ts';
import { useReading } from '../api/reading.ts';
import NotFoundPage from '../pages/not-found/not-found-page.tsx';
import { go } from '../router.ts';
import { ProblemNote } from './problem.tsx';
import { type Project, ProjectContext } from './project.tsx';
import { ProjectNavigation } from './project-navigation.tsx';
import { signInAddress, viewer } from './viewer.ts';

/** Reads the project of a page, shows its navigation, and gives it to the page (`useProject`). */
export function ProjectFrame({
  path,
  tab,
  children,
}: {
  path: string;
  tab: string;
  children: ComponentChildren;
}) {
  const { value: project, problem, reload } = useReading<Project>(`/projects/${segment(path)}`);
  const unknown = problem !== null && (problem.status === 404 || problem.status === 401);
  const anonymous = viewer.value === null;
  useEffect(() => {
    if (unknown && anonymous) go(signInAddress(), { replace: true });
  }, [unknown, anonymous]);
  return (
    <>
      <ProjectNavigation path={path} project={project} tab={tab} />
      <main id="main" tabIndex={-1}>
        {unknown ? (
          <NotFoundPage params={{}} />
        ) : problem !== null && project === undefined ? (
          <ProblemNote problem={problem} onRetry={reload} />
        ) : project === undefined ? null : (
          <ProjectContext.Provider value={project}>{children}</ProjectContext.Provider>
        )}
      </main>
    </>
  );
}
