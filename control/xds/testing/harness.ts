/** An XdsServer with an in-process client that speaks in bytes, for tests. */
import { err, ok } from '@weft/core/kernel';
import type { Proxy } from '@weft/core/mesh-view';
import type { ProxyConfig } from '@weft/core/proxy-config';
import {
  decodeDeltaDiscoveryResponse,
  decodeDiscoveryResponse,
  encodeDeltaDiscoveryRequest,
  encodeDiscoveryRequest,
  NO_NODE,
  type DeltaDiscoveryRequest,
  type DeltaDiscoveryResponse,
  type DiscoveryRequest,
  type DiscoveryResponse,
  type NodeClaims,
} from '@weft/envoy/discovery';
import type { Peer } from '../../server/index.ts';
import type { ConfigSource, NodeClaim, ResolveProxy, XdsServer, XdsStream } from '../server/index.ts';
import { TYPE_URLS, type EncodedRow, type ResourceType, type RowEncoders } from '../snapshot/index.ts';
import type { Protocol } from '../subscription/index.ts';

const TEXT = new TextEncoder();
const json = <Row extends object>(row: Row): EncodedRow<Row> => ({
  bytes: TEXT.encode(JSON.stringify(row)),
  diagnostics: [],
});

/** Rows as JSON: the server does not look into a resource. */
export const JSON_ENCODERS: RowEncoders = { clusters: json, endpoints: json, listeners: json, routes: json };

export const proxyOf = ({ id, engine, upstreams, httpProxyPort, network, locality }: NodeClaim): Proxy => ({
  id,
  role: engine.name === 'grpc' ? 'grpc' : 'sidecar',
  engine,
  mesh: 'default',
  workloads: [id],
  network,
  locality,
  upstreams,
  httpProxyPort,
  gateway: '',
});

/** Everybody is who they say they are. */
export const trusting: ResolveProxy = (claim) => ok(proxyOf(claim));
export const nobody: ResolveProxy = () => err('the workload is registered by somebody else');

/** One configuration for all, replaced by `set`. */
export class FixedSource implements ConfigSource {
  readonly #listeners = new Set<(config: ProxyConfig) => void>();
  #config: ProxyConfig;

  constructor(config: ProxyConfig) {
    this.#config = config;
  }

  get subscribers(): number {
    return this.#listeners.size;
  }

  set(config: ProxyConfig): void {
    this.#config = config;
    for (const listener of this.#listeners) listener(config);
  }

  subscribe(_: Proxy, listener: (config: ProxyConfig) => void): { close(): void } {
    this.#listeners.add(listener);
    listener(this.#config);
    return { close: () => void this.#listeners.delete(listener) };
  }
}

export const LOCAL: Peer = { kind: 'local' };

export interface Ended {
  readonly status: number;
  readonly message: string;
}

const nodeOf = (id: string, metadata: NodeClaims['metadata'] = {}): NodeClaims => ({
  ...NO_NODE,
  id,
  metadata,
  userAgent: 'weft',
});

/** One stream, driven by hand. */
export class TestClient {
  readonly received: DeltaDiscoveryResponse[] = [];
  /** The very buffers, to see what is shared. */
  readonly buffers: Uint8Array[] = [];
  /** Flushes that are withheld while `reads` is false. */
  readonly #unflushed: (() => void)[] = [];
  readonly #stream: XdsStream;
  readonly #node: NodeClaims;
  reads = true;
  ended: Ended | undefined;
  #first = true;

  constructor(
    server: XdsServer,
    options: {
      readonly id?: string;
      readonly metadata?: NodeClaims['metadata'];
      readonly peer?: Peer;
      readonly protocol?: Protocol;
    } = {},
  ) {
    const protocol = options.protocol ?? 'state-of-the-world';
    this.#node = nodeOf(options.id ?? 'shop/web-1', options.metadata);
    this.#stream = server.open({
      peer: options.peer ?? LOCAL,
      protocol,
      send: (bytes, flushed) => {
        this.buffers.push(bytes);
        const response = protocol === 'delta' ? decodeDeltaDiscoveryResponse(bytes) : decodeDiscoveryResponse(bytes);
        if (!response.ok) throw new Error('undecodable response');
        this.received.push({ removed: [], ...response.value });
        if (this.reads) flushed();
        else this.#unflushed.push(flushed);
      },
      close: (status, message) => {
        this.ended = { status, message };
      },
    });
  }

  raw(bytes: Uint8Array): void {
    this.#stream.receive(bytes);
  }

  send(type: ResourceType, request: Partial<DiscoveryRequest> = {}): void {
    this.raw(
      encodeDiscoveryRequest({
        typeUrl: TYPE_URLS[type],
        versionInfo: '',
        responseNonce: '',
        resourceNames: [],
        node: this.#nodeOnce(),
        error: undefined,
        ...request,
      }),
    );
  }

  sendDelta(type: ResourceType, request: Partial<DeltaDiscoveryRequest> = {}): void {
    this.raw(
      encodeDeltaDiscoveryRequest({
        typeUrl: TYPE_URLS[type],
        responseNonce: '',
        subscribe: [],
        unsubscribe: [],
        initialVersions: new Map(),
        node: this.#nodeOnce(),
        error: undefined,
        ...request,
      }),
    );
  }

  /** Acknowledges, or refuses, the last response of a type. */
  answer(type: ResourceType, resourceNames: readonly string[] = [], error?: string, versionInfo?: string): void {
    const last = this.last(type);
    this.send(type, {
      responseNonce: last.nonce,
      versionInfo: versionInfo ?? last.versionInfo,
      resourceNames,
      error: error === undefined ? undefined : { code: 13, message: error },
    });
  }

  last(type: ResourceType): DeltaDiscoveryResponse {
    const response = this.of(type).at(-1);
    if (response === undefined) throw new Error(`no response of ${type} yet`);
    return response;
  }

  of(type: ResourceType): readonly DeltaDiscoveryResponse[] {
    return this.received.filter(({ typeUrl }) => typeUrl === TYPE_URLS[type]);
  }

  /** What is withheld is flushed. */
  flush(): void {
    for (const flushed of this.#unflushed.splice(0)) flushed();
  }

  disconnect(): void {
    this.#stream.closed();
  }

  #nodeOnce(): NodeClaims | undefined {
    const node = this.#first ? this.#node : undefined;
    this.#first = false;
    return node;
  }
}

/** The text of a resource's JSON. */
export const textOf = (response: DiscoveryResponse): string[] =>
  response.resources.map(({ value }) => new TextDecoder().decode(value));

export const namesOf = (response: DiscoveryResponse): string[] =>
  textOf(response).map((text) => {
    const row: unknown = JSON.parse(text);
    return typeof row === 'object' && row !== null && 'name' in row ? String(row.name) : '';
  });
