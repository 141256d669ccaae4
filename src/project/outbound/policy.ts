import { addressKind, blockList, carriedAddress, contains } from './address.ts';

/** What outbound requests may reach besides public addresses. */
export interface OutboundPolicy {
  /** Everything local, but not multicast, broadcast and the like. */
  allowLocal: boolean;
  /** Hosts, addresses and networks, each perhaps with a port, that are reachable though local (security NET-3). */
  allowlist: readonly string[];
}

/** Where a request wants to go. */
export interface Target {
  /** Host name or IP address, IPv6 without brackets, without a trailing dot. */
  host: string;
  port: number;
}

/** Whether a connection to `address`, one of those that the target's host resolved to, is allowed (security NET-2, NET-3). */
export function mayConnect(policy: OutboundPolicy, target: Target, address: string): boolean {
  const kind = addressKind(address);
  if (kind === 'public' || (kind === 'local' && policy.allowLocal)) return true;
  return policy.allowlist.some((entry) => opens(entry, target, address));
}

/** Whether one entry of the allowlist names the target's host, its address, or a network around it. */
function opens(entry: string, target: Target, address: string): boolean {
  const { name, port } = splitEntry(entry);
  if (port !== null && port !== target.port) return false;
  if (name.toLowerCase() === target.host) return true;
  const networks = blockList([name]);
  const carried = address.includes(':') ? carriedAddress(address) : null;
  return contains(networks, address) || (carried !== null && contains(networks, carried));
}

/** `host`, `host:port`, `network`, `v4:port` or `[v6]:port`. */
function splitEntry(entry: string): { name: string; port: number | null } {
  const text = entry.trim();
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/.exec(text);
  if (bracketed !== null) return { name: bracketed[1]!, port: portOf(bracketed[2]) };
  const single = /^([^:]+):(\d+)$/.exec(text);
  return single === null ? { name: text, port: null } : { name: single[1]!, port: portOf(single[2]) };
}

function portOf(text: string | undefined): number | null {
  return text === undefined ? null : Number(text);
}
