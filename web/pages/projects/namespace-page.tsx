import { segment } from '../../api/client.ts';
import { useReading } from '../../api/reading.ts';
import type { PageProps } from '../../router.ts';
import { useBreadcrumbs } from '../../shell/breadcrumbs.tsx';
import { EmptyState } from '../../shell/empty-state.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { viewer } from '../../shell/viewer.ts';
import { PushCommands } from './first-push.tsx';
import { ProjectList } from './project-list.tsx';

/** The projects of a group and of all below it, or of a user. */
export default function NamespacePage({ params }: PageProps) {
  const name = params.group ?? '';
  const group = useReading<{ full_name: string }>(`/groups/${segment(name)}`, { with_projects: false });
  const isUser = group.problem?.status === 404 && !name.includes('/');
  usePageTitle([name]);
  useBreadcrumbs([{ text: name, address: `/groups/${name}` }]);
  if (group.value === undefined && !isUser && group.problem === null) return null;
  return (
    <ProjectList
      title={group.value?.full_name ?? name}
      path={isUser ? `/users/${segment(name)}/projects` : `/groups/${segment(name)}/projects`}
      which={isUser ? {} : { include_subgroups: true }}
      filters={
        isUser || !viewer.value ? null : (
          <a class="button" href={`/groups/${name}/-/group_members`}>
            Members and settings
          </a>
        )
      }
      empty={
        <EmptyState title="No project yet">
          <p>A push makes one, for those who may create projects here:</p>
          <PushCommands path={`${name}/app`} />
        </EmptyState>
      }
    />
  );
}
