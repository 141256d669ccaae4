import type { PageProps } from '../../router.ts';
import { GroupFrame } from '../../shell/group-frame.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { Variables } from './variables.tsx';

/** CI/CD variables of a group. */
export default function GroupVariablesPage({ params }: PageProps) {
  usePageTitle(['Variables', params.group!]);
  return (
    <GroupFrame path={params.group!}>
      {(group) => <Variables path={`/groups/${group.id}/variables`} whose="group" />}
    </GroupFrame>
  );
}
