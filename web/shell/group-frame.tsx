import type { ComponentChildren } from 'preact';
import type { groupEntity } from '../../src/api/entities/group.ts';
import { segment } from '../api/client.ts';
import { useReading } from '../api/reading.ts';
import NotFoundPage from '../pages/not-found/not-found-page.tsx';
import { useBreadcrumbs } from './breadcrumbs.tsx';
import { Read } from './reading.tsx';
import { SideFrame } from './side-frame.tsx';

export type Group = ReturnType<typeof groupEntity>;

/** Pages of one group, for those who may know of it. */
export function GroupFrame({
  path,
  children,
}: {
  path: string;
  children: (group: Group) => ComponentChildren;
}) {
  useBreadcrumbs([{ text: path, address: `/groups/${path}` }]);
  const reading = useReading<Group>(`/groups/${segment(path)}`, { with_projects: false });
  if (reading.problem?.status === 404 || reading.problem?.status === 401) return <NotFoundPage params={{}} />;
  return (
    <SideFrame
      label="Group"
      places={[
        { text: 'Projects', address: `/groups/${path}` },
        { text: 'Members', address: `/groups/${path}/-/group_members` },
        { text: 'Runners', address: `/groups/${path}/-/runners` },
        { text: 'Variables', address: `/groups/${path}/-/variables` },
        { text: 'Settings', address: `/groups/${path}/-/edit` },
      ]}
    >
      <Read reading={reading}>{(group) => children(group)}</Read>
    </SideFrame>
  );
}
