/**
 * What is exposed is what is written and nothing else: whatever method and path a stranger sends, what the application gets is a GET or HEAD of
 * one of the named paths, or nothing at all. Everything else of the proxy stays as it was.
 */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { Decider } from '@weft/core/decide';
import { assemble } from '@weft/core/mesh-view';
import { objectsFrom, sidecarOf } from '@weft/core/mesh-view/testing';
import type { HttpConnectionManager, ProxyConfig } from '@weft/core/proxy-config';
import fc from 'fast-check';
import { requestView } from './answers/question.ts';
import { compile } from './incremental/index.ts';

const SHOP = `${readFileSync(path.join(import.meta.dirname, 'behaviours/shop.yaml'), 'utf8')}
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ name: http, port: 80, targetPort: http, appProtocol: http }] }
`;

const exposing = (paths: readonly string[]): string => `
---
apiVersion: weft.dev/v1alpha1
kind: Authentication
metadata: { name: health, namespace: shop }
spec:
  targetRefs: [{ name: web, sectionName: http }]
  exposed: { listenerPort: 15020, paths: ${JSON.stringify(paths)} }
`;

function configured(text: string): ProxyConfig {
  const view = assemble(objectsFrom(SHOP + text), new Map()).views.get('default');
  assert.ok(view !== undefined);
  return compile(view, sidecarOf('shop/web-1', {})).config;
}

const PATHS = ['/', '/healthz', '/healthz/', '/ready/live', '/a.b', '/Healthz'];
const PIECES = ['/', '/', 'healthz', 'ready', 'live', 'a.b', '..', '.', '%2f', '%2F', '%5c', '\\', '%2e', '%2E%2e'];
const STRANGE = ['%68ealthz', ';x', ';', '?', '?x=1', '#', '%00', '%', '%zz', '*', 'admin', 'Healthz', 'HEALTHZ'];
const target = fc
  .array(fc.constantFrom(...PIECES, ...STRANGE), { minLength: 1, maxLength: 7 })
  .map((pieces) => `/${pieces.join('')}`);
const method = fc.constantFrom('GET', 'HEAD', 'POST', 'PUT', 'OPTIONS', 'CONNECT', 'TRACE', 'get', 'GETX', 'PRI');

test('only GET and HEAD of the named paths reach the application, as they are named', () => {
  let passed = 0;
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.constantFrom(...PATHS), { minLength: 1 }),
      fc.array(fc.tuple(method, fc.oneof(target, fc.constantFrom(...PATHS))), { minLength: 20, maxLength: 60 }),
      (paths, requests) => {
        const listener = configured(exposing(paths)).listeners.get('exposed/3000');
        assert.equal(listener?.filterChains.length, 1);
        const terminal = listener.filterChains[0]?.terminal;
        assert.ok(terminal?.kind === 'http-connection-manager');
        const { manager } = terminal;
        assert.ok(manager.routes.kind === 'inline');
        const decider = new Decider(manager, manager.routes.configuration);
        for (const [verb, text] of requests) {
          const got = received(manager, decider, verb, text);
          if (got === undefined) {
            assert.ok(
              !((verb === 'GET' || verb === 'HEAD') && paths.includes(text)),
              `${verb} ${text} is named and refused`,
            );
            continue;
          }
          passed += 1;
          assert.ok(verb === 'GET' || verb === 'HEAD', `${verb} ${text}`);
          assert.ok(paths.includes(got), `${verb} ${text} came as ${got}`);
        }
      },
    ),
    { numRuns: 60 },
  );
  assert.ok(passed > 100, `only ${passed} were let through: nothing was tried`);
});

/** Path that the application gets, without query; undefined: nothing gets there. */
function received(manager: HttpConnectionManager, decider: Decider, verb: string, text: string): string | undefined {
  const connection = {
    destinationIp: undefined,
    directRemoteIp: undefined,
    sourceIp: undefined,
    destinationPort: 15_020,
    serverName: '',
    peer: undefined,
  };
  const view = requestView({ method: verb, path: text, headers: [] }, 'web.shop', connection, manager);
  if (view === undefined) return undefined;
  const decision = decider.decide(view, 0);
  if (decision.kind === 'no-route' || decision.kind === 'denied') return undefined;
  assert.equal(decision.kind, 'forward', decision.kind);
  return view.path;
}

test('nothing else of the proxy changes', () => {
  const [before, after] = [configured(''), configured(exposing(['/healthz']))];
  const { listeners } = after;
  for (const table of ['routes', 'clusters', 'endpoints'] as const) assert.deepEqual(after[table], before[table]);
  assert.deepEqual(
    [...listeners.keys()].filter((name) => !before.listeners.has(name)),
    ['exposed/3000'],
  );
  for (const [name, row] of before.listeners) assert.deepEqual(listeners.get(name), row);
});
