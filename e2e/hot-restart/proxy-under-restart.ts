/** `weft proxy` on a bootstrap of its own, known by its pid file over hot restarts, and callers that keep count of what did not come back. */
import { createSocket } from 'node:dgram';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { engineCommand } from '@weft/testkit/cases';
import { exchange, type Target } from '@weft/testkit/http-client';
import { freePorts } from '@weft/testkit/ports';
import { TestProcess } from '@weft/testkit/process';
import { until } from '@weft/testkit/wait';

interface Backends {
  readonly http: number;
  readonly udp: number;
}

const HCM = 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager';
const ROUTER = 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router';
const UDP = 'type.googleapis.com/envoy.extensions.filters.udp.udp_proxy.v3.UdpProxyConfig';

const socketAddress = (port: number, protocol = 'TCP') => ({
  socket_address: { protocol, address: '127.0.0.1', port_value: port },
});

function httpListener(name: string, address: object): object {
  const route = { match: { prefix: '/' }, route: { cluster: 'http' } };
  const manager = {
    '@type': HCM,
    stat_prefix: 'front',
    route_config: { virtual_hosts: [{ name: 'all', domains: ['*'], routes: [route] }] },
    http_filters: [{ name: 'router', typed_config: { '@type': ROUTER } }],
  };
  return { name, address, filter_chains: [{ filters: [{ name: 'hcm', typed_config: manager }] }] };
}

export interface ControlPlane {
  readonly port: number;
  readonly delta: boolean;
}

/** A bootstrap's part that takes everything by ADS. */
const asksFor = ({ port, delta }: ControlPlane): object => ({
  static_resources: { clusters: [{ ...cluster('ads', port), http2_protocol_options: {} }] },
  dynamic_resources: {
    ads_config: {
      api_type: delta ? 'DELTA_GRPC' : 'GRPC',
      transport_api_version: 'V3',
      grpc_services: [{ envoy_grpc: { cluster_name: 'ads' } }],
    },
    lds_config: { ads: {}, resource_api_version: 'V3' },
    cds_config: { ads: {}, resource_api_version: 'V3' },
  },
});

const cluster = (name: string, port: number): object => ({
  name,
  type: 'STATIC',
  load_assignment: {
    cluster_name: name,
    endpoints: [{ lb_endpoints: [{ endpoint: { address: socketAddress(port) } }] }],
  },
});

export class ProxyUnderRestart {
  readonly folder: string;
  readonly port: number;
  readonly secondPort: number;
  readonly udpPort: number;
  readonly unixPath: string;
  readonly first: TestProcess;
  readonly #backends: Backends;
  readonly #control: ControlPlane | undefined;
  readonly #file: string;
  readonly #pidFile: string;

  /** `control`: where its listeners and clusters come from; default: they stand in the bootstrap. */
  static async start(
    folder: string,
    backends: Backends,
    concurrency: number,
    control?: ControlPlane,
  ): Promise<ProxyUnderRestart> {
    const proxy = new ProxyUnderRestart(folder, backends, concurrency, await freePorts(3), control);
    await proxy.epoch(0);
    return proxy;
  }

