/** The ADS client between a control plane and an engine that tests play by hand; resources are JSON. */
import { err, ok } from '@weft/core/kernel';
import type { Cluster, EndpointSet, Listener, ProxyConfig } from '@weft/core/proxy-config';
import { AdsClient, type AdsClientOptions } from '../client.ts';
import type { AdsCodec, DiscoveryAnswer, DiscoveryQuestion } from '../port.ts';
import { TYPE_URLS } from '../types.ts';

const text = new TextEncoder();
const json = (bytes: Uint8Array): unknown => JSON.parse(new TextDecoder().decode(bytes));

/** JSON in place of protobuf: the client's own behaviour is what is judged here. */
const row = (bytes: Uint8Array): ReturnType<AdsCodec['listener']> => {
  const value = json(bytes) as { name: string; bad?: string };
  return value.bad === undefined
    ? ok(value as unknown as Listener)
    : err([{ severity: 'error', code: 'constraint', message: value.bad, place: { path: value.name } }]);
};
const codec: AdsCodec = {
  encode: (question) => text.encode(JSON.stringify(question)),
  decode: (bytes) => {
    const answer = json(bytes) as DiscoveryAnswer & { resources: unknown[] };
    return ok({
      ...answer,
      removed: answer.removed ?? [],
      resources: answer.resources.map((one) => ({
        name: '',
        version: (one as { v?: string }).v ?? '',
        value: text.encode(JSON.stringify(one)),
      })),
    });
  },
  nameOf: (bytes) => (json(bytes) as { name: string }).name,
  listener: row,
  route: row as unknown as AdsCodec['route'],
  scope: row as unknown as AdsCodec['scope'],
  cluster: row as unknown as AdsCodec['cluster'],
  endpoints: row as unknown as AdsCodec['endpoints'],
  secret: row as unknown as AdsCodec['secret'],
  runtime: row as unknown as AdsCodec['runtime'],
};

export const cluster = (name: string): Partial<Cluster> => ({
  name,
  discovery: { kind: 'eds', serviceName: `${name}-eds` },
});
export const listener = (name: string): Partial<Listener> => ({
  name,
  filterChains: [],
  defaultFilterChain: undefined,
  apiListener: undefined,
});
export const endpoints = (name: string): Partial<EndpointSet> => ({ name, localities: [] });

/** A question of either kind, as it arrives. */
export type Sent = Omit<Extract<DiscoveryQuestion, { kind: 'state' }>, 'kind'> &
  Omit<Extract<DiscoveryQuestion, { kind: 'delta' }>, 'kind'>;

/** A client that talks to nobody: `answer` is what a control plane says, `sent` what it is asked, `applied` what the engine is told. */
export function setUp(faults: ReadonlyMap<string, string> = new Map(), over: Partial<AdsClientOptions> = {}) {
  const sent: Sent[] = [];
  const applied: ProxyConfig[] = [];
  const refused: string[] = [];
  let ready = 0;
  const client = new AdsClient({
    codec,
    apply: (config) => {
      applied.push(config);
      return Promise.resolve(faults);
    },
    onRefused: (_, reason) => refused.push(reason),
    onReady: () => {
      ready += 1;
    },
    ...over,
  });
  const open = (): void => client.opened((bytes) => sent.push(json(bytes) as Sent));
  const answer = async (
    table: keyof typeof TYPE_URLS,
    version: string,
    resources: unknown[],
    removed: string[] = [],
  ): Promise<void> => {
    client.received(
      text.encode(
        JSON.stringify({ typeUrl: TYPE_URLS[table], versionInfo: version, nonce: `n${version}`, resources, removed }),
      ),
    );
    for (let turn = 0; turn < 10; turn += 1) await Promise.resolve();
  };
  return { client, open, answer, sent, applied, refused, ready: () => ready };
}
