import { go, type PageProps } from '../../router.ts';
import { actIfSure } from '../../shell/act.ts';
import { GroupFrame } from '../../shell/group-frame.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { Section } from '../../shell/section.tsx';
import { GroupForm } from './group-form.tsx';

/** A group's name, who sees it, and its end. */
export default function GroupSettingsPage({ params }: PageProps) {
  usePageTitle(['Settings', params.group!]);
  return (
    <GroupFrame path={params.group!}>
      {(group) => (
        <>
          <div class="page-head">
            <h1>Settings</h1>
          </div>
          <GroupForm
            group={group}
            onDone={(path) => {
              if (path !== group.full_path) go(`/groups/${path}/-/edit`, { replace: true });
            }}
          />
          <Section
            title="Delete"
            lead="With the group go all its projects, their pipelines, logs and artifacts."
          >
            <button
              type="button"
              class="danger"
              onClick={async () => {
                const question = {
                  title: `Delete ${group.full_path}?`,
                  text: 'All its projects are deleted with it.',
                  action: 'Delete group',
                };
                const done = `${group.full_path} is being deleted.`;
                if (await actIfSure(question, 'DELETE', `/groups/${group.id}`, { done })) go('/');
              }}
            >
              Delete group
            </button>
          </Section>
        </>
      )}
    </GroupFrame>
  );
}
