import { go, type PageProps } from '../../router.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import { GroupForm } from './group-form.tsx';

/** A new group at the top. */
export default function NewGroupPage(_: PageProps) {
  usePageTitle(['New group']);
  return (
    <>
      <div class="page-head">
        <h1>New group</h1>
      </div>
      <GroupForm group={null} onDone={(path) => go(`/groups/${path}/-/group_members`)} />
    </>
  );
}
