import type { PageProps } from '../../router.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import { projectApi, useProject } from '../../shell/project.tsx';
import { Variables } from './variables.tsx';

/** CI/CD variables of a project. */
export default function ProjectVariablesPage(_: PageProps) {
  const project = useProject();
  usePageTitle(['Variables', project.path_with_namespace]);
  return <Variables path={projectApi(project, '/variables')} whose="project" />;
}
