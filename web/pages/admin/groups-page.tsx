import { useState } from 'preact/hooks';
import { useReading } from '../../api/reading.ts';
import { type PageProps, query } from '../../router.ts';
import { Dialog } from '../../shell/dialog.tsx';
import { EmptyState } from '../../shell/empty-state.tsx';
import { useQueryField } from '../../shell/field-state.ts';
import type { Group } from '../../shell/group-frame.tsx';
import { Icon } from '../../shell/icon.tsx';
import { usePageTitle } from '../../shell/page-title.ts';
import { Pagination } from '../../shell/pagination.tsx';
import { Read } from '../../shell/reading.tsx';
import { SearchField } from '../../shell/search-field.tsx';
import { Table } from '../../shell/table.tsx';
import { GroupForm } from '../group/group-form.tsx';
import { AdminFrame } from './admin-frame.tsx';

/** Every group of the server. */
export default function GroupsPage(_: PageProps) {
  usePageTitle(['Groups']);
  return (
    <AdminFrame>
      <Groups />
    </AdminFrame>
  );
}

function Groups() {
  const [search, typeSearch] = useQueryField('search');
  const groups = useReading<Group[]>('/groups', {
    search: query.value.get('search'),
    page: query.value.get('page'),
    per_page: 30,
  });
  const [making, setMaking] = useState(false);
  return (
    <>
      <div class="page-head">
        <h1>Groups</h1>
        <div class="actions">
          <button type="button" class="primary" onClick={() => setMaking(true)}>
            <Icon name="plus" /> New group
          </button>
        </div>
      </div>
      <div class="filters">
        <SearchField label="Name or path" value={search} onInput={typeSearch} />
      </div>
      <Read
        reading={groups}
        empty={
          <EmptyState title="No group">
            <p>A group holds projects that share members, variables and runners.</p>
          </EmptyState>
        }
      >
        {(list) => (
          <>
            <Table columns={['Group', ['Description', 'wide-only'], 'Who sees it']}>
              {list.map((group) => (
                <tr key={group.id}>
                  <td>
                    <a data-row href={`/groups/${group.full_path}/-/group_members`}>
                      {group.full_name}
                    </a>{' '}
                    <span class="muted small">{group.full_path}</span>
                  </td>
                  <td class="wide-only">{group.description}</td>
                  <td>
                    <span class="pill">{group.visibility}</span>
                  </td>
                </tr>
              ))}
            </Table>
            {groups.paging === undefined ? null : <Pagination paging={groups.paging} noun="group" />}
          </>
        )}
      </Read>
      {making ? (
        <Dialog title="New group" onClose={() => setMaking(false)}>
          <GroupForm
            group={null}
            onDone={() => {
              setMaking(false);
              groups.reload();
            }}
          />
        </Dialog>
      ) : null}
    </>
  );
}
