import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';

interface Crumb {
  text: string;
  address: string;
}

/** What the page adds behind the project. */
const added = signal<readonly Crumb[]>([]);

/** Names where the page is, behind its project: a job under its pipeline, say. */
export function useBreadcrumbs(crumbs: readonly Crumb[]): void {
  const shape = crumbs.map(({ text, address }) => `${text} ${address}`).join('\n');
  useEffect(() => {
    added.value = crumbs;
    return () => {
      added.value = [];
    };
  }, [shape]);
}

export function Breadcrumbs({ project }: { project: string | null }) {
  const crumbs: Crumb[] = project === null ? [{ text: 'Projects', address: '/' }] : placeOf(project);
  return (
    <nav class="breadcrumbs" aria-label="Breadcrumbs">
      <ol>
        {[...crumbs, ...added.value].map(({ text, address }) => (
          <li key={address}>
            <a href={address}>{text}</a>
          </li>
        ))}
      </ol>
    </nav>
  );
}

/** The groups of a project and itself; a group's page, or a user's, is the list of its projects. */
function placeOf(project: string): Crumb[] {
  const names = project.split('/');
  return names.map((text, index) => {
    const path = names.slice(0, index + 1).join('/');
    return { text, address: index === 0 || index === names.length - 1 ? `/${path}` : `/groups/${path}` };
  });
}
