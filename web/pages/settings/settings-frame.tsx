import type { ComponentChildren } from 'preact';
import { usePageTitle } from '../../shell/page-title.ts';
import { projectAddress, useProject } from '../../shell/project.tsx';
import { SideFrame } from '../../shell/side-frame.tsx';

/** One page of a project's settings beside the names of the others. */
export function SettingsFrame({ title, children }: { title: string; children: ComponentChildren }) {
  const project = useProject();
  usePageTitle([title, project.path_with_namespace]);
  const at = (rest: string) => projectAddress(project, rest);
  return (
    <SideFrame
      label="Settings"
      places={[
        { text: 'General', address: `/${project.path_with_namespace}/edit` },
        { text: 'CI/CD', address: at('settings/ci_cd') },
        { text: 'Protected refs', address: at('settings/repository') },
        { text: 'Members', address: at('project_members') },
        { text: 'Access tokens', address: at('settings/access_tokens') },
        { text: 'Webhooks', address: at('hooks') },
      ]}
    >
      <div class="page-head">
        <h1>{title}</h1>
      </div>
      {children}
    </SideFrame>
  );
}
