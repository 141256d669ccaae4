import type { PageProps } from '../../router.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import { AdminFrame } from '../admin/admin-frame.tsx';
import { Variables } from './variables.tsx';

/** CI/CD variables of the whole server. */
export default function InstanceVariablesPage(_: PageProps) {
  usePageTitle(['Variables']);
  return (
    <AdminFrame>
      <Variables path="/admin/ci/variables" whose="instance" />
    </AdminFrame>
  );
}
