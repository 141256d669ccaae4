import type { PageProps } from '../../router.ts';
import { GroupFrame } from '../../shell/group-frame.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { viewer } from '../../shell/viewer.ts';
import { Runners } from './runners.tsx';

/** Runners of a group. */
export default function GroupRunnersPage({ params }: PageProps) {
  usePageTitle(['Runners', params.group!]);
  return (
    <GroupFrame path={params.group!}>
      {(group) => (
        <Runners
          path={`/groups/${group.id}/runners`}
          place={{ runner_type: 'group_type', group_id: group.id }}
          manages={(runner) => runner.runner_type === 'group_type' || viewer.value?.is_admin === true}
        />
      )}
    </GroupFrame>
  );
}
