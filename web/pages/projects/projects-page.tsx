import { type PageProps, query, setQuery } from '../../router.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import { viewer } from '../../shell/viewer.ts';
import { FirstPush } from './first-push.tsx';
import { ProjectList } from './project-list.tsx';

/** The viewer's projects, or all that he may see. */
export default function ProjectsPage(_: PageProps) {
  const all = viewer.value === null || query.value.get('all') === '1';
  usePageTitle(['Projects']);
  const choice = (words: string, chosen: boolean, value: string | null) => (
    <button type="button" aria-pressed={chosen} onClick={() => setQuery({ all: value, page: null })}>
      {words}
    </button>
  );
  return (
    <ProjectList
      title="Projects"
      path="/projects"
      which={{ membership: all ? null : true }}
      filters={
        viewer.value ? (
          <fieldset class="segments" aria-label="Which projects">
            {choice('Yours', !all, null)}
            {choice('All', all, '1')}
          </fieldset>
        ) : null
      }
      empty={<FirstPush />}
    />
  );
}
