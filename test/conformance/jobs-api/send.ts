import type { IncomingHttpHeaders } from 'node:http';
import { request as plain } from 'node:http';
import { request as secure } from 'node:https';

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
  /** The parsed body; undefined when it is not JSON. */
  json: unknown;
}

export interface Request {
  method: string;
  /** Sent as it is: nothing is tidied. */
  path: string;
  headers: Record<string, string>;
  /** An object goes as JSON, a text as it is. */
  body: unknown;
}

/** One request to a server, byte for byte as said. */
export function send(url: string, { method, path, headers: given, body: value }: Request): Promise<Reply> {
  const base = new URL(url);
  const headers = { ...given };
  const body = value === undefined || typeof value === 'string' ? value : JSON.stringify(value);
  if (body !== undefined) {
    headers['content-type'] ??= 'application/json';
    headers['content-length'] = String(Buffer.byteLength(body));
  }
  const open = base.protocol === 'https:' ? secure : plain;
  return new Promise((resolve, reject) => {
    const { hostname, port } = base;
    const request = open({ hostname, port, method, path, headers, agent: false }, (response) => {
      if (response.headers['content-type'] === 'text/event-stream') {
        // It never ends by itself.
        resolve({ status: response.statusCode!, headers: response.headers, text: '', json: undefined });
        response.destroy();
        return;
      }
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const isJson = (response.headers['content-type'] ?? '').startsWith('application/json') && text !== '';
        resolve({
          status: response.statusCode!,
          headers: response.headers,
          text,
          json: isJson ? JSON.parse(text) : undefined,
        });
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}
