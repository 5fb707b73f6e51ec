import assert from 'node:assert/strict';
import http from 'node:http';
import { test } from 'node:test';
import { FakeClock } from '@weft/testkit/clock';
import { until } from '@weft/testkit/wait';
import { type RunningApi, runApi, service } from './testing/running-api.ts';
import { gone } from './status.ts';
import { type Sink, WatchStream } from './watch-stream.ts';

const SERVICES = '/api/v1/namespaces/default/services';

interface Event {
  readonly type: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- tests look into it by path
  readonly object: any;
}

interface Watching {
  readonly events: Event[];
  readonly ended: () => boolean;
  close(): void;
}

function watch(api: RunningApi, query: string, headers: Record<string, string> = {}): Watching {
  const events: Event[] = [];
  let ended = false;
  const request = http.get(`${api.url}${SERVICES}?watch=1&${query}`, {
    headers: { authorization: `Bearer ${api.token}`, ...headers },
  });
  request.on('response', (response) => {
    let rest = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      events.push(...lines.map((line) => JSON.parse(line) as Event));
    });
    response.on('close', () => {
      ended = true;
    });
  });
  request.on('error', () => undefined);
  return { events, ended: () => ended, close: () => request.destroy() };
}

const brief = (events: readonly Event[]): string[] =>
  events.map(({ type, object }) => `${type} ${object.metadata.name ?? ''}`);

test('watch: what there is, then changes; from a revision, without a gap; selections', async (t) => {
  const api = await runApi(t);
  const { call } = api;
  const labelled = (name: string, tier: string) => ({ ...service(name), metadata: { name, labels: { tier } } });
  const a = (await call('POST', SERVICES, labelled('a', 'x'))).body;
  const all = watch(api, '');
  const front = watch(api, 'labelSelector=tier%3Dfront');
  const one = watch(api, 'fieldSelector=metadata.name%3Db');
  await until(() => all.events.length === 1);
  await call('POST', SERVICES, labelled('b', 'front'));
  await call('PUT', `${SERVICES}/a`, labelled('a', 'front'));
  await call('PUT', `${SERVICES}/b`, labelled('b', 'back'));
  await call('DELETE', `${SERVICES}/a`);
  await until(() => all.events.length === 5);
  assert.deepEqual(brief(all.events), ['ADDED a', 'ADDED b', 'MODIFIED a', 'MODIFIED b', 'DELETED a']);
  await until(() => front.events.length === 4 && one.events.length === 2);
  assert.deepEqual(brief(front.events), ['ADDED b', 'ADDED a', 'DELETED b', 'DELETED a']);
  assert.deepEqual(brief(one.events), ['ADDED b', 'MODIFIED b']);
  const resumed = watch(api, `resourceVersion=${a.metadata.resourceVersion}`);
  await until(() => resumed.events.length === 4);
  assert.deepEqual(brief(resumed.events), brief(all.events).slice(1));
  const revisions = resumed.events.map(({ object }) => Number(object.metadata.resourceVersion));
  assert.deepEqual(
    revisions,
    [...revisions].sort((x, y) => x - y),
    'a deletion has a revision of its own',
  );
  for (const stream of [all, front, one, resumed]) stream.close();
});

test('watch: 410 for a revision that is compacted or not reached; tables; bookmarks; the time runs out', async (t) => {
  const clock = new FakeClock();
  const api = await runApi(t, { monotonic: clock });
  const { call, store } = api;
  await call('POST', SERVICES, service('a'));
  await call('PUT', `${SERVICES}/a`, service('a', { selector: { a: 'b' } }));
  await store.compact(1e12, 1);
  for (const revision of [1, 999_999]) {
    const answer = await call('GET', `${SERVICES}?watch=1&resourceVersion=${revision}`);
    assert.deepEqual([answer.code, answer.body.reason], [410, 'Expired']);
  }
  const table = watch(api, 'allowWatchBookmarks=true&timeoutSeconds=90', {
    accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
  });
  await until(() => table.events.length === 1);
  assert.equal(table.events[0]?.object.kind, 'Table');
  assert.equal(table.events[0]?.object.rows[0].cells[0], 'a');
  clock.advance(60_000);
  await until(() => table.events.length === 2);
  assert.equal(table.events[1]?.type, 'BOOKMARK');
  assert.equal(table.events[1]?.object.metadata.resourceVersion, String(store.revision()));
  clock.advance(30_000);
  await until(table.ended);
  const initial = watch(api, 'sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan');
  await until(() => initial.events.length === 2);
  assert.deepEqual(initial.events[1]?.object.metadata.annotations, { 'k8s.io/initial-events-end': 'true' });
  initial.close();
  await until(() => clock.waiting === 0, { what: 'the end of all timers' });
});

test('a stopping server ends its watches', async (t) => {
  const api = await runApi(t);
  const stream = watch(api, 'allowWatchBookmarks=true&sendInitialEvents=true');
  await until(() => stream.events.length === 1);
  await api.server.stop();
  await until(stream.ended);
});

class SlowSink implements Sink {
  readonly written: string[] = [];
  readonly listeners = new Map<string, () => void>();
  full = false;
  ended = false;
  write(text: string): boolean {
    this.written.push(text);
    return !this.full;
  }
  end(text?: string): void {
    if (text !== undefined) this.written.push(text);
    this.ended = true;
  }
  destroy(): void {
    this.ended = true;
  }
  once(event: 'drain' | 'close', listener: () => void): void {
    this.listeners.set(event, listener);
  }
}

test('a slow watcher: waits in order up to the bound, then 410 and the end', () => {
  const sink = new SlowSink();
  let ends = 0;
  const stream = new WatchStream(sink, () => (ends += 1), 3);
  let made = 0;
  const event = (n: number) => ({ type: 'ADDED' as const, object: () => ((made += 1), n) });
  stream.send(event(1));
  sink.full = true;
  for (const n of [2, 3, 4]) stream.send(event(n));
  assert.deepEqual([sink.written.length, made], [2, 2], 'what waits is not made yet');
  sink.full = false;
  sink.listeners.get('drain')?.();
  assert.deepEqual(
    sink.written.map((line) => JSON.parse(line).object),
    [1, 2, 3, 4],
  );
  sink.full = true;
  for (const n of [5, 6, 7, 8, 9, 10]) stream.send(event(n));
  const last = JSON.parse(sink.written.at(-1) ?? '');
  assert.deepEqual([last.type, last.object.code, sink.ended, ends], ['ERROR', 410, true, 1]);
  stream.send(event(11));
  stream.fail(gone('x'));
  sink.listeners.get('close')?.();
  assert.equal(ends, 1);
  assert.equal(sink.written.length, 6);
});