  private constructor(
    folder: string,
    backends: Backends,
    concurrency: number,
    ports: readonly number[],
    control: ControlPlane | undefined,
  ) {
    this.folder = folder;
    this.#control = control;
    [this.port = 0, this.secondPort = 0, this.udpPort = 0] = ports;
    this.unixPath = path.join(folder, 'front.sock');
    this.#backends = backends;
    this.#file = path.join(folder, 'bootstrap.json');
    this.#pidFile = path.join(folder, 'pid');
    this.write();
    const [command, ...args] = engineCommand('weft', this.#file, { concurrency });
    this.first = new TestProcess(command, [...args, '--pid-file', this.#pidFile, '--parent-shutdown-time-s', '60']);
  }

  get admin(): { readonly socketPath: string } {
    return { socketPath: path.join(this.folder, 'admin.sock') };
  }

  /** Of the process that serves. */
  get pid(): number {
    return existsSync(this.#pidFile) ? Number(readFileSync(this.#pidFile, 'utf8')) : 0;
  }

  /** The bootstrap that the next process reads; `second`: with one listener more, on that port. */
  write(second?: number): void {
    const admin = { address: { pipe: { path: path.join(this.folder, 'admin.sock') } } };
    if (this.#control !== undefined) {
      this.writeText(JSON.stringify({ node: { id: 'n', cluster: 'c' }, admin, ...asksFor(this.#control) }));
      return;
    }
    const listeners = [
      httpListener('tcp', socketAddress(this.port)),
      httpListener('unix', { pipe: { path: this.unixPath } }),
      {
        name: 'udp',
        address: socketAddress(this.udpPort, 'UDP'),
        udp_listener_config: {},
        listener_filters: [
          {
            name: 'udp',
            typed_config: { '@type': UDP, stat_prefix: 'u', idle_timeout: '1s', matcher: udpMatcher('udp') },
          },
        ],
      },
      ...(second === undefined ? [] : [httpListener('second', socketAddress(second))]),
    ];
    const clusters = [cluster('http', this.#backends.http), cluster('udp', this.#backends.udp)];
    this.writeText(JSON.stringify({ admin, static_resources: { listeners, clusters } }));
  }

  writeText(text: string): void {
    writeFileSync(this.#file, text);
  }

  hangUp(): void {
    process.kill(this.pid, 'SIGHUP');
  }

  /** A whole restart: another process serves, the one before has ended. */
  async restart(): Promise<void> {
    const { pid } = this;
    const next = (await this.#epoch()) + 1;
    this.hangUp();
    await this.epoch(next);
    await until(() => !lives(pid), { what: `the end of process ${pid}` });
  }

  epoch(wanted: number): Promise<unknown> {
    return until(async () => this.pid > 0 && (await this.#epoch()) === wanted, {
      what: `epoch ${wanted} (${this.first.stderr})`,
    });
  }

  async stat(name: string): Promise<number> {
    const { body } = await exchange(this.admin, { path: `/stats?filter=^${name}$` });
    return Number(body.toString().split(': ')[1]);
  }

  async stop(): Promise<void> {
    const { pid } = this;
    if (lives(pid)) process.kill(pid, 'SIGTERM');
    await until(() => !lives(pid), { what: `the end of process ${pid}` });
    await this.first.stop();
  }

  async #epoch(): Promise<number> {
    const { body } = await exchange(this.admin, { path: '/server_info' });
    const info = JSON.parse(body.toString()) as { readonly command_line_options: { readonly restart_epoch: number } };
    return info.command_line_options.restart_epoch;
  }
}

const udpMatcher = (name: string): object => ({
  on_no_match: {
    action: {
      name: 'route',
      typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.udp.udp_proxy.v3.Route', cluster: name },
    },
  },
});

export function lives(pid: number): boolean {
  // To the system, 0 is this process's own group.
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** One caller by HTTP: a request, its answer, the next; each on a connection of its own, or all on one that is kept. */
export class Caller {
  readonly failures: string[] = [];
  ok = 0;
  #over = false;
  readonly #agent: http.Agent | false;
  readonly #done: Promise<void>;

  constructor(target: Target, kept: boolean) {
    this.#agent = kept && new http.Agent({ keepAlive: true, maxSockets: 1 });
    this.#done = this.#run(target);
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#done;
    if (this.#agent !== false) this.#agent.destroy();
  }

  async #run(target: Target): Promise<void> {
    while (!this.#over) {
      const { status } = await exchange(target, {}, this.#agent).catch((error: unknown) => ({ status: String(error) }));
      if (status === 200) this.ok += 1;
      else this.failures.push(String(status));
    }
  }
}

/** One caller by UDP: a datagram, its answer, the next. */
export class Datagrams {
  readonly failures: string[] = [];
  ok = 0;
  #over = false;
  readonly #done: Promise<void>;

  constructor(port: number) {
    this.#done = this.#run(port);
  }

  async stop(): Promise<void> {
    this.#over = true;
    await this.#done;
  }

  async #run(port: number): Promise<void> {
    const socket = createSocket('udp4');
    const answers = new Set<string>();
    socket.on('message', (bytes) => answers.add(bytes.toString()));
    for (let number = 0; !this.#over; number++) {
      socket.send(String(number), port, '127.0.0.1');
      await until(() => answers.has(`udp:${number}`), {
        timeout: 20_000,
        what: `an answer to datagram ${number}`,
      }).then(
        () => (this.ok += 1),
        (error: unknown) => this.failures.push(String(error)),
      );
    }
    socket.close();
  }
}
