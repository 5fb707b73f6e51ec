/**
 * A small aggregated discovery service (ADS) over gRPC on Node's own HTTP/2, in state of the world and delta: serves resources that are given
 * as JSON with protobuf's names and `@type`, and remembers what was asked for. It decides nothing and warms nothing.
 */
import http2 from 'node:http2';
import type { AddressInfo } from 'node:net';
import { readMessage, writeMessage } from '@weft/envoy/codec';
import { jsonSource, readText } from '@weft/envoy/text';
import { MessageReader, prefixed } from '@weft/wire/grpc';

export interface Resource {
  readonly '@type': string;
  readonly name?: string;
  readonly cluster_name?: string;
  readonly [field: string]: unknown;
}

const STATE = '/envoy.service.discovery.v3.AggregatedDiscoveryService/StreamAggregatedResources';
const DELTA = '/envoy.service.discovery.v3.AggregatedDiscoveryService/DeltaAggregatedResources';
const LONGEST = 4 << 20;
const RESPONSES = {
  state: 'envoy.service.discovery.v3.DiscoveryResponse',
  delta: 'envoy.service.discovery.v3.DeltaDiscoveryResponse',
} as const;

const nameOf = ({ name, cluster_name: cluster }: Resource): string => name ?? cluster ?? '';
const shortName = (typeUrl: string): string => typeUrl.slice(typeUrl.lastIndexOf('.') + 1);

interface Asked {
  readonly names: Set<string>;
  everything: boolean;
  /** What the stream was given, by name and version. */
  readonly given: Map<string, string>;
}

class Stream {
  readonly variant: 'state' | 'delta';
  readonly asked = new Map<string, Asked>();
  readonly #stream: http2.ServerHttp2Stream;
  #nonce = 0;

  constructor(stream: http2.ServerHttp2Stream, variant: 'state' | 'delta') {
    this.#stream = stream;
    this.variant = variant;
  }

  of(typeUrl: string): Asked {
    let asked = this.asked.get(typeUrl);
    if (asked === undefined)
      this.asked.set(typeUrl, (asked = { names: new Set(), everything: false, given: new Map() }));
    return asked;
  }

  send(response: Record<string, unknown>): void {
    this.#nonce += 1;
    const source = jsonSource(JSON.stringify({ ...response, nonce: String(this.#nonce) }), 'response');
    if (source === undefined) throw new Error('not JSON');
    const name = RESPONSES[this.variant];
    const read = readText(name, source);
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    this.#stream.write(prefixed(writeMessage(name, read.value.message)));
  }
}

export class DiscoveryServer {
  readonly #server = http2.createServer();
  readonly #sessions = new Set<http2.ServerHttp2Session>();
  readonly #streams = new Set<Stream>();
  readonly #resources = new Map<string, Map<string, Resource>>();
  #version = 1;
  /** Each question that named something, as `Type name`. */
  readonly asked: string[] = [];
  /** Texts of refusals. */
  readonly refusals: string[] = [];

  constructor() {
    this.#server.on('session', (session) => {
      this.#sessions.add(session);
      session.on('close', () => this.#sessions.delete(session)).on('error', () => undefined);
    });
    this.#server.on('stream', (stream, headers) => {
      stream.on('error', () => undefined);
      const path = headers[':path'];
      stream.respond({ ':status': 200, 'content-type': 'application/grpc' });
      if (path === STATE || path === DELTA) this.#serve(stream, path === STATE ? 'state' : 'delta');
      else stream.end();
    });
  }

  async start(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const session of this.#sessions) session.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Replaces the resource of that name and tells who wants it. */
  put(...resources: readonly Resource[]): void {
    this.#version += 1;
    for (const resource of resources) {
      const type = resource['@type'];
      const known = this.#resources.get(type) ?? new Map<string, Resource>();
      this.#resources.set(type, known.set(nameOf(resource), resource));
    }
    for (const stream of this.#streams)
      for (const type of new Set(resources.map((resource) => resource['@type']))) this.#answer(stream, type, false);
  }

  #serve(raw: http2.ServerHttp2Stream, variant: 'state' | 'delta'): void {
    const stream = new Stream(raw, variant);
    this.#streams.add(stream);
    raw.on('close', () => this.#streams.delete(stream));
    const messages = new MessageReader(LONGEST);
    raw.on('data', (slice: Buffer) => {
      messages.read(slice, 0, slice.length, (bytes) => {
        if (variant === 'state') this.#askedState(stream, bytes);
        else this.#askedDelta(stream, bytes);
      });
    });
  }

  #askedState(stream: Stream, bytes: Uint8Array): void {
    const read = readMessage('envoy.service.discovery.v3.DiscoveryRequest', bytes, { unknown: 'skip', keepAny: true });
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    const { type_url: type = '', resource_names: names = [], error_detail: error, response_nonce: nonce } = read.value;
    const asked = stream.of(type);
    const before = JSON.stringify([[...asked.names], asked.everything]);
    this.#remember(type, names, asked.names);
    asked.everything = names.includes('*') || (names.length === 0 && (asked.everything || asked.names.size === 0));
    asked.names.clear();
    for (const name of names) if (name !== '*') asked.names.add(name);
    if (error !== undefined) this.refusals.push(error.message ?? '');
    const isNew = (nonce ?? '') === '' || before !== JSON.stringify([[...asked.names], asked.everything]);
    if (isNew) this.#answer(stream, type, true);
  }

  #askedDelta(stream: Stream, bytes: Uint8Array): void {
    const message = 'envoy.service.discovery.v3.DeltaDiscoveryRequest';
    const read = readMessage(message, bytes, { unknown: 'skip', keepAny: true });
    if (!read.ok) throw new Error(JSON.stringify(read.error));
    const { type_url: type = '', error_detail: error } = read.value;
    const subscribe = read.value.resource_names_subscribe ?? [];
    const first = !stream.asked.has(type);
    const asked = stream.of(type);
    this.#remember(type, subscribe, asked.names);
    if (subscribe.includes('*') || (first && subscribe.length === 0)) asked.everything = true;
    for (const name of subscribe) if (name !== '*') asked.names.add(name);
    for (const name of read.value.resource_names_unsubscribe ?? []) asked.names.delete(name);
    if (error !== undefined) this.refusals.push(error.message ?? '');
    if (first || subscribe.length > 0) this.#answer(stream, type, true);
  }

  #remember(type: string, names: readonly string[], before: ReadonlySet<string>): void {
    for (const name of names) if (name !== '*' && !before.has(name)) this.asked.push(`${shortName(type)} ${name}`);
  }

  #answer(stream: Stream, type: string, wanted: boolean): void {
    const asked = stream.asked.get(type);
    if (asked === undefined) return;
    const found = [...(this.#resources.get(type) ?? [])].filter(([name]) => asked.everything || asked.names.has(name));
    if (stream.variant === 'state') {
      if (found.length === 0 && !asked.everything) return;
      stream.send({
        version_info: String(this.#version),
        type_url: type,
        resources: found.map(([, resource]) => resource),
      });
      return;
    }
    const news = found.filter(([name, resource]) => asked.given.get(name) !== JSON.stringify(resource));
    for (const [name, resource] of news) asked.given.set(name, JSON.stringify(resource));
    const missing = wanted ? [...asked.names].filter((name) => !found.some(([known]) => known === name)) : [];
    if (news.length === 0 && missing.length === 0 && !wanted) return;
    stream.send({
      type_url: type,
      resources: news.map(([name, resource]) => ({ name, version: String(this.#version), resource })),
      removed_resources: missing,
    });
  }
}
