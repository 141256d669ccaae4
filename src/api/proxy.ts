import type { IncomingMessage } from 'node:http';
import { BlockList, isIP } from 'node:net';

/** How a client reached us, as far as it can be believed. */
export interface Origin {
  /** Address of the client. */
  ip: string;
  /** Base URL of the request, without a trailing slash. */
  baseUrl: string;
}

const HOST = /^[\w.:[\]-]+$/;

/**
 * Tells clients apart behind proxies: `X-Forwarded-For`, `-Proto` and `-Host` count only when the connection comes from a
 * proxy that is trusted; anybody else may write into them what he likes (security LIM-3).
 */
export class ProxyTrust {
  readonly #trusted = new BlockList();

  /** Addresses, or networks as `10.0.0.0/8`. */
  constructor(proxies: readonly string[] = []) {
    for (const proxy of proxies) {
      const [address = '', length] = proxy.split('/');
      const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
      if (length === undefined) this.#trusted.addAddress(address, family);
      else this.#trusted.addSubnet(address, Number(length), family);
    }
  }

  originOf(request: IncomingMessage): Origin {
    const peer = request.socket.remoteAddress ?? '';
    const forwarded = this.#trusts(peer);
    const protocol = (forwarded && first(request.headers['x-forwarded-proto'])) || 'http';
    const host = (forwarded && first(request.headers['x-forwarded-host'])) || request.headers.host || '';
    return {
      ip: forwarded ? this.#client(peer, request.headers['x-forwarded-for']) : peer,
      baseUrl: `${protocol === 'https' ? 'https' : 'http'}://${HOST.test(host) ? host : 'localhost'}`,
    };
  }

  /** The last address that no trusted proxy wrote about itself. */
  #client(peer: string, header: string | string[] | undefined): string {
    const hops = String(header ?? '')
      .split(',')
      .map((hop) => hop.trim())
      .filter((hop) => isIP(hop) !== 0);
    for (let hop = hops.pop(); hop !== undefined; hop = hops.pop()) {
      if (!this.#trusts(hop) || hops.length === 0) return hop;
    }
    return peer;
  }

  #trusts(address: string): boolean {
    const plain = address.replace(/^::ffff:(?=\d+\.)/, '');
    const family = isIP(plain);
    return family !== 0 && this.#trusted.check(plain, family === 6 ? 'ipv6' : 'ipv4');
  }
}

function first(header: string | string[] | undefined): string {
  return String(header ?? '')
    .split(',')[0]!
    .trim();
}
