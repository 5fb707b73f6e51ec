/**
 * Agent and control plane in one process, over loopback: authority, registry and server are the real ones, ADS is a stand-in that records
 * what arrives and answers what a test tells it to. For the tests in this folder.
 */
import path from 'node:path';
import { Resources } from '@weft/control/api';
import { Authorities, type Authority, Credentials, JoinTokens, type Refusal, Refusals } from '@weft/control/authority';
import { agentMethods, bindNode, Registry } from '@weft/control/registry';
import { ControlServer, type GrpcMethod, type ServerStream, type ServerTls } from '@weft/control/server';
import { memoryStore } from '@weft/control/store/memory';
import { controlPlaneNameFor, formatJoinToken } from '@weft/core/agent-api';
import type { MonotonicClock, WallClock } from '@weft/core/kernel';
import { NAMESPACE } from '@weft/core/resources';
import { ADS_STREAM, decodeDiscoveryRequest, type DiscoveryRequest } from '@weft/envoy/discovery';
import { systemMonotonicClock, systemWallClock } from '../clocks.ts';

export interface RigOptions {
  readonly folder: string;
  readonly clock?: MonotonicClock;
  readonly wall?: WallClock;
  readonly svidLife?: number;
}

export interface AdsStream {
  readonly stream: ServerStream;
  readonly requests: DiscoveryRequest[];
}

export class Rig {
  readonly store = memoryStore();
  readonly resources: Resources;
  readonly authorities: Authorities;
  readonly authority: Authority;
  readonly tokens: JoinTokens;
  readonly credentials: Credentials;
  readonly refusals: Refusal[] = [];
  readonly ads: AdsStream[] = [];
  readonly meshes = new Map([['shop', { mesh: 'default', trustDomain: 'weft.local' }]]);
  readonly #options: Required<Pick<RigOptions, 'folder' | 'clock' | 'wall'>>;
  readonly #log: Refusals;
  registry!: Registry;
  server!: ControlServer;
  port = 0;

  constructor(options: RigOptions) {
    const { folder, clock = systemMonotonicClock, wall = systemWallClock, svidLife } = options;
    this.#options = { folder, clock, wall };
    this.#log = new Refusals((refusal) => this.refusals.push(refusal));
    this.resources = new Resources(this.store, { clock: wall });
    this.authorities = new Authorities({
      folder: path.join(folder, 'authority'),
      clock: wall,
      svidLife,
      primary: () => 'weft.local',
    });
    this.authority = this.authorities.primary;
    this.tokens = new JoinTokens(this.store, wall);
    const meshes = { meshOf: (namespace: string) => this.meshes.get(namespace) };
    this.credentials = new Credentials({ authorities: this.authorities, tokens: this.tokens, meshes, clock });
  }

  get socket(): string {
    return path.join(this.#options.folder, 'control.sock');
  }

  async start(): Promise<void> {
    await this.store.start();
    this.authorities.start();
    await this.resources.start();
    const target = { kind: NAMESPACE, version: 'v1', namespace: '', name: 'shop' };
    const document = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'shop' } };
    await this.resources.create(target, document, { author: 'test' });
    await this.open();
  }

  /** Registry and doors; the port of an earlier time again. */
  async open(): Promise<void> {
    const { authorities, credentials } = this;
    this.registry = new Registry({
      resources: this.resources,
      holders: { withdrawn: () => Promise.resolve(true) },
      clock: this.#options.clock,
    });
    await this.registry.start();
    this.server = new ControlServer({
      tls: this.tls(),
      grpcMethods: [
        ...agentMethods({ authorities, credentials, registry: this.registry, refusals: this.#log }),
        this.#adsMethod(),
      ],
      restHandler: (socket) => socket.destroy(),
      unixPath: this.socket,
      listen: { host: '127.0.0.1', port: this.port },
      onCertificateRefused: (peer, detail) =>
        this.#log.add({ reason: 'certificate-refused', operation: 'connect', peer, identity: '', detail }),
    });
    await this.server.start();
    this.port = this.server.port ?? 0;
  }

  tls(): ServerTls {
    const { authority } = this;
    const hosts = ['127.0.0.1', 'localhost', controlPlaneNameFor('weft.local')];
    return { ...authority.issueServerIdentity(hosts), roots: authority.roots() };
  }

  /** As if it were killed: streams break, nothing is said. The store stays. */
  async close(): Promise<void> {
    await this.server.stop(0);
    this.registry.stop();
  }

  async stop(): Promise<void> {
    await this.close();
    this.resources.stop();
    await this.store.stop();
  }

  /** A token's text for shop/`account`. */
  async token(account = 'orders', ttlMs?: number): Promise<string> {
    const binding = { mesh: 'default', trustDomain: 'weft.local', namespace: 'shop', account };
    const made = await this.tokens.create(binding, ttlMs);
    if (!made.ok) throw new Error(made.error);
    const { authority } = this;
    return formatJoinToken({
      controlPlane: `127.0.0.1:${this.port}`,
      rootSha256: authority.rootSha256,
      proof: made.value.proof,
    });
  }

  #adsMethod(): GrpcMethod {
    return {
      kind: 'stream',
      path: ADS_STREAM,
      handle: (stream) => {
        const opened: AdsStream = { stream, requests: [] };
        this.ads.push(opened);
        stream.onMessage((bytes) => {
          const request = decodeDiscoveryRequest(bytes);
          if (!request.ok) return;
          const node = request.value.node;
          const bound = node === undefined ? undefined : bindNode(this.registry, stream.peer, node.id);
          if (bound?.ok === false) {
            this.#log.add({ reason: bound.error, operation: 'ads', peer: '', identity: '', detail: node?.id ?? '' });
            stream.end({ code: 7, message: 'refused' });
          } else opened.requests.push(request.value);
        });
      },
    };
  }
}
