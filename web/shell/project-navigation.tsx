import { go } from '../router.ts';
import { useKeys } from './keyboard.ts';
import type { Project } from './project.tsx';
import { viewer } from './viewer.ts';

interface Tab {
  name: string;
  text: string;
  /** Below `/-/` of the project. */
  at: string;
  /** Second key after `g`. */
  key: string;
  /** Level on the project that its page asks for; 0 is everybody who sees the project. */
  level: number;
}

const DEVELOPER = 30;
const MAINTAINER = 40;

const TABS: readonly Tab[] = [
  { name: 'pipelines', text: 'Pipelines', at: 'pipelines', key: 'p', level: 0 },
  { name: 'jobs', text: 'Jobs', at: 'jobs', key: 'j', level: 0 },
  { name: 'schedules', text: 'Schedules', at: 'pipeline_schedules', key: 's', level: 0 },
  { name: 'editor', text: 'Editor', at: 'ci/editor', key: 'e', level: DEVELOPER },
  { name: 'runners', text: 'Runners', at: 'runners', key: 'r', level: MAINTAINER },
  { name: 'variables', text: 'Variables', at: 'variables', key: 'v', level: MAINTAINER },
  { name: 'settings', text: 'Settings', at: 'settings/ci_cd', key: 't', level: MAINTAINER },
];

/** The pages of one project, those that this viewer may open. */
export function ProjectNavigation({
  path,
  project,
  tab,
}: {
  path: string;
  project: Project | undefined;
  tab: string;
}) {
  const level = project === undefined ? 0 : levelOf(project);
  const shown = TABS.filter((one) => one.level <= level || one.name === tab);
  const addressOf = (one: Tab) => `/${path}/-/${one.at}`;
  useKeys(
    'This project',
    shown.map((one) => ({
      keys: `g ${one.key}`,
      text: `Go to ${one.text.toLowerCase()}`,
      run: () => go(addressOf(one)),
    })),
  );
  return (
    <nav class="project-navigation" aria-label="Project">
      <ul>
        {shown.map((one) => (
          <li key={one.name}>
            <a
              href={addressOf(one)}
              aria-current={one.name === tab ? 'page' : undefined}
              title={`g ${one.key}`}
            >
              {one.text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The viewer's level on the project; administrators stand above all. */
export function levelOf(project: Project): number {
  const { project_access: own, group_access: inherited } = project.permissions ?? {
    project_access: null,
    group_access: null,
  };
  const owner = project.owner !== undefined && project.owner.id === viewer.value?.id ? 50 : 0;
  return viewer.value?.is_admin ? 60 : Math.max(own?.access_level ?? 0, inherited?.access_level ?? 0, owner);
}
