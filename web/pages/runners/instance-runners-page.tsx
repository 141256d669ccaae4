import type { PageProps } from '../../router.ts';
import { usePageTitle } from '../../shell/page-title.ts';
import { AdminFrame } from '../admin/admin-frame.tsx';
import { Runners } from './runners.tsx';

/** All runners of the server. */
export default function InstanceRunnersPage(_: PageProps) {
  usePageTitle(['Runners']);
  return (
    <AdminFrame>
      <Runners path="/runners/all" place={{ runner_type: 'instance_type' }} manages={() => true} />
    </AdminFrame>
  );
}
