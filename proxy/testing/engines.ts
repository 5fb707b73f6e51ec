/** An engine under test with its log lines, ended with the test. */
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type ProxyConfig, type ProxyConfigRows, proxyConfig } from '@weft/core/proxy-config';
import { Engine, type EngineOptions, JsonLog, MemorySecrets } from '../engine/index.ts';

export interface TestEngine {
  readonly engine: Engine;
  readonly secrets: MemorySecrets;
  readonly lines: string[];
  /** The bound port of a listener. */
  port(listener: string): number;
}

export function config(rows: ProxyConfigRows): ProxyConfig {
  const made = proxyConfig(rows);
  assert.ok(made.ok, JSON.stringify(made));
  return made.value;
}

export async function startEngine(
  context: TestContext,
  first: ProxyConfig,
  options: Partial<EngineOptions> = {},
  fill: (secrets: MemorySecrets) => void = () => undefined,
): Promise<TestEngine> {
  const secrets = new MemorySecrets();
  fill(secrets);
  const lines: string[] = [];
  const engine = new Engine({
    secrets,
    log: new JsonLog({ now: () => Date.now() }, (line) => lines.push(line), 'debug'),
    warmTime: 2000,
    ...options,
  });
  context.after(() => engine.stop());
  engine.start();
  const result = await engine.apply(first);
  assert.deepEqual(result.faults, []);
  return {
    engine,
    secrets,
    lines,
    port(listener) {
      const port = engine.listeners.get(listener)?.sockets[0]?.port;
      assert.ok(port !== undefined && port > 0, `listener ${listener} is not bound`);
      return port;
    },
  };
}
