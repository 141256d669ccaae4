import type { PageProps } from '../../router.ts';

/** All projects that the viewer is a member of. */
export default function ProjectsPage(_: PageProps) {
  return <h1>Projects</h1>;
}
