import type { IncomingMessage } from 'node:http';

/** The chain of webhooks that a request belongs to, for the pipeline it makes: no hook is met twice (security HOOK-3). */
export function hookChain(request: Pick<IncomingMessage, 'headers'>): { hookChain?: string } {
  const chain = request.headers['x-gitlab-event-uuid'];
  return typeof chain === 'string' && /^[0-9a-f-]{36}$/.test(chain) ? { hookChain: chain } : {};
}
