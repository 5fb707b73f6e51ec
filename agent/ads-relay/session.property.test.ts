import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  CLUSTER_TYPE,
  assembleDiscoveryResponse,
  decodeDiscoveryRequest,
  decodeDiscoveryResponse,
  type DiscoveryRequest,
  ENDPOINT_TYPE,
  encodeDiscoveryRequest,
  NO_NODE,
  SECRET_TYPE,
  stateOfTheWorldPart,
} from '@weft/envoy/discovery';
import { FakeClock } from '@weft/testkit/clock';
import { temporaryFolder } from '@weft/testkit/folder';
import fc from 'fast-check';
import type { UplinkHandlers } from '../control-plane/index.ts';
import { AgentFolder } from '../folder/index.ts';
import { Secrets } from '../secrets/index.ts';
import { AdsCache, RelaySession } from './index.ts';

const TYPES = [CLUSTER_TYPE, ENDPOINT_TYPE] as const;

/** A control plane's side of one stream: answers each type's first request, and checks what every client must keep to. */
class Upstream {
  readonly handlers: UplinkHandlers;
  readonly heard = new Map<string, { names: readonly string[]; version: string }>();
  readonly #nonces = new Map<string, Set<string>>();
  #requests = 0;
  #nonce = 0;
  readonly #prefix: string;
  open = true;

  /** `prefix` of its nonces: of its own, or the same on every stream. */
  constructor(handlers: UplinkHandlers, prefix: string) {
    this.handlers = handlers;
    this.#prefix = prefix;
  }

  receive(request: DiscoveryRequest): void {
    assert.equal(request.node !== undefined, this.#requests === 0, 'the node stands in the first request only');
    assert.notEqual(request.typeUrl, SECRET_TYPE);
    this.#requests += 1;
    const known = this.#nonces.get(request.typeUrl) ?? new Set(['']);
    assert.ok(known.has(request.responseNonce), `nonce ${request.responseNonce} is not of this stream`);
    this.heard.set(request.typeUrl, { names: request.resourceNames, version: request.versionInfo });
  }

  push(typeUrl: string, version: string): void {
    this.#nonce += 1;
    const nonce = `${this.#prefix}${this.#nonce}`;
    const nonces = this.#nonces.get(typeUrl) ?? new Set(['']);
    this.#nonces.set(typeUrl, nonces.add(nonce));
    const part = stateOfTheWorldPart(typeUrl, Uint8Array.of(0x0a, 1, 0x61));
    this.handlers.onMessage(Buffer.from(assembleDiscoveryResponse({ typeUrl, versionInfo: version, nonce }, [part])));
  }
}

type Step =
  | { readonly kind: 'subscribe' | 'push'; readonly type: number; readonly name: string }
  | { readonly kind: 'acknowledge' | 'refuse' | 'lose' | 'restart' | 'wait' };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('subscribe' as const, 'push' as const),
    type: fc.nat(1),
    name: fc.constantFrom('a', 'b', 'c'),
  }),
  fc.record({
    kind: fc.constantFrom(
      'acknowledge' as const,
      'refuse' as const,
      'lose' as const,
      'restart' as const,
      'wait' as const,
    ),
  }),
);

test('whatever is lost and when: nonces never cross streams, and both ends agree in the end', () => {
  using temporary = temporaryFolder();
  const folder = new AgentFolder(temporary.path);
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), fc.boolean(), (steps, distinct) => {
      const clock = new FakeClock();
      const upstreams: Upstream[] = [];
      let up = true;
      let onUp = (): void => {};
      const unanswered: { typeUrl: string; version: string; nonce: string }[] = [];
      const client = new Map<string, { names: readonly string[]; version: string; nonce: string }>();
      let said = false;
      const session = new RelaySession(
        {
          clock,
          roll: () => 0.5,
          uplink: {
            get up() {
              return up;
            },
            onUp: (listener) => {
              onUp = listener;
              return { close: () => {} };
            },
            openAds: (handlers) => {
              const upstream = new Upstream(handlers, distinct ? `${upstreams.length}-` : '');
              upstreams.push(upstream);
              return {
                blocked: false,
                send: (bytes) => {
                  const request = decodeDiscoveryRequest(bytes);
                  assert.ok(request.ok && upstream.open);
                  upstream.receive(request.value);
                },
                close: () => {
                  upstream.open = false;
                },
              };
            },
          },
          cache: new AdsCache(folder, clock, (error) => assert.fail(String(error))),
          secrets: new Secrets(),
          events: { identified: () => {}, accepted: () => {}, rejected: () => {}, upstreamLost: () => {} },
        },
        {
          respond: (bytes) => {
            const response = decodeDiscoveryResponse(bytes);
            assert.ok(response.ok);
            const { typeUrl, versionInfo, nonce } = response.value;
            unanswered.push({ typeUrl, version: versionInfo, nonce });
          },
          refuse: (message) => assert.fail(message),
        },
      );
      const send = (typeUrl: string, error?: { code: number; message: string }): void => {
        const state = client.get(typeUrl) ?? { names: [], version: '', nonce: '' };
        const node = said ? undefined : { ...NO_NODE, id: 'shop/orders-aaaaa' };
        said = true;
        session.receive(
          encodeDiscoveryRequest({
            typeUrl,
            versionInfo: state.version,
            responseNonce: state.nonce,
            resourceNames: state.names,
            node,
            error,
          }),
        );
      };
      const answer = (accept: boolean): void => {
        const next = unanswered.shift();
        if (next === undefined) return;
        const state = client.get(next.typeUrl) ?? { names: [], version: '', nonce: '' };
        client.set(next.typeUrl, { ...state, nonce: next.nonce, version: accept ? next.version : state.version });
        send(next.typeUrl, accept ? undefined : { code: 3, message: 'no' });
      };
      const present = (): Upstream | undefined => upstreams.findLast(({ open }) => open);
      const lose = (): void => {
        const upstream = present();
        if (upstream === undefined) return;
        upstream.open = false;
        upstream.handlers.onEnd({ kind: 'unreachable', message: 'lost' });
      };
      let version = 0;
      for (const each of steps) {
        switch (each.kind) {
          case 'subscribe': {
            const typeUrl = TYPES[each.type] ?? CLUSTER_TYPE;
            const state = client.get(typeUrl) ?? { names: [], version: '', nonce: '' };
            client.set(typeUrl, { ...state, names: [...new Set([...state.names, each.name])] });
            send(typeUrl);
            break;
          }
          case 'push': {
            const typeUrl = TYPES[each.type] ?? CLUSTER_TYPE;
            version += 1;
            if (present()?.heard.has(typeUrl) === true) present()?.push(typeUrl, `v${version}`);
            break;
          }
          case 'acknowledge':
            answer(true);
            break;
          case 'refuse':
            answer(false);
            break;
          case 'lose':
            lose();
            break;
          case 'restart':
            up = false;
            lose();
            clock.advance(5000);
            up = true;
            onUp();
            break;
          case 'wait':
            clock.advance(3000);
            break;
          default:
            each satisfies never;
        }
      }
      clock.advance(60_000);
      while (unanswered.length > 0) answer(true);
      const upstream = present();
      for (const [typeUrl, state] of client) {
        const heard = upstream?.heard.get(typeUrl);
        assert.deepEqual(heard, { names: state.names, version: state.version }, typeUrl);
      }
      session.close();
      assert.ok(upstreams.every(({ open }) => !open));
    }),
    { numRuns: 1000 },
  );
});
