import type { PageProps } from '../../router.ts';
import { projectApi, useProject } from '../../shell/project.tsx';
import { SettingsFrame } from '../settings/settings-frame.tsx';
import { Members } from './members.tsx';

/** Who works on a project. */
export default function ProjectMembersPage(_: PageProps) {
  const project = useProject();
  return (
    <SettingsFrame title="Members">
      <Members path={projectApi(project, '')} />
    </SettingsFrame>
  );
}
