const LABELS: Readonly<Record<string, string>> = {
  waiting_for_resource: 'waiting for resource',
  waiting_for_callback: 'waiting for callback',
  success: 'passed',
  manual: 'waiting for manual action',
  scheduled: 'waiting for delayed job',
};

/** What a pipeline's status is called where people read it (rest-resources 6.4). */
export function statusLabel(status: string, warnings: boolean): string {
  return warnings && status === 'success' ? 'passed with warnings' : (LABELS[status] ?? status);
}
