import {
  type ClientRequest,
  request as httpRequest,
  type IncomingHttpHeaders,
  type IncomingMessage,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isIP } from 'node:net';
import { pipeline, type Readable } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import type { OutboundUrl } from './url.ts';

/** One request to one place, its addresses checked. */
export interface Exchange {
  place: OutboundUrl;
  /** The only addresses that are connected to. */
  addresses: readonly string[];
  method: string;
  headers: Readonly<Record<string, string>>;
  body: Buffer | null;
  /** Bytes of the answer's body, after inflation. */
  maxBytes: number;
  connectMilliseconds: number;
  verifyCertificate: boolean;
  /** Ends everything. */
  signal: AbortSignal;
}

export interface ExchangeAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** The body is longer than allowed. */
export class BodyTooLarge extends Error {}

/** Sends one request and reads its answer. Throws BodyTooLarge, or whatever makes a place unreachable. */
export async function exchange(asked: Exchange): Promise<ExchangeAnswer> {
  const response = await send(asked);
  const { statusCode = 0, headers } = response;
  return { status: statusCode, headers, body: await readBody(response, asked.maxBytes) };
}

function send(asked: Exchange): Promise<IncomingMessage> {
  const { place, method, headers, body, signal } = asked;
  const request = (place.secure ? httpsRequest : httpRequest)({
    host: place.host,
    port: place.port,
    method,
    path: `${place.url.pathname}${place.url.search}`,
    headers: { ...headers, host: place.url.host, ...lengthOf(body, method) },
    ...(isIP(place.host) === 0 ? { servername: place.host } : {}),
    ...(place.secure ? { rejectUnauthorized: asked.verifyCertificate } : {}),
    lookup: pinned(asked.addresses),
    agent: false,
    signal,
  });
  return new Promise((resolve, reject) => {
    limitConnecting(request, place.secure, asked.connectMilliseconds);
    request.on('response', resolve);
    request.on('error', reject);
    request.on('close', () => reject(new Error('closed without an answer')));
    request.end(body ?? undefined);
  });
}

function lengthOf(body: Buffer | null, method: string): Record<string, string> {
  return body === null && method === 'GET' ? {} : { 'content-length': String(body?.length ?? 0) };
}

/** Answers every look-up with the addresses that were checked: the name is not resolved again (security NET-1). */
function pinned(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_host, options, callback) => {
    if (options.all === true) callback(null, all);
    else callback(null, all[0]!.address, all[0]!.family);
  };
}

function limitConnecting(request: ClientRequest, secure: boolean, milliseconds: number): void {
  const timer = setTimeout(() => request.destroy(new Error('connecting took too long')), milliseconds);
  request.on('socket', (socket) =>
    socket.once(secure ? 'secureConnect' : 'connect', () => clearTimeout(timer)),
  );
  request.on('close', () => clearTimeout(timer));
}

async function readBody(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of inflated(response) as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > maxBytes) throw new BodyTooLarge();
      chunks.push(chunk);
    }
  } finally {
    response.destroy();
  }
  return Buffer.concat(chunks);
}

function inflated(response: IncomingMessage): Readable {
  const decoder = decoderFor(response.headers['content-encoding']);
  // A broken stream shows to who reads the decoder.
  return decoder === null ? response : pipeline(response, decoder, () => undefined);
}

function decoderFor(encoding: string | undefined) {
  switch (encoding?.trim().toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip();
    case 'deflate':
      return createInflate();
    case 'br':
      return createBrotliDecompress();
    default:
      return null;
  }
}
