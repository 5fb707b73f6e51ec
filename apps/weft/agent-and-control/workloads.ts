/** Agents of the workload `orders`, and clients of theirs, for the tests in this folder. */
import { Agent, type AgentEvents, type AgentOptions, type Membership } from '@weft/agent/agent';
import {
  assembleDiscoveryResponse,
  decodeDiscoveryResponse,
  type DiscoveryRequest,
  type DiscoveryResponse,
  encodeDiscoveryRequest,
  NO_NODE,
  type NodeClaims,
  stateOfTheWorldPart,
} from '@weft/envoy/discovery';
import type { JsonObject } from '@weft/envoy/tables';
import { systemMonotonicClock, systemWallClock } from '../clocks.ts';

export function ordersAgent(
  folder: string,
  membership: Membership,
  more: Partial<AgentOptions> = {},
  events: Partial<AgentEvents> = {},
): Agent {
  return new Agent({
    folder,
    membership,
    namespace: 'shop',
    account: 'orders',
    workload: {
      name: 'orders',
      labels: new Map([['app', 'orders']]),
      addresses: [{ ip: '127.0.0.1', network: '' }],
      ports: [{ name: 'http', port: 8080, protocol: 'http', proxyPort: 40_001 }],
      locality: { region: '', zone: '', subZone: '' },
    },
    service: { name: 'orders' },
    probes: [],
    socket: false,
    clock: systemMonotonicClock,
    wall: systemWallClock,
    roll: () => 0.5,
    events,
    ...more,
  });
}

/** An engine in this process: acknowledges what it gets unless told to refuse it. */
export class TestEngine {
  readonly responses: DiscoveryResponse[] = [];
  readonly #session: { send(request: Uint8Array): void; close(): void };
  readonly #names = new Map<string, readonly string[]>();
  refuse: string | undefined;
  #node: NodeClaims | undefined;

  constructor(agent: Agent, node: string, metadata: JsonObject = {}, userAgent = 'weft') {
    this.#node = { ...NO_NODE, id: node, userAgent, metadata };
    this.#session = agent.openAds((bytes) => {
      const response = decodeDiscoveryResponse(bytes);
      if (!response.ok) throw new Error('an unreadable response');
      this.responses.push(response.value);
      const { typeUrl, versionInfo, nonce } = response.value;
      const names = this.#names.get(typeUrl) ?? [];
      const error = this.refuse === undefined ? undefined : { code: 3, message: this.refuse };
      this.#send({
        typeUrl,
        versionInfo: error === undefined ? versionInfo : '',
        responseNonce: nonce,
        resourceNames: names,
        error,
      });
    });
  }

  subscribe(typeUrl: string, names: readonly string[] = []): void {
    this.#names.set(typeUrl, names);
    this.#send({ typeUrl, versionInfo: '', responseNonce: '', resourceNames: names, error: undefined });
  }

  close(): void {
    this.#session.close();
  }

  #send(request: Omit<DiscoveryRequest, 'node'>): void {
    const node = this.#node;
    this.#node = undefined;
    this.#session.send(encodeDiscoveryRequest({ ...request, node }));
  }
}

/** A response with resources that consist of their name. */
export function response(typeUrl: string, version: string, nonce: string, ...names: readonly string[]): Uint8Array {
  const parts = names.map((name) =>
    stateOfTheWorldPart(typeUrl, Buffer.concat([Uint8Array.of(0x0a, name.length), Buffer.from(name)])),
  );
  return assembleDiscoveryResponse({ typeUrl, versionInfo: version, nonce }, parts);
}
