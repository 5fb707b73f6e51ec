/** What stands behind the proxies: an application for each port of a called workload, and the host outside. Each says who it is. */
import net from 'node:net';
import tls from 'node:tls';
import { EchoServer } from '@weft/testkit/echo';
import { ServiceServer } from '@weft/testkit/services';
import { BARE, CALLED, nameOf, OUTSIDE, OUTSIDE_PORTS, PORTS, SEALED, VAULT } from './generate/words.ts';

export class Applications {
  readonly #stops: (() => unknown)[] = [];
  readonly #ports = new Map<string, number>();

  async start({ certificate: cert, key }: { readonly certificate: string; readonly key: string }): Promise<void> {
    // Requests are counted by key, whichever workload they meet.
    const seen = new Map<string, number>();
    const echo = async (at: string, name: string, protocol: 'http1' | 'http2' = 'http1'): Promise<void> => {
      const server = new EchoServer(name, protocol, { seen });
      this.#ports.set(at, await server.start());
      this.#stops.push(() => server.stop());
    };
    /** The same behind TLS that ends here. */
    const sealed = async (at: string, name: string): Promise<void> => {
      const server = new EchoServer(name, 'http1', { seen });
      const port = await server.start();
      this.#stops.push(() => server.stop());
      const ended = tls.createServer({ cert, key, ALPNProtocols: ['http/1.1'] }, (socket) => {
        const plain = net.connect(port, '127.0.0.1');
        socket.on('error', () => plain.destroy()).on('close', () => plain.destroy());
        plain.on('error', () => socket.destroy()).on('close', () => socket.destroy());
        socket.pipe(plain).pipe(socket);
      });
      // Who speaks no TLS is cut off.
      await this.#listens(at, ended);
    };
    await echo(`${OUTSIDE}:${OUTSIDE_PORTS[OUTSIDE]}`, OUTSIDE);
    await sealed(`${OUTSIDE}:${OUTSIDE_PORTS[VAULT]}`, VAULT);
    await sealed(`${SEALED}:${PORTS.sealed}`, nameOf(SEALED));
    await echo(`${BARE}:${PORTS.http}`, nameOf(BARE));
    for (const { key: workload, ports } of CALLED)
      for (const port of ports) {
        const at = `${workload}:${PORTS[port]}`;
        const name = nameOf(workload);
        if (port === 'http') await echo(at, name);
        else if (port === 'grpc') await echo(at, name, 'http2');
        else if (port === 'line') await this.#listens(at, net.createServer(greets(name)));
        else if (port === 'secure') await this.#listens(at, tls.createServer({ cert, key }, greets(name)));
        else {
          const server = new ServiceServer();
          this.#ports.set(at, await server.start());
          this.#stops.push(() => server.stop());
        }
      }
  }

  async #listens(at: string, server: net.Server): Promise<void> {
    const sockets = new Set<net.Socket>();
    server.on('connection', (socket: net.Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    this.#ports.set(at, (server.address() as net.AddressInfo).port);
    this.#stops.push(() => {
      for (const socket of sockets) socket.destroy();
      server.close();
    });
  }

  /** Where the application of that workload and port listens; undefined: there is none. */
  port(workload: string, port: number): number | undefined {
    return this.#ports.get(`${workload}:${port}`);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stops.map((stop) => stop()));
  }
}

/** Answers the first bytes with its name, and closes. */
const greets =
  (name: string) =>
  (socket: net.Socket): void => {
    socket.on('error', () => undefined).once('data', () => socket.end(name));
  };
