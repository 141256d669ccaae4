/** Icon, text, label and favicon of each status (rest-resources 6.4); icon, group and favicon are of the status where null. */
const LOOKS: Record<string, { text: string; label: string; icon?: string; favicon?: string }> = {
  created: { text: 'Created', label: 'created' },
  waiting_for_resource: {
    text: 'Waiting',
    label: 'waiting for resource',
    icon: 'pending',
    favicon: 'pending',
  },
  waiting_for_callback: {
    text: 'Waiting',
    label: 'waiting for callback',
    icon: 'pending',
    favicon: 'pending',
  },
  preparing: { text: 'Preparing', label: 'preparing' },
  pending: { text: 'Pending', label: 'pending' },
  running: { text: 'Running', label: 'running' },
  success: { text: 'Passed', label: 'passed' },
  failed: { text: 'Failed', label: 'failed' },
  canceling: { text: 'Canceling', label: 'canceling', icon: 'canceled', favicon: 'canceled' },
  canceled: { text: 'Canceled', label: 'canceled' },
  skipped: { text: 'Skipped', label: 'skipped' },
  manual: { text: 'Blocked', label: 'waiting for manual action' },
  scheduled: { text: 'Delayed', label: 'waiting for delayed job' },
};

/** How a pipeline's status is shown. `path` is the page of its details. */
export function detailedStatus(status: string, warnings: boolean, path: string) {
  const warned = status === 'success' && warnings;
  const look = LOOKS[status] ?? { text: status, label: status };
  const label = warned ? 'passed with warnings' : look.label;
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
