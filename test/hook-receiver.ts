import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that a webhook made. */
export interface Told {
  path: string;
  headers: IncomingHttpHeaders;
  text: string;
  /** The parsed body. */
  json: Record<string, unknown>;
}

/** The other end of webhooks: remembers what it is told and answers as the test says. */
export interface HookReceiver {
  url: string;
  told: Told[];
  /** Status of the next answers; 0 cuts the connection. */
  status: number;
  close(): Promise<void>;
}

/** Listens on a free port of the loopback; answers after `pauseMs`. */
export async function openHookReceiver(pauseMs = 0): Promise<HookReceiver> {
  const receiver = { url: '', told: [] as Told[], status: 200, close: async () => {} };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const text = Buffer.concat(chunks).toString();
      const { url: path = '', headers } = request;
      receiver.told.push({ path, headers, text, json: JSON.parse(text) as Told['json'] });
      setTimeout(() => {
        if (receiver.status === 0) response.destroy();
        else response.writeHead(receiver.status, { location: '/elsewhere' }).end('heard');
      }, pauseMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  receiver.close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return receiver;
}
