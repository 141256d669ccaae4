import { statusLabel } from '../../pipeline/status-label.ts';

/** Text, icon and favicon of each status (rest-resources 6.4); icon and favicon are the status' own where absent. */
const LOOKS: Record<string, { text: string; icon?: string; favicon?: string }> = {
  created: { text: 'Created' },
  waiting_for_resource: {
    text: 'Waiting',
    icon: 'pending',
    favicon: 'pending',
  },
  waiting_for_callback: {
    text: 'Waiting',
    icon: 'pending',
    favicon: 'pending',
  },
  preparing: { text: 'Preparing' },
  pending: { text: 'Pending' },
  running: { text: 'Running' },
  success: { text: 'Passed' },
  failed: { text: 'Failed' },
  canceling: { text: 'Canceling', icon: 'canceled', favicon: 'canceled' },
  canceled: { text: 'Canceled' },
  skipped: { text: 'Skipped' },
  manual: { text: 'Blocked' },
  scheduled: { text: 'Delayed' },
};

/** How a pipeline's status is shown. `path` is the page of its details. */
export function detailedStatus(status: string, warnings: boolean, path: string) {
  const warned = status === 'success' && warnings;
  const look = LOOKS[status] ?? { text: status };
  const label = statusLabel(status, warnings);
  return {
    icon: `status_${warned ? 'warning' : (look.icon ?? status)}`,
    text: warned ? 'Warning' : look.text,
    label,
    group: warned ? 'success-with-warnings' : status.replaceAll('_', '-'),
    tooltip: label,
    has_details: true,
    details_path: path,
    illustration: null,
    favicon: `/assets/ci_favicons/favicon_status_${look.favicon ?? status}.png`,
  };
}
