// Keys of an issuer that is asked: when, how often, and what holds when it cannot be.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { RemoteJwtKeys } from '@weft/core/proxy-config';
import { FakeClock } from '@weft/testkit/clock';
import type { CallError, HttpCallHandler, HttpRequest, ServiceCalls } from '../../calls/index.ts';
import type { JwkSet } from '../../jwt/index.ts';
import type { Counter, EngineRuntime, ReusableTimer, TimerTarget } from '../../ports.ts';
import { RemoteKeys } from './remote-keys.ts';
import { JwtStats } from './stats.ts';

const SET = JSON.stringify({ keys: [{ kty: 'oct', k: Buffer.alloc(32).toString('base64url') }] });

class Timer implements ReusableTimer {
  readonly #clock: FakeClock;
  readonly #target: TimerTarget;
  #pending: ReturnType<FakeClock['after']> | undefined;

  constructor(clock: FakeClock, target: TimerTarget) {
    this.#clock = clock;
    this.#target = target;
  }

  get running(): boolean {
    return this.#pending !== undefined;
  }

  start(ms: number): void {
    this.stop();
    this.#pending = this.#clock.after(ms, () => {
      this.#pending = undefined;
      this.#target.timerFired(0);
    });
  }

  stop(): void {
    this.#pending?.cancel();
    this.#pending = undefined;
  }
}

class World implements ServiceCalls {
  readonly clock = new FakeClock();
  readonly counts = new Map<string, number>();
  readonly requests: HttpRequest[] = [];
  readonly came: (JwkSet | undefined)[] = [];
  cancelled = 0;
  readonly keys: RemoteKeys;
  #handler: HttpCallHandler | undefined;

  constructor(more: Partial<RemoteJwtKeys> = {}) {
    const { clock, counts } = this;
    const runtime = {
      clock,
      wall: clock.wall,
      random: () => 0.5,
      timers: { create: (target: TimerTarget) => new Timer(clock, target) },
      log: { enabled: () => false, write: () => {} },
      counters: {
        counter: (name: string): Counter => ({
          add: (amount) => void counts.set(name, (counts.get(name) ?? 0) + amount),
          value: 0,
        }),
      },
    } as unknown as EngineRuntime;
    const row: RemoteJwtKeys = {
      kind: 'remote',
      service: { uri: 'https://issuer.example:8443/keys?v=1', cluster: 'issuer', timeout: 5000 },
      cacheDuration: 600_000,
      ahead: undefined,
      retry: undefined,
      ...more,
    };
    this.keys = new RemoteKeys(row, runtime, this, new JwtStats(runtime, 'm', ''), () => {});
  }

  http(request: HttpRequest, handler: HttpCallHandler): { cancel(): void } {
    this.requests.push(request);
    this.#handler = handler;
    return { cancel: () => void (this.cancelled += 1) };
  }

  unary(): never {
    throw new Error('not called');
  }

  stream(): never {
    throw new Error('not called');
  }

  answer(status: number, body: string): void {
    this.#handler?.httpAnswered({ status, headers: [], body: Buffer.from(body) });
  }

  fail(error: CallError): void {
    this.#handler?.httpFailed(error);
  }

  ask(): void {
    this.keys.wait({ keysCame: (keys) => void this.came.push(keys) });
  }

  count(name: string): number {
    return this.counts.get(`http.m.jwt_authn.${name}`) ?? 0;
  }
}

describe('keys of an issuer that is asked', () => {
  test('one fetch serves all that wait, and its keys hold for as long as they are said to', () => {
    const world = new World();
    world.ask();
    world.ask();
    assert.equal(world.requests.length, 1);
    const { cluster, authority, path, method, maxBody, timeout } = world.requests[0] as HttpRequest;
    assert.deepEqual(
      [cluster, authority, path, method, maxBody, timeout],
      ['issuer', 'issuer.example:8443', '/keys?v=1', 'GET', 1_048_576, 5000],
    );
    world.answer(200, SET);
    assert.deepEqual([world.came.length, world.came[0] === world.came[1]], [2, true]);
    world.clock.advance(599_999);
    assert.equal(world.keys.current, world.came[0]);
    world.clock.advance(1);
    assert.equal(world.keys.current, undefined);
    assert.equal(world.count('jwks_fetch_success'), 1);
  });

  test('whatever goes wrong leaves no keys: not the old ones, not those of somebody else', () => {
    for (const wrong of [
      (world: World) => world.answer(500, SET),
      (world: World) => world.answer(302, SET),
      (world: World) => world.answer(200, ''),
      (world: World) => world.answer(200, '{"keys":[]}'),
      (world: World) => world.fail('payload-too-large'),
      (world: World) => world.fail('upstream-timeout'),
    ]) {
      const world = new World({ cacheDuration: 1000 });
      world.ask();
      world.answer(200, SET);
      world.clock.advance(1000);
      world.ask();
      wrong(world);
      assert.deepEqual([world.came.length, world.came[1], world.keys.current], [2, undefined, undefined]);
      assert.equal(world.count('jwks_fetch_failed'), 1);
    }
  });

  test('who left is not told', () => {
    const world = new World();
    const waiter = { keysCame: () => assert.fail('it left') };
    world.keys.wait(waiter);
    world.keys.leave(waiter);
    world.answer(200, SET);
  });

  test('a fetch is tried again where its policy says so, later each time', () => {
    const world = new World({ retry: { retries: 2, backOff: { base: 100, max: 150 } } });
    world.ask();
    world.answer(503, '');
    world.clock.advance(49);
    assert.equal(world.requests.length, 1);
    world.clock.advance(1);
    assert.equal(world.requests.length, 2);
    world.fail('connect-failed');
    world.clock.advance(74);
    assert.equal(world.requests.length, 2);
    world.clock.advance(1);
    assert.equal(world.requests.length, 3);
    world.answer(503, '');
    assert.deepEqual([world.came, world.count('jwks_fetch_failed')], [[undefined], 1]);
    world.clock.advance(10_000);
    assert.equal(world.requests.length, 3);
  });

  test('keys that are fetched ahead stay until others come, are fetched before they are old, and soon after a failure', () => {
    const world = new World({ ahead: { failedRefetch: 200 }, cacheDuration: 60_000 });
    world.clock.advance(1);
    assert.equal(world.requests.length, 1);
    world.fail('connect-failed');
    world.clock.advance(200);
    world.answer(200, SET);
    const first = world.keys.current;
    world.clock.advance(55_000);
    assert.equal(world.requests.length, 3);
    world.answer(404, '');
    world.clock.advance(199);
    assert.equal(world.keys.current, first);
    world.clock.advance(1);
    world.answer(200, SET);
    assert.notEqual(world.keys.current, first);
    world.keys.stop();
    world.clock.advance(600_000);
    assert.equal(world.requests.length, 4);
  });

  test('a configuration that goes ends a fetch that nobody waits for', () => {
    const world = new World({ ahead: { failedRefetch: 200 } });
    world.clock.advance(1);
    world.keys.stop();
    assert.equal(world.cancelled, 1);
    const busy = new World();
    busy.ask();
    busy.keys.stop();
    busy.answer(200, SET);
    assert.deepEqual([busy.cancelled, busy.came.length], [0, 1]);
  });
});
