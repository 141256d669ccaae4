import type { PageProps } from '../../router.ts';
import { GroupFrame } from '../../shell/group-frame.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { Members } from './members.tsx';

/** Who is in a group, and so in all its projects. */
export default function GroupMembersPage({ params }: PageProps) {
  usePageTitle(['Members', params.group!]);
  return (
    <GroupFrame path={params.group!}>
      {(group) => (
        <>
          <div class="page-head">
            <h1>Members</h1>
          </div>
          <Members path={`/groups/${group.id}`} />
        </>
      )}
    </GroupFrame>
  );
}
