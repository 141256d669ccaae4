import { createContext } from 'preact';
import { useContext } from 'preact/hooks';
import type { projectEntity } from '../../src/api/entities/project.ts';

/** A project as the API shows it to this viewer: some keys are there for members only. */
type Project = Pick<ReturnType<typeof projectEntity>, 'id' | 'name' | 'path_with_namespace' | 'visibility'> &
  Partial<ReturnType<typeof projectEntity>>;

export type { Project };

export const ProjectContext = createContext<Project | null>(null);

/** The project of the page. Throws on a page whose path has no `*project`. */
export function useProject(): Project {
  const project = useContext(ProjectContext);
  if (project === null) throw new Error('this page is not one of a project');
  return project;
}

/** Address of a page of the project: `''` is the project itself, `jobs/7` is below `/-/`. */
export function projectAddress(project: Pick<Project, 'path_with_namespace'>, rest = ''): string {
  return `/${project.path_with_namespace}${rest === '' ? '' : `/-/${rest}`}`;
}

/** Path of the API for the project. */
export function projectApi(project: Pick<Project, 'id'>, rest: string): string {
  return `/projects/${project.id}${rest}`;
}
