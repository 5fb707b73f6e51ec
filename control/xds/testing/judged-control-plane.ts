/** A control plane reduced to its xDS, on a Unix socket, for clients of other makes to judge. */
import path from 'node:path';
import type { ProxyConfig } from '@weft/core/proxy-config';
import { until } from '@weft/testkit/wait';
import { ControlServer } from '../../server/index.ts';
import { envoyEncoders } from '../encoders/index.ts';
import { adsMethods, XdsServer, type ClientStatus } from '../server/index.ts';
import { FixedSource, trusting } from './harness.ts';

const clock = {
  now: () => performance.now(),
  after: (delayMs: number, callback: () => void) => {
    const timer = setTimeout(callback, delayMs).unref();
    return { cancel: () => clearTimeout(timer) };
  },
};

export class JudgedControlPlane {
  readonly socket: string;
  readonly source: FixedSource;
  /** Types of the pushes so far. */
  readonly pushes: string[] = [];
  readonly refusals: string[] = [];
  #xds: XdsServer;
  #front: ControlServer;

  constructor(folder: string, config: ProxyConfig) {
    this.socket = path.join(folder, 'xds.sock');
    this.source = new FixedSource(config);
    [this.#xds, this.#front] = this.#make();
  }

  #make(): [XdsServer, ControlServer] {
    const xds = new XdsServer({
      source: this.source,
      resolveProxy: trusting,
      encoders: envoyEncoders,
      clock,
      wall: { now: () => Date.now() },
      controlPlane: 'weft-test',
      limits: { patienceMs: 300 },
      observer: {
        pushed: (type) => this.pushes.push(type),
        rejected: (_, type, __, reason) => this.refusals.push(`${type}: ${reason}`),
      },
    });
    const front = new ControlServer({
      tls: { certificateChain: '', privateKey: '', roots: '' },
      grpcMethods: adsMethods(xds),
      restHandler: (socket) => socket.destroy(),
      unixPath: this.socket,
    });
    return [xds, front];
  }

  start(): Promise<void> {
    return this.#front.start();
  }

  async stop(): Promise<void> {
    this.#xds.stop();
    await this.#front.stop(0);
  }

  /** As after a kill: nothing is remembered. */
  async restart(): Promise<void> {
    await this.stop();
    this.pushes.length = 0;
    [this.#xds, this.#front] = this.#make();
    await this.#front.start();
  }

  status(): ClientStatus | undefined {
    return this.#xds.clients().at(-1);
  }

  /** Waits until the client's status is as wanted. */
  async reaches(phase: ClientStatus['phase'], timeout = 10_000): Promise<ClientStatus> {
    const reached = (): ClientStatus | undefined => {
      const status = this.status();
      const asked = status?.tables.filter((table) => table.phase !== 'unsubscribed').length ?? 0;
      return status !== undefined && asked >= 4 && status.phase === phase ? status : undefined;
    };
    return until(reached, { timeout }).catch((error: unknown) => {
      throw new Error(`not ${phase}: ${JSON.stringify({ ...this.status(), proxy: '' })} ${this.refusals.join('; ')}`, {
        cause: error,
      });
    });
  }
}
