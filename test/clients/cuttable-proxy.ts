import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A wire between a client and a server of this machine that can be cut: open connections break, new ones are refused. Of
 * several servers each connection gets the next one that is there.
 */
export class CuttableProxy {
  readonly #targets: readonly number[];
  #joined = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #cut = false;

  private constructor(targets: readonly number[], server: Server) {
    this.#targets = targets;
    this.#server = server;
  }

  /** `targets`: the servers' ports on this machine. */
  static async open(...targets: number[]): Promise<CuttableProxy> {
    const server = createServer();
    const proxy = new CuttableProxy(targets, server);
    server.on('connection', (client) => proxy.#join(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** From now on nothing gets through, and what was under way is lost. */
  cut(): void {
    this.#cut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#cut = false;
  }

  async close(): Promise<void> {
    this.cut();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #join(client: Socket): void {
    if (this.#cut) {
      client.destroy();
      return;
    }
    this.#connect(client, this.#targets.length);
  }

  /** One that is away is passed over. */
  #connect(client: Socket, tries: number): void {
    const server = connect(this.#targets[this.#joined++ % this.#targets.length]!, '127.0.0.1');
    const away = () => {
      if (tries > 1 && !this.#cut) this.#connect(client, tries - 1);
      else client.destroy();
    };
    server.once('error', away);
    server.once('connect', () => {
      server.off('error', away);
      this.#pair(client, server);
    });
  }

  #pair(client: Socket, server: Socket): void {
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  }
}
